import { call } from './fold.ts';
import type { Comparison, Items, Predicate, PropertyPath, Scalar, Value } from './predicate.ts';

/** How the properties of an entity are reached. */
export interface EntityReader {
  /** The value of a property, in the form in which it is compared. */
  value(owner: unknown, property: PropertyPath): Scalar | null;
  /** The items of a list of the entity. */
  items(entity: unknown, collection: readonly string[]): readonly unknown[];
}

/** Answers a predicate for one entity in memory, as the database would. */
export function evaluate(predicate: Predicate, entity: unknown, reader: EntityReader): boolean {
  return truthOf(predicate, { owners: [entity], reader }) === true;
}

/** The value of a key or of a side of a comparison for one entity, in the form in which it is compared. */
export function evaluateValue(value: Value, entity: unknown, reader: EntityReader): Scalar | null {
  return scalarOf(value, { owners: [entity], reader });
}

interface Place {
  /** The entity and the items of the lambdas around, by scope. */
  readonly owners: readonly unknown[];
  readonly reader: EntityReader;
}

/** True, false, or nothing. */
function truthOf(predicate: Predicate, place: Place): boolean | null {
  switch (predicate.kind) {
    case 'constant':
      return predicate.value;
    case 'and':
      return join(predicate.terms, place, false);
    case 'or':
      return join(predicate.terms, place, true);
    case 'not': {
      const truth = truthOf(predicate.term, place);
      return truth === null ? null : !truth;
    }
    case 'compare':
      return compareValues(predicate.operator, scalarOf(predicate.left, place), scalarOf(predicate.right, place));
    case 'oneOf': {
      const value = scalarOf(predicate.value, place);
      return value !== null && predicate.values.includes(value);
    }
    case 'isNull':
      return scalarOf(predicate.value, place) === null;
    case 'flag':
      return scalarOf(predicate.value, place) as boolean | null;
    case 'is':
      return truthOf(predicate.term, place) === predicate.truth;
    case 'some':
      return itemsOf(predicate, place).some((inner) => truthOf(predicate.condition, inner) === true);
    default:
      return itemsOf(predicate, place).every((inner) => truthOf(predicate.condition, inner) === true);
  }
}

/** One term that decides, decides; else nothing is nothing. */
function join(terms: readonly Predicate[], place: Place, deciding: boolean): boolean | null {
  let isUnknown = false;
  for (const term of terms) {
    const truth = truthOf(term, place);
    if (truth === deciding) return deciding;
    isUnknown ||= truth === null;
  }
  return isUnknown ? null : !deciding;
}

function itemsOf({ collection, scope }: Items, { owners, reader }: Place): Place[] {
  return reader.items(owners[0], collection).map((item) => {
    const inner = [...owners];
    inner[scope] = item;
    return { owners: inner, reader };
  });
}

function scalarOf(value: Value, place: Place): Scalar | null {
  switch (value.kind) {
    case 'constant':
      return value.value;
    case 'property':
      return place.reader.value(place.owners[value.property.scope], value.property);
    case 'count':
      return BigInt(itemsOf(value, place).filter((inner) => truthOf(value.condition, inner) === true).length);
    case 'condition':
      return truthOf(value.predicate, place);
    default: {
      const operands: Scalar[] = [];
      for (const operand of value.operands) {
        const scalar = scalarOf(operand, place);
        if (scalar === null) return null;
        operands.push(scalar);
      }
      return call(value.operation, operands);
    }
  }
}

/** Compares two values, or nothings: nothing is equal to nothing, and neither above nor below anything. */
export function compareValues(operator: Comparison, one: Scalar | null, other: Scalar | null): boolean {
  if (one !== null && other !== null) return isOrdered(operator, compareScalars(one, other));
  const isEqual = one === other;
  return operator === 'eq' ? isEqual : operator === 'ne' && !isEqual;
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
