import { membersOf, notesFor, type PropertySchema, type Sharing } from './property.ts';
import { type Referral, referralTable } from './referral.ts';

/**
 * What another member of the engagement reads of a record (decision 13): always the first line; team and tracking ids
 * once both records are accepted; the customer's contacts then too, if the owner shares personal data. Everything else
 * is left to its default.
 *
 * @param owned the record as its owner has it
 * @param reader the reading organisation's own record in the same engagement
 */
export function sharedView(owned: Referral, reader: Referral): Referral {
  const shown = new Set<Sharing>(['always']);
  // A reader that declined, or whose record expired, falls back to the first line.
  if (isAccepted(owned) && isAccepted(reader)) {
    shown.add('accepted');
    if (owned.consent?.consentToToShareInfoWithOthers === true) shown.add('consented');
  }
  return pick(referralTable, owned as unknown as Record<string, unknown>, shown) as unknown as Referral;
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
