import {
  type Difference,
  differencesBetween,
  entered,
  type Fault,
  failure,
  type GivenReferral,
  judgeChange,
  mergeGiven,
  patchReferral,
  type Referral,
  type ReferralOperation,
  type RegistrationData,
  readStored,
  stateOf,
  unmetRequirements,
  type Warning,
  withStoredItems,
} from '@cosell/model';
import type { Command, Transaction } from '../store/store.ts';
import type { AdmittedCaller } from './caller.ts';
import type { Acting } from './engagements.ts';
import { settleEngagement } from './expiry.ts';
import { type Condition, isMatched, requireMatch } from './if-match.ts';
import { type Moment, readMoment } from './moment.ts';
import { changeRefused, invalidBody } from './refusals.ts';
import { type Review, reviewed, withRegistrations } from './registrations.ts';
import { once, type Repeat } from './repeats.ts';
import { storeRecord, versionOf } from './store-record.ts';
import { canWrite, outOfReach } from './visibility.ts';
import { outcomeOf, type WriteOutcome } from './write-outcome.ts';

/** What is to be changed: operations of a PATCH, members of a PUT, or what Microsoft decides. */
export type WantedChange =
  | {
      readonly kind: 'patch';
      readonly operations: readonly ReferralOperation[];
      /** Ids of Microsoft's systems; only the sandbox sets them, in Microsoft's place. */
      readonly trackingInfo?: Referral['trackingInfo'];
    }
  | { readonly kind: 'put'; readonly given: GivenReferral }
  /** A decision of Microsoft, which the sandbox makes in its place. */
  | { readonly kind: 'review'; readonly review: Review };

/** A PATCH or PUT, read and proved. */
export interface ChangeOrder {
  readonly caller: AdmittedCaller;
  readonly acting: Acting;
  readonly id: string;
  /** The engagement of the referral; it never changes. */
  readonly engagementId: string;
  readonly wanted: WantedChange;
  readonly condition: Condition;
  readonly allowsExtensions: boolean;
  /** What is wrong with the body by itself. */
  readonly faults: readonly Fault[];
  readonly warnings: readonly Warning[];
  /** What registrations are judged by; it is sent along where one is changed. */
  readonly registrationData?: RegistrationData | undefined;
  readonly validateOnly: boolean;
  readonly repeat: Repeat | undefined;
}

/**
 * Changes a referral: all of it or nothing (facts §14, decisions 5, 14, 15, 17). A change that changes nothing leaves
 * eTag, time and log as they are.
 *
 * @throws Failure `invalidBody`, then `eTagMismatch`, then `terminalReferral` or `changeRefused` (decision 35)
 */
export const changeReferral: Command<ChangeOrder, WriteOutcome> = {
  name: 'changeReferral',
  run: (transaction, order, surroundings) =>
    once(transaction, surroundings, order.repeat, async () => {
      // The views of an engagement are made from all of its records, so its writes take turns. Each reads the time
      // when its turn has come, so that the log is in the order of time.
      await transaction.lock(`engagement ${order.engagementId}`);
      const moment = await readMoment(transaction, surroundings);
      await settleEngagement(transaction, moment, order.engagementId);
      return change(transaction, moment, order);
    }),
};

async function change(transaction: Transaction, moment: Moment, order: ChangeOrder): Promise<WriteOutcome> {
  const { caller, acting, id, condition } = order;
  const stored = await transaction.readDocument(caller.organizationId, id);
  if (stored === undefined) throw failure('referralNotFound');
  const before = readStored(stored.document);
  if (!canWrite(caller, before)) throw outOfReach(caller);
  const record = { organizationId: caller.organizationId, id, eTag: stored.eTag };
  const wanted = apply(before, order, moment);
  if (order.faults.length > 0) throw invalidBody([...order.faults, ...('faults' in wanted ? wanted.faults : [])]);
  if ('fault' in wanted) {
    // A patch that leads nowhere was likely made for an older version, and that is the better thing to say.
    if (!isMatched(condition, stored.eTag)) await requireMatch(transaction, condition, record);
    throw invalidBody([wanted.fault]);
  }
  if ('faults' in wanted) throw invalidBody(wanted.faults);
  const { after, usesExtension } = wanted;
  const warnings = [...order.warnings, ...wanted.warnings];
  const unmet = newlyUnmet(before, after);
  if (unmet.length > 0) throw invalidBody(unmet);
  await requireMatch(transaction, condition, record);
  const matchesLeniently = !isMatched({ ...condition, isLenient: false }, stored.eTag);
  const told = { warnings, usesExtension, matchesLeniently };
  const differences = differencesBetween(before, after);
  if (differences.length === 0) return { ...outcomeOf(before, stored), ...told };
  const next =
    order.wanted.kind === 'review' ? after : await judge(transaction, moment, { before, after, differences }, order);
  const state = {
    before: stored,
    after: { ...next, lastModifiedVia: acting.via },
    kind: 'changed',
    dueAt: next.status === 'New' ? stored.dueAt : null,
    acting,
  } as const;
  const written = order.validateOnly
    ? versionOf(state.after, moment, state.dueAt)
    : await storeRecord(transaction, moment, state);
  return { ...outcomeOf(before, written), ...told };
}

/** Judges a change of the owner's by every rule, and adds what follows from it. */
async function judge(
  transaction: Transaction,
  moment: Moment,
  change: { before: Referral; after: Referral; differences: readonly Difference[] },
  { registrationData }: ChangeOrder,
): Promise<Referral> {
  const { before, after, differences } = change;
  const refusals = judgeChange(before, after, differences);
  if (refusals.length > 0) throw changeRefused(refusals, before.substatus);
  const moved = withSideEffects(before, after, differences, moment);
  return withRegistrations(transaction, moment, { ...change, after: moved }, registrationData);
}

type Applied =
  | { readonly after: Referral; readonly usesExtension: boolean; readonly warnings: readonly Warning[] }
  | { readonly fault: Fault }
  | { readonly faults: readonly Fault[] };

function apply(before: Referral, { wanted, allowsExtensions }: ChangeOrder, moment: Moment): Applied {
  if (wanted.kind === 'review')
    return { after: reviewed(before, wanted.review, moment), usesExtension: false, warnings: [] };
  if (wanted.kind === 'patch') {
    const patched = patchReferral(before, wanted.operations, { allowsExtensions });
    if (!('after' in patched)) return patched;
    const { trackingInfo } = wanted;
    const tracked = trackingInfo === undefined ? undefined : { ...patched.after.trackingInfo, ...trackingInfo };
    const patchedAfter = withStoredItems(before, patched.after);
    const after = tracked === undefined ? patchedAfter : { ...patchedAfter, trackingInfo: tracked };
    return { ...patched, after, warnings: [] };
  }
  const { after: merged, ignored, usesExtension } = mergeGiven(before, wanted.given, { allowsExtensions });
  const after = withStoredItems(before, merged);
  return { after, usesExtension, warnings: ignored.map((pointer) => ({ pointer, code: 'readOnlyMember' })) };
}

/** What the change breaks; what was broken before, as in an imported referral, is not its fault. */
function newlyUnmet(before: Referral, after: Referral): Fault[] {
  const unmet = unmetRequirements(after, false);
  if (unmet.length === 0) return unmet;
  const known = unmetRequirements(before, false);
  return unmet.filter(({ code, pointer }) => !known.some((one) => one.code === code && one.pointer === pointer));
}

function withSideEffects(
  before: Referral,
  after: Referral,
  differences: readonly Difference[],
  { text }: Moment,
): Referral {
  const moves = differences.some(({ pointer }) => pointer === '/status' || pointer === '/substatus');
  const state = stateOf(after);
  return moves && state !== undefined && state !== stateOf(before) ? entered(after, state, text) : after;
}
