import { parseDecimal } from '@cosell/odata';
import { membersOf, notesFor, type PropertySchema } from './property.ts';
import { readReferral } from './read-referral.ts';
import { type Referral, referralTable } from './referral.ts';

/**
 * Reads a document that this program wrote. Nothing in it has to be checked again, so the platform's own parser serves.
 * What that parser would lose, numbers of more digits than a double keeps and members that the table does not know, is
 * left to the exact reader.
 */
export function readStored(document: string): Referral {
  if (!longNumber.test(document)) {
    const value = convert(referralTable, JSON.parse(document) as Record<string, unknown>);
    if (value !== undefined) return value as unknown as Referral;
  }
  const reading = readReferral(document);
  if ('faults' in reading) throw new Error(`a stored document cannot be read: ${reading.faults[0]?.message}`);
  return reading.referral;
}

/** A run of digits and points that may be more than a double keeps. */
const longNumber = /[\d.]{16}/;

/** Gives undefined where the object has a member that needs the exact reader. */
function convert(schema: PropertySchema, given: Record<string, unknown>): Record<string, unknown> | undefined {
  const value: Record<string, unknown> = {};
  let known = 0;
  for (const [name, member] of membersOf(schema)) {
    if (!Object.hasOwn(given, name)) continue;
    known += 1;
    const notes = notesFor(member);
    const content = given[name];
    if (content === null) {
      if (notes.emit === 'whenSet') value[name] = null;
      continue;
    }
    if (notes.kind === 'record') {
      const below = convert(member, content as Record<string, unknown>);
      if (below === undefined) return undefined;
      value[name] = below;
    } else if (notes.kind === 'list') {
      const items = (content as Record<string, unknown>[]).map((item) => convert(member, item));
      if (items.includes(undefined)) return undefined;
      value[name] = items;
    } else if (notes.kind === 'amount') value[name] = parseDecimal(String(content));
    else if (notes.kind === 'anything') return undefined;
    else value[name] = content;
  }
  return known === Object.keys(given).length ? value : undefined;
}
