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
  const organizations = [...new Set(members.map(({ organizationId }) => organizationId))];
  for (const member of members) {
    const owned = records.find(
      ({ organizationId, id }) => organizationId === member.organizationId && id === member.id,
    );
    for (const organization of organizations.filter((other) => other !== member.organizationId)) {
      const reader = readerIn(organization, records);
      if (owned === undefined || reader === undefined) await transaction.removeView(organization, member.id);
      else await refreshView(transaction, owned, reader, surroundings);
    }
  }
}

/** The record by which an organisation reads the others: an accepted one where it has one, because that shows more. */
function readerIn(organization: string, records: readonly Referral[]): Referral | undefined {
  const own = records.filter(({ organizationId }) => organizationId === organization);
  return own.find(isAccepted) ?? own[0];
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
