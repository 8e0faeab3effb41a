import { failure, referralQueryRules } from '@cosell/model';
import {
  allOf,
  type BindContext,
  type BindFault,
  type BindRules,
  type BindWarning,
  type BoundFilter,
  bind,
  bindOrderBy,
  bindSearch,
  bindSelect,
  type Expression,
  type ExpressionLimits,
  type OrderKey,
  type Predicate,
  parseFilter,
  parseOrderBy,
  parseSearch,
  parseSelect,
  type SizeFault,
  type SyntaxFault,
} from '@cosell/odata';

/** The query of a list, read from its options. */
export interface ListQuery {
  /** What `$filter` and `$search` ask for together. */
  readonly filter: Predicate | undefined;
  readonly order: readonly OrderKey[];
  readonly top: number | undefined;
  readonly skip: number;
  readonly isCounted: boolean;
  /** The members to answer with, parts as paths; undefined for all. */
  readonly select: readonly string[] | undefined;
  /** What is legal and probably not meant, for `Cosell-Warning`. */
  readonly warnings: readonly string[];
}

/**
 * Gives the options of a list their meaning: decisions 20 to 22.
 *
 * @param now the instant that `now()` is, in 28 characters
 * @param rules what `$filter` and `$orderby` may name; results of `$apply` have their own
 * @throws Failure `expressionMalformed`, `expressionTooLarge`, `expressionNotImplemented`, `propertyUnknown`,
 * `functionUnknown`, `operandsIncompatible`, `notFilterable`, `notSortable`, `optionValueInvalid`
 */
export function readListQuery(
  options: Readonly<Record<string, string>>,
  now: string,
  rules: BindRules = referralQueryRules,
): ListQuery {
  const context = readContext(options, now);
  const filter = options.$filter === undefined ? undefined : readFilter(options.$filter, rules, context);
  const search = options.$search === undefined ? undefined : readSearch(options.$search);
  const terms = [filter, search].flatMap((bound) => bound?.predicate ?? []);
  return {
    filter: terms.length === 0 ? undefined : allOf(terms),
    order: options.$orderby === undefined ? [] : readOrder(options.$orderby, rules, context),
    top: readNumber('$top', options.$top),
    skip: readNumber('$skip', options.$skip) ?? 0,
    isCounted: readCount(options.$count),
    select: readSelect(options.$select),
    warnings: [...warningsOf('$filter', filter), ...warningsOf('$search', search)],
  };
}

/** What a query gives its expressions: the instant that `now()` is, and its parameter aliases. */
export function readContext(options: Readonly<Record<string, string>>, now: string): BindContext {
  return { now, alias: (name) => readAlias(name, options[name.toLowerCase()]) };
}

function readFilter(text: string, rules: BindRules, context: BindContext) {
  const bound = bind(readExpression('$filter', text), rules, context);
  return 'kind' in bound ? refuse('$filter', bound) : bound;
}

function readSearch(text: string): BoundFilter {
  const search = parseSearch(text);
  return isFault(search) ? refuse('$search', search) : bindSearch(search);
}

function warningsOf(option: string, bound: BoundFilter | undefined): readonly string[] {
  return (bound?.warnings ?? []).map(({ code }: BindWarning) => `${option} ${code}`);
}

/** A parameter alias is an option of its own, and read only where an expression names it. */
function readAlias(name: string, text: string | undefined): Expression | undefined {
  return text === undefined ? undefined : readExpression(name, text);
}

function readExpression(option: string, text: string): Expression {
  const expression = parseFilter(text);
  return isFault(expression) ? refuse(option, expression) : expression;
}

function readOrder(text: string, rules: BindRules, context: BindContext): readonly OrderKey[] {
  const keys = parseOrderBy(text);
  if ('kind' in keys) return refuse('$orderby', keys);
  const bound = bindOrderBy(keys, rules, context);
  return 'kind' in bound ? refuse('$orderby', bound) : bound;
}

/**
 * The members that `$select` leaves, as they are spelt on the wire, parts as paths; undefined for all of them.
 *
 * @throws Failure as `readListQuery`
 */
export function readSelect(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const items = parseSelect(text);
  if ('kind' in items) return refuse('$select', items);
  const bound = bindSelect(items, referralQueryRules);
  return 'kind' in bound ? refuse('$select', bound) : bound.names;
}

function readNumber(option: '$top' | '$skip', value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  // PostgreSQL's and SQLite's own limits are far above what a list can hold.
  if (/^\d{1,15}$/.test(value.trim())) return Number(value);
  throw failure('optionValueInvalid', { option, value, expected: 'a whole number that is not negative' });
}

function readCount(value: string | undefined): boolean {
  const word = value?.trim().toLowerCase() ?? 'true';
  if (word === 'true' || word === 'false') return word === 'true';
  throw failure('optionValueInvalid', { option: '$count', value: value ?? '', expected: 'true or false' });
}

type ExpressionFault = SyntaxFault | SizeFault | BindFault;

function isFault(result: { readonly kind: string }): result is SyntaxFault | SizeFault {
  return result.kind === 'malformed' || result.kind === 'tooLarge';
}

const limitNames: Readonly<Record<keyof ExpressionLimits, string>> = {
  length: 'characters',
  depth: 'levels within each other',
  nodes: 'operators, values and properties',
  keys: 'keys to sort by',
};

/** Says what is wrong with an option. */
export function refuse(option: string, fault: ExpressionFault): never {
  if (fault.kind === 'tooLarge') {
    throw failure('expressionTooLarge', { option, limit: `${fault.allowed} ${limitNames[fault.limit]}` });
  }
  const position = String(fault.position);
  switch (fault.kind) {
    case 'malformed':
      throw failure('expressionMalformed', { option, position, found: fault.found, expected: fault.expected });
    case 'unsupported':
      throw failure('expressionNotImplemented', { option, position, what: fault.what });
    case 'incompatible':
      throw failure('operandsIncompatible', { option, position, problem: fault.sentence });
    case 'notFilterable':
      throw failure('notFilterable', { name: fault.name });
    case 'notAggregatable':
      throw failure('notAggregatable', { option, position, name: fault.name });
    case 'notSortable':
      throw failure('notSortable', { name: fault.name });
    case 'unknownFunction':
      throw failure('functionUnknown', { option, position, name: fault.name, advice: adviceOf(fault.nearest) });
    default: {
      const advice = adviceOf(fault.nearest);
      throw failure('propertyUnknown', { option, position, name: fault.name, owner: fault.owner, advice });
    }
  }
}

function adviceOf(nearest: readonly string[]): string {
  return nearest.length === 0 ? 'The names are in $metadata.' : `Did you mean ${nearest.join(' or ')}?`;
}
