import { isHelpAsked } from './deal-type.ts';
import type { Fault, FaultCode } from './faults.ts';
import type { Referral } from './referral.ts';

/** What must hold of a whole referral, beyond the form of its values (decision 29, facts §11). */

interface RequirementRow {
  readonly code: FaultCode;
  readonly pointer: string;
  readonly message: string;
  /** Whether the requirement is met. */
  readonly holds: (referral: Partial<Referral>, isForMicrosoft: boolean) => boolean;
}

/** Most solutions, and most people in a team (facts §5.8). */
export const mostItems = 50;

/** Every requirement. */
export const requirements: readonly RequirementRow[] = [
  {
    code: 'solutionRequired',
    pointer: '/details/requirements/solutions',
    message: 'A shared referral needs at least one solution.',
    holds: (referral) => referral.type !== 'Shared' || solutionsOf(referral).length > 0,
  },
  {
    code: 'tooManyItems',
    pointer: '/details/requirements/solutions',
    message: `A referral has at most ${mostItems} solutions.`,
    holds: (referral) => solutionsOf(referral).length <= mostItems,
  },
  {
    code: 'tooManyItems',
    pointer: '/team',
    message: `A team has at most ${mostItems} members.`,
    holds: ({ team }) => (team ?? []).length <= mostItems,
  },
  {
    code: 'tooManyItems',
    pointer: '/customerProfile/team',
    message: `A customer has at most ${mostItems} contacts.`,
    holds: ({ customerProfile }) => (customerProfile?.team ?? []).length <= mostItems,
  },
  {
    code: 'customerContactRequired',
    pointer: '/customerProfile/team',
    message: 'Whoever asks for help names a contact at the customer, with firstName, lastName, phoneNumber and email.',
    holds: (referral, isForMicrosoft) =>
      !(isForMicrosoft || isHelpAsked(referral)) || (referral.customerProfile?.team ?? []).some(isComplete),
  },
  {
    code: 'sharingRequired',
    pointer: '/consent/consentToShareReferralWithMicrosoftSellers',
    message: 'Whoever asks Microsoft for help lets its sellers see the referral; send true here.',
    holds: (referral, isForMicrosoft) =>
      !(isForMicrosoft || isHelpAsked(referral)) ||
      referral.consent?.consentToShareReferralWithMicrosoftSellers !== false,
  },
];

/** The requirements that a referral does not meet, as faults. */
export function unmetRequirements(referral: Partial<Referral>, isForMicrosoft: boolean): Fault[] {
  return requirements
    .filter(({ holds }) => !holds(referral, isForMicrosoft))
    .map(({ code, pointer, message }) => ({ code, pointer, message, offset: 0 }));
}

function solutionsOf(referral: Partial<Referral>) {
  return referral.details?.requirements?.solutions ?? [];
}

function isComplete(contact: NonNullable<NonNullable<Referral['customerProfile']>['team']>[number]): boolean {
  const values = [contact.firstName, contact.lastName, contact.phoneNumber, contact.email];
  return values.every((value) => typeof value === 'string' && value.trim() !== '');
}
