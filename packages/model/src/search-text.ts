import { searchableText } from '@cosell/odata';
import { membersOf, notesFor, type PropertySchema } from './property.ts';
import { type Referral, referralTable } from './referral.ts';

/**
 * The text that `$search` looks at in a referral: all properties that the table marks as searched. What a reader is not
 * shown is not in the referral that he is given, and so not in its text.
 */
export function searchTextOf(referral: Referral): string {
  const fields: string[] = [];
  collect(referralTable, referral as unknown as Record<string, unknown>, fields);
  return searchableText(fields);
}

/**
 * What is searched and how it is folded. A change of either makes this number higher, and stored texts are written anew
 * by `cosell reindex`.
 */
export const searchVersion = 1;

/** A property with what is searched in it; undefined where there is nothing. */
interface Searched {
  readonly name: string;
  readonly kind: 'record' | 'list' | 'value';
  readonly schema: PropertySchema;
}

const searchedMembers = new WeakMap<PropertySchema, readonly Searched[]>();

/** The members of an object that are searched, or have something in them that is. */
function searchedOf(schema: PropertySchema): readonly Searched[] {
  const known = searchedMembers.get(schema);
  if (known !== undefined) return known;
  const found = membersOf(schema).flatMap(([name, member]): Searched[] => {
    const { kind, searched } = notesFor(member);
    if (kind === 'record' || kind === 'list')
      return searchedOf(member).length > 0 ? [{ name, kind, schema: member }] : [];
    return searched === true ? [{ name, kind: 'value', schema: member }] : [];
  });
  searchedMembers.set(schema, found);
  return found;
}

function collect(schema: PropertySchema, owner: Readonly<Record<string, unknown>>, fields: string[]): void {
  for (const { name, kind, schema: member } of searchedOf(schema)) {
    const value = owner[name];
    if (value === undefined || value === null) continue;
    if (kind === 'value') fields.push(String(value));
    else if (kind === 'record') collect(member, value as Record<string, unknown>, fields);
    else for (const item of value as readonly Record<string, unknown>[]) collect(member, item, fields);
  }
}
