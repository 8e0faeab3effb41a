import { isSame } from './differences.ts';
import { type Kept, membersOf, notesFor, type PropertySchema } from './property.ts';
import { type Referral, referralTable } from './referral.ts';

type Values = Record<string, unknown> & Kept;

/**
 * Gives the items of lists that a client sent whole what he cannot say of them: what only the server sets, and the unknown
 * members that they were kept with (decisions 15 and 16). An item that reads as a stored one is that one.
 */
export function withStoredItems(before: Referral, after: Referral): Referral {
  return mendBelow(referralTable, before as Values, after as Values) as unknown as Referral;
}

function mendBelow(schema: PropertySchema, before: Values, after: Values): Values {
  if (before === after) return after;
  const mended: Values = { ...after };
  for (const [name, member] of membersOf(schema)) {
    const { kind, write } = notesFor(member);
    const [one, other] = [before[name] ?? undefined, after[name] ?? undefined];
    if (other === undefined || one === other) continue;
    if (kind === 'record') mended[name] = mendBelow(member, (one ?? {}) as Values, other as Values);
    if (kind === 'list' && write === 'change') {
      mended[name] = mendItems(member, (one ?? []) as Values[], other as Values[]);
    }
  }
  return mended;
}

function mendItems(schema: PropertySchema, stored: readonly Values[], items: readonly Values[]): Values[] {
  const left = new Set(stored);
  return items.map((item, index) => {
    if (left.delete(item)) return item;
    const sameHere = stored[index];
    const candidates = sameHere === undefined ? [...left] : [sameHere, ...left];
    const twin = candidates.find((one) => left.has(one) && readsAs(schema, item, one));
    if (twin === undefined) return item;
    left.delete(twin);
    return twin;
  });
}

function readsAs(schema: PropertySchema, item: Values, stored: Values): boolean {
  return membersOf(schema).every(
    ([name, member]) => notesFor(member).write === 'server' || isSame(member, item[name], stored[name]),
  );
}
