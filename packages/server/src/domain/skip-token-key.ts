import type { Command } from '../store/store.ts';

/** The fact that holds the key by which skip tokens are signed. */
export const skipTokenKey = 'skip-token-key';

/** Keeps a key for skip tokens, unless there is one already: tokens hold in every process and after a restart. */
export const addSkipTokenKey: Command<string, string> = {
  name: 'addSkipTokenKey',
  async run(transaction, key) {
    // Several processes may start on a new database at once; they share one key.
    await transaction.lock('skip token key');
    const known = await transaction.findFact(skipTokenKey);
    if (known !== undefined) return known;
    await transaction.putFact(skipTokenKey, key);
    return key;
  },
};
