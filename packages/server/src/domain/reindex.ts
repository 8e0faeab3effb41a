import { readStored } from '@cosell/model';
import { recordOf } from '../store/rows.ts';
import type { Command, Transaction } from '../store/store.ts';
import type { SweptDocument, SweptView } from '../store/swept-rows.ts';
import { byTheOperator, refreshViews } from './engagements.ts';
import { readMoment } from './moment.ts';
import { noteSearchTexts } from './search-texts.ts';
import { type Counts, type SweepProgress, sweepOn, sweepRows } from './sweep.ts';

/** Where the former transaction left off; undefined for the first. */
export interface Reindexing {
  readonly progress?: SweepProgress;
}

const nothing: Counts = {};

/**
 * Derives anew what is stored beside the documents, one batch at a time: columns, child tables, searchable texts, views; and writes
 * documents of an older model as this one does. What is right already is not touched, and no eTag changes where the
 * content is the same.
 */
export const reindex: Command<Reindexing, SweepProgress> = {
  name: 'reindex',
  async run(transaction, { progress }, surroundings) {
    const idOf = ({ id }: { id: string }) => id;
    const swept = await sweepOn(
      transaction,
      [
        async (organizationId, after, most) =>
          sweepRows(await transaction.pageDocuments(organizationId, after, most), idOf, (row) =>
            mendReferral(transaction, organizationId, row),
          ),
        async (organizationId, after, most) =>
          sweepRows(await transaction.pageDocuments(organizationId, after, most), idOf, async ({ engagementId }) => {
            await transaction.lock(`engagement ${engagementId}`);
            const moment = await readMoment(transaction, surroundings);
            return { views: await refreshViews(transaction, moment, { engagementId, acting: byTheOperator }) };
          }),
        async (organizationId, after, most) =>
          sweepRows(await transaction.pageViews(organizationId, after, most), idOf, (row) =>
            mendView(transaction, organizationId, row),
          ),
        async (organizationId, after, most) =>
          sweepRows(
            await transaction.pagePast(organizationId, Number(after), most),
            ({ sequence }) => String(sequence),
            async (row) => {
              if (row.document === null || !row.isOlder) return nothing;
              await transaction.rewritePast(organizationId, row);
              return { changes: 1 };
            },
          ),
      ],
      progress,
    );
    if (swept.isDone) await noteSearchTexts(transaction);
    return swept;
  },
};

async function mendReferral(transaction: Transaction, organizationId: string, row: SweptDocument): Promise<Counts> {
  await transaction.lock(`engagement ${row.engagementId}`);
  const stored = await transaction.readDocument(organizationId, row.id);
  if (stored === undefined) return nothing;
  const referral = readStored(stored.document);
  const record = recordOf({ ...referral, eTag: referral.eTag ?? stored.eTag }, stored.dueAt);
  if (await transaction.holdsReferral(record)) return nothing;
  await transaction.putReferral(record, { isNew: false });
  await transaction.addOwner(record);
  return { documents: 1 };
}

/** What its owner lets its reader see is right by now; the columns beside it may not be. */
async function mendView(transaction: Transaction, readerOrganizationId: string, row: SweptView): Promise<Counts> {
  await transaction.lock(`engagement ${row.engagementId}`);
  const stored = await transaction.readView(readerOrganizationId, row.id);
  if (stored === undefined) return nothing;
  const referral = readStored(stored.document);
  const record = recordOf({ ...referral, eTag: referral.eTag ?? stored.eTag }, stored.dueAt);
  const view = { ...record, readerOrganizationId, sharing: stored.sharing };
  if (await transaction.holdsView(view)) return nothing;
  // Anew, because nothing beside the document is to be trusted.
  await transaction.removeView(readerOrganizationId, row.id);
  await transaction.putView(view, { isNew: true });
  return { views: 1 };
}
