import { bindLiteralComparison, bindOneOf, type Compared } from './bind-comparison.ts';
import { asNumber, isCalculated, isNumber, stopWithin, toOneScale, withScale } from './bind-number.ts';
import type { BindFault, ItemScope, PathBinder } from './bind-path.ts';
import { toInstant } from './bind-time.ts';
import { isArithmetic, ValueBinder } from './bind-value.ts';
import { compareValues } from './evaluate.ts';
import { foldCall, isNothing } from './fold.ts';
import { allOf, anyOf, type Comparison, describeValue, type Predicate, type Value } from './predicate.ts';
import type { StopWith } from './stop.ts';
import { type BinarySyntax, type Expression, type LambdaSyntax, type LiteralSyntax, showLiteral } from './syntax.ts';

/** What holds for two operands that change places. */
const mirrored: Readonly<Record<Comparison, Comparison>> = {
  eq: 'eq',
  ne: 'ne',
  gt: 'lt',
  ge: 'le',
  lt: 'gt',
  le: 'ge',
};

/** Something that is legal and probably not meant. */
export interface BindWarning {
  readonly code: 'valueNotInEnumeration' | 'noWord';
  readonly position: number;
  readonly value: string;
}

/** Gives a condition its meaning. */
export class ConditionBinder {
  readonly warnings: BindWarning[] = [];
  readonly #paths: PathBinder;
  readonly #values: ValueBinder;
  readonly #stop: StopWith<BindFault>;

  constructor(paths: PathBinder, now: string, stop: StopWith<BindFault>) {
    this.#paths = paths;
    this.#stop = stop;
    this.#values = new ValueBinder(paths, now, stop, (expression, scopes) => this.bind(expression, scopes));
  }

  /** An expression that must be true, false or nothing. */
  bind(expression: Expression, scopes: readonly ItemScope[]): Predicate {
    switch (expression.kind) {
      case 'binary':
        return this.#bindBinary(expression, scopes);
      case 'lambda':
        return this.#bindLambda(expression, scopes);
      case 'unary':
        if (expression.operator === 'not') return { kind: 'not', term: this.bind(expression.operand, scopes) };
        return this.#values.refuse(expression.position, 'a calculation is no condition; compare it with a value');
      case 'path':
        return this.#values.bindTogether(() => this.#bindFlag(expression, scopes));
      case 'literal':
        if (expression.form === 'boolean') return { kind: 'constant', value: expression.value === 'true' };
        if (expression.form === 'null') return { kind: 'constant', value: null };
        return this.#values.refuse(expression.position, `${showLiteral(expression)} is neither true nor false`);
      default:
        return this.#values.refuse(expression.position, 'a list of values belongs behind in');
    }
  }

  #bindBinary(expression: BinarySyntax, scopes: readonly ItemScope[]): Predicate {
    const { operator, left, right, position } = expression;
    if (operator === 'and' || operator === 'or') {
      const terms = [this.bind(left, scopes), this.bind(right, scopes)];
      return operator === 'and' ? allOf(terms) : anyOf(terms);
    }
    if (operator === 'in') return this.#values.bindTogether(() => this.#bindIn(expression, scopes));
    if (operator === 'has') return this.#values.bindTogether(() => this.#bindHas(expression, scopes));
    if (isArithmetic(expression)) {
      this.#values.bind(expression, scopes);
      return this.#values.refuse(position, 'a calculation is no condition; compare it with a value');
    }
    return this.#values.bindTogether(() => this.#bindComparison(operator as Comparison, expression, scopes));
  }

  #bindComparison(operator: Comparison, { left, right, position }: BinarySyntax, scopes: readonly ItemScope[]) {
    if (left.kind === 'literal' && right.kind !== 'literal') {
      return this.#bindWithLiteral(mirrored[operator], right, left, scopes);
    }
    if (right.kind === 'literal' && left.kind !== 'literal') {
      return this.#bindWithLiteral(operator, left, right, scopes);
    }
    const values = [this.#values.bind(left, scopes), this.#values.bind(right, scopes)] as const;
    return this.#compare(operator, this.#alike(values, position, right.position), position);
  }

  #bindWithLiteral(operator: Comparison, operand: Expression, literal: LiteralSyntax, scopes: readonly ItemScope[]) {
    const value = this.#values.bind(operand, scopes);
    if (value.kind === 'condition') return this.#isTrue(operator, value.predicate, literal);
    if (value.kind === 'call' && value.type === 'boolean')
      return this.#isTrue(operator, { kind: 'flag', value }, literal);
    const { position } = literal;
    if (isCalculated(value) && literal.form === 'number') {
      const number = this.#values.bind(literal, scopes);
      return this.#compare(operator, toOneScale(value, number, stopWithin(this.#stop, position)), position);
    }
    const predicate = bindLiteralComparison(operator, this.#compared(value), literal);
    return predicate.kind === 'compare'
      ? this.#compare(operator, [predicate.left, predicate.right], position)
      : predicate;
  }

  /** Whether a condition is what a literal says. */
  #isTrue(operator: Comparison, term: Predicate, literal: LiteralSyntax): Predicate {
    const { form, position } = literal;
    const isEquality = operator === 'eq' || operator === 'ne';
    if (!isEquality || (form !== 'boolean' && form !== 'null')) {
      const sentence = `a condition cannot be compared with ${showLiteral(literal)}; write (…) around what belongs together, as in not (a eq b)`;
      return this.#values.refuse(position, sentence);
    }
    const value: Value = { kind: 'condition', predicate: term, type: 'boolean', scale: 0 };
    const equal: Predicate =
      form === 'null' ? { kind: 'isNull', value } : { kind: 'is', term, truth: literal.value === 'true' };
    return operator === 'eq' ? equal : { kind: 'not', term: equal };
  }

  /** Two values of one type, with the property before the value that it is compared with. */
  #compare(operator: Comparison, [left, right]: readonly [Value, Value], position: number): Predicate {
    if (left.kind === 'constant' && right.kind === 'constant') {
      return { kind: 'constant', value: compareValues(operator, left.value, right.value) };
    }
    if (left.kind === 'constant') return this.#compare(mirrored[operator], [right, left], position);
    const isOrder = operator !== 'eq' && operator !== 'ne';
    if (isNothing(right)) {
      if (isOrder) return { kind: 'constant', value: false };
      const isNull: Predicate = { kind: 'isNull', value: left };
      return operator === 'eq' ? isNull : { kind: 'not', term: isNull };
    }
    if (isOrder && left.type === 'enumeration') {
      return this.#stop({ kind: 'unsupported', position, what: 'the order of two values of an enumeration' });
    }
    return { kind: 'compare', operator, left, right };
  }

  /** Brings two values to one type. */
  #alike([left, right]: readonly [Value, Value], position: number, at: number): readonly [Value, Value] {
    if (isNothing(left) || isNothing(right)) return [left, right];
    if (isNumber(left) && isNumber(right)) return toOneScale(left, right, stopWithin(this.#stop, position));
    if (left.type === right.type) return [left, right];
    if (left.type === 'total' || right.type === 'total') {
      return this.#alike([asNumber(left), asNumber(right)], position, at);
    }
    const types = [left.type, right.type];
    if (types.every((type) => type === 'instant' || type === 'date')) return [toInstant(left), toInstant(right)];
    if (types.every((type) => type === 'text' || type === 'guid' || type === 'enumeration')) return [left, right];
    return this.#values.refuse(at, `${describeValue(left)} and ${describeValue(right)} cannot be compared`);
  }

  #bindIn({ left, right }: BinarySyntax, scopes: readonly ItemScope[]): Predicate {
    const value = this.#values.bind(left, scopes);
    if (right.kind !== 'list') {
      const { position } = right;
      return this.#stop({ kind: 'unsupported', position, what: 'in with anything but values in parentheses' });
    }
    if (value.kind === 'condition') {
      return this.#stop({ kind: 'unsupported', position: right.position, what: 'in behind a condition' });
    }
    if (isCalculated(value)) return this.#bindNumberIn(value, right.items);
    return bindOneOf(this.#compared(value), right.items);
  }

  /** A calculated number stands there once, in a unit that all of the others have too. */
  #bindNumberIn(value: Value, items: readonly LiteralSyntax[]): Predicate {
    const numbers = items.filter(({ form }) => form !== 'null');
    const wrong = numbers.find(({ form }) => form !== 'number');
    if (wrong !== undefined) this.#values.refuse(wrong.position, `${showLiteral(wrong)} is no number`);
    const constants = numbers.map((literal) => ({ literal, number: this.#values.bind(literal, []) }));
    const scale = Math.max(value.scale, ...constants.map(({ number }) => number.scale));
    const values = constants.flatMap(({ literal, number }) => {
      const scaled = withScale(number, scale, stopWithin(this.#stop, literal.position));
      return scaled.kind === 'constant' && scaled.value !== null ? [scaled.value] : [];
    });
    const aligned = withScale(value, scale, stopWithin(this.#stop, items[0]?.position ?? 0));
    const terms: Predicate[] = [{ kind: 'oneOf', value: aligned, values: [...new Set(values)] }];
    if (numbers.length < items.length) terms.push({ kind: 'isNull', value });
    return anyOf(terms);
  }

  #bindHas({ left, right, position }: BinarySyntax, scopes: readonly ItemScope[]): Predicate {
    const value = this.#values.bind(left, scopes);
    if (value.type !== 'enumeration' || right.kind !== 'literal') {
      return this.#values.refuse(
        position,
        "has takes an enumeration and one of its members, as in color has Color'Red'",
      );
    }
    const member = bindLiteralComparison('eq', this.#compared(value), right);
    if (member.kind !== 'compare') return member;
    // One value of an enumeration has itself and no other.
    return { kind: 'flag', value: foldCall('same', [member.left, member.right], 'boolean') };
  }

  #bindLambda(lambda: LambdaSyntax, scopes: readonly ItemScope[]): Predicate {
    const { operator, variable, condition } = lambda;
    const { collection, type } = this.#paths.findCollection(lambda.collection, scopes);
    const kind = operator === 'any' ? 'some' : 'every';
    const scope = scopes.length + 1;
    if (variable === undefined || condition === undefined) {
      return { kind, collection, scope, condition: { kind: 'constant', value: true } };
    }
    return { kind, collection, scope, condition: this.bind(condition, [...scopes, { variable, type, collection }]) };
  }

  #bindFlag(expression: Expression, scopes: readonly ItemScope[]): Predicate {
    const value = this.#values.bind(expression, scopes);
    if (value.type !== 'boolean' && !isNothing(value)) {
      return this.#values.refuse(
        expression.position,
        `${describeValue(value)} is not a condition; compare it with a value`,
      );
    }
    if (value.kind === 'constant') return { kind: 'constant', value: value.value as boolean | null };
    return { kind: 'flag', value };
  }

  #compared(value: Value): Compared {
    const found = this.#values.foundAt(value);
    const typeName = found?.model.type ?? describeValue(value);
    return {
      value,
      comparand: {
        type: value.type,
        typeName,
        members: found === undefined ? [] : this.#paths.membersOf(found.model),
        reader: found?.reader,
      },
      refuse: (position, sentence) => this.#values.refuse(position, sentence),
      warn: (warning) => this.warnings.push(warning),
    };
  }
}
