import { isAccepted, isMarketplaceLead, type Referral, readReferral, sharedView } from '@cosell/model';
import { recordOf } from '../store/rows.ts';
import type { Surroundings, Transaction } from '../store/store.ts';
import { mintETag } from './etag.ts';

/**
 * Writes what each member of an engagement may read of the others' records (decision 13), in the transaction that
 * changed one of them. A view that would read the same keeps its eTag.
 */
export async function refreshViews(
  transaction: Transaction,
  engagementId: string,
  surroundings: Surroundings,
): Promise<void> {
  const members = await transaction.listEngagement(engagementId);
  if (new Set(members.map(({ organizationId }) => organizationId)).size < 2) return;
  const records: Referral[] = [];
  for (const { organizationId, id } of members) {
    const stored = await transaction.readDocument(organizationId, id);
    const record = stored === undefined ? undefined : parseStored(stored.document);
    // Marketplace leads are in no answer: nobody has a view of them, nor one by way of them (decision 11).
    if (record !== undefined && !isMarketplaceLead(record)) records.push(record);
  }
  for (const owned of records) {
    for (const reader of readersOf(owned, records)) await refreshView(transaction, owned, reader, surroundings);
  }
}

/** One record for each other organisation: an accepted one where there is one, because acceptance shows more. */
function readersOf(owned: Referral, records: readonly Referral[]): Referral[] {
  const readers = new Map<string, Referral>();
  for (const record of records) {
    if (record.organizationId === owned.organizationId) continue;
    const known = readers.get(record.organizationId);
    if (known === undefined || (!isAccepted(known) && isAccepted(record))) readers.set(record.organizationId, record);
  }
  return [...readers.values()];
}

async function refreshView(
  transaction: Transaction,
  owned: Referral,
  reader: Referral,
  surroundings: Surroundings,
): Promise<void> {
  const readerOrganizationId = reader.organizationId;
  const before = await transaction.readView(readerOrganizationId, owned.id);
  const view = sharedView(owned, reader);
  if (before !== undefined) {
    const unchanged = recordOf({ ...view, eTag: before.eTag });
    if (unchanged.document === before.document) return;
  }
  const record = recordOf({ ...view, eTag: mintETag(surroundings) });
  await transaction.putView({ ...record, readerOrganizationId });
}

function parseStored(document: string): Referral {
  const reading = readReferral(document);
  if ('faults' in reading) throw new Error(`a stored document cannot be read: ${reading.faults[0]?.message}`);
  return reading.referral;
}
