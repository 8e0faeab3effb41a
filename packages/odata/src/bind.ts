import { type AliasLookup, resolveAliases } from './aliases.ts';
import { type BindWarning, ConditionBinder } from './bind-condition.ts';
import { type BindFault, type BindRules, PathBinder } from './bind-path.ts';
import { ValueBinder } from './bind-value.ts';
import type { OrderBySyntax } from './parse-order-by.ts';
import type { SelectSyntax } from './parse-select.ts';
import type { OrderKey, Predicate, Value } from './predicate.ts';
import { type StopWith, untilStopped } from './stop.ts';
import type { Expression } from './syntax.ts';

/** A filter that can be answered. */
export interface BoundFilter {
  readonly predicate: Predicate;
  readonly warnings: readonly BindWarning[];
}

/** What one request gives its expressions. */
export interface BindContext {
  /** The instant that `now()` is, in 28 characters; the same wherever it stands. */
  readonly now: string;
  /** What parameter aliases (`@name`) stand for; without it, they are null. */
  readonly alias?: AliasLookup;
}

/** Gives the names and values of a filter their meaning, or says why they have none. */
export function bind(expression: Expression, rules: BindRules, context: BindContext): BoundFilter | BindFault {
  return untilStopped((stop: StopWith<BindFault>) => {
    const binder = new ConditionBinder(new PathBinder(rules, 'notFilterable', stop), context.now, stop);
    const whole = resolveAliases(expression, context.alias ?? noAlias, stop);
    return { predicate: binder.bind(whole, []), warnings: binder.warnings };
  });
}

/** Finds the values to sort by. */
export function bindOrderBy(
  keys: readonly OrderBySyntax[],
  rules: BindRules,
  context: BindContext,
): readonly OrderKey[] | BindFault {
  return untilStopped((stop: StopWith<BindFault>) => {
    const paths = new PathBinder(rules, 'notSortable', stop);
    const values = new ValueBinder(paths, context.now, stop, ({ position }) =>
      stop({ kind: 'unsupported', position, what: 'a condition to sort by' }),
    );
    const seen = new Set<string>();
    return keys.map(({ expression, isDescending }) => {
      const whole = resolveAliases(expression, context.alias ?? noAlias, stop);
      const value = values.bind(whole, []);
      const { position } = placeOf(whole);
      if (value.kind === 'constant')
        return stop({ kind: 'unsupported', position, what: 'a value that is no property' });
      if (value.type === 'boolean' && value.kind !== 'property') {
        return stop({ kind: 'unsupported', position, what: 'a condition to sort by' });
      }
      const name = nameOf(value);
      if (seen.has(name)) return stop({ kind: 'incompatible', position, sentence: `${name} stands there twice` });
      seen.add(name);
      return { value, isDescending };
    });
  });
}

/**
 * The members that `$select` leaves, as the model spells them, parts of objects and of lists' items as paths
 * (`address/city`); undefined where it leaves all.
 */
export function bindSelect(
  items: readonly SelectSyntax[],
  rules: BindRules,
): { readonly names: readonly string[] | undefined } | BindFault {
  return untilStopped((stop: StopWith<BindFault>) => {
    const paths = new PathBinder(rules, 'notFilterable', stop);
    const names = items.flatMap((item) => {
      if (item.kind === 'all') return [];
      if (item.kind === 'path') return [paths.findSelected(item).join('/')];
      return stop({ kind: 'unsupported', position: item.position, what: `all operations of ${item.schema}` });
    });
    return { names: items.some(({ kind }) => kind === 'all') ? undefined : [...new Set(names)] };
  });
}

/** Where no parameter alias was given. */
export const noAlias = (): undefined => undefined;

/** Where the last name of a key stands, which is what is wrong with it if it is a property. */
function placeOf(expression: Expression): { readonly position: number } {
  return expression.kind === 'path' ? (expression.segments.at(-1) ?? expression) : expression;
}

/** A key by what it says, so that two that say the same are seen. */
function nameOf(value: Value): string {
  if (value.kind === 'property') return value.property.segments.join('/');
  return JSON.stringify(value, (_name, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));
}
