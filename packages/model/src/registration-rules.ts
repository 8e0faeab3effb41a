import { dayOf, secondsOf } from './calendar.ts';
import {
  annualDollarsOf,
  catalogueSolutionOf,
  contractOf,
  type Dollars,
  daysBefore,
  dollarsOf,
  firstSignDayOf,
  isManagedCustomer,
  isSameId,
  lastSignDayOf,
  type RegistrationCase,
  registeredSolutionOf,
  solutionCurrencyOf,
  solutionsOf,
} from './registration-case.ts';
import {
  isTransacted,
  type RefusalRow,
  type ReviewRow,
  refusal,
  shapeRules,
  solutionPointer,
} from './registration-shape.ts';

/**
 * Eligibility and validations of a deal registration (facts §14.3, decision 37). What the exchange can judge by itself
 * is refused; what only Microsoft can judge is accepted and calls for a review.
 */

const validation = 'A documented validation.';
const eligibility = 'Documented as not eligible, and the exchange can see it.';
const microsoftJudges = 'Only Microsoft can judge it.';
const byHand = 'Documented as reviewed by hand.';

/** Amounts and periods of facts §14.3, §10 and §8.2. */
const dollar = 10_000n;
const least: Dollars = 25_000n * dollar;
const most: Dollars = 1_000_000n * dollar;
const signedWithinDays = 60;
const startedWithinDays = 90;
const wonAfterSeconds = 72 * 3600;

const assessmentTypes = new Set(['sa', 'solutionassessment']);

const isPayAsYouGo = (one: RegistrationCase) => registeredSolutionOf(one).pricingModel === 'PayAsYouGo';
const signDayOf = (one: RegistrationCase) => dayOf(contractOf(one).signDateTime);
const isVisible = ({ deal }: RegistrationCase) => deal.consent?.consentToShareReferralWithMicrosoftSellers === true;

/** Validations of amounts and dates. */
const validations: readonly RefusalRow[] = [
  refusal('registration', 'annualValueTooLow', {
    pointer: '/contract/value',
    message: 'A contract is worth more than USD 25,000 a year; a perpetual one is spread over six years.',
    why: validation,
    applies: (one) => (annualDollarsOf(one) ?? most) <= least,
  }),
  refusal('registration', 'solutionValueTooHigh', {
    pointer: `${solutionPointer}/value`,
    message: 'The solution is worth at most what the whole contract is worth.',
    why: validation,
    applies: isWorthMoreThanContract,
  }),
  refusal('registration', 'signedInFuture', {
    pointer: '/contract/signDateTime',
    message: 'Register the contract when it is signed: this day is still to come.',
    why: validation,
    applies: (one) => (signDayOf(one) ?? Number.NEGATIVE_INFINITY) > (dayOf(one.facts.now) ?? 0),
  }),
  refusal('registration', 'signedTooLongAgo', {
    pointer: '/contract/signDateTime',
    message: `A contract is registered within ${signedWithinDays} days of its signature.`,
    why: validation,
    applies: (one) => (daysBefore(contractOf(one).signDateTime, one) ?? 0) > signedWithinDays,
  }),
  refusal('registration', 'signedBeforeDeal', {
    pointer: '/contract/signDateTime',
    message: 'A contract is signed after the deal was created and, where Microsoft was invited, after that.',
    why: validation,
    applies: (one) => (signDayOf(one) ?? Number.POSITIVE_INFINITY) < firstSignDayOf(one),
  }),
  refusal('registration', 'signedTooLate', {
    pointer: '/contract/signDateTime',
    message: 'A pay-as-you-go contract is signed within a year of the deal or of the invitation of Microsoft.',
    why: validation,
    applies: (one) => isPayAsYouGo(one) && (signDayOf(one) ?? Number.NEGATIVE_INFINITY) > lastSignDayOf(one),
  }),
  refusal('registration', 'startedTooLongAgo', {
    pointer: '/contract/startDateTime',
    message: `A contract is registered within ${startedWithinDays} days of its start.`,
    why: validation,
    applies: (one) => (daysBefore(contractOf(one).startDateTime, one) ?? 0) > startedWithinDays,
  }),
  refusal('registration', 'endsBeforeStart', {
    pointer: '/contract/endDateTime',
    message: 'A contract ends on the day of its start or later.',
    why: validation,
    applies: (one) => {
      const start = dayOf(contractOf(one).startDateTime) ?? Number.NEGATIVE_INFINITY;
      return (dayOf(contractOf(one).endDateTime) ?? Number.POSITIVE_INFINITY) < start;
    },
  }),
  refusal('registration', 'notDeployedOnAzure', {
    pointer: `${solutionPointer}/isDeployedOnAzure`,
    message: 'Only a solution that runs on Azure can be registered.',
    why: 'A documented validation: without Azure the deal is closed and nothing is registered.',
    applies: (one) => registeredSolutionOf(one).isDeployedOnAzure === false,
  }),
];

/** Eligibility of the deal, as far as the exchange can see it. */
const eligibilities: readonly RefusalRow[] = [
  refusal('deal', 'dealNotWon', {
    pointer: '/substatus',
    message: 'Only a won deal can be registered: mark it as Closed and Won first.',
    why: eligibility,
    applies: ({ deal }) => deal.status !== 'Closed' || deal.substatus !== 'Won',
  }),
  refusal('deal', 'dealNotShared', {
    pointer: '/consent/consentToShareReferralWithMicrosoftSellers',
    message: 'A private deal cannot be registered: Microsoft does not see it.',
    why: eligibility,
    applies: (one) => !isVisible(one) && !one.facts.engagement.isMicrosoftInvited,
  }),
  refusal('deal', 'solutionAssessment', {
    pointer: '/details/requirements/solutions',
    message: 'A solution assessment cannot be registered.',
    why: 'Documented as not eligible; the solution type SA or SolutionAssessment tells it.',
    applies: ({ deal }) =>
      solutionsOf(deal).some(({ solutionType }) =>
        assessmentTypes.has((solutionType ?? '').replaceAll(' ', '').toLowerCase()),
      ),
  }),
  refusal('deal', 'dealValueTooLow', {
    pointer: '/details/dealValue',
    message: 'A deal that is registered is worth USD 25,000 or more.',
    why: eligibility,
    applies: ({ deal, facts }) => (dollarsOf(deal.details?.dealValue, deal.details?.currency, facts) ?? most) < least,
  }),
  refusal('deal', 'solutionNotEligible', {
    pointer: '/registrations/0/solutionDetails/0/id',
    message: 'Register a solution that is eligible for Azure IP co-sell; by the catalogue this one is not.',
    why: eligibility,
    applies: (one) => catalogueSolutionOf(one)?.isAzureIpCoSellEligible === false,
  }),
];

/** What Microsoft has to look at. */
const reviews = [
  review('deal', 'customerNotManaged', {
    pointer: '/customerProfile',
    message: 'The customer is not among those that Microsoft is known to manage.',
    why: microsoftJudges,
    applies: ({ deal, facts }) => !isManagedCustomer(deal, facts.data),
  }),
  review('deal', 'dealValueMissing', {
    pointer: '/details/dealValue',
    message: 'The deal says no value, so it is not known to be worth USD 25,000.',
    why: 'A won deal cannot be changed any more.',
    applies: ({ deal }) => deal.details?.dealValue == null,
  }),
  review('deal', 'dealRateMissing', {
    pointer: '/details/currency',
    message: 'No exchange rate is known for the currency of the deal.',
    why: microsoftJudges,
    applies: ({ deal: { details }, facts }) =>
      details?.dealValue != null && dollarsOf(details.dealValue, details.currency, facts) === undefined,
  }),
  review('registration', 'contractRateMissing', {
    pointer: '/contract/currency',
    message: 'No exchange rate is known for the currency of the contract.',
    why: microsoftJudges,
    applies: (one) =>
      contractOf(one).value != null &&
      dollarsOf(contractOf(one).value, contractOf(one).currency, one.facts) === undefined,
  }),
  review('registration', 'solutionRateMissing', {
    pointer: `${solutionPointer}/currency`,
    message: 'No exchange rate is known for the currency of the solution.',
    why: microsoftJudges,
    applies: (one) =>
      registeredSolutionOf(one).value != null &&
      dollarsOf(registeredSolutionOf(one).value, solutionCurrencyOf(one), one.facts) === undefined,
  }),
  review('deal', 'wonTooSoon', {
    pointer: '/closedDateTime',
    message: 'The deal was won less than 72 hours after it was created.',
    why: microsoftJudges,
    applies: ({ deal, facts }) => {
      const won = secondsOf(deal.closedDateTime) ?? secondsOf(facts.now) ?? Number.POSITIVE_INFINITY;
      return won - (secondsOf(deal.createdDateTime) ?? won) < wonAfterSeconds;
    },
  }),
  review('deal', 'severalPartners', {
    pointer: '/engagementId',
    message: 'Several partners work on the deal; only the one with the contract registers it.',
    why: byHand,
    applies: ({ facts }) => facts.engagement.otherPartners > 0,
  }),
  review('deal', 'helpNotSent', {
    pointer: '/inviteContext/assistanceRequestCode',
    message: 'The deal asks for help, and Microsoft has no record in its engagement that could be accepted.',
    why: microsoftJudges,
    applies: ({ deal, facts }) =>
      (deal.inviteContext?.assistanceRequestCode ?? 'Unknown') !== 'Unknown' && !facts.engagement.isMicrosoftInvited,
  }),
  review('deal', 'microsoftNotAccepted', {
    pointer: '/engagementId',
    message: 'Microsoft was invited to the deal and has not accepted it.',
    why: 'Documented as eligible once Microsoft has accepted or the deal is won; that it is won is known.',
    applies: ({ facts: { engagement } }) => engagement.isMicrosoftInvited && !engagement.microsoftAccepted,
  }),
  review('registration', 'payAsYouGo', {
    pointer: `${solutionPointer}/pricingModel`,
    message: 'The solution is paid as it is used.',
    why: byHand,
    applies: isPayAsYouGo,
  }),
  review('registration', 'annualValueHigh', {
    pointer: '/contract/value',
    message: 'The contract is worth more than USD 1,000,000 a year.',
    why: byHand,
    applies: (one) => (annualDollarsOf(one) ?? least) > most,
  }),
  review('registration', 'marketplaceTransaction', {
    pointer: `${solutionPointer}/marketplaceTransactionDetails/isMarketplaceTransacted`,
    message: 'The solution was bought through the marketplace.',
    why: 'Documented as validated against the marketplace.',
    applies: isTransacted,
  }),
  review('deal', 'solutionNotInCatalogue', {
    pointer: '/registrations/0/solutionDetails/0/id',
    message: 'The solution is not in the catalogue, so it is not known to be eligible for Azure IP co-sell.',
    why: microsoftJudges,
    applies: (one) => registeredSolutionOf(one).id != null && catalogueSolutionOf(one) === undefined,
  }),
  review('deal', 'solutionNotInDeal', {
    pointer: '/registrations/0/solutionDetails/0/id',
    message: 'The deal does not offer the solution.',
    why: 'Not documented as refused.',
    applies: (one) => {
      const { id } = registeredSolutionOf(one);
      return id != null && !solutionsOf(one.deal).some((offered) => isSameId(offered.id, id));
    },
  }),
] as const;

/** Every rule, in the order in which faults are told. */
export const registrationRules: readonly (RefusalRow | ReviewRow)[] = [
  ...eligibilities,
  ...shapeRules,
  ...validations,
  ...reviews,
];

/** The stable code of something that calls for a review. */
export type ReviewCode = (typeof reviews)[number]['code'];

function review<const Code extends string>(
  judges: ReviewRow['judges'],
  code: Code,
  row: Pick<ReviewRow, 'pointer' | 'message' | 'why' | 'applies'>,
): ReviewRow & { readonly code: Code } {
  return { kind: 'review', code, judges, ...row };
}

function isWorthMoreThanContract(one: RegistrationCase): boolean {
  const [part, whole] = [registeredSolutionOf(one).value, contractOf(one).value];
  const [own, other] = [solutionCurrencyOf(one)?.toUpperCase(), contractOf(one).currency?.toUpperCase()];
  if (part == null || whole == null) return false;
  if (own === other) return part > whole;
  const [partDollars, wholeDollars] = [dollarsOf(part, own, one.facts), dollarsOf(whole, other, one.facts)];
  return partDollars !== undefined && wholeDollars !== undefined && partDollars > wholeDollars;
}
