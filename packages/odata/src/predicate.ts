/**
 * A condition whose names and types are known. It is two-valued (OData URL Conventions 4.01, section 5.1.1.1): a
 * comparison with nothing is false, only `ne` is then true, and `not` turns either over.
 */

/** What a property holds, in the form in which it is compared. */
export type ScalarType = 'text' | 'boolean' | 'decimal' | 'instant' | 'enumeration';

/** A value as it is compared: decimals in whole ten-thousandths, instants as text of 28 characters. */
export type Scalar = string | boolean | bigint;

/** A property of the entity (scope 0), or of the item of the nth lambda around it. */
export interface PropertyPath {
  readonly scope: number;
  /** Names as the model spells them, from the entity or the item on. */
  readonly segments: readonly string[];
  /** The list that the item is of. */
  readonly collection?: readonly string[];
  readonly type: ScalarType;
}

/** An order of two values. */
export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

/** Any condition. */
export type Predicate =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Predicate[] }
  | { readonly kind: 'not'; readonly term: Predicate }
  | {
      readonly kind: 'compare';
      readonly operator: Comparison;
      readonly property: PropertyPath;
      readonly value: Scalar;
    }
  | { readonly kind: 'oneOf'; readonly property: PropertyPath; readonly values: readonly Scalar[] }
  | { readonly kind: 'isNull'; readonly property: PropertyPath }
  /** Whether some item of a list of the entity, or each, meets a condition. */
  | {
      readonly kind: 'some' | 'every';
      readonly collection: readonly string[];
      /** Scope of the items within the condition. */
      readonly scope: number;
      readonly condition: Predicate;
    };

/** One key to sort by. */
export interface OrderKey {
  readonly property: PropertyPath;
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
