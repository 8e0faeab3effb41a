import { isSharedWithMicrosoft, type Referral, readReferral } from '@cosell/model';
import { formatInstantFixed, parseInstant } from '@cosell/odata';
import { type Gathered, gatherWrites } from '../store/gather-writes.ts';
import { recordOf } from '../store/rows.ts';
import type { Command, Store, Transaction } from '../store/store.ts';
import type { DocumentText } from '../store/stored-referral.ts';
import { byTheOperator, microsoft, refreshViews, removeView } from './engagements.ts';
import { mintETag } from './etag.ts';
import { settleEngagement } from './expiry.ts';
import { type Moment, readMoment } from './moment.ts';

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

/** Referrals of one transaction, which others wait for: `npm run bench -- load` shows how long. */
const mostAtOnce = 100;

/** Imports a batch of any size, in order and in transactions of so many that nobody is held up for long. */
export async function importInParts(store: Store, { texts, ...how }: ImportBatch): Promise<ImportReport> {
  const parts: ImportBatch[] = [];
  for (let at = 0; at < texts.length; at += mostAtOnce) parts.push({ texts: texts.slice(at, at + mostAtOnce), ...how });
  const reports = await store.transactInOrder(importReferrals, parts);
  return {
    outcomes: reports.flatMap(({ outcomes }) => outcomes),
    newOrganizations: reports.flatMap(({ newOrganizations }) => newOrganizations),
  };
}

/**
 * Stores captured referrals as they are: no rule of the life cycle is asked (decision 32). Running it again with the
 * same texts changes nothing, so an import that was broken off goes on by being started again.
 */
export const importReferrals: Command<ImportBatch, ImportReport> = {
  name: 'importReferrals',
  isBulk: true,
  async run(transaction, { texts, isLive = false }, surroundings) {
    const readings = texts.map(readReferral);
    const referrals = readings.flatMap((reading) => ('referral' in reading ? [reading.referral] : []));
    const newOrganizations = await addOrganizations(transaction, referrals);
    // The views of an engagement are made from all of its records, so its imports take turns: in one order, or two
    // batches could wait for each other.
    const engagementIds = [...new Set(referrals.map(({ engagementId }) => engagementId))].sort();
    for (const engagementId of engagementIds) await transaction.lock(`engagement ${engagementId}`);
    const moment = await readMoment(transaction, surroundings);
    const gathered = gatherWrites(transaction);
    await foresee(gathered, referrals, moment);
    const outcomes: ImportOutcome[] = [];
    for (const reading of readings) {
      if ('faults' in reading) outcomes.push('invalid');
      else outcomes.push(await importOne(gathered.transaction, moment, reading.referral, isLive));
    }
    await gathered.write();
    return { outcomes, newOrganizations };
  },
};

/** Adds whoever owns captured referrals and is not in the directory. */
async function addOrganizations(transaction: Transaction, referrals: readonly Referral[]) {
  const added: { id: string; name: string }[] = [];
  const known = new Set<string>();
  for (const { organizationId: id, organizationName } of referrals) {
    if (known.has(id)) continue;
    known.add(id);
    if ((await transaction.findOrganization(id)) !== undefined) continue;
    const organization = { id, name: organizationName ?? id };
    await transaction.putOrganization({ ...organization, isActive: true });
    added.push(organization);
  }
  return added;
}

/** Reads together what is asked of each of the records, where it is alone in its engagement as nearly all are. */
async function foresee(gathered: Gathered, referrals: readonly Referral[], { text }: Moment): Promise<void> {
  const engagementIds = [...new Set(referrals.map(({ engagementId }) => engagementId))];
  await gathered.foreseeEngagements(engagementIds, text);
  const idsOf = new Map<string, Set<string>>();
  for (const { organizationId, id } of referrals) {
    idsOf.set(organizationId, (idsOf.get(organizationId) ?? new Set()).add(id));
  }
  for (const [organizationId, ids] of idsOf) {
    await gathered.foreseeDocuments(organizationId, [...ids]);
    await gathered.foreseeViews(organizationId, [...ids]);
  }
  const shown = referrals.filter(isSharedWithMicrosoft).map(({ id }) => id);
  await gathered.foreseeViews(microsoft, [...new Set(referrals.map(({ id }) => id))]);
  await gathered.foreseeDocuments(microsoft, [...new Set(shown)]);
}

async function importOne(
  transaction: Transaction,
  moment: Moment,
  referral: Referral,
  isLive: boolean,
): Promise<ImportOutcome> {
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
