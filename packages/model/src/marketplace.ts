import type { Referral } from './referral.ts';

const sources = new Set(['azuremarketplace', 'appsource']);

/**
 * Whether a referral is a lead from the commercial marketplace, which is kept and not served (decision 11). The source
 * alone does not decide, and a Direct lead without one is served.
 */
export function isMarketplaceLead(referral: Referral): boolean {
  if (referral.type !== 'Independent' || referral.qualification !== 'Direct') return false;
  return sources.has((referral.referralSource ?? '').replaceAll(' ', '').toLowerCase());
}
