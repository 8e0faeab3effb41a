import type { Command } from '../store/store.ts';
import { applyChange } from './directory/change-directory.ts';
import type { DirectoryChange } from './directory/directory-change.ts';
import { importReferrals } from './import-referrals.ts';

/** A directory and its referrals, such as the sample exchange. */
export interface ExchangeContents {
  readonly directory: readonly DirectoryChange[];
  /** Captured referrals as JSON text. */
  readonly referrals: readonly string[];
}

/** The fact that says which exchange a store was loaded with. */
export const loadedExchange = 'loaded-exchange';

/** Loads a whole exchange in one transaction, unless one was loaded before. Gives whether it did. */
export const loadExchange: Command<{ name: string; contents: ExchangeContents }, boolean> = {
  name: 'loadExchange',
  async run(transaction, { name, contents }, surroundings) {
    await transaction.lock('directory');
    if ((await transaction.findFact(loadedExchange)) !== undefined) return false;
    for (const change of contents.directory) {
      await applyChange(transaction, change, surroundings, { isLoading: true });
    }
    const { outcomes } = await importReferrals.run(transaction, { texts: contents.referrals }, surroundings);
    if (outcomes.includes('invalid')) throw new Error(`the exchange ${name} holds a referral that cannot be read`);
    await transaction.putFact(loadedExchange, name);
    return true;
  },
};
