import type { JSONWebKeySet, JWK } from 'jose';
import type { StoredSigningKey } from '../store/directory-entry.ts';
import type { Stopwatch, Store } from '../store/store.ts';

/** For how long the keys are believed to be those of the store, where nothing says otherwise. */
const believedMs = 2_000;
/** After so long nobody goes on with what is known. */
const longestBelievedMs = 2 * believedMs;
/** How often the store is asked for keys that nobody knows, one after the other; then once in `believedMs`. */
const mostAtOnce = 5;

/**
 * The keys of the built-in issuer, as the store has them. A process may add one, and every other goes on without a
 * restart: the newest signs, and all are published.
 */
export class SigningKeys {
  readonly #store: Pick<Store, 'listSigningKeys'>;
  readonly #stopwatch: Stopwatch;
  #stored: readonly StoredSigningKey[];
  #published: JSONWebKeySet;
  #readAt: number;
  #reading: Promise<void> | undefined;
  /** How often the store may still be asked for a key that is not known, as it was at `#allowedAt`. */
  #allowed = mostAtOnce;
  #allowedAt: number;

  /** @param stored the keys that were just read, the newest first */
  constructor(store: Pick<Store, 'listSigningKeys'>, stored: readonly StoredSigningKey[], stopwatch: Stopwatch) {
    this.#store = store;
    this.#stopwatch = stopwatch;
    this.#stored = stored;
    this.#published = publicKeys(stored);
    this.#readAt = stopwatch();
    this.#allowedAt = this.#readAt;
  }

  /** The public keys, as they are known now; the same object as long as they are the same. */
  get published(): JSONWebKeySet {
    return this.#published;
  }

  /**
   * The public keys, so that a key that another process has retired is refused soon. Where they were read some seconds ago
   * they are read again beside whoever asks; where it was longer ago, he waits for it.
   */
  watch(): JSONWebKeySet | Promise<JSONWebKeySet> {
    const age = this.#stopwatch() - this.#readAt;
    if (age < believedMs) return this.#published;
    this.#reading ??= this.refresh().finally(() => {
      this.#reading = undefined;
    });
    if (age >= longestBelievedMs) return this.#reading.then(() => this.#published);
    // A store that is away is told to whoever waits for it.
    this.#reading.catch(() => undefined);
    return this.#published;
  }

  /** The keys with their private parts, the newest first. They are read again where they are not fresh. */
  async current(): Promise<readonly StoredSigningKey[]> {
    if (this.#stopwatch() - this.#readAt >= believedMs) await this.refresh();
    return this.#stored;
  }

  /**
   * The public keys, read again where there is none of that name. Whoever makes names up is served from memory after a
   * few of them.
   */
  async knowing(kid: string | undefined): Promise<JSONWebKeySet> {
    if (kid !== undefined && !this.#published.keys.some((key) => key.kid === kid) && this.#mayAsk()) {
      await this.refresh();
    }
    return this.#published;
  }

  /** Reads the keys again; whoever has added one in this process does that at once. */
  async refresh(): Promise<void> {
    const begunAt = this.#stopwatch();
    const stored = await this.#store.listSigningKeys();
    this.#readAt = begunAt;
    if (namesOf(stored) === namesOf(this.#stored)) return;
    this.#stored = stored;
    this.#published = publicKeys(stored);
  }

  #mayAsk(): boolean {
    const now = this.#stopwatch();
    const regained = Math.floor((now - this.#allowedAt) / believedMs);
    this.#allowed = Math.min(mostAtOnce, this.#allowed + regained);
    this.#allowedAt += regained * believedMs;
    if (this.#allowed === 0) return false;
    this.#allowed -= 1;
    return true;
  }
}

function namesOf(keys: readonly StoredSigningKey[]): string {
  return keys.map(({ kid }) => kid).join(' ');
}

function publicKeys(keys: readonly StoredSigningKey[]): JSONWebKeySet {
  if (keys.length === 0) throw new Error('the store has no signing key');
  return { keys: keys.map(publicKey) };
}

function publicKey({ kid, algorithm, privateJwk }: StoredSigningKey): JWK {
  const { kty, n, e, crv, x, y } = JSON.parse(privateJwk) as JWK;
  const shape = kty === 'RSA' ? { n, e } : { crv, x, y };
  return { kty, use: 'sig', alg: algorithm, kid, ...shape } as JWK;
}
