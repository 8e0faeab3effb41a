import type { Transaction } from '../store/store.ts';

/**
 * A sweep goes through everything that is stored, organisation by organisation, in transactions that are over soon, so
 * that other writes come in between. Where it stands is plain data, which goes to whoever drives it and comes back with
 * the next order. One that was broken off is begun anew and finds less to do.
 */

/** Rows that one transaction looks at. */
const mostAtOnce = 100;

/** How much was done, by what it was done to. */
export type Counts = Readonly<Record<string, number>>;

/** Where a sweep stands. */
export interface SweepProgress {
  /** Which of its parts is under way. */
  readonly part: number;
  /** Whose rows are looked at; empty before the first organisation. */
  readonly organizationId: string;
  /** The key of the last row that was looked at, empty before the first; null when there are no more of them. */
  readonly after: string | null;
  /** Rows that were looked at. */
  readonly looked: number;
  readonly counts: Counts;
  readonly isDone: boolean;
}

/** What a part did with one page of an organisation's rows. */
export interface SweptPage {
  /** Fewer than were asked for where there are no more. */
  readonly looked: number;
  /** The key of the last of them; null where there were none. */
  readonly last: string | null;
  readonly counts: Counts;
}

/** Looks at the rows of an organisation after a key, `most` at most. */
export type SweepPart = (organizationId: string, after: string, most: number) => Promise<SweptPage>;

const start: SweepProgress = { part: 0, organizationId: '', after: null, looked: 0, counts: {}, isDone: false };

/**
 * Goes on with a sweep for one transaction.
 *
 * @param parts what is done, one after the other, each to all organisations
 */
export async function sweepOn(
  transaction: Transaction,
  parts: readonly SweepPart[],
  begun: SweepProgress = start,
  most = mostAtOnce,
): Promise<SweepProgress> {
  let progress = begun;
  for (let room = most; room > 0; ) {
    const { organizationId, after, looked, counts } = progress;
    const sweepPage = parts[progress.part];
    if (sweepPage === undefined) return { ...progress, isDone: true };
    if (after === null) {
      const next = await transaction.nextOrganization(organizationId);
      // A part sees what the parts before it have written, the log included: that is there after their commit.
      if (next === undefined) return { ...progress, part: progress.part + 1, organizationId: '' };
      progress = { ...progress, organizationId: next, after: '' };
      room -= 1;
      continue;
    }
    const page = await sweepPage(organizationId, after, room);
    const isThrough = page.looked < room;
    progress = {
      ...progress,
      after: isThrough ? null : page.last,
      looked: looked + page.looked,
      counts: added(counts, page.counts),
    };
    room -= page.looked;
  }
  return progress;
}

/** The rows of a page one by one. */
export async function sweepRows<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  visit: (row: Row) => Promise<Counts>,
): Promise<SweptPage> {
  let counts: Counts = {};
  for (const row of rows) counts = added(counts, await visit(row));
  const last = rows.at(-1);
  return { looked: rows.length, last: last === undefined ? null : keyOf(last), counts };
}

function added(counts: Counts, more: Counts): Counts {
  const sum: Record<string, number> = { ...counts };
  for (const [name, count] of Object.entries(more)) if (count > 0) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
