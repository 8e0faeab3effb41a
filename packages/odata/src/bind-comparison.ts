import type { BindWarning } from './bind-condition.ts';
import { type Comparand, readLiteral } from './bind-literal.ts';
import { isOrdered } from './evaluate.ts';
import { constantOf } from './fold.ts';
import { anyOf, type Comparison, type Predicate, type Scalar, type Value } from './predicate.ts';
import type { LiteralSyntax } from './syntax.ts';

/** A value that literals are compared with, and what is known of it. */
export interface Compared {
  readonly value: Value;
  readonly comparand: Comparand;
  refuse(position: number, sentence: string): never;
  warn(warning: BindWarning): void;
}

/** Compares a value with a literal, which is read as one of the value's type. */
export function bindLiteralComparison(operator: Comparison, compared: Compared, literal: LiteralSyntax): Predicate {
  const { value, comparand } = compared;
  if (literal.form === 'null') return { kind: 'compare', operator, left: value, right: constantOf(null, value.type) };
  const values = read(compared, literal);
  const [only] = values;
  // A value outside an enumeration is equal to nothing, and neither above nor below anything.
  if (only === undefined) return { kind: 'constant', value: operator === 'ne' };
  const isOrder = operator !== 'eq' && operator !== 'ne';
  if (value.type === 'enumeration' && isOrder) {
    const at = comparand.members.indexOf(String(only));
    const chosen = comparand.members.filter((_member, index) => isOrdered(operator, index - at));
    return { kind: 'oneOf', value, values: chosen };
  }
  if (values.length === 1 || isOrder) {
    return { kind: 'compare', operator, left: value, right: constantOf(only, value.type, value.scale) };
  }
  const oneOf: Predicate = { kind: 'oneOf', value, values };
  return operator === 'eq' ? oneOf : { kind: 'not', term: oneOf };
}

/** Whether a value is one of some literals. */
export function bindOneOf(compared: Compared, items: readonly LiteralSyntax[]): Predicate {
  const { value } = compared;
  const terms: Predicate[] = [];
  const values = items.filter(({ form }) => form !== 'null').flatMap((item) => read(compared, item));
  if (values.length > 0) terms.push({ kind: 'oneOf', value, values: [...new Set(values)] });
  if (items.some(({ form }) => form === 'null')) terms.push({ kind: 'isNull', value });
  return terms.length === 0 ? { kind: 'constant', value: false } : anyOf(terms);
}

function read({ comparand, refuse, warn }: Compared, literal: LiteralSyntax): readonly Scalar[] {
  const reading = readLiteral(literal, comparand);
  if ('values' in reading) return reading.values;
  if ('problem' in reading) return refuse(literal.position, reading.problem);
  warn({ code: 'valueNotInEnumeration', position: literal.position, value: reading.outside });
  return [];
}
