import { failure, searchVersion } from '@cosell/model';
import type { Command, Store, Transaction } from '../store/store.ts';

/** The fact that says of which version the searchable texts of all referrals and views are. */
export const searchTextsFact = 'search-texts';

/**
 * Refuses a search while not all referrals have a text of this version: it would leave some out and say nothing.
 *
 * @throws Failure `searchNotReady`
 */
export async function requireSearchTexts(facts: Pick<Store, 'findFact'>): Promise<void> {
  if ((await facts.findFact(searchTextsFact)) !== String(searchVersion)) throw failure('searchNotReady');
}

/** Says that every referral and view has its text. */
export function noteSearchTexts(transaction: Pick<Transaction, 'putFact'>): Promise<void> {
  return transaction.putFact(searchTextsFact, String(searchVersion));
}

/** The same for an exchange that has no referral yet: each will be written with its text. Gives whether it has none. */
export const beginSearchTexts: Command<null, boolean> = {
  name: 'beginSearchTexts',
  async run(transaction) {
    if ((await transaction.hasRows('referral_documents')) || (await transaction.hasRows('referral_views')))
      return false;
    await noteSearchTexts(transaction);
    return true;
  },
};
