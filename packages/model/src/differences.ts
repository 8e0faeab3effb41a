import { formatInstantFixed, parseInstant } from '@cosell/odata';
import { pointerStep } from './json-text.ts';
import { type Kept, kept, membersOf, notesFor, type PropertyNotes, type PropertySchema } from './property.ts';
import { type Referral, referralTable } from './referral.ts';

/** A property whose value differs between two states of a referral. Lists differ as a whole. */
export interface Difference {
  /** JSON pointer of the property. */
  readonly pointer: string;
  readonly notes: PropertyNotes;
  readonly before: unknown;
  readonly after: unknown;
}

type Values = Record<string, unknown> & Kept;

/** What differs between two states of a referral, in the order of the wire. Instants are compared as instants. */
export function differencesBetween(before: Referral, after: Referral): Difference[] {
  return differencesBelow(referralTable, before as Values, after as Values, '');
}

function differencesBelow(schema: PropertySchema, before: Values, after: Values, pointer: string): Difference[] {
  if (before === after) return [];
  return membersOf(schema).flatMap(([name, member]) => {
    const notes = notesFor(member);
    const place = pointer + pointerStep(name);
    const [one, other] = [before[name], after[name]];
    if (notes.kind === 'record' && notes.absent !== null) {
      return differencesBelow(member, (one ?? {}) as Values, (other ?? {}) as Values, place);
    }
    return isSame(member, one, other) ? [] : [{ pointer: place, notes, before: one, after: other }];
  });
}

/** Whether two values of a property are one on the wire; one that was never set is its default. */
export function isSame(schema: PropertySchema, one: unknown, other: unknown): boolean {
  const { kind, absent } = notesFor(schema);
  const [first, second] = [one ?? absent ?? null, other ?? absent ?? null];
  if (first === second) return true;
  if (first === null || second === null) return false;
  if (kind === 'record') return isSameObject(schema, first as Values, second as Values);
  if (kind === 'list') {
    const [items, others] = [first as Values[], second as Values[]];
    return items.length === others.length && items.every((item, at) => isSameObject(schema, item, others[at] ?? {}));
  }
  return kind === 'date' && fixed(first as string) === fixed(second as string);
}

function isSameObject(schema: PropertySchema, one: Values, other: Values): boolean {
  if (!membersOf(schema).every(([name, member]) => isSame(member, one[name], other[name]))) return false;
  const [mine, others] = [[...(one[kept] ?? [])], [...(other[kept] ?? [])]];
  return (
    mine.length === others.length &&
    mine.every(([name, text], at) => {
      const [otherName, otherText] = others[at] ?? [];
      return name === otherName && text === otherText;
    })
  );
}

function fixed(text: string): string {
  const instant = parseInstant(text);
  return instant === undefined ? text : formatInstantFixed(instant);
}

/** What a PUT makes of a referral. */
export interface Merged {
  readonly after: Referral;
  /** Pointers of members that were given with another value and may not be written. */
  readonly ignored: readonly string[];
  /** Whether a member was changed that the documented PUT does not change. */
  readonly usesExtension: boolean;
}

/** What a walk through a PUT has met. */
interface Merging {
  readonly allowsExtensions: boolean;
  readonly ignored: string[];
  usesExtension: boolean;
}

/**
 * What a PUT leaves of a referral (decision 15): each writable member that was given takes its new value, null empties
 * it, and an absent one stays.
 */
export function mergeGiven(
  before: Referral,
  given: Partial<Referral>,
  { allowsExtensions }: { readonly allowsExtensions: boolean },
): Merged {
  const merging: Merging = { allowsExtensions, ignored: [], usesExtension: false };
  const after = mergeBelow(referralTable, { before: before as Values, given: given as Values, pointer: '' }, merging);
  const { ignored, usesExtension } = merging;
  return { after: withoutNulls(referralTable, after) as unknown as Referral, ignored, usesExtension };
}

function mergeBelow(
  schema: PropertySchema,
  { before, given, pointer }: { readonly before: Values; readonly given: Values; readonly pointer: string },
  merging: Merging,
): Values {
  const after: Values = { ...before };
  for (const [name, member] of membersOf(schema)) {
    const value = given[name];
    if (value === undefined) continue;
    const notes = notesFor(member);
    const place = pointer + pointerStep(name);
    if (notes.kind === 'record' && notes.absent !== null) {
      // Null says nothing of an object that is always there.
      if (value === null) continue;
      const below = { before: (before[name] ?? {}) as Values, given: value as Values, pointer: place };
      after[name] = mergeBelow(member, below, merging);
    } else if (!isSame(member, before[name], value)) {
      const isExtension = notes.extension === 'patchAndPut';
      const isWritable = notes.write === 'change' && (!isExtension || merging.allowsExtensions);
      if (isWritable) after[name] = value;
      else merging.ignored.push(place);
      merging.usesExtension ||= isWritable && isExtension;
    }
  }
  return after;
}

/** Leaves out what was set to null, so that the defaults of the wire stand for it. */
export function withoutNulls(schema: PropertySchema, value: Values): Values {
  let clean = value;
  for (const [name, member] of membersOf(schema)) {
    const given = value[name];
    const { kind } = notesFor(member);
    let wanted: unknown = given === null ? undefined : given;
    if (kind === 'record' && wanted !== undefined) wanted = withoutNulls(member, wanted as Values);
    else if (kind === 'list' && wanted !== undefined) wanted = itemsWithoutNulls(member, wanted as Values[]);
    if (wanted === given) continue;
    if (clean === value) clean = { ...value };
    if (wanted === undefined) delete clean[name];
    else clean[name] = wanted;
  }
  return clean;
}

function itemsWithoutNulls(schema: PropertySchema, items: Values[]): Values[] {
  const cleaned = items.map((item) => withoutNulls(schema, item));
  return cleaned.some((item, at) => item !== items[at]) ? cleaned : items;
}
