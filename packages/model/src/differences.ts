import { formatInstantFixed, parseInstant } from '@cosell/odata';
import { pointerStep } from './json-text.ts';
import { kept, membersOf, notesFor, type PropertyNotes, type PropertySchema } from './property.ts';
import { type Referral, referralTable } from './referral.ts';

/** A property whose value differs between two states of a referral. Lists differ as a whole. */
export interface Difference {
  /** JSON pointer of the property. */
  readonly pointer: string;
  readonly notes: PropertyNotes;
  readonly before: unknown;
  readonly after: unknown;
}

type Values = Record<string, unknown> & { [kept]?: ReadonlyMap<string, string> };

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

/**
 * What a PUT leaves of a referral (decision 15): each writable member that was given takes its new value, null empties
 * it, and an absent one stays. Gives the new state, and the pointers of read-only members that were given with another
 * value and passed over.
 */
export function mergeGiven(before: Referral, given: Partial<Referral>): { after: Referral; ignored: string[] } {
  const ignored: string[] = [];
  const after = mergeBelow(referralTable, before as Values, given as Values, { pointer: '', ignored });
  return { after: after as unknown as Referral, ignored };
}

function mergeBelow(
  schema: PropertySchema,
  before: Values,
  given: Values,
  walk: { readonly pointer: string; readonly ignored: string[] },
): Values {
  const after: Values = { ...before };
  for (const [name, member] of membersOf(schema)) {
    if (!Object.hasOwn(given, name) || given[name] === undefined) continue;
    const notes = notesFor(member);
    const pointer = walk.pointer + pointerStep(name);
    const value = given[name];
    if (notes.kind === 'record' && notes.absent !== null) {
      const below = mergeBelow(member, (before[name] ?? {}) as Values, (value ?? {}) as Values, { ...walk, pointer });
      if (value !== null || before[name] !== undefined) after[name] = below;
    } else if (notes.write === 'change') after[name] = value;
    else if (!isSame(member, before[name], value)) walk.ignored.push(pointer);
  }
  return withoutNulls(schema, after);
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
