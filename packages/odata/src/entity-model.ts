/**
 * An entity model: what OData calls a schema. It is plain data, so that a service can derive it from its own table of
 * properties; `csdl` writes it out and `bind` reads it.
 */

import type { Annotation } from './annotation.ts';
import type { ScalarType } from './predicate.ts';

/** The primitive types in use here (OData CSDL 4.01, section 3.3). */
export type PrimitiveType =
  | 'Edm.String'
  | 'Edm.Boolean'
  | 'Edm.Decimal'
  | 'Edm.Int32'
  | 'Edm.Int64'
  | 'Edm.DateTimeOffset'
  | 'Edm.Date'
  | 'Edm.TimeOfDay'
  | 'Edm.Duration'
  | 'Edm.Guid';

/** One property of an entity or complex type. */
export interface PropertyModel {
  readonly name: string;
  /** A primitive type, or the unqualified name of a complex or enumeration type of the same model. */
  readonly type: PrimitiveType | (string & {});
  readonly isCollection: boolean;
  readonly isNullable: boolean;
  /** Precision and scale of a decimal, or the digits of a second. */
  readonly precision?: number;
  readonly scale?: number;
  /** One sentence for the reader of $metadata. */
  readonly description?: string;
  /** True where it may stand in `$filter`; for a list, in `any` and `all`. */
  readonly isFilterable?: boolean;
  /** True where it may stand in `$orderby`. */
  readonly isSortable?: boolean;
  /** True where only the service writes the value (Core.Computed). */
  readonly isComputed?: boolean;
  /** What a result of `$apply` is, which no name of a type says. */
  readonly calculated?: { readonly type: ScalarType; readonly scale: number };
}

/** A named structure: an entity type when it has a key, else a complex type. */
export interface StructuredType {
  readonly name: string;
  readonly key?: string;
  readonly properties: readonly PropertyModel[];
  /** True where members outside the declared ones may appear (OpenType). */
  readonly isOpen?: boolean;
}

/** An enumeration type; members are numbered in their order. */
export interface EnumerationType {
  readonly name: string;
  readonly members: readonly string[];
}

/** A whole model with its entity sets. */
export interface EntityModel {
  readonly namespace: string;
  readonly container: string;
  readonly enumerations: readonly EnumerationType[];
  readonly complexTypes: readonly StructuredType[];
  readonly entityTypes: readonly StructuredType[];
  readonly entitySets: readonly EntitySet[];
  /** What is said of the container. */
  readonly annotations?: readonly Annotation[];
}

/** A collection of entities that has an address. */
export interface EntitySet {
  readonly name: string;
  readonly type: string;
  readonly annotations?: readonly Annotation[];
}
