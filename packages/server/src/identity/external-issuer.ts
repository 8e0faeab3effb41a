import { Failure, failure } from '@cosell/model';
import {
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  type FetchImplementation,
  type JSONWebKeySet,
  type JWK,
  type JWTVerifyGetKey,
} from 'jose';
import type { Observe } from '../observations.ts';
import type { Clock } from '../store/store.ts';
import { issuerNameFor, issuerNames, type TrustedIssuer } from '../trusted-issuers.ts';

/** How long one request to an issuer may take. */
const timeoutMs = 5_000;
/** How long an issuer that could not be reached is left alone. */
const coolDownMs = 5_000;
/** How long a discovery document is believed; Microsoft advises a day (surroundings §2.4). */
const discoveryLifetimeMs = 24 * 3_600_000;

/** Keys that jose fetches, and what the issuer said of them. */
type RemoteKeys = JWTVerifyGetKey & { readonly jwks: () => JSONWebKeySet | undefined };

/** The keys of a trusted issuer: found by OpenID discovery, kept, fetched again when a token names an unknown one. */
export class ExternalIssuer {
  readonly trust: TrustedIssuer;
  readonly #clock: Clock;
  readonly #observe: Observe;
  readonly #names: ReadonlySet<string>;
  #keys: RemoteKeys | undefined;
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #failedAt = Number.NEGATIVE_INFINITY;
  #fetching: Promise<RemoteKeys> | undefined;

  constructor(trust: TrustedIssuer, clock: Clock, observe: Observe) {
    this.trust = trust;
    this.#clock = clock;
    this.#observe = observe;
    this.#names = issuerNames(trust);
  }

  /** Whether tokens with this `iss` are its own. */
  hasName(iss: string): boolean {
    return this.#names.has(iss);
  }

  /** Whether it may speak for a tenant in a token with this `iss`. */
  speaksFor(tenantId: string, iss: string): boolean {
    const tenant = tenantId.toLowerCase();
    return (
      issuerNameFor(this.trust.issuer, tenant) === iss && this.trust.tenants.some((one) => one.toLowerCase() === tenant)
    );
  }

  /**
   * The key that a token names.
   *
   * @throws Failure `issuerUnreachable`, which is no fault of the token; errors of jose for an unknown key
   */
  readonly getKey: JWTVerifyGetKey = async (header, token) => {
    const keys = await this.#currentKeys();
    try {
      const key = await keys(header, token);
      requireOwn(keys.jwks(), header.kid, decodeClaims(token));
      return key;
    } catch (error) {
      if (error instanceof Failure) throw error;
      // Everything but "no such key" and "several such keys" is trouble on the way to the issuer.
      const code = (error as { code?: string }).code ?? '';
      if (code === 'ERR_JWKS_NO_MATCHING_KEY' || code === 'ERR_JWKS_MULTIPLE_MATCHING_KEYS') throw error;
      if (code === 'ERR_JOSE_NOT_SUPPORTED') throw error;
      throw this.#unreachable(error);
    }
  };

  async #currentKeys(): Promise<RemoteKeys> {
    const now = this.#clock.now();
    if (this.#keys !== undefined && now - this.#fetchedAt < discoveryLifetimeMs) return this.#keys;
    if (now - this.#failedAt < coolDownMs) {
      if (this.#keys !== undefined) return this.#keys;
      throw failure('issuerUnreachable');
    }
    this.#fetching ??= this.#discover().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #discover(): Promise<RemoteKeys> {
    const { issuer, discovery } = this.trust;
    const address = discovery ?? `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    try {
      const answer = await fetch(address, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });
      if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
      const document = (await answer.json()) as { issuer?: unknown; jwks_uri?: unknown };
      // OpenID Connect Discovery 1.0, section 4.3: the document must be the issuer's own.
      if (document.issuer !== issuer) throw new Error(`${address} is the document of another issuer`);
      if (typeof document.jwks_uri !== 'string') throw new Error(`${address} has no jwks_uri`);
      this.#keys = createRemoteJWKSet(new URL(document.jwks_uri), {
        timeoutDuration: timeoutMs,
        [customFetch]: this.#fetchKeys,
      });
      this.#fetchedAt = this.#clock.now();
      return this.#keys;
    } catch (error) {
      const kept = this.#keys;
      const refusal = this.#unreachable(error);
      if (kept !== undefined) return kept;
      throw refusal;
    }
  }

  /** jose cools down after keys that it got, and not after a failure: then every request would wait for the issuer. */
  readonly #fetchKeys: FetchImplementation = async (url, options) => {
    if (this.#clock.now() - this.#failedAt < coolDownMs) throw failure('issuerUnreachable');
    return fetch(url, options);
  };

  #unreachable(error: unknown) {
    this.#failedAt = this.#clock.now();
    const cause = error instanceof Error ? error : new Error(String(error));
    this.#observe({ kind: 'issuerUnreachable', issuer: this.trust.issuer, error: cause });
    return failure('issuerUnreachable', {}, { cause });
  }
}

type Claims = ReturnType<typeof decodeJwt>;

/** What a token says of itself, before it is proved. */
function decodeClaims({ payload }: Parameters<JWTVerifyGetKey>[1]): Claims {
  return decodeJwt(`e30.${payload}.`);
}

/**
 * Holds a key to the issuer that Entra ID publishes with it (surroundings §2.4): the tokens of one tenant may not be signed
 * with the key of another one's issuer, though both are in the same document.
 *
 * @throws Failure `signingKeyUnknown`
 */
function requireOwn(published: JSONWebKeySet | undefined, kid: string | undefined, { iss, tid }: Claims): void {
  const tenant = typeof tid === 'string' ? tid.toLowerCase() : '';
  const keys: readonly (JWK & { readonly issuer?: unknown })[] = published?.keys ?? [];
  for (const key of keys) {
    if (typeof key.issuer !== 'string' || (kid !== undefined && key.kid !== kid)) continue;
    if (issuerNameFor(key.issuer, tenant) !== iss) throw failure('signingKeyUnknown');
  }
}
