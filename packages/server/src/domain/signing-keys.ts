import type { SigningKey, StoredSigningKey } from '../store/directory-entry.ts';
import type { Command, Store, Surroundings } from '../store/store.ts';
import { fixedText } from './exchange-clock.ts';

/** Keeps a key for the built-in issuer, unless there is one already. Gives the keys there are. */
export const addFirstSigningKey: Command<SigningKey, StoredSigningKey[]> = {
  name: 'addFirstSigningKey',
  async run(transaction, key, { clock }) {
    // Several processes may start on a new database at once; they share one key.
    await transaction.lock('signing keys');
    const known = await transaction.listSigningKeys();
    if (known.length > 0) return known;
    const first = { ...key, createdAt: fixedText(clock.now()) };
    await transaction.addSigningKey(first);
    return [first];
  },
};

/** How many milliseconds old the key is that the built-in issuer signs with; undefined where there is none. */
export async function signingKeyAge(store: Store, { clock }: Pick<Surroundings, 'clock'>): Promise<number | undefined> {
  const [newest] = await store.listSigningKeys();
  return newest && clock.now() - Date.parse(newest.createdAt);
}
