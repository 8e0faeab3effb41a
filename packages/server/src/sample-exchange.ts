import { readFileSync } from 'node:fs';
import type { DirectoryChange } from './domain/directory/directory-change.ts';
import type { ExchangeContents } from './domain/load-exchange.ts';
import { packageFile } from './package-files.ts';

/** The name under which the store remembers that it holds the sample. */
export const sampleName = 'sample';

/** The documented example referral, which the first request asks for. */
export const documentedReferralId = 'c5fbb3b6-be74-4795-9fb5-4324c73fed37';

/** The user whose token the first request carries. */
export const sampleAdmin = 'contoso-admin';

/** A small exchange to try things on: Contoso, Microsoft and Fabrikam, with people and referrals of each. */
export function readSampleExchange(): ExchangeContents {
  const file = packageFile('sample/exchange.json');
  const { directory, referrals } = JSON.parse(readFileSync(file, 'utf8')) as {
    directory: DirectoryChange[];
    referrals: unknown[];
  };
  return { directory, referrals: referrals.map((referral) => JSON.stringify(referral)) };
}
