/**
 * A condition whose names and types are known (OData URL Conventions 4.01, section 5.1.1). A comparison is true or
 * false, also with nothing; a function of nothing is nothing, and so is a flag that is not set. `and`, `or` and `not`
 * carry that on, and a condition holds where it is true.
 */

/** What a value is, and so the form in which it is compared. */
export type ScalarType =
  | 'text'
  | 'boolean'
  | 'integer'
  | 'decimal'
  /** A sum, which may have more digits than a number that is calculated with. */
  | 'total'
  | 'instant'
  | 'date'
  | 'time'
  | 'duration'
  | 'enumeration'
  | 'guid';

/**
 * A value as it is compared. Numbers are whole units of their last digit, so a decimal is in ten-thousandths and a
 * duration in ten-millionths of a second. Instants are text of 28 characters, dates of 10, times of day of 16.
 */
export type Scalar = string | boolean | bigint;

/** A property of the entity (scope 0), or of the item of the nth lambda around it. */
export interface PropertyPath {
  readonly scope: number;
  /** Names as the model spells them, from the entity or the item on. */
  readonly segments: readonly string[];
  /** The list that the item is of. */
  readonly collection?: readonly string[];
  readonly type: ScalarType;
  /** Digits behind the point, where the type does not say it: of what was calculated before. */
  readonly scale?: number;
}

/** What every value has: its type and, for numbers and durations, how many digits stand behind the point. */
interface Typed {
  readonly type: ScalarType;
  readonly scale: number;
}

/** Something that has one value, or none. */
export type Value = Typed &
  (
    | { readonly kind: 'property'; readonly property: PropertyPath }
    | { readonly kind: 'constant'; readonly value: Scalar | null }
    /** An operation of the table of operations; of nothing, it is nothing. */
    | {
        readonly kind: 'call';
        readonly operation: string;
        readonly operands: readonly Value[];
        /** How many calls stand within each other, this one included. */
        readonly height: number;
      }
    /** How many items of a list meet a condition. */
    | ({ readonly kind: 'count' } & Items)
    | { readonly kind: 'condition'; readonly predicate: Predicate }
  );

/** The items of a list of the entity that meet a condition. */
export interface Items {
  readonly collection: readonly string[];
  /** Scope of the items within the condition. */
  readonly scope: number;
  readonly condition: Predicate;
}

/** An order of two values. */
export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

/** Any condition. */
export type Predicate =
  | { readonly kind: 'constant'; readonly value: boolean | null }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Predicate[] }
  | { readonly kind: 'not'; readonly term: Predicate }
  /** True or false also with nothing: nothing is equal to nothing, and neither above nor below anything. */
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly left: Value; readonly right: Value }
  | { readonly kind: 'oneOf'; readonly value: Value; readonly values: readonly Scalar[] }
  | { readonly kind: 'isNull'; readonly value: Value }
  /** A flag, which may be nothing. */
  | { readonly kind: 'flag'; readonly value: Value }
  /** Whether a condition is true, or is false: neither where it is nothing. */
  | { readonly kind: 'is'; readonly term: Predicate; readonly truth: boolean }
  /** Whether some item of a list of the entity, or each, meets a condition. */
  | ({ readonly kind: 'some' | 'every' } & Items);

/** One key to sort by. */
export interface OrderKey {
  readonly value: Value;
  readonly isDescending: boolean;
}

/** Conditions that must all hold, without needless layers. */
export function allOf(terms: readonly Predicate[]): Predicate {
  const flat = terms.flatMap((term) => (term.kind === 'and' ? term.terms : [term]));
  return flat.length === 1 && flat[0] !== undefined ? flat[0] : { kind: 'and', terms: flat };
}

/** Conditions of which one must hold, without needless layers. */
export function anyOf(terms: readonly Predicate[]): Predicate {
  const flat = terms.flatMap((term) => (term.kind === 'or' ? term.terms : [term]));
  return flat.length === 1 && flat[0] !== undefined ? flat[0] : { kind: 'or', terms: flat };
}

/** The conditions that must hold whatever else does: the predicate itself, or the terms of its outermost `and`. */
export function andTerms(predicate: Predicate): readonly Predicate[] {
  return predicate.kind === 'and' ? predicate.terms : [predicate];
}

/** The value of a property, for keys and conditions that a program makes itself. */
export function propertyValue(property: PropertyPath): Value {
  return { kind: 'property', property, type: property.type, scale: property.scale ?? scaleOf(property.type) };
}

/** Digits behind the point of every sum: as many as calculations keep. */
export const totalScale = 8;

/** Digits behind the point of a property of a type. */
export function scaleOf(type: ScalarType): number {
  if (type === 'duration') return 7;
  if (type === 'total') return totalScale;
  return type === 'decimal' ? 4 : 0;
}

/** The value that a predicate says a property of a scope has, if `property eq value` is all that it says. */
export function requiredValue(predicate: Predicate, path: string, scope = 0): Scalar | undefined {
  if (predicate.kind !== 'compare' || predicate.operator !== 'eq') return undefined;
  const { left, right } = predicate;
  if (left.kind !== 'property' || right.kind !== 'constant' || right.value === null) return undefined;
  return left.property.scope === scope && left.property.segments.join('/') === path ? right.value : undefined;
}

const typeNames: Readonly<Record<ScalarType, string>> = {
  text: 'a text',
  boolean: 'a condition',
  integer: 'a number',
  decimal: 'a number',
  total: 'a number',
  instant: 'an instant',
  date: 'a date',
  time: 'a time of day',
  duration: 'a duration',
  enumeration: 'a value of an enumeration',
  guid: 'an id',
};

/** What a value is, for a sentence: the name of a property, or its type. */
export function describeValue(value: Value): string {
  return value.kind === 'property' ? value.property.segments.join('/') : typeNames[value.type];
}
