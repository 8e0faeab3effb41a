import type { SigningKey, StoredSigningKey } from '../store/directory-entry.ts';
import type { Command, Store, Surroundings } from '../store/store.ts';
import { recordAct } from './acts.ts';
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

/** A key that signs from now on. */
export interface KeyRotation {
  readonly key: SigningKey;
  /** Whether what other keys have signed is refused from now on: they may be in wrong hands. */
  readonly retiresOthers: boolean;
}

/** The keys after a rotation, the newest first, by their names. */
export interface RotatedKeys {
  readonly kids: readonly string[];
  readonly retired: readonly string[];
}

/**
 * Adds a key that signs from now on. The others stay good for what they have signed, unless they are to be retired; one
 * that has signed nothing for a day is retired in any case, because no token of its lives so long.
 */
export const rotateSigningKeys: Command<KeyRotation, RotatedKeys> = {
  name: 'rotateSigningKeys',
  async run(transaction, { key, retiresOthers }, surroundings) {
    await transaction.lock('signing keys');
    const nowMs = surroundings.clock.now();
    const known = await transaction.listSigningKeys();
    // A key has signed until the next one came; the newest until now.
    const retired = known
      .filter((_, place) => retiresOthers || nowMs - signedUntil(known, place, nowMs) > signedTokensLiveMs)
      .map(({ kid }) => kid);
    for (const kid of retired) await transaction.removeSigningKey(kid);
    // The newest is found by its time, so it must not have that of the one before.
    const after = Math.max(nowMs, ...known.map(({ createdAt }) => Date.parse(createdAt) + 1));
    await transaction.addSigningKey({ ...key, createdAt: fixedText(after) });
    const details = { kid: key.kid, retired };
    await recordAct(transaction, surroundings, { kind: 'signingKeyAdded', subject: undefined, details });
    const kids = (await transaction.listSigningKeys()).map(({ kid }) => kid);
    return { kids, retired };
  },
};

/** Longer than anything lives that is signed. */
const signedTokensLiveMs = 24 * 3_600_000;

function signedUntil(keys: readonly StoredSigningKey[], place: number, nowMs: number): number {
  const next = keys[place - 1];
  return next === undefined ? nowMs : Date.parse(next.createdAt);
}

/** How many milliseconds old the key is that the built-in issuer signs with; undefined where there is none. */
export async function signingKeyAge(store: Store, { clock }: Pick<Surroundings, 'clock'>): Promise<number | undefined> {
  const [newest] = await store.listSigningKeys();
  return newest && clock.now() - Date.parse(newest.createdAt);
}
