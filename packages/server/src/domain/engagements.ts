import {
  isMarketplaceLead,
  isSharedWithMicrosoft,
  type Referral,
  readStored,
  type SharingLevel,
  sharingOf,
  viewAt,
} from '@cosell/model';
import type { Actor } from '../store/change.ts';
import { recordOf } from '../store/rows.ts';
import type { Transaction } from '../store/store.ts';
import type { EngagementMember } from '../store/stored-referral.ts';
import { mintETag } from './etag.ts';
import type { Moment } from './moment.ts';

/** Microsoft's organisation (facts §2.3). */
export const microsoft = 'msft';

/** Who acted, as the log of every reader may show it. */
export interface Acting {
  readonly actedBy: Actor;
  readonly organizationId: string | null;
  readonly userName: string | null;
  /** The client, as it named itself. */
  readonly via: string | null;
}

/** The operator, by command line. */
export const byTheOperator: Acting = { actedBy: 'operator', organizationId: null, userName: null, via: null };

/** A record with when it falls due. */
interface OpenRecord {
  readonly referral: Referral;
  readonly dueAt: string | null;
}

/** What has changed in an engagement. */
interface Refreshing {
  readonly engagementId: string;
  readonly acting: Acting;
  readonly changed?: OpenRecord;
  readonly former?: readonly string[];
}

/** A record of which one's own reader makes one's view. */
interface Reading {
  readonly owned: OpenRecord;
  readonly readerOrganizationId: string;
  readonly level: SharingLevel;
}

/**
 * Writes what each member of an engagement may read of the others' records (decision 13), in the transaction that
 * changed one of them. A view that would read the same keeps its eTag. What changes in a view is a change in its
 * reader's log. Gives how many views it wrote or removed.
 *
 * @param changed the record that was just stored, if it is at hand
 * @param former organisations that were members until now
 */
export async function refreshViews(
  transaction: Transaction,
  moment: Moment,
  { engagementId, acting, changed, former = [] }: Refreshing,
): Promise<number> {
  const members = await transaction.listEngagement(engagementId);
  const isAlone = new Set(members.map(({ organizationId }) => organizationId)).size < 2;
  const isPrivate = changed !== undefined && !isSharedWithMicrosoft(changed.referral);
  // An import may take back what Microsoft was shown.
  const wasShown = isAlone && isPrivate && (await transaction.readView(microsoft, changed.referral.id)) !== undefined;
  if (isAlone && isPrivate && !wasShown) return 0;
  const records = await readRecords(transaction, members, changed);
  const readers = new Set([...members.map(({ organizationId }) => organizationId), ...former, microsoft]);
  let written = 0;
  const hasMicrosoft = (await transaction.findOrganization(microsoft)) !== undefined;
  for (const { organizationId, id } of members.filter(({ isSender }) => !isSender)) {
    const owned = records.find(({ referral }) => referral.organizationId === organizationId && referral.id === id);
    for (const readerOrganizationId of readers) {
      if (readerOrganizationId === organizationId) continue;
      if (readerOrganizationId === microsoft && !hasMicrosoft) continue;
      const level = owned === undefined ? undefined : levelFor(readerOrganizationId, owned.referral, members, records);
      if (owned === undefined || level === undefined) {
        written += await removeView(transaction, moment, { readerOrganizationId, id, acting });
      } else written += await writeView(transaction, moment, { owned, readerOrganizationId, level }, acting);
    }
  }
  return written;
}

/** The records of an engagement. Marketplace leads are in no answer: nobody has a view of them, nor one by them. */
async function readRecords(
  transaction: Transaction,
  members: readonly EngagementMember[],
  changed: OpenRecord | undefined,
): Promise<OpenRecord[]> {
  const records: OpenRecord[] = [];
  for (const { organizationId, id, isSender } of members) {
    if (isSender) continue;
    const isAtHand = changed?.referral.organizationId === organizationId && changed.referral.id === id;
    const stored = isAtHand ? undefined : await transaction.readDocument(organizationId, id);
    const record = isAtHand
      ? changed
      : stored === undefined
        ? undefined
        : { referral: readStored(stored.document), dueAt: stored.dueAt };
    if (record !== undefined && !isMarketplaceLead(record.referral)) records.push(record);
  }
  return records;
}

/** How much a reader is shown of a record; undefined for whoever is no member. */
function levelFor(
  reader: string,
  owned: Referral,
  members: readonly EngagementMember[],
  records: readonly OpenRecord[],
): SharingLevel | undefined {
  const own = records.filter(({ referral }) => referral.organizationId === reader).map(({ referral }) => referral);
  // Of several records of one's own, the one that shows most.
  const levels = own.map((record) => sharingOf(owned, record));
  const best = (['consented', 'accepted', 'always'] as const).find((level) => levels.includes(level));
  if (best !== undefined) return best;
  const isSender = members.some((member) => member.isSender && member.organizationId === reader);
  // Of a deal that its owner lets Microsoft's sellers see, they read the first line (decision 34).
  const looksOn = reader === microsoft && isSharedWithMicrosoft(owned);
  return isSender || looksOn ? 'always' : undefined;
}

async function writeView(
  transaction: Transaction,
  moment: Moment,
  { owned, readerOrganizationId, level }: Reading,
  acting: Acting,
): Promise<0 | 1> {
  const { referral, dueAt } = owned;
  const before = await transaction.readView(readerOrganizationId, referral.id);
  const view = viewAt(referral, level);
  // An own record is read in place of a view of the same id, and the rows of their lists have one key.
  if (before === undefined && (await transaction.readDocument(readerOrganizationId, referral.id)) !== undefined)
    return 0;
  if (before !== undefined) {
    const unchanged = recordOf({ ...view, eTag: before.eTag }, dueAt);
    const isSame = unchanged.document === before.document;
    if (isSame && before.dueAt === dueAt && before.sharing === level) return 0;
    if (isSame) {
      await transaction.putView({ ...unchanged, readerOrganizationId, sharing: level }, { isNew: false });
      return 1;
    }
  }
  const record = recordOf({ ...view, eTag: mintETag(moment) }, dueAt);
  await transaction.putView({ ...record, readerOrganizationId, sharing: level }, { isNew: before === undefined });
  await transaction.appendChange({
    organizationId: readerOrganizationId,
    referralId: referral.id,
    occurredAt: moment.text,
    kind: before === undefined ? 'relatedCreated' : 'relatedChanged',
    ...seenFromOutside(acting),
    eTagAfter: record.eTag,
    documentBefore: before?.document ?? null,
  });
  return 1;
}

/** Takes from a reader what he has of a referral, which is a change in his log. Gives how many views that were. */
export async function removeView(
  transaction: Transaction,
  moment: Moment,
  { readerOrganizationId, id, acting }: { readerOrganizationId: string; id: string; acting: Acting },
): Promise<0 | 1> {
  const before = await transaction.readView(readerOrganizationId, id);
  if (before === undefined) return 0;
  await transaction.removeView(readerOrganizationId, id);
  await transaction.appendChange({
    organizationId: readerOrganizationId,
    referralId: id,
    occurredAt: moment.text,
    kind: 'relatedRemoved',
    ...seenFromOutside(acting),
    eTagAfter: before.eTag,
    documentBefore: before.document,
  });
  return 1;
}

/** Others learn which organisation acted, and not by whom or with which client. */
function seenFromOutside({ actedBy, organizationId }: Acting) {
  return { actedBy, actorOrganizationId: organizationId, actorUserId: null, via: null };
}
