import type { SigningKey } from '../store/directory-entry.ts';
import type { Command } from '../store/store.ts';
import { fixedText } from './exchange-clock.ts';

/** Keeps a key for the built-in issuer, unless there is one already. Gives the keys there are. */
export const addFirstSigningKey: Command<SigningKey, SigningKey[]> = {
  name: 'addFirstSigningKey',
  async run(transaction, key, { clock }) {
    // Several processes may start on a new database at once; they share one key.
    await transaction.lock('signing keys');
    const known = await transaction.listSigningKeys();
    if (known.length > 0) return known;
    await transaction.addSigningKey({ ...key, createdAt: fixedText(clock.now()) });
    return [key];
  },
};
