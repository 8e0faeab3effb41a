import {
  type EngagementFacts,
  judgeRegistration,
  type Referral,
  type RegistrationData,
  type RegistrationFacts,
  type RegistrationVerdict,
} from '@cosell/model';
import { captureText, readWell } from './captures.ts';

/** The documented registration (facts §18.5) and a won deal that it fits, as they come over the wire. */

/** Any JSON object, to be changed by a test. */
export type Json = { [name: string]: Json | Json[] | string | number | boolean | null | undefined };

/** The instant of the documented request. */
export const documentedNow = '2025-03-05T10:00:00.0000000Z';

/** The value of the documented operation at `/registrations/-`. */
export const documentedRegistration = (): Json => ({
  type: 'AzureIPCoSell',
  solutionDetails: [
    {
      id: 'SOL-34104-EBB',
      currency: 'USD',
      value: 45000,
      isDeployedOnAzure: true,
      primaryDeploymentOn: 'Customer',
      pricingModel: 'Other',
      marketplaceTransactionDetails: { isMarketplaceTransacted: false, marketplaceTransactionDateTime: null },
    },
  ],
  contract: {
    currency: 'USD',
    value: 50000,
    term: 'Finite',
    startDateTime: '2025-03-01T00:00:00Z',
    endDateTime: '2026-03-01T00:00:00Z',
    signDateTime: '2025-02-28T00:00:00Z',
  },
});

/** A deal that is won and shared with Microsoft's sellers, without a registration. */
export const wonDeal = (): Json => ({
  createdDateTime: '2025-01-10T12:00:00.0000000Z',
  closedDateTime: '2025-03-03T15:45:30.7500000Z',
  status: 'Closed',
  substatus: 'Won',
  customerProfile: { name: 'Contoso Customer Inc', address: { country: 'US' }, ids: [] },
  consent: { consentToShareReferralWithMicrosoftSellers: true },
  details: {
    dealValue: 50000,
    currency: 'USD',
    requirements: { solutions: [{ id: 'SOL-34104-EBB', name: 'Contoso Supply', type: 'Name' }] },
  },
  inviteContext: { assistanceRequestCode: 'Unknown' },
  registrations: [],
});

/** What an exchange knows in the tests. */
export const knownData: RegistrationData = {
  rates: [
    { currency: 'EUR', month: '2025-03', perDollar: 8_000n },
    { currency: 'EUR', month: '2025-01', perDollar: 10_000n },
    { currency: 'EUR', month: '2025-04', perDollar: 20_000n },
    { currency: 'JPY', month: '2024-12', perDollar: 1_500_000n },
    { currency: 'SEK', month: '2025-04', perDollar: 100_000n },
  ],
  solutions: [
    { id: 'SOL-34104-EBB', name: 'Supply by the catalogue', isAzureIpCoSellEligible: true },
    { id: 'SOL-34190-CSV', name: 'Workshop', isAzureIpCoSellEligible: false },
  ],
  customers: [
    { name: 'Contoso Customer Inc', country: 'US' },
    { ids: [{ profileType: 'External', id: '6-ABCDEFG23' }] },
  ],
};

/** A request to register, before it is judged. */
export interface Request {
  readonly deal: Json;
  readonly registration: Json;
  now: string;
  readonly engagement: { -readonly [Name in keyof EngagementFacts]: EngagementFacts[Name] };
}

/** The documented request. */
export const documentedRequest = (): Request => ({
  deal: wonDeal(),
  registration: documentedRegistration(),
  now: documentedNow,
  engagement: { isMicrosoftInvited: false, microsoftAccepted: false, otherPartners: 0 },
});

/** A deal as it is stored. */
export function readDeal(deal: Json): Referral {
  return readWell(captureText(deal));
}

/** What a request is judged by. */
export function factsOf({ now, engagement }: Pick<Request, 'now' | 'engagement'>): RegistrationFacts {
  return { now, newId: 'REG-1', engagement, data: knownData };
}

/** Judges a request that adds a registration to a deal that has none. */
export function judge(request: Request): RegistrationVerdict {
  const { deal, registration } = request;
  const [before, after] = [readDeal(deal), readDeal({ ...deal, registrations: [registration] })];
  return judgeRegistration({ before, after, facts: factsOf(request) });
}

/** The codes and pointers of all faults, and of all reasons for a review. */
export function findings(verdict: RegistrationVerdict): { faults: string[]; review: string[] } {
  const name = ({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`;
  if ('faults' in verdict) return { faults: verdict.faults.map(name), review: [] };
  return { faults: [], review: verdict.review.map(name) };
}
