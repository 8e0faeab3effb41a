import { bindCall } from './bind-function.ts';
import { readLiteral } from './bind-literal.ts';
import { type Arithmetic, asNumber, calculate, isNumber, stopWithin } from './bind-number.ts';
import type { BindFault, FoundProperty, ItemScope, PathBinder } from './bind-path.ts';
import { calculateTime } from './bind-time.ts';
import { constantOf, foldCall, isNothing } from './fold.ts';
import { parseNumber } from './numbers.ts';
import { describeValue, type Predicate, propertyValue, type ScalarType, type Value } from './predicate.ts';
import type { StopWith } from './stop.ts';
import type { BinarySyntax, Expression, LiteralSyntax, PathSegment, PathSyntax, UnarySyntax } from './syntax.ts';

/** SQLite takes expressions of 1,000 levels, and no operation is written with more than ten. */
const mostCalls = 80;

/** How conditions within values are bound: by whoever binds the whole. */
export type BindCondition = (expression: Expression, scopes: readonly ItemScope[]) => Predicate;

/** What stands on either side of a comparison, in a call, or in a key to sort by. */
export class ValueBinder {
  readonly stop: StopWith<BindFault>;
  /** The instant that `now()` is, in 28 characters. */
  readonly now: string;
  readonly #paths: PathBinder;
  readonly #bindCondition: BindCondition;
  #found = new Map<Value, FoundProperty>();

  constructor(paths: PathBinder, now: string, stop: StopWith<BindFault>, bindCondition: BindCondition) {
    this.#paths = paths;
    this.now = now;
    this.stop = stop;
    this.#bindCondition = bindCondition;
  }

  /** The property that a value is, as the model has it. */
  foundAt(value: Value): FoundProperty | undefined {
    return this.#found.get(value);
  }

  /** Binds a condition whose values belong together: an alias in it holds where it does for some item of its list. */
  bindTogether(bindWhole: () => Predicate): Predicate {
    const around = this.#found;
    this.#found = new Map();
    const condition = bindWhole();
    const through = [...this.#found.values()].find((found) => found.through !== undefined)?.through;
    this.#found = around;
    return through === undefined ? condition : { kind: 'some', ...through, condition };
  }

  /** An expression as a value; a condition is one that is true, false or nothing. */
  bind(expression: Expression, scopes: readonly ItemScope[]): Value {
    const value = this.#bind(expression, scopes);
    if (value.kind !== 'call' || value.height <= mostCalls) return value;
    const { position } = expression;
    return this.stop({ kind: 'unsupported', position, what: `more than ${mostCalls} calculations within each other` });
  }

  #bind(expression: Expression, scopes: readonly ItemScope[]): Value {
    switch (expression.kind) {
      case 'literal':
        return this.#bindLiteral(expression);
      case 'path':
        return this.#bindPath(expression, scopes);
      case 'unary':
        return expression.operator === '-' ? this.#bindMinus(expression, scopes) : this.#asValue(expression, scopes);
      case 'binary':
        return isArithmetic(expression) ? this.#calculate(expression, scopes) : this.#asValue(expression, scopes);
      case 'lambda':
        return this.#asValue(expression, scopes);
      default:
        return this.refuse(expression.position, 'a list of values belongs behind in');
    }
  }

  /** Stops because types do not go together. */
  refuse(position: number, sentence: string): never {
    return this.stop({ kind: 'incompatible', position, sentence });
  }

  #asValue(expression: Expression, scopes: readonly ItemScope[]): Value {
    const predicate = this.#bindCondition(expression, scopes);
    if (predicate.kind === 'constant') return constantOf(predicate.value, 'boolean');
    return { kind: 'condition', predicate, type: 'boolean', scale: 0 };
  }

  #bindLiteral(literal: LiteralSyntax): Value {
    const { form, value, type, position } = literal;
    if (form === 'null') return constantOf(null, 'text');
    if (form === 'number') {
      const number = parseNumber(value);
      if (number === undefined) {
        return this.refuse(position, `${value} is no number of at most 8 digits behind the point and 18 in all`);
      }
      return constantOf(number.units, number.isWhole ? 'integer' : 'decimal', number.scale);
    }
    if (form === 'json') return this.stop({ kind: 'unsupported', position, what: 'a JSON value' });
    const of = this.#typeOf(literal);
    if (of === undefined) return this.stop({ kind: 'unsupported', position, what: `a value of the type ${type}` });
    const comparand = { type: of, typeName: type ?? of, members: this.#paths.membersNamed(type), reader: undefined };
    const reading = readLiteral(literal, comparand);
    if ('problem' in reading) return this.refuse(position, reading.problem);
    // A name outside the enumeration is equal to no member.
    return constantOf('values' in reading ? (reading.values[0] ?? null) : reading.outside, of);
  }

  #typeOf({ form, value, type }: LiteralSyntax): ScalarType | undefined {
    if (form === 'instant') return value.includes('T') || value.includes('t') ? 'instant' : 'date';
    if (form === 'time' || form === 'guid' || form === 'boolean') return form;
    if (form === 'string') return 'text';
    if (type?.toLowerCase() === 'duration') return 'duration';
    return this.#paths.membersNamed(type).length > 0 ? 'enumeration' : undefined;
  }

  #bindPath(path: PathSyntax, scopes: readonly ItemScope[]): Value {
    const [first] = path.segments;
    const isAlone = path.segments.length === 1;
    if (isAlone && first?.arguments !== undefined) {
      const answer = bindCall(this, { name: first.name, position: first.position, of: first.arguments }, scopes);
      if (answer !== undefined) return answer;
    }
    if (path.segments.at(-1)?.name.toLowerCase() === '$count' && !isAlone) return this.#bindCount(path, scopes);
    const computed = this.#paths.findComputed(path, scopes);
    if (computed !== undefined) return computed;
    const found = this.#paths.findProperty(path, scopes);
    const value = propertyValue(found.property);
    this.#found.set(value, found);
    return value;
  }

  /** `list/$count`, `list/$count($filter=…)` and `list/$filter(…)/$count`. */
  #bindCount({ segments, position }: PathSyntax, scopes: readonly ItemScope[]): Value {
    const last = segments.at(-1) as PathSegment;
    const before = segments.at(-2) as PathSegment;
    const isFiltered = before.name.toLowerCase() === '$filter' && before.arguments !== undefined;
    const list = segments.slice(0, isFiltered ? -2 : -1);
    const { collection, type } = this.#paths.findCollection({ kind: 'path', segments: list, position }, scopes);
    const conditions = isFiltered ? [...(before.arguments ?? [])] : [];
    for (const [index, argument] of (last.arguments ?? []).entries()) {
      const name = last.argumentNames?.[index] ?? 'an argument';
      if (name.toLowerCase() === '$filter') conditions.push(argument);
      else this.stop({ kind: 'unsupported', position: argument.position, what: `${name} within $count` });
    }
    if (conditions.length > 1) {
      return this.stop({ kind: 'unsupported', position: last.position, what: 'several conditions of one $count' });
    }
    const scope = scopes.length + 1;
    const [only] = conditions;
    const inner = [...scopes, { variable: '', type, collection }];
    const condition: Predicate =
      only === undefined ? { kind: 'constant', value: true } : this.#bindCondition(only, inner);
    return { kind: 'count', collection, scope, condition, type: 'integer', scale: 0 };
  }

  #bindMinus({ operand, position }: UnarySyntax, scopes: readonly ItemScope[]): Value {
    const value = asNumber(this.bind(operand, scopes));
    if (!isNumber(value) && value.type !== 'duration') {
      return this.refuse(position, `- takes a number or a duration, and not ${describeValue(value)}`);
    }
    return foldCall('negate', [value], value.type, value.scale);
  }

  #calculate({ operator, left, right, position }: BinarySyntax, scopes: readonly ItemScope[]): Value {
    const one = asNumber(this.bind(left, scopes));
    const other = asNumber(this.bind(right, scopes));
    const word = operator as Arithmetic;
    const stopAt = stopWithin(this.stop, position);
    if (isNothing(one)) return constantOf(null, isNumber(other) ? other.type : 'decimal', 0);
    if (isNothing(other)) return constantOf(null, isNumber(one) ? one.type : 'decimal', 0);
    if (isNumber(one) && isNumber(other)) return calculate(word, one, other, stopAt);
    const time = calculateTime(word, one, other, stopAt);
    if (time !== undefined) return time;
    return this.refuse(position, `${operator} does not go with ${describeValue(one)} and ${describeValue(other)}`);
  }
}

/** Whether an operator calculates. */
export function isArithmetic({ operator }: BinarySyntax): boolean {
  return ['add', 'sub', 'mul', 'div', 'divby', 'mod'].includes(operator);
}
