import {
  type Difference,
  isAccepted,
  judgeException,
  judgeRegistration,
  type Referral,
  type RegistrationData,
  type ReviewDecision,
  readStored,
  reviewException,
  reviewRegistration,
} from '@cosell/model';
import type { Transaction } from '../store/store.ts';
import { microsoft } from './engagements.ts';
import type { Moment } from './moment.ts';
import { faultAt, invalidBody } from './refusals.ts';

/** A decision of Microsoft on a deal's registration, or on the exception that was asked for (facts §14.3). */
export type Review =
  | { readonly of: 'registration'; readonly decision: ReviewDecision }
  | { readonly of: 'exception'; readonly decision: 'approved' | 'rejected' };

/**
 * Judges what a change means for the deal's registration and exception, and fills in what only the exchange sets.
 *
 * @param data rates, solutions and customers that registrations are judged by
 * @throws Failure `invalidBody` with every rule that is broken
 */
export async function withRegistrations(
  transaction: Transaction,
  moment: Moment,
  { before, after, differences }: { before: Referral; after: Referral; differences: readonly Difference[] },
  data: RegistrationData | undefined,
): Promise<Referral> {
  let judged = after;
  if (differences.some(({ pointer }) => pointer === '/registrations')) {
    if (data === undefined) throw new Error('a registration is judged without the data of the exchange');
    const engagement = await readEngagement(transaction, after);
    const facts = { now: moment.text, newId: moment.newId(), engagement, data };
    const verdict = judgeRegistration({ before, after, facts });
    if ('faults' in verdict) throw invalidBody(verdict.faults);
    const { registrations, registrationStatus } = verdict;
    judged = { ...judged, registrations, registrationStatus };
  }
  if (differences.some(({ pointer }) => pointer === '/exception')) {
    const verdict = judgeException(before, judged, moment.text);
    if ('faults' in verdict) throw invalidBody(verdict.faults);
    judged = withException(judged, verdict.exception);
  }
  return judged;
}

/** Carries out a decision of Microsoft on a deal. */
export function reviewed(before: Referral, review: Review, { text }: Moment): Referral {
  if (review.of === 'exception') {
    const verdict = reviewException(before.exception, review.decision, text);
    if ('faults' in verdict) throw invalidBody(verdict.faults);
    return withException(before, verdict.exception);
  }
  const [registration, ...others] = before.registrations ?? [];
  if (registration === undefined) {
    throw invalidBody([faultAt('reviewNotAllowed', '/registrations', 'The deal is not registered.')]);
  }
  const verdict = reviewRegistration(registration, review.decision, text);
  if ('faults' in verdict) throw invalidBody(verdict.faults);
  const { registrationStatus } = verdict;
  return { ...before, registrations: [verdict.registration, ...others], registrationStatus };
}

function withException(referral: Referral, exception: string | null | undefined): Referral {
  const { exception: _before, ...others } = referral;
  return exception == null ? others : { ...others, exception };
}

/** What the other parties of the deal have done so far. */
async function readEngagement(transaction: Transaction, { engagementId, organizationId }: Referral) {
  const others = new Set<string>();
  let invited: Referral | undefined;
  for (const member of await transaction.listEngagement(engagementId)) {
    if (member.isSender || member.organizationId === organizationId) continue;
    if (member.organizationId !== microsoft) others.add(member.organizationId);
    else {
      const stored = await transaction.readDocument(microsoft, member.id);
      const record = stored === undefined ? undefined : readStored(stored.document);
      // Of several records of Microsoft the one that it has accepted counts.
      if (record !== undefined && (invited === undefined || isAccepted(record))) invited = record;
    }
  }
  return {
    isMicrosoftInvited: invited !== undefined,
    microsoftAccepted: invited !== undefined && isAccepted(invited),
    ...(invited === undefined ? {} : { microsoftInvitedAt: invited.createdDateTime }),
    otherPartners: others.size,
  };
}
