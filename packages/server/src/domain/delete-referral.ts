import { failure, guidPattern, isMarketplaceLead, readStored } from '@cosell/model';
import type { Command, Transaction } from '../store/store.ts';
import { recordAct } from './acts.ts';
import { lastETagOfLead } from './delta-verdict.ts';
import { organizationOf } from './directory/named-entries.ts';
import { byTheOperator, refreshViews } from './engagements.ts';
import { settleEngagement } from './expiry.ts';
import { type Moment, readMoment } from './moment.ts';

/** What to delete. */
export interface Deleting {
  readonly id: string;
  /** Id or name of its owner; needed where several organisations have one with this id. */
  readonly organization?: string;
  /** Only say what would be deleted. */
  readonly isDryRun: boolean;
}

/** What was deleted, or would be. */
export interface Deletion {
  readonly id: string;
  readonly name: string | null;
  readonly organization: { readonly id: string; readonly name: string };
  readonly engagementId: string;
  /** Ids of the organisations that read it. */
  readonly readers: readonly string[];
  /** What went with it; undefined for a dry run. */
  readonly removed?: {
    /** Changes of which nothing is left but their numbers and times, in all logs. */
    readonly changes: number;
    /** Answers that were kept for retries. */
    readonly answers: number;
  };
}

type Found = Pick<Deletion, 'id' | 'name' | 'organization' | 'engagementId'> & {
  readonly eTag: string;
  readonly isLead: boolean;
};

/**
 * Removes a referral with everything that is kept of it; the API has no way to (decision 25). Each log keeps the numbers
 * of its changes, and gets one more that says that the referral is gone.
 *
 * @throws Failure `malformedId`, `referralNotFound`, `cleanUpRefused`
 */
export const deleteReferral: Command<Deleting, Deletion> = {
  name: 'deleteReferral',
  async run(transaction, { id, organization, isDryRun }, surroundings) {
    if (!guidPattern.test(id)) throw failure('malformedId');
    const seen = await findAnywhere(transaction, id.toLowerCase(), organization);
    await transaction.lock(`engagement ${seen.engagementId}`);
    const moment = await readMoment(transaction, surroundings);
    if (!isDryRun) await settleEngagement(transaction, moment, seen.engagementId);
    // Somebody may have written to it, or deleted it, just before.
    const { eTag, isLead, ...found } = await findAnywhere(transaction, seen.id, seen.organization.id);
    const organizationIds = await everybody(transaction);
    const readers: string[] = [];
    for (const reader of organizationIds) {
      const view = reader === found.organization.id ? undefined : await transaction.readView(reader, found.id);
      if (view !== undefined) readers.push(reader);
    }
    if (isDryRun) return { ...found, readers };
    const removed = await remove(transaction, moment, { found: { ...found, eTag, isLead }, readers, organizationIds });
    const details = { views: readers.length, ...removed };
    await recordAct(transaction, surroundings, { kind: 'referralDeleted', subject: found.id, details });
    return { ...found, readers, removed };
  },
};

async function remove(
  transaction: Transaction,
  moment: Moment,
  { found, readers, organizationIds }: { found: Found; readers: readonly string[]; organizationIds: readonly string[] },
): Promise<NonNullable<Deletion['removed']>> {
  const { id, engagementId, organization, eTag, isLead } = found;
  const members = await transaction.listEngagement(engagementId);
  const gone = { referralId: id, occurredAt: moment.text, documentBefore: null, eTagAfter: eTag };
  const eTagAfter = isLead ? lastETagOfLead(eTag, await transaction.listPast(organization.id, id)) : eTag;
  const ended = { ...gone, eTagAfter };
  const by = { actedBy: 'operator', actorOrganizationId: null, actorUserId: null, via: null } as const;
  let changes = await transaction.emptyChanges(organization.id, id, 'deleted');
  await transaction.removeReferral({ organizationId: organization.id, id, engagementId });
  await transaction.appendChange({ ...ended, ...by, organizationId: organization.id, kind: 'deleted' });
  let answers = 0;
  for (const organizationId of organizationIds) {
    answers += await transaction.forgetAnswersNaming(organizationId, id);
    if (organizationId === organization.id) continue;
    // Also of one who read it once, and does not now.
    changes += await transaction.emptyChanges(organizationId, id, 'relatedRemoved');
    if (!readers.includes(organizationId)) continue;
    await transaction.removeView(organizationId, id);
    await transaction.appendChange({ ...gone, ...by, organizationId, kind: 'relatedRemoved' });
  }
  // Whoever was a member by it alone reads the others' records no more.
  const former = members.map(({ organizationId }) => organizationId);
  await refreshViews(transaction, moment, { engagementId, acting: byTheOperator, former });
  return { changes, answers };
}

/** The record with an id, of a certain organisation or of the only one that has it. */
async function findAnywhere(transaction: Transaction, id: string, organization: string | undefined): Promise<Found> {
  const directory = await transaction.listDirectory();
  const owners =
    organization === undefined ? directory.organizations : [organizationOf(directory, organization, 'cleanUpRefused')];
  const found: Found[] = [];
  for (const owner of owners) {
    const stored = await transaction.readDocument(owner.id, id);
    if (stored === undefined) continue;
    const referral = readStored(stored.document);
    const { engagementId, name = null } = referral;
    const isLead = isMarketplaceLead(referral);
    found.push({ id, name, engagementId, eTag: stored.eTag, isLead, organization: { id: owner.id, name: owner.name } });
  }
  const [only, another] = found;
  if (only === undefined) throw failure('referralNotFound');
  if (another === undefined) return only;
  const names = found.map((one) => one.organization.name).join(', ');
  throw failure('cleanUpRefused', { reason: `${names} each have a referral with this id; give --organization` });
}

async function everybody(transaction: Transaction): Promise<string[]> {
  const ids: string[] = [];
  let next = await transaction.nextOrganization('');
  while (next !== undefined) {
    ids.push(next);
    next = await transaction.nextOrganization(next);
  }
  return ids;
}
