import type { Comparison, Predicate, PropertyPath, Scalar } from './predicate.ts';

/** How the properties of an entity are reached. */
export interface EntityReader {
  /** The value of a property, in the form in which it is compared. */
  value(owner: unknown, property: PropertyPath): Scalar | null;
  /** The items of a list of the entity. */
  items(entity: unknown, collection: readonly string[]): readonly unknown[];
}

/** Answers a predicate for one entity in memory, as the database would. */
export function evaluate(predicate: Predicate, entity: unknown, reader: EntityReader): boolean {
  return holds(predicate, [entity], reader);
}

/** `owners` are the entity and the items of the lambdas around, by scope. */
function holds(predicate: Predicate, owners: readonly unknown[], reader: EntityReader): boolean {
  const read = (property: PropertyPath) => reader.value(owners[property.scope], property);
  switch (predicate.kind) {
    case 'constant':
      return predicate.value;
    case 'and':
      return predicate.terms.every((term) => holds(term, owners, reader));
    case 'or':
      return predicate.terms.some((term) => holds(term, owners, reader));
    case 'not':
      return !holds(predicate.term, owners, reader);
    case 'compare':
      return compares(predicate.operator, read(predicate.property), predicate.value);
    case 'oneOf': {
      const value = read(predicate.property);
      return value !== null && predicate.values.includes(value);
    }
    case 'isNull':
      return read(predicate.property) === null;
    default: {
      const items = reader.items(owners[0], predicate.collection);
      const meets = (item: unknown) => {
        const inner = [...owners];
        inner[predicate.scope] = item;
        return holds(predicate.condition, inner, reader);
      };
      return predicate.kind === 'some' ? items.some(meets) : items.every(meets);
    }
  }
}

function compares(operator: Comparison, value: Scalar | null, other: Scalar): boolean {
  if (value === null) return operator === 'ne';
  return isOrdered(operator, compareScalars(value, other));
}

/** Whether a comparison holds for two values that are in this order: negative, zero or positive. */
export function isOrdered(operator: Comparison, order: number): boolean {
  if (operator === 'eq') return order === 0;
  if (operator === 'ne') return order !== 0;
  if (operator === 'gt') return order > 0;
  if (operator === 'ge') return order >= 0;
  return operator === 'lt' ? order < 0 : order <= 0;
}

/** The order of two values of one type. Texts are ordered by code point, which UTF-16 units are not. */
export function compareScalars(one: Scalar, other: Scalar): number {
  if (typeof one !== 'string' || typeof other !== 'string') return one === other ? 0 : one < other ? -1 : 1;
  if (one === other) return 0;
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index += 1) {
    // Both begin alike up to here, so neither is inside a pair of surrogates that the other does not have.
    if (one[index] !== other[index])
      return (codePointNear(one, index) as number) - (codePointNear(other, index) as number);
  }
  return one.length - other.length;
}

/** The code point at a place, also where the place is its second half. */
function codePointNear(text: string, index: number): number | undefined {
  const unit = text.charCodeAt(index);
  const isSecondHalf = unit >= 0xdc00 && unit <= 0xdfff && index > 0;
  return text.codePointAt(isSecondHalf ? index - 1 : index);
}
