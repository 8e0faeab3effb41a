import { type Referral, readReferral } from '@cosell/model';
import { recordOf } from '../store/rows.ts';
import type { Command, Surroundings, Transaction } from '../store/store.ts';
import { refreshViews } from './engagements.ts';
import { mintETag } from './etag.ts';
import { fixedNow } from './now.ts';

/** What became of one captured referral. */
export type ImportOutcome =
  | 'added'
  /** One with this id was there and is older. */
  | 'replaced'
  /** The same was there already. */
  | 'unchanged'
  /** One with this id was there and is newer; it stays. */
  | 'newerKept'
  /** One with this id was there, in another engagement; a referral never moves, so it stays. */
  | 'otherEngagement'
  /** It cannot be read. */
  | 'invalid';

/** What a batch did. */
export interface ImportReport {
  readonly outcomes: readonly ImportOutcome[];
  /** Organisations that own captured referrals and were not in the directory; they were added. */
  readonly newOrganizations: readonly { readonly id: string; readonly name: string }[];
}

/**
 * Stores captured referrals as they are: no rule of the life cycle is asked (decision 32). Running it again with the
 * same texts changes nothing, so an import that was broken off goes on by being started again.
 */
export const importReferrals: Command<{ texts: readonly string[] }, ImportReport> = {
  name: 'importReferrals',
  async run(transaction, { texts }, surroundings) {
    const newOrganizations = new Map<string, { id: string; name: string }>();
    const outcomes: ImportOutcome[] = [];
    for (const text of texts) {
      const reading = readReferral(text);
      if ('faults' in reading) {
        outcomes.push('invalid');
        continue;
      }
      const { organizationId: id, organizationName } = reading.referral;
      if ((await transaction.findOrganization(id)) === undefined) {
        const organization = { id, name: organizationName ?? id };
        await transaction.putOrganization(organization);
        newOrganizations.set(id, organization);
      }
      outcomes.push(await importOne(transaction, reading.referral, surroundings));
    }
    return { outcomes, newOrganizations: [...newOrganizations.values()] };
  },
};

async function importOne(
  transaction: Transaction,
  referral: Referral,
  surroundings: Surroundings,
): Promise<ImportOutcome> {
  // The views of an engagement are made from all of its records, so its imports take turns.
  await transaction.lock(`engagement ${referral.engagementId}`);
  const before = await transaction.readDocument(referral.organizationId, referral.id);
  const eTag = referral.eTag ?? before?.eTag ?? mintETag(surroundings);
  const record = recordOf({ ...referral, eTag });
  if (before !== undefined) {
    if (before.document === record.document) return 'unchanged';
    const stored = JSON.parse(before.document) as { engagementId: string; updatedDateTime: string };
    if (stored.engagementId !== referral.engagementId) return 'otherEngagement';
    if (stored.updatedDateTime > referral.updatedDateTime) return 'newerKept';
  }
  await transaction.putReferral(record);
  await transaction.appendChange({
    organizationId: referral.organizationId,
    referralId: referral.id,
    occurredAt: fixedNow(surroundings.clock),
    kind: before === undefined ? 'imported' : 'reimported',
    actorOrganizationId: null,
    actorUserId: null,
    via: null,
    eTagAfter: eTag,
    documentBefore: before?.document ?? null,
  });
  await refreshViews(transaction, referral.engagementId, surroundings);
  return before === undefined ? 'added' : 'replaced';
}
