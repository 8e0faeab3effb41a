import { type Referral, readReferral } from '@cosell/model';
import { formatInstantFixed, parseInstant } from '@cosell/odata';
import { recordOf } from '../store/rows.ts';
import type { Command, Surroundings, Transaction } from '../store/store.ts';
import type { DocumentText } from '../store/stored-referral.ts';
import { byTheOperator, refreshViews, removeView } from './engagements.ts';
import { mintETag } from './etag.ts';
import { settleEngagement } from './expiry.ts';
import { readMoment } from './moment.ts';

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

/** Captured texts, and how they are taken. */
export interface ImportBatch {
  readonly texts: readonly string[];
  /** Whether the exchange closes them when they expire; else they stay as they were captured (decision 31). */
  readonly isLive?: boolean;
}

/**
 * Stores captured referrals as they are: no rule of the life cycle is asked (decision 32). Running it again with the
 * same texts changes nothing, so an import that was broken off goes on by being started again.
 */
export const importReferrals: Command<ImportBatch, ImportReport> = {
  name: 'importReferrals',
  async run(transaction, { texts, isLive = false }, surroundings) {
    const newOrganizations = new Map<string, { id: string; name: string }>();
    const outcomes: ImportOutcome[] = [];
    const known = new Set<string>();
    for (const text of texts) {
      const reading = readReferral(text);
      if ('faults' in reading) {
        outcomes.push('invalid');
        continue;
      }
      const { organizationId: id, organizationName } = reading.referral;
      if (!known.has(id) && (await transaction.findOrganization(id)) === undefined) {
        const organization = { id, name: organizationName ?? id };
        await transaction.putOrganization(organization);
        newOrganizations.set(id, organization);
      }
      known.add(id);
      outcomes.push(await importOne(transaction, surroundings, reading.referral, isLive));
    }
    return { outcomes, newOrganizations: [...newOrganizations.values()] };
  },
};

async function importOne(
  transaction: Transaction,
  surroundings: Surroundings,
  referral: Referral,
  isLive: boolean,
): Promise<ImportOutcome> {
  // The views of an engagement are made from all of its records, so its imports take turns.
  await transaction.lock(`engagement ${referral.engagementId}`);
  const moment = await readMoment(transaction, surroundings);
  await settleEngagement(transaction, moment, referral.engagementId);
  const before = await transaction.readDocument(referral.organizationId, referral.id);
  const eTag = referral.eTag ?? before?.eTag ?? mintETag(moment);
  const dueAt = dueOf(referral, before, isLive);
  const record = recordOf({ ...referral, eTag }, dueAt);
  const change = {
    engagementId: referral.engagementId,
    acting: byTheOperator,
    changed: { referral: { ...referral, eTag }, dueAt },
  };
  if (before !== undefined) {
    if (before.document === record.document) {
      // It reads as before; that it is now to be closed in time is no change of it.
      if (before.dueAt !== dueAt) {
        await transaction.putReferral(record, { isNew: false });
        await refreshViews(transaction, moment, change);
      }
      return 'unchanged';
    }
    const stored = JSON.parse(before.document) as { engagementId: string; updatedDateTime: string };
    if (stored.engagementId !== referral.engagementId) return 'otherEngagement';
    if (stored.updatedDateTime > referral.updatedDateTime) return 'newerKept';
  }
  if (before === undefined) {
    // From here on it is an own one; what its owner read of another's with this id makes room for it.
    const view = { readerOrganizationId: referral.organizationId, id: referral.id, acting: byTheOperator };
    await removeView(transaction, moment, view);
  }
  await transaction.putReferral(record, { isNew: before === undefined });
  await transaction.appendChange({
    organizationId: referral.organizationId,
    referralId: referral.id,
    occurredAt: moment.text,
    kind: before === undefined ? 'imported' : 'reimported',
    actedBy: 'operator',
    actorOrganizationId: null,
    actorUserId: null,
    via: null,
    eTagAfter: eTag,
    documentBefore: before?.document ?? null,
  });
  await refreshViews(transaction, moment, change);
  return before === undefined ? 'added' : 'replaced';
}

/** When the exchange closes an imported referral: never, unless it was asked to, or did so before. */
function dueOf(referral: Referral, before: DocumentText | undefined, isLive: boolean): string | null {
  if (referral.status !== 'New' || referral.expirationDateTime == null) return null;
  if (!isLive && before?.dueAt == null) return null;
  const instant = parseInstant(referral.expirationDateTime);
  return instant === undefined ? null : formatInstantFixed(instant);
}
