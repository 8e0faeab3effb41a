import { type Comparand, readLiteral } from './bind-literal.ts';
import { type BindFault, type BindRules, type FoundProperty, type ItemScope, PathBinder } from './bind-path.ts';
import { compareScalars, isOrdered } from './evaluate.ts';
import type { OrderBySyntax } from './parse-order-by.ts';
import type { SelectSyntax } from './parse-select.ts';
import { allOf, anyOf, type Comparison, type OrderKey, type Predicate, type Scalar } from './predicate.ts';
import { type StopWith, untilStopped } from './stop.ts';
import type { BinarySyntax, Expression, LambdaSyntax, LiteralSyntax } from './syntax.ts';

/** Something that is legal and probably not meant. */
export interface BindWarning {
  readonly code: 'valueNotInEnumeration';
  readonly position: number;
  readonly value: string;
}

/** A filter that can be answered. */
export interface BoundFilter {
  readonly predicate: Predicate;
  readonly warnings: readonly BindWarning[];
}

/** Gives the names and values of a filter their meaning, or says why they have none. */
export function bindFilter(expression: Expression, rules: BindRules): BoundFilter | BindFault {
  return untilStopped((stop: StopWith<BindFault>) => {
    const binder = new FilterBinder(new PathBinder(rules, 'notFilterable', stop), stop);
    return { predicate: binder.bind(expression, []), warnings: binder.warnings };
  });
}

/** Finds the properties to sort by. */
export function bindOrderBy(keys: readonly OrderBySyntax[], rules: BindRules): readonly OrderKey[] | BindFault {
  return untilStopped((stop: StopWith<BindFault>) => {
    const paths = new PathBinder(rules, 'notSortable', stop);
    const seen = new Set<string>();
    return keys.map(({ expression, isDescending }) => {
      if (expression.kind !== 'path') return stop(unsupportedOperand(expression));
      const { property, position } = paths.findProperty(expression, []);
      const name = property.segments.join('/');
      if (seen.has(name)) return stop({ kind: 'incompatible', position, sentence: `${name} stands there twice` });
      seen.add(name);
      return { property, isDescending };
    });
  });
}

/** The names of the members that `$select` leaves, as the model spells them; undefined where it leaves all. */
export function bindSelect(
  items: readonly SelectSyntax[],
  rules: BindRules,
): { readonly names: readonly string[] | undefined } | BindFault {
  return untilStopped((stop: StopWith<BindFault>) => {
    const paths = new PathBinder(rules, 'notFilterable', stop);
    const names = items.flatMap((item) => {
      if (item.kind === 'all') return [];
      return item.kind === 'path' ? [paths.findMember(item)] : stop(unsupportedOperand(item));
    });
    return { names: items.some(({ kind }) => kind === 'all') ? undefined : [...new Set(names)] };
  });
}

const comparisons: ReadonlySet<string> = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
/** What holds for two operands that change places. */
const mirrored: Readonly<Record<Comparison, Comparison>> = {
  eq: 'eq',
  ne: 'ne',
  gt: 'lt',
  ge: 'le',
  lt: 'gt',
  le: 'ge',
};

class FilterBinder {
  readonly warnings: BindWarning[] = [];
  readonly #paths: PathBinder;
  readonly #stop: StopWith<BindFault>;

  constructor(paths: PathBinder, stop: StopWith<BindFault>) {
    this.#paths = paths;
    this.#stop = stop;
  }

  /** An expression that must be true or false. */
  bind(expression: Expression, scopes: readonly ItemScope[]): Predicate {
    switch (expression.kind) {
      case 'binary':
        return this.#bindBinary(expression, scopes);
      case 'lambda':
        return this.#bindLambda(expression, scopes);
      case 'unary':
        if (expression.operator === 'not') return { kind: 'not', term: this.bind(expression.operand, scopes) };
        return this.#stop(unsupportedOperand(expression));
      case 'path':
        return this.#bindFlag(this.#paths.findProperty(expression, scopes));
      case 'literal':
        if (expression.form === 'boolean') return { kind: 'constant', value: expression.value === 'true' };
        if (expression.form === 'null') return { kind: 'constant', value: false };
        return this.#incompatible(expression.position, `${show(expression)} is neither true nor false`);
      default:
        return this.#incompatible(expression.position, 'a list of values belongs behind in');
    }
  }

  #bindBinary(expression: BinarySyntax, scopes: readonly ItemScope[]): Predicate {
    const { operator, left, right, position } = expression;
    if (operator === 'and' || operator === 'or') {
      const terms = [this.bind(left, scopes), this.bind(right, scopes)];
      return operator === 'and' ? allOf(terms) : anyOf(terms);
    }
    if (operator === 'in') return this.#bindIn(expression, scopes);
    if (!comparisons.has(operator)) {
      return this.#stop({ kind: 'unsupported', position, what: `the operator ${operator}` });
    }
    return this.#bindComparison(operator as Comparison, expression, scopes);
  }

  #bindComparison(
    operator: Comparison,
    { left, right, position }: BinarySyntax,
    scopes: readonly ItemScope[],
  ): Predicate {
    if (left.kind === 'literal' && right.kind === 'literal') return this.#fold(operator, left, right);
    if (left.kind === 'literal') return this.#bindWithLiteral(mirrored[operator], right, left, scopes);
    if (right.kind === 'literal') return this.#bindWithLiteral(operator, left, right, scopes);
    // Whatever is wrong with either side is worth more than that two of them cannot be compared.
    for (const side of [left, right]) this.#check(side, scopes);
    return this.#stop({ kind: 'unsupported', position, what: 'a comparison of two properties' });
  }

  #bindWithLiteral(
    operator: Comparison,
    operand: Expression,
    literal: LiteralSyntax,
    scopes: readonly ItemScope[],
  ): Predicate {
    if (operand.kind === 'path') {
      const found = this.#paths.findProperty(operand, scopes);
      return this.#through(found, this.#compare(operator, found, literal));
    }
    if (operand.kind === 'list') return this.#incompatible(operand.position, 'a list of values belongs behind in');
    if (operand.kind === 'binary' && !isCondition(operand)) return this.#stop(unsupportedOperand(operand));
    if (operand.kind === 'unary' && operand.operator === '-') return this.#stop(unsupportedOperand(operand));
    const condition = this.bind(operand, scopes);
    if (literal.form !== 'boolean' || (operator !== 'eq' && operator !== 'ne')) {
      const sentence = `a condition cannot be compared with ${show(literal)}; write (…) around what belongs together, as in not (a eq b)`;
      return this.#incompatible(literal.position, sentence);
    }
    return (literal.value === 'true') === (operator === 'eq') ? condition : { kind: 'not', term: condition };
  }

  #compare(operator: Comparison, found: FoundProperty, literal: LiteralSyntax): Predicate {
    const { property } = found;
    if (literal.form === 'null') {
      const isNull: Predicate = { kind: 'isNull', property };
      if (operator === 'eq') return isNull;
      return operator === 'ne' ? { kind: 'not', term: isNull } : { kind: 'constant', value: false };
    }
    const values = this.#read(found, literal);
    const [value] = values;
    // A value outside an enumeration is equal to nothing, and neither above nor below anything.
    if (value === undefined) return { kind: 'constant', value: operator === 'ne' };
    if (property.type === 'enumeration' && operator !== 'eq' && operator !== 'ne') {
      const members = this.#paths.membersOf(found.model);
      const at = members.indexOf(String(value));
      const chosen = members.filter((_member, index) => isOrdered(operator, index - at));
      return { kind: 'oneOf', property, values: chosen };
    }
    if (values.length === 1 || (operator !== 'eq' && operator !== 'ne')) {
      return { kind: 'compare', operator, property, value };
    }
    const oneOf: Predicate = { kind: 'oneOf', property, values };
    return operator === 'eq' ? oneOf : { kind: 'not', term: oneOf };
  }

  #bindIn({ left, right, position }: BinarySyntax, scopes: readonly ItemScope[]): Predicate {
    if (left.kind !== 'path') {
      this.#check(left, scopes);
      return this.#stop({ kind: 'unsupported', position, what: 'in behind anything but a property' });
    }
    const found = this.#paths.findProperty(left, scopes);
    if (right.kind !== 'list') {
      return this.#stop({
        kind: 'unsupported',
        position: right.position,
        what: 'in with anything but values in parentheses',
      });
    }
    const { property } = found;
    const terms: Predicate[] = [];
    const values = right.items.filter(({ form }) => form !== 'null').flatMap((item) => this.#read(found, item));
    if (values.length > 0) terms.push({ kind: 'oneOf', property, values: [...new Set(values)] });
    if (right.items.some(({ form }) => form === 'null')) terms.push({ kind: 'isNull', property });
    return this.#through(found, terms.length === 0 ? { kind: 'constant', value: false } : anyOf(terms));
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

  #bindFlag(found: FoundProperty): Predicate {
    const { property, position } = found;
    if (property.type !== 'boolean') {
      return this.#incompatible(position, `${property.segments.join('/')} is not a condition; compare it with a value`);
    }
    return this.#through(found, { kind: 'compare', operator: 'eq', property, value: true });
  }

  /** An alias holds when it does for some item of its list. */
  #through({ through }: FoundProperty, condition: Predicate): Predicate {
    return through === undefined ? condition : { kind: 'some', ...through, condition };
  }

  #read({ property, model, reader }: FoundProperty, literal: LiteralSyntax): readonly Scalar[] {
    const comparand: Comparand = {
      type: property.type,
      typeName: model.type,
      members: this.#paths.membersOf(model),
      reader,
    };
    const reading = readLiteral(literal, comparand);
    if ('values' in reading) return reading.values;
    if ('problem' in reading) return this.#incompatible(literal.position, reading.problem);
    this.warnings.push({ code: 'valueNotInEnumeration', position: literal.position, value: reading.outside });
    return [];
  }

  /** Two values: the answer is the same for every entity. */
  #fold(operator: Comparison, left: LiteralSyntax, right: LiteralSyntax): Predicate {
    const isNull = [left, right].filter(({ form }) => form === 'null').length;
    if (isNull > 0) {
      const isEqual = isNull === 2;
      return { kind: 'constant', value: operator === 'eq' ? isEqual : operator === 'ne' && !isEqual };
    }
    const type = ({ string: 'text', number: 'decimal', boolean: 'boolean', instant: 'instant' } as const)[
      left.form as 'string'
    ];
    if (type === undefined || left.form !== right.form) {
      return this.#incompatible(right.position, `${show(left)} and ${show(right)} cannot be compared`);
    }
    const comparand = { type, typeName: type, members: [], reader: undefined };
    const [one, other] = [left, right].map((side) => {
      const reading = readLiteral(side, comparand);
      return 'values' in reading ? reading.values[0] : undefined;
    });
    if (one === undefined || other === undefined) {
      return this.#incompatible(left.position, `${show(left)} and ${show(right)} cannot be compared`);
    }
    return { kind: 'constant', value: isOrdered(operator, compareScalars(one, other)) };
  }

  /** Refuses an operand that could not stand anywhere. */
  #check(operand: Expression, scopes: readonly ItemScope[]): void {
    if (operand.kind === 'path') this.#paths.findProperty(operand, scopes);
    else if (operand.kind === 'lambda' || (operand.kind === 'binary' && isCondition(operand)))
      this.bind(operand, scopes);
    else if (operand.kind !== 'literal') this.#stop(unsupportedOperand(operand));
  }

  #incompatible(position: number, sentence: string): never {
    return this.#stop({ kind: 'incompatible', position, sentence });
  }
}

function isCondition({ operator }: BinarySyntax): boolean {
  return operator === 'and' || operator === 'or' || operator === 'in' || comparisons.has(operator);
}

function unsupportedOperand(expression: Expression): BindFault {
  const { position } = expression;
  const what =
    expression.kind === 'binary' || expression.kind === 'unary'
      ? `the operator ${expression.operator}`
      : expression.kind === 'lambda'
        ? `${expression.operator} as a value`
        : 'a value that is no property';
  return { kind: 'unsupported', position, what };
}

function show({ form, value }: LiteralSyntax): string {
  const shown = value.length > 40 ? `${value.slice(0, 40)}…` : value;
  return form === 'string' ? `'${shown}'` : shown;
}
