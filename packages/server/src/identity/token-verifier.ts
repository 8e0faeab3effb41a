import { Failure, failure } from '@cosell/model';
import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import { operatorTenant } from '../domain/tenant-names.ts';
import type { Observe } from '../observations.ts';
import type { Clock } from '../store/store.ts';
import { usualAlgorithms } from '../trusted-issuers.ts';
import type { AccessToken } from './access-token.ts';
import { type AudienceClass, builtInAudiences } from './audiences.ts';
import { BoundedMemory } from './bounded-memory.ts';
import type { BuiltInIssuer } from './built-in-issuer.ts';
import { amrClaim, type ProvedClaims, readClaims, requireMfa } from './claims.ts';
import type { ExternalIssuer } from './external-issuer.ts';

/** How far two clocks may be apart. */
const leewaySeconds = 60;
/** Tokens whose proof is remembered; each takes some 500 bytes. */
const mostRemembered = 10_000;

/** A proved token: its claims, and the audiences that its issuer's tokens may name. */
interface Proof {
  readonly claims: ProvedClaims;
  readonly issuer: 'builtIn' | ExternalIssuer;
}

/** What is known of a request's token by now: filled as it is proved, so that whoever is refused is known, too. */
export interface KnownToken {
  /**
   * What the token says, from the moment that its signature is proved. Where its issuer may not speak for its tenant, the
   * tenant is the issuer itself: nobody else has said so.
   */
  claims: ProvedClaims | undefined;
}

interface VerifierParts {
  readonly builtIn: BuiltInIssuer;
  readonly external: readonly ExternalIssuer[];
  /** This server's own addresses, known once it listens. */
  readonly origins: () => readonly string[];
  readonly requireMfa: boolean;
  readonly clock: Clock;
  readonly observe: Observe;
}

/**
 * Proves access tokens. What is remembered of a token until it expires are its proved claims and nothing else: what
 * its user may do is asked of the directory every time.
 */
export class TokenVerifier {
  readonly #parts: VerifierParts;
  #builtInKeys: JWTVerifyGetKey;
  #published;
  readonly #algorithms: ReadonlySet<string>;
  readonly #remembered = new BoundedMemory<Proof>(mostRemembered);
  readonly #audiences = new Map<AudienceClass, ReadonlySet<string>>();

  constructor(parts: VerifierParts) {
    this.#parts = parts;
    this.#algorithms = new Set([...usualAlgorithms, ...parts.external.flatMap(algorithmsOf)]);
    this.#published = parts.builtIn.signingKeys.published;
    this.#builtInKeys = createLocalJWKSet(this.#published);
  }

  /**
   * Proves a token for a route.
   *
   * @param known is told what the token says as soon as that is proved
   * @throws Failure with code `unauthenticated` (401), or `issuerUnreachable` (503)
   */
  async verify({ text, fingerprint }: AccessToken, audience: AudienceClass, known: KnownToken): Promise<ProvedClaims> {
    const watched = this.#parts.builtIn.signingKeys.watch();
    const published = watched instanceof Promise ? await watched : watched;
    if (published !== this.#published) this.#takeKeys(published);
    let proof = this.#remembered.get(fingerprint);
    if (proof === undefined) {
      proof = await this.#prove(text, known);
      this.#parts.observe({ kind: 'tokenProved' });
      this.#remembered.set(fingerprint, proof);
    }
    known.claims = proof.claims;
    if (proof.claims.expiresAt + leewaySeconds <= this.#parts.clock.now() / 1000) {
      this.#remembered.delete(fingerprint);
      throw expired(proof.claims.expiresAt);
    }
    this.#requireAudience(proof, audience);
    if (this.#parts.requireMfa) requireMfa(proof.claims);
    return proof.claims;
  }

  async #prove(token: string, known: KnownToken): Promise<Proof> {
    const issuer = await this.#issuerOf(token);
    const { builtIn, clock } = this.#parts;
    const mapping = issuer === 'builtIn' ? undefined : issuer.trust;
    const options = {
      algorithms: [...algorithmsOf(issuer)],
      clockTolerance: leewaySeconds,
      currentDate: new Date(clock.now()),
      requiredClaims: ['iss', 'aud', 'exp'],
    };
    try {
      const getKey = issuer === 'builtIn' ? this.#builtInKeys : issuer.getKey;
      const { payload } = await jwtVerify(token, getKey, options).catch((error: unknown) => {
        if (!isOfClaims(error)) throw error;
        known.claims = readProved(error.payload, issuer, builtIn);
        // That a claim is missing comes before that its time is over.
        readClaims(error.payload, mapping);
        throw error;
      });
      known.claims = readProved(payload, issuer, builtIn);
      const claims = readClaims(payload, mapping);
      if (!speaksFor(issuer, claims, payload, builtIn)) throw failure('tenantNotBound');
      return { claims: known.claims, issuer };
    } catch (error) {
      throw translate(error);
    }
  }

  /** Who should have signed the token. Nothing is believed yet: the name only picks the keys that it is held against. */
  async #issuerOf(token: string): Promise<'builtIn' | ExternalIssuer> {
    let issuer: string | undefined;
    let kid: string | undefined;
    let algorithm = '';
    try {
      ({ kid, alg: algorithm = '' } = decodeProtectedHeader(token));
      if (!this.#algorithms.has(algorithm)) throw failure('algorithmNotAllowed');
      issuer = decodeJwt(token).iss;
    } catch (error) {
      if (error instanceof Failure) throw error;
      throw failure('tokenMalformed', { reason: 'it has not three parts of base64url-encoded JSON' });
    }
    if (typeof issuer !== 'string') throw failure('issuerUnknown');
    const found = this.#parts.external.find((one) => one.hasName(issuer)) ?? (await this.#ownIssuer(issuer, kid));
    if (found === undefined) throw failure('issuerUnknown');
    if (!algorithmsOf(found).includes(algorithm)) throw failure('algorithmNotAllowed');
    return found;
  }

  /** The key decides: a token of ours stays good when the exchange is reached by another of its addresses. */
  async #ownIssuer(issuer: string, kid: string | undefined): Promise<'builtIn' | undefined> {
    const { builtIn, origins } = this.#parts;
    if (builtIn.tenantOf(issuer) === undefined || !URL.canParse(issuer)) return undefined;
    const published = await builtIn.signingKeys.knowing(kid);
    if (published !== this.#published) this.#takeKeys(published);
    const isOwn = published.keys.some((key) => key.kid === kid) || origins().includes(new URL(issuer).origin);
    return isOwn ? 'builtIn' : undefined;
  }

  /** Other keys than before. What was proved by one that may be gone is proved again. */
  #takeKeys(published: JSONWebKeySet): void {
    this.#published = published;
    this.#builtInKeys = createLocalJWKSet(published);
    this.#remembered.clear();
  }

  #requireAudience({ claims, issuer }: Proof, audience: AudienceClass): void {
    const allowed = issuer === 'builtIn' ? this.#builtInAudiences(audience) : new Set(issuer.trust.audiences);
    if (claims.audiences.some((name) => allowed.has(name))) return;
    throw failure('audienceWrong', { audiences: [...allowed].slice(0, 2).join(' or ') });
  }

  #builtInAudiences(audience: AudienceClass): ReadonlySet<string> {
    let names = this.#audiences.get(audience);
    if (names === undefined) {
      names = new Set(builtInAudiences(audience, this.#parts.origins()));
      this.#audiences.set(audience, names);
    }
    return names;
  }
}

/** Whether an issuer may speak for the tenant of a token: each speaks for its own only (decision 8). */
function speaksFor(issuer: Proof['issuer'], { tenantId }: ProvedClaims, { iss }: JWTPayload, builtIn: BuiltInIssuer) {
  if (issuer === 'builtIn') return builtIn.tenantOf(iss ?? '') === tenantId;
  return issuer.speaksFor(tenantId, iss ?? '');
}

/** What the tokens of an issuer may be signed with. */
function algorithmsOf(issuer: Proof['issuer']): readonly string[] {
  return issuer === 'builtIn' ? usualAlgorithms : issuer.trust.algorithms;
}

/** jose looks at claims when the signature is proved, so what these errors carry was said by the issuer. */
function isOfClaims(error: unknown): error is errors.JWTExpired | errors.JWTClaimValidationFailed {
  return error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed;
}

/** What a token says whose signature is proved, also where its claims are not in order. */
function readProved(payload: JWTPayload, issuer: Proof['issuer'], builtIn: BuiltInIssuer): ProvedClaims {
  const isBuiltIn = issuer === 'builtIn';
  const byIssuer = { tenantId: String(payload.iss).toLowerCase(), isBuiltIn, isOperator: false };
  try {
    const claims = readClaims(payload, isBuiltIn ? undefined : issuer.trust);
    if (!speaksFor(issuer, claims, payload, builtIn)) return { ...claims, roles: [], ...byIssuer };
    return { ...claims, isBuiltIn, isOperator: isBuiltIn && claims.tenantId === operatorTenant };
  } catch {
    const nothing = {
      clientId: null,
      audiences: [],
      hasScope: false,
      isMfaCompliant: undefined,
      mfaClaim: amrClaim,
      roles: [],
      expiresAt: 0,
    };
    return { ...nothing, ...byIssuer, subject: typeof payload.sub === 'string' ? payload.sub : '' };
  }
}

/** jose's errors in our words. What is not one of them is a bug and stays one. */
function translate(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return expired(Number(error.payload.exp));
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim !== 'nbf' || error.reason !== 'check_failed')
      return failure('claimInvalid', { claim: error.claim });
    return failure('tokenNotYetValid', { validFrom: instantText(Number(error.payload.nbf)) });
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return failure('algorithmNotAllowed');
  if (error instanceof errors.JWSSignatureVerificationFailed) return failure('signatureInvalid');
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
    return failure('signingKeyUnknown');
  }
  if (error instanceof errors.JOSEError) {
    return failure('tokenMalformed', { reason: 'its header or payload breaks the rules of RFC 7519' });
  }
  return error;
}

function expired(expiresAt: number): Failure {
  return failure('tokenExpired', { expiredAt: instantText(expiresAt) });
}

/** A claim may hold any number; one that no date reaches is shown as it is. */
function instantText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}
