import type { Command, Store, Surroundings } from '../store/store.ts';

/** The fact that holds the key of the built-in provider: its cookies are signed by it, its pseudonyms derived from it. */
const providerKey = 'provider-key';

/** Keeps a key for the built-in provider, unless there is one already. Gives the one there is. */
export const addProviderKey: Command<string, string> = {
  name: 'addProviderKey',
  async run(transaction, key) {
    // Several processes may be asked for the first time at once; they share one key.
    await transaction.lock('provider key');
    const known = await transaction.findFact(providerKey);
    if (known !== undefined) return known;
    await transaction.putFact(providerKey, key);
    return key;
  },
};

/** The key of the built-in provider, which every process shares; made when it is first asked for. */
export async function findProviderKey(store: Store, { ids }: Pick<Surroundings, 'ids'>): Promise<string> {
  const known = await store.findFact(providerKey);
  // Two random ids hold more chance than anybody can guess.
  return known ?? store.transact(addProviderKey, ids.guid() + ids.guid());
}
