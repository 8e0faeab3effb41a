import { resolveAliases } from './aliases.ts';
import {
  type Aggregate,
  type AggregateMethod,
  type ApplyPlan,
  type ApplyStep,
  aggregateMethods,
  type ResultProperty,
} from './apply-plan.ts';
import type { AggregateSyntax, ComputeSyntax, GroupKeySyntax, TransformationSyntax } from './apply-syntax.ts';
import { type BindContext, noAlias } from './bind.ts';
import { type BindWarning, ConditionBinder } from './bind-condition.ts';
import { isNumber, stopWithin, withScale } from './bind-number.ts';
import { type BindFault, type BindRules, type FoundProperty, PathBinder } from './bind-path.ts';
import { bindSearch } from './bind-search.ts';
import { ValueBinder } from './bind-value.ts';
import { foldName } from './fold-name.ts';
import { nearestNames } from './nearest-names.ts';
import { describeValue, type Value } from './predicate.ts';
import { type NamedResult, rulesOfResults } from './result-rules.ts';
import { type StopWith, untilStopped } from './stop.ts';
import type { Expression, PathSyntax } from './syntax.ts';

/** Each transformation is a query within the one before it. */
const mostTransformations = 10;
const mostKeys = 10;
const mostAggregates = 20;
const mostComputed = 20;

/** Digits behind the point of an average, unless what it is of has more. */
const averageScale = 4;

/** Gives transformations their meaning, one after the other, or says why they have none. */
export function bindApply(
  transformations: readonly TransformationSyntax[],
  rules: BindRules,
  context: BindContext,
): ApplyPlan | BindFault {
  return untilStopped((stop: StopWith<BindFault>) => {
    const beyond = transformations[mostTransformations];
    if (beyond !== undefined) {
      const what = `more than ${mostTransformations} transformations`;
      return stop({ kind: 'unsupported', position: beyond.position, what });
    }
    const binder = new ApplyBinder(rules, context, stop);
    for (const transformation of transformations) binder.add(transformation);
    return binder.plan();
  });
}

/** A value of an enumeration is a text where no property says of which. */
function asText({ type }: Value, found: FoundProperty | undefined): NamedResult['calculated'] {
  return type === 'enumeration' && found === undefined ? { type: 'text', scale: 0 } : undefined;
}

class ApplyBinder {
  readonly #context: BindContext;
  readonly #stop: StopWith<BindFault>;
  readonly #steps: ApplyStep[] = [];
  readonly #warnings: BindWarning[] = [];
  #rules: BindRules;
  #properties: readonly ResultProperty[] | undefined;
  #keyCount = 0;
  /** Where the last `compute` stands that no grouping has followed. */
  #computedAt: number | undefined;

  constructor(rules: BindRules, context: BindContext, stop: StopWith<BindFault>) {
    this.#rules = rules;
    this.#context = context;
    this.#stop = stop;
  }

  plan(): ApplyPlan {
    const position = this.#computedAt;
    if (position !== undefined) {
      this.#stop({ kind: 'unsupported', position, what: 'compute without groupby or aggregate behind it' });
    }
    return {
      steps: this.#steps,
      properties: this.#properties,
      keyCount: this.#keyCount,
      rules: this.#rules,
      warnings: this.#warnings,
    };
  }

  add(transformation: TransformationSyntax): void {
    switch (transformation.kind) {
      case 'identity':
        break;
      case 'filter':
        this.#steps.push({ kind: 'filter', predicate: this.#bindFilter(transformation.condition) });
        break;
      case 'search':
        this.#search(transformation);
        break;
      case 'aggregate':
        this.#group([], transformation.items);
        break;
      case 'groupby':
        this.#group(transformation.keys, this.#aggregatesOf(transformation.inner));
        break;
      case 'compute':
        this.#compute(transformation.items);
        break;
      default:
        this.#refuse(transformation.position, transformation.what);
    }
  }

  /** Only entities have a text that can be searched. */
  #search({ search, position }: Extract<TransformationSyntax, { kind: 'search' }>): void {
    if (this.#properties !== undefined) this.#refuse(position, 'a search of results');
    const { predicate, warnings } = bindSearch(search);
    this.#warnings.push(...warnings);
    this.#steps.push({ kind: 'filter', predicate });
  }

  #bindFilter(condition: Expression) {
    const paths = new PathBinder(this.#rules, 'notAggregatable', this.#stop);
    const binder = new ConditionBinder(paths, this.#context.now, this.#stop);
    const predicate = binder.bind(this.#resolve(condition), []);
    this.#warnings.push(...binder.warnings);
    return predicate;
  }

  /** What is done with each group: nothing, or one `aggregate`. */
  #aggregatesOf(inner: readonly TransformationSyntax[]): readonly AggregateSyntax[] {
    const [first, second] = inner.filter(({ kind }) => kind !== 'identity');
    if (first === undefined) return [];
    if (first.kind !== 'aggregate') {
      const what = first.kind === 'other' ? first.what : `${first.kind} within groupby`;
      return this.#refuse(first.position, what);
    }
    if (second !== undefined) return this.#refuse(second.position, 'a second transformation within groupby');
    return first.items;
  }

  #group(keys: readonly GroupKeySyntax[], items: readonly AggregateSyntax[]): void {
    const beyond = keys[mostKeys] ?? items[mostAggregates];
    if (beyond !== undefined) {
      this.#refuse(beyond.position, `more than ${mostKeys} properties to group by or ${mostAggregates} aggregates`);
    }
    const results: NamedResult[] = [];
    const keyValues = keys.map((key) => this.#bindKey(key, results));
    const aggregates = items.map((item) => this.#bindAggregate(item, results));
    const properties = results.map(({ path, value, calculated }): ResultProperty => {
      const { type, scale } = calculated ?? value;
      return { path, type, scale };
    });
    this.#steps.push({ kind: 'group', keys: keyValues, aggregates, properties });
    this.#properties = properties;
    this.#keyCount = keys.length;
    this.#rules = rulesOfResults(this.#rules, results);
    this.#computedAt = undefined;
  }

  #bindKey(key: GroupKeySyntax, results: NamedResult[]): Value {
    if (key.kind === 'other') return this.#refuse(key.position, key.what);
    const { value, found } = this.#bindValue(key);
    const path = found?.property.segments ?? key.segments.map(({ name }) => name);
    this.#requireFree(path, key.position, results);
    results.push({ path, value, found, calculated: asText(value, found) });
    return value;
  }

  #bindAggregate(item: AggregateSyntax, results: NamedResult[]): Aggregate {
    if (item.kind === 'other') return this.#refuse(item.position, item.what);
    this.#requireNew(item.alias, item.aliasPosition, results);
    const path = [item.alias];
    const count = { type: 'decimal', scale: 0 } as const;
    if (item.kind === 'count') {
      if (item.of.segments.length > 1) return this.#refuse(item.position, 'a path before $count');
      const value: Value = { kind: 'constant', value: null, ...count };
      results.push({ path, value, found: undefined, calculated: count });
      return { method: 'count' };
    }
    const method = this.#methodOf(item.method, item.methodPosition);
    const { value: whole, found } = this.#bindValue(item.expression);
    const value = this.#valueFor(method, whole, item);
    const { type, scale } = value;
    if (method === 'min' || method === 'max') {
      results.push({ path, value, found, calculated: asText(value, found) });
    } else {
      const calculated =
        method === 'countdistinct' ? count : ({ type: method === 'sum' ? 'total' : type, scale } as const);
      results.push({ path, value, found: undefined, calculated });
    }
    return { method, value };
  }

  #methodOf(name: string, position: number): AggregateMethod {
    const found = aggregateMethods.find((method) => method === name.toLowerCase());
    if (found !== undefined) return found;
    if (name.includes('.')) return this.#refuse(position, `the method ${name}`);
    const [nearest] = nearestNames(name, aggregateMethods);
    const advice =
      nearest === undefined ? `the methods are ${aggregateMethods.join(', ')}` : `did you mean ${nearest}?`;
    return this.#incompatible(position, `there is no method ${name}; ${advice}`);
  }

  /** The value in the form in which a method takes it. */
  #valueFor(method: AggregateMethod, value: Value, { expression: { position } }: { expression: Expression }): Value {
    if (value.kind === 'constant') return this.#refuse(position, 'a value that is no property');
    if (method === 'sum') {
      if (value.type === 'duration') return this.#refuse(position, 'the sum of durations; their average is supported');
      if (isNumber(value) || value.type === 'total') return value;
    } else if (method === 'average') {
      if (value.type === 'total') return this.#refuse(position, 'the average of a sum');
      if (value.type === 'duration') return value;
      if (isNumber(value)) {
        const decimal = value.type === 'decimal' ? value : { ...value, type: 'decimal' as const };
        return withScale(decimal, Math.max(value.scale, averageScale), stopWithin(this.#stop, position));
      }
    } else return value;
    return this.#incompatible(position, `${method} takes numbers, and not ${describeValue(value)}`);
  }

  #compute(items: readonly ComputeSyntax[]): void {
    const computed = new Map(this.#rules.computed);
    for (const { expression, alias, aliasPosition } of items) {
      this.#requireNew(alias, aliasPosition, []);
      const { value } = this.#bindValue(expression);
      if (value.kind === 'constant') this.#refuse(expression.position, 'a value that is no property');
      computed.set(foldName(alias), value);
      if (computed.size > mostComputed) this.#refuse(aliasPosition, `more than ${mostComputed} computed properties`);
      this.#computedAt ??= aliasPosition;
      this.#rules = { ...this.#rules, computed };
    }
  }

  #bindValue(expression: Expression): { readonly value: Value; readonly found: FoundProperty | undefined } {
    if (expression.kind === 'path') this.#refuseLists(expression);
    const { aliases: _aliases, ...rules } = this.#rules;
    const paths = new PathBinder(rules, 'notAggregatable', this.#stop);
    const conditions = new ConditionBinder(paths, this.#context.now, this.#stop);
    const values = new ValueBinder(paths, this.#context.now, this.#stop, (inner, scopes) =>
      conditions.bind(inner, scopes),
    );
    const value = values.bind(this.#resolve(expression), []);
    this.#warnings.push(...conditions.warnings);
    return { value, found: values.foundAt(value) };
  }

  /** A path through a list leads to many values of one entity. */
  #refuseLists({ segments }: PathSyntax): void {
    const { entityTypes, complexTypes } = this.#rules.model;
    let owner = entityTypes.find(({ name }) => name === this.#rules.entityType);
    for (const [index, { name, position, arguments: given }] of segments.entries()) {
      const found = owner?.properties.find((property) => foldName(property.name) === foldName(name));
      if (found === undefined || given !== undefined) return;
      if (found.isCollection && segments[index + 1]?.name.toLowerCase() !== '$count') {
        this.#refuse(position, `the list ${found.name} in a path of $apply`);
      }
      owner = complexTypes.find((type) => type.name === found.type);
    }
  }

  /** A name of one's own may be no name that there is already. */
  #requireNew(alias: string, position: number, results: readonly NamedResult[]): void {
    this.#requireFree([alias], position, results);
    const { entityTypes } = this.#rules.model;
    const declared = entityTypes.find(({ name }) => name === this.#rules.entityType)?.properties ?? [];
    const taken = declared.find(({ name }) => foldName(name) === foldName(alias))?.name;
    if (taken !== undefined || this.#rules.computed?.has(foldName(alias)) === true) {
      this.#incompatible(position, `${taken ?? alias} is the name of a property already; choose another one`);
    }
  }

  #requireFree(path: readonly string[], position: number, results: readonly NamedResult[]): void {
    const name = foldName(path.join('/'));
    if (results.some((result) => foldName(result.path.join('/')) === name)) {
      this.#incompatible(position, `${path.join('/')} stands there twice`);
    }
  }

  #resolve(expression: Expression): Expression {
    return resolveAliases(expression, this.#context.alias ?? noAlias, this.#stop);
  }

  #refuse(position: number, what: string): never {
    return this.#stop({ kind: 'unsupported', position, what });
  }

  #incompatible(position: number, sentence: string): never {
    return this.#stop({ kind: 'incompatible', position, sentence });
  }
}
