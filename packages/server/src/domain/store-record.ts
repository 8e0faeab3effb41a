import type { Referral } from '@cosell/model';
import type { ChangeKind } from '../store/change.ts';
import { recordOf } from '../store/rows.ts';
import type { Transaction } from '../store/store.ts';
import type { DocumentText, ReferralRecord } from '../store/stored-referral.ts';
import { type Acting, refreshViews } from './engagements.ts';
import { mintETag } from './etag.ts';
import type { Moment } from './moment.ts';

/** A state of a referral that is to be stored. */
export interface NewState {
  /** What was there; undefined for a new record. */
  readonly before: DocumentText | undefined;
  readonly after: Referral;
  readonly kind: ChangeKind;
  readonly dueAt: string | null;
  readonly acting: Acting;
}

/** A new version of a record: with the instant of its change and a new eTag. */
export function versionOf(referral: Referral, moment: Moment, dueAt: string | null): ReferralRecord {
  return recordOf({ ...referral, updatedDateTime: moment.text, eTag: mintETag(moment) }, dueAt);
}

/**
 * Stores a state of a referral with everything that goes with it, in one transaction: its change in the owner's log and
 * what other members read of it.
 */
export async function storeRecord(
  transaction: Transaction,
  moment: Moment,
  { before, after, kind, dueAt, acting }: NewState,
): Promise<ReferralRecord> {
  const record = versionOf(after, moment, dueAt);
  await transaction.putReferral(record, { isNew: before === undefined });
  await transaction.appendChange({
    organizationId: after.organizationId,
    referralId: after.id,
    occurredAt: moment.text,
    kind,
    actedBy: acting.actedBy,
    actorOrganizationId: acting.organizationId,
    // Whoever acts on another's record is known to its owner by his organisation only.
    actorUserId: acting.organizationId === after.organizationId ? acting.userName : null,
    via: acting.via,
    eTagAfter: record.eTag,
    documentBefore: before?.document ?? null,
  });
  const stored = { ...after, updatedDateTime: moment.text, eTag: record.eTag };
  await refreshViews(transaction, moment, {
    engagementId: after.engagementId,
    acting,
    changed: { referral: stored, dueAt },
  });
  return record;
}
