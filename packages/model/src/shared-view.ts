import { differencesBetween } from './differences.ts';
import { membersOf, notesFor, type PropertySchema, type Sharing } from './property.ts';
import { type Referral, referralTable } from './referral.ts';

/** How much a reader is shown of another's record. */
export type SharingLevel = Exclude<Sharing, 'never'>;

/**
 * How much another member of the engagement reads of a record (decision 13): always the first line; team and tracking
 * ids once both records are accepted; the customer's contacts then too, if the owner shares personal data.
 *
 * @param owned the record as its owner has it
 * @param reader the reading organisation's own record in the same engagement; none for a sender, and for Microsoft
 * where it may only look on
 */
export function sharingOf(owned: Referral, reader: Referral | undefined): SharingLevel {
  // A reader that declined, or whose record expired, falls back to the first line.
  if (reader === undefined || !isAccepted(owned) || !isAccepted(reader)) return 'always';
  return owned.consent?.consentToToShareInfoWithOthers === true ? 'consented' : 'accepted';
}

const levels: readonly SharingLevel[] = ['always', 'accepted', 'consented'];

/** A record as somebody reads it who is shown so much; everything else is left to its default. */
export function viewAt(owned: Referral, level: SharingLevel): Referral {
  const shown = new Set<Sharing>(levels.slice(0, levels.indexOf(level) + 1));
  return pick(referralTable, owned as unknown as Record<string, unknown>, shown) as unknown as Referral;
}

/**
 * What is left of a view of the past for a reader who is shown less today (the reader has declined, the owner has taken
 * consent back), with the JSON pointers of what was there and is not shown any more.
 */
export function maskView(view: Referral, level: SharingLevel): { referral: Referral; erased: string[] } {
  const referral = viewAt(view, level);
  return { referral, erased: differencesBetween(view, referral).map(({ pointer }) => pointer) };
}

/** Whether the owner has taken the deal on: it is being worked on, or was closed after that. */
export function isAccepted(referral: Referral): boolean {
  return referral.substatus === 'Accepted' || referral.substatus === 'Won' || referral.substatus === 'Lost';
}

function pick(
  schema: PropertySchema,
  value: Record<string, unknown>,
  shown: ReadonlySet<Sharing>,
): Record<string, unknown> {
  const seen: Record<string, unknown> = {};
  for (const [name, member] of membersOf(schema)) {
    const notes = notesFor(member);
    const given = value[name];
    if (given === undefined || !shown.has(notes.share)) continue;
    if (notes.kind === 'record' && given !== null) seen[name] = pick(member, given as Record<string, unknown>, shown);
    else if (notes.kind === 'list')
      seen[name] = (given as Record<string, unknown>[]).map((item) => known(member, item));
    else seen[name] = given;
  }
  return seen;
}

/** The items of a list are shown whole, but for members that the table does not know: nobody has agreed to those. */
function known(schema: PropertySchema, item: Record<string, unknown>): Record<string, unknown> {
  const seen: Record<string, unknown> = {};
  for (const [name, member] of membersOf(schema)) {
    const given = item[name];
    if (given === undefined) continue;
    const isRecord = notesFor(member).kind === 'record' && given !== null;
    seen[name] = isRecord ? known(member, given as Record<string, unknown>) : given;
  }
  return seen;
}
