import type { TenThousandths } from '@cosell/odata';
import type { Static, TObject, TSchema, TUnsafe } from 'typebox';
import { type EnumerationName, type EnumerationValue, enumerations } from './enumerations.ts';
import { type ValueListName, valueLists } from './values/value-lists.ts';

/** What a property is, beyond its JSON type. It stands in the schema as `x-property`. */
export interface PropertyNotes {
  readonly kind: PropertyKind;
  /**
   * Who may set it: nobody but the server; the creator; the creator and later whoever may change the referral; or these
   * only later, by PATCH.
   */
  readonly write: 'server' | 'create' | 'change' | 'later';
  /** Whether it is on the wire when it was never set (decision 2). */
  readonly emit: 'always' | 'whenSet';
  /** What stands on the wire when it was never set. */
  readonly absent: unknown;
  /** What another member of the engagement may read, and from when on (decision 13). */
  readonly share: Sharing;
  /** The column that holds it, for filters and sorting. */
  readonly column?: string;
  /** The child table that holds the members of a list, for `any` and `all`. */
  readonly table?: string;
  readonly filterable?: true;
  readonly sortable?: true;
  /** Whether `$search` looks at it, wherever its reader is shown it. */
  readonly searched?: true;
  /** Name of the type of an object or of a list's items in `$metadata`; else it is made from the path. */
  readonly typeName?: string;
  /** The list that its values usually come from. */
  readonly values?: ValueListName;
  readonly enumeration?: EnumerationName;
  /** A form beyond its JSON type that a write must have; imported values are kept as they are. */
  readonly format?: 'country' | 'currency' | 'salesStage';
  /** Changing it is more than the documented API has: by PATCH, or by PUT too (decision 14). */
  readonly extension?: 'patch' | 'patchAndPut';
  /** Frozen from when Microsoft may see the referral, if it was set by then (facts §11.3). */
  readonly frozen?: 'onceShared';
  /** Rules depend on it, so even an import refuses a value outside its enumeration. */
  readonly governs?: true;
}

/** How a value is read and written. */
export type PropertyKind =
  | 'id'
  | 'text'
  | 'choice'
  | 'flag'
  | 'amount'
  | 'instant'
  | 'date'
  | 'record'
  | 'list'
  | 'anything';

/** Always; once both records are accepted; then too, if the owner shares personal data; never. */
export type Sharing = 'always' | 'accepted' | 'consented' | 'never';

/** What may be said of a property in the table. */
type Said = Partial<Omit<PropertyNotes, 'kind' | 'enumeration'>>;

/** Members that the table does not know, kept as they came: name and JSON text, in order. */
export const kept = Symbol('kept members');

/** An object of the table, with the unknown members that it came with. */
export type Kept = { [kept]?: ReadonlyMap<string, string> };

/**
 * TypeBox's types without its program: a schema is plain data, which the table needs no library to make, and loading
 * that one costs every command 0.3 s (`time node -e "import('typebox')"` beside `time node -e 0`).
 */
function property<T>(description: string, schema: Record<string, unknown>, notes: PropertyNotes): TUnsafe<T> {
  // What TypeBox would make of the same values, but for its own hidden marks, which nobody reads.
  return { description, ...schema, 'x-property': notes } as unknown as TUnsafe<T>;
}

/** The whole table: an object whose members are all there. */
export function table<P extends Record<string, TSchema>>(properties: P): TObject<P> {
  return { type: 'object', required: Object.keys(properties), properties } as unknown as TObject<P>;
}

function notesOf(kind: PropertyKind, absent: unknown, said: Said | undefined): PropertyNotes {
  return { kind, write: 'create', emit: 'always', absent, share: 'never', ...said };
}

/** A GUID in lower case, or `msft` where the description says so. Never null. */
export function id(description: string, said?: Said) {
  return property<string>(description, { type: 'string' }, notesOf('id', undefined, said));
}

/** Text or null. */
export function text(description: string, said?: Said) {
  const known = said?.values === undefined ? {} : { 'x-known-values': valueLists[said.values].values };
  return property<string | null>(description, { type: ['string', 'null'], ...known }, notesOf('text', null, said));
}

/** One value of an enumeration; null only where `absent` is null. */
export function choice<Name extends EnumerationName>(
  enumeration: Name,
  description: string,
  absent: EnumerationValue<Name> | null,
  said?: Said,
) {
  const values: readonly string[] = enumerations[enumeration];
  const schema =
    absent === null ? { type: ['string', 'null'], enum: [...values, null] } : { type: 'string', enum: [...values] };
  return property<EnumerationValue<Name>>(description, schema, { ...notesOf('choice', absent, said), enumeration });
}

/** True or false; null only where `absent` is null. */
export function flag<const Absent extends boolean | null>(description: string, absent: Absent, said?: Said) {
  const schema = { type: absent === null ? ['boolean', 'null'] : 'boolean' };
  return property<Absent extends null ? boolean | null : boolean>(description, schema, notesOf('flag', absent, said));
}

/** A decimal with up to 18 digits, 4 of them after the point, or null. In memory it is whole ten-thousandths. */
export function amount(description: string, said?: Said) {
  const notes = notesOf('amount', null, said);
  return property<TenThousandths | null>(description, { type: ['number', 'null'] }, notes);
}

/** An instant that is always written with seven digits of a second, or null. */
export function instant(description: string, said?: Said) {
  const schema = { type: ['string', 'null'], format: 'date-time' };
  return property<string | null>(description, schema, notesOf('instant', null, said));
}

/** An instant that is written without a fraction unless one was given, or null. */
export function date(description: string, said?: Said) {
  const schema = { type: ['string', 'null'], format: 'date-time' };
  return property<string | null>(description, schema, notesOf('date', null, said));
}

/** Any JSON that the documentation shows no shape of; kept as it came, as JSON text. */
export function anything(description: string, said?: Said) {
  return property<string>(description, {}, notesOf('anything', undefined, { emit: 'whenSet', ...said }));
}

/** An object that is always there; its members have their own notes. */
export function record<P extends Record<string, TSchema>>(description: string, properties: P, said?: Said) {
  const notes = notesOf('record', {}, said);
  return property<RecordOf<P>>(description, objectSchema(properties), notes);
}

/** An object that may be null. */
export function optionalRecord<P extends Record<string, TSchema>>(description: string, properties: P, said?: Said) {
  const notes = notesOf('record', null, said);
  const schema = { ...objectSchema(properties), type: ['object', 'null'] };
  return property<RecordOf<P> | null>(description, schema, notes);
}

/** A list of objects; empty when it was never set. */
export function list<P extends Record<string, TSchema>>(description: string, properties: P, said?: Said) {
  const notes = notesOf('list', [], said);
  return property<RecordOf<P>[]>(description, { type: 'array', items: objectSchema(properties) }, notes);
}

/** The members of an object as the table declares them: all of them may be missing until they are written. */
export type RecordOf<P extends Record<string, TSchema>> = { -readonly [K in keyof P]?: Static<P[K]> } & Kept;

function objectSchema<P extends Record<string, TSchema>>(properties: P) {
  return { type: 'object', properties };
}

/** A schema made by this table, seen from outside. */
export interface PropertySchema {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, PropertySchema>>;
  readonly items?: PropertySchema;
  readonly 'x-property'?: PropertyNotes;
}

/** The notes of a property; a schema that was not made here is a fault of the program. */
export function notesFor(schema: PropertySchema): PropertyNotes {
  const notes = schema['x-property'];
  if (notes === undefined) throw new TypeError('a property without notes');
  return notes;
}

/** The members of an object or of a list's items, in wire order. */
export function membersOf(schema: PropertySchema): readonly (readonly [string, PropertySchema])[] {
  const known = members.get(schema);
  if (known !== undefined) return known;
  const found = Object.entries(schema.items?.properties ?? schema.properties ?? {});
  members.set(schema, found);
  return found;
}

const members = new WeakMap<PropertySchema, readonly (readonly [string, PropertySchema])[]>();
