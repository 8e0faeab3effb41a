import type { Referral } from './referral.ts';

/** What kind of deal a referral is, the least shared first (facts §10, decision 34). Never stored, only derived. */
export const dealTypes = ['private', 'partnerLed', 'coSell'] as const;

/** One kind of deal. */
export type DealType = (typeof dealTypes)[number];

/**
 * The kind of deal: co-sell if help is asked for or another organisation has a record in the engagement; else
 * partner-led if Microsoft's sellers may see it; else private.
 */
export function dealTypeOf(referral: Referral, hasOtherParties: boolean): DealType {
  if (hasOtherParties || isHelpAsked(referral)) return 'coSell';
  return isSharedWithMicrosoft(referral) ? 'partnerLed' : 'private';
}

/** Whether Microsoft's help is asked for. */
export function isHelpAsked({ inviteContext }: Pick<Referral, 'inviteContext'>): boolean {
  return (inviteContext?.assistanceRequestCode ?? 'Unknown') !== 'Unknown';
}

/** Whether Microsoft's sellers may see the referral. */
export function isSharedWithMicrosoft({ consent }: Pick<Referral, 'consent'>): boolean {
  return consent?.consentToShareReferralWithMicrosoftSellers === true;
}
