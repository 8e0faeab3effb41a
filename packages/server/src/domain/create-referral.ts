import {
  type Fault,
  type GivenReferral,
  isHelpAsked,
  isMarketplaceLead,
  isOpen,
  type NewReferral,
  type Referral,
  readStored,
  sharingOf,
  unmetRequirements,
  viewAt,
  type Warning,
} from '@cosell/model';
import { recordOf } from '../store/rows.ts';
import type { Command, Transaction } from '../store/store.ts';
import type { DocumentText } from '../store/stored-referral.ts';
import type { AdmittedCaller } from './caller.ts';
import { type Acting, microsoft } from './engagements.ts';
import { mintETag } from './etag.ts';
import { fixedText } from './exchange-clock.ts';
import { settleEngagement } from './expiry.ts';
import { type Moment, readMoment } from './moment.ts';
import { type Receiver, receiverOf } from './receiver.ts';
import { faultAt, invalidBody } from './refusals.ts';
import { once, type Repeat } from './repeats.ts';
import { routeInbound } from './routing.ts';
import { storeRecord, versionOf } from './store-record.ts';
import { canWrite } from './visibility.ts';
import { outcomeOf, type WriteOutcome } from './write-outcome.ts';

/** A POST, read and proved. */
export interface CreateOrder {
  readonly caller: AdmittedCaller;
  readonly acting: Acting;
  readonly content: NewReferral;
  /** What is wrong with the body by itself. */
  readonly faults: readonly Fault[];
  readonly warnings: readonly Warning[];
  /** Whether nothing is to be stored: the answer says what would be. */
  readonly validateOnly: boolean;
  readonly repeat: Repeat | undefined;
}

/** Days that the receiver of a referral has to answer (facts §4.5). */
const daysToAnswer = 14;

/**
 * Creates a referral: the caller's own deal, a record for another party of an engagement, or a lead sent to another
 * organisation's location (facts §11, decisions 12, 13, 29, 30, 34).
 *
 * @throws Failure `invalidBody` with every fault
 */
export const createReferral: Command<CreateOrder, WriteOutcome> = {
  name: 'createReferral',
  run: (transaction, order, surroundings) =>
    once(transaction, surroundings, order.repeat, async () => {
      const { engagementId } = order.content.given;
      if (engagementId !== undefined) await transaction.lock(`engagement ${engagementId}`);
      const moment = await readMoment(transaction, surroundings);
      if (engagementId !== undefined) await settleEngagement(transaction, moment, engagementId);
      return create(transaction, moment, order);
    }),
};

async function create(transaction: Transaction, moment: Moment, order: CreateOrder): Promise<WriteOutcome> {
  const { caller, content } = order;
  const { given } = content;
  const { receiver, faults: targetFaults } = await receiverOf(transaction, caller, given);
  const faults = [...order.faults, ...targetFaults];
  const isForMicrosoft = receiver?.organizationId === microsoft;
  faults.push(...unmetRequirements(given, isForMicrosoft));
  // An answer that is posted again names its engagement; that asks for a copy of the deal, not for a second party.
  const engagementId = content.isCopy && receiver === undefined ? undefined : given.engagementId;
  const connected = engagementId === undefined ? undefined : await connect(transaction, caller, engagementId, receiver);
  // Whoever has named a target that is none did not ask for a second record of his own.
  const isTold = ({ code }: Fault) =>
    receiver !== undefined || targetFaults.length === 0 || code !== 'secondOpenRecord';
  faults.push(...(connected?.faults ?? []).filter(isTold));
  if (engagementId === undefined && receiver !== undefined && given.type === 'Shared') {
    const message =
      'A shared deal is made by two requests: create your own record first, then send the engagementId of its answer.';
    faults.push(faultAt('missingMember', '/engagementId', message));
  }
  const place = receiver === undefined ? await placeOf(transaction, caller, given) : undefined;
  faults.push(...(place?.faults ?? []));
  if (faults.length > 0) throw invalidBody(faults);
  if (receiver === undefined) return createOwn(transaction, moment, order, place?.mpnId ?? null);
  return createForAnother(transaction, moment, order, { receiver, own: connected?.own });
}

/** One's own record in the engagement, with its stored text. */
interface OwnRecord {
  readonly stored: DocumentText;
  readonly referral: Referral;
}

/**
 * Finds the caller's own record in the engagement that he names, and whether the receiver may join (decision 13). The
 * engagement is locked.
 */
async function connect(
  transaction: Transaction,
  caller: AdmittedCaller,
  engagementId: string,
  receiver: Receiver | undefined,
): Promise<{ own: OwnRecord | undefined; faults: Fault[] }> {
  let own: OwnRecord | undefined;
  let isTaken = receiver === undefined;
  for (const { organizationId, id, isSender } of await transaction.listEngagement(engagementId)) {
    if (isSender || (organizationId !== caller.organizationId && organizationId !== receiver?.organizationId)) continue;
    const stored = await transaction.readDocument(organizationId, id);
    if (stored === undefined) continue;
    const referral = readStored(stored.document);
    // A marketplace lead is in no answer, so none may speak of it either (decision 11).
    if (!isOpen(referral) || isMarketplaceLead(referral)) continue;
    if (organizationId === receiver?.organizationId) isTaken = true;
    else if (canWrite(caller, referral)) own ??= { stored, referral };
  }
  if (own === undefined) {
    const message = 'There is no engagement with this id in which you may change an open record of your own.';
    return { own, faults: [faultAt('engagementNotAvailable', '/engagementId', message)] };
  }
  if (!isTaken) return { own, faults: [] };
  const message =
    receiver === undefined
      ? 'Your organisation has an open record in this engagement. Name the location of another organisation in "target", or leave engagementId out.'
      : 'The organisation has an open record in this engagement already.';
  return { own, faults: [faultAt('secondOpenRecord', receiver?.pointer ?? '/target', message)] };
}

/** The location that an own deal belongs to: one that the caller's roles are given for (decision 9). */
async function placeOf(
  transaction: Transaction,
  caller: AdmittedCaller,
  given: GivenReferral,
): Promise<{ mpnId: string | null; faults: Fault[] }> {
  const isAnywhere = caller.roles.some(({ mpnId }) => mpnId === null);
  const wanted = given.mpnId ?? null;
  if (wanted === null && isAnywhere) return { mpnId: null, faults: [] };
  // A location that is not active takes no new referral, whoever has a role for it.
  const known = (await transaction.listLocations(caller.organizationId)).map(({ mpnId }) => mpnId);
  const allowed = isAnywhere ? known : known.filter((mpnId) => caller.roles.some((role) => role.mpnId === mpnId));
  if (wanted === null && allowed.length === 1) return { mpnId: allowed[0] ?? null, faults: [] };
  if (wanted !== null && allowed.includes(wanted)) return { mpnId: wanted, faults: [] };
  const code = wanted === null ? 'missingMember' : 'valueNotAllowed';
  const message = `Name a location that you create referrals for: ${allowed.join(', ') || 'there is none'}.`;
  return { mpnId: null, faults: [faultAt(code, '/mpnId', message)] };
}

async function createOwn(
  transaction: Transaction,
  moment: Moment,
  { caller, acting, content, validateOnly, warnings }: CreateOrder,
  mpnId: string | null,
): Promise<WriteOutcome> {
  const owner = await ownerOf(transaction, caller.organizationId);
  const referral: Referral = {
    ...withShareFlag(content.given, isHelpAsked(content.given)),
    ...owner,
    id: moment.newId(),
    engagementId: moment.newId(),
    createdDateTime: moment.text,
    updatedDateTime: moment.text,
    acceptedDateTime: moment.text,
    status: 'Active',
    substatus: 'Accepted',
    type: content.given.type ?? 'Independent',
    direction: 'Outgoing',
    mpnId,
    createdVia: acting.via,
    lastModifiedVia: acting.via,
  };
  const state = { before: undefined, after: referral, kind: 'created', dueAt: null, acting } as const;
  const record = validateOnly ? versionOf(referral, moment, null) : await storeRecord(transaction, moment, state);
  const isSeen = canWrite(caller, referral);
  const told: Warning[] = isSeen ? [...warnings] : [...warnings, { pointer: '/team', code: 'notOnTeam' }];
  return { ...outcomeOf(record, record), warnings: told };
}

async function createForAnother(
  transaction: Transaction,
  moment: Moment,
  { caller, acting, content, validateOnly, warnings }: CreateOrder,
  { receiver, own }: { receiver: Receiver; own: OwnRecord | undefined },
): Promise<WriteOutcome> {
  const { organizationId } = receiver;
  const sender = await ownerOf(transaction, caller.organizationId);
  const expiresOn = expirationOf(moment);
  const referral: Referral = {
    ...withoutSendersOwn(withShareFlag(content.given, organizationId === microsoft || isHelpAsked(content.given))),
    ...(await ownerOf(transaction, organizationId)),
    id: moment.newId(),
    engagementId: own?.referral.engagementId ?? moment.newId(),
    createdDateTime: moment.text,
    updatedDateTime: moment.text,
    expirationDateTime: `${expiresOn.slice(0, 19)}Z`,
    status: 'New',
    substatus: 'Pending',
    type: content.given.type ?? 'Independent',
    direction: 'Incoming',
    mpnId: await locationOf(transaction, caller, receiver, content.given),
    inviteContext: { ...content.given.inviteContext, invitedBy: sender },
    createdVia: acting.via,
    lastModifiedVia: acting.via,
  };
  const joined = own === undefined ? undefined : asShared(own.referral, organizationId);
  const level = sharingOf(referral, joined);
  if (validateOnly) {
    const view = recordOf({ ...viewAt(referral, level), eTag: mintETag(moment) }, expiresOn);
    return { ...outcomeOf(referral, view), warnings };
  }
  if (own !== undefined && joined !== undefined && joined !== own.referral) {
    const { stored } = own;
    const state = { before: stored, after: joined, kind: 'changed', dueAt: stored.dueAt, acting } as const;
    await storeRecord(transaction, moment, state);
  }
  if (own === undefined) await transaction.addSender(referral.engagementId, caller.organizationId, referral.id);
  const state = { before: undefined, after: referral, kind: 'created', dueAt: expiresOn, acting } as const;
  await storeRecord(transaction, moment, state);
  const view = await transaction.readView(caller.organizationId, referral.id);
  if (view === undefined) throw new Error('the sender of a referral has no view of it');
  return { ...outcomeOf(referral, view), warnings };
}

/** Midnight UTC, fourteen days on (decision 12), as stored text. */
function expirationOf({ ms }: Moment): string {
  const day = new Date(ms);
  return fixedText(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate() + daysToAnswer));
}

async function ownerOf(transaction: Transaction, organizationId: string) {
  const organization = await transaction.findOrganization(organizationId);
  return { organizationId, organizationName: organization?.name ?? organizationId };
}

/** Microsoft's referrals are routed by the receiver's rules; others reach the location that they name. */
async function locationOf(
  transaction: Transaction,
  caller: AdmittedCaller,
  receiver: Receiver,
  given: GivenReferral,
): Promise<string | null> {
  if (caller.organizationId !== microsoft) return receiver.mpnId;
  const rules = await transaction.listRoutingRules(receiver.organizationId);
  const country = given.customerProfile?.address?.country ?? null;
  const solutionIds = (given.details?.requirements?.solutions ?? []).flatMap(({ id }) => id ?? []);
  return routeInbound(rules, { country, solutionIds }) ?? receiver.mpnId;
}

/** Whoever asks for help lets Microsoft see the deal (facts §10). */
function withShareFlag(given: GivenReferral, isShared: boolean): GivenReferral {
  if (!isShared) return given;
  return { ...given, consent: { ...given.consent, consentToShareReferralWithMicrosoftSellers: true } };
}

/** The sender's own ids and marks say nothing to the receiver, whose record it is. */
function withoutSendersOwn(given: GivenReferral): GivenReferral {
  const { externalReferenceId, campaignId, favorite, lastRunId, salesStage, statusReason, ...others } = given;
  return others;
}

/** What connecting another party makes of one's own record (decision 34). */
function asShared(own: Referral, receiverId: string): Referral {
  const isVisible = own.consent?.consentToShareReferralWithMicrosoftSellers === true;
  const needsFlag = receiverId === microsoft && !isVisible;
  if (own.type === 'Shared' && !needsFlag) return own;
  const consent = needsFlag ? { ...own.consent, consentToShareReferralWithMicrosoftSellers: true } : own.consent;
  return { ...own, type: 'Shared', ...(consent === undefined ? {} : { consent }) };
}
