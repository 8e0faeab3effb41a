import { failure, type RoleAssignment } from '@cosell/model';
import type { JWTPayload } from 'jose';
import { foldSubject } from '../domain/directory/subject.ts';
import type { ClaimsMapping } from '../trusted-issuers.ts';

/** What a proved token says, in the forms of Entra's v1.0 and v2.0 alike (surroundings §2.3). */
export interface ProvedClaims {
  /** The `tid` claim, or the issuer where its tokens have none; in lower case, as the directory has it. */
  readonly tenantId: string;
  /** The `oid` claim, or `sub` where there is no tenant. */
  readonly subject: string;
  readonly clientId: string | null;
  readonly audiences: readonly string[];
  /** Whether a signed-in user stands behind the token: only then has it a scope. */
  readonly hasScope: boolean;
  /** True and false by the claim that shows a second factor; undefined where the token has none. */
  readonly isMfaCompliant: boolean | undefined;
  /** The claim that shows it, and the values that do. */
  readonly mfaClaim: MfaClaim;
  /** Roles by the claim that the operator has mapped for the issuer, and by nothing else. */
  readonly roles: readonly RoleAssignment[];
  /** Whether the built-in issuer has signed it. */
  readonly isBuiltIn: boolean;
  /** Whether it is the token of whoever runs the exchange; only the built-in issuer gives it. */
  readonly isOperator: boolean;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

type MfaClaim = NonNullable<ClaimsMapping['mfa']>;

/** What Entra's v1.0 tokens have. */
export const amrClaim: MfaClaim = { claim: 'amr', values: ['mfa'] };

/** One list for the many tokens without a role: ten thousand are remembered. */
const noRoles: readonly RoleAssignment[] = [];

/**
 * Reads the claims of a token whose signature is proved.
 *
 * @param mapping how the operator says that its issuer's claims are read
 * @throws Failure `claimInvalid`
 */
export function readClaims(payload: JWTPayload, mapping: ClaimsMapping = {}): ProvedClaims {
  const { tenant, subject, client, scope } = mapping.claims ?? {};
  const tid = tenant === undefined ? optionalText(payload, 'tid') : requiredText(payload, tenant);
  const isByObject = subject === undefined && tenant === undefined && tid !== undefined;
  const scopes = optionalOf(payload, scope === undefined ? ['scp', 'scope'] : [scope]) ?? '';
  return {
    tenantId: (tid ?? requiredText(payload, 'iss')).toLowerCase(),
    subject: foldSubject(requiredText(payload, isByObject ? 'oid' : (subject ?? 'sub'))),
    clientId: optionalOf(payload, client === undefined ? ['appid', 'azp', 'client_id'] : [client]) ?? null,
    audiences: [payload.aud ?? []].flat(),
    hasScope: scopes.trim() !== '',
    isMfaCompliant: hasSecondFactor(payload, mapping),
    mfaClaim: mapping.mfa ?? amrClaim,
    roles: rolesIn(payload, mapping),
    isBuiltIn: false,
    isOperator: false,
    expiresAt: payload.exp ?? 0,
  };
}

function hasSecondFactor(payload: JWTPayload, { mfa }: ClaimsMapping): boolean | undefined {
  if (mfa !== undefined) return textsAt(payload, mfa.claim)?.some((value) => mfa.values.includes(value));
  return Array.isArray(payload.amr) ? payload.amr.includes('mfa') : undefined;
}

function rolesIn(payload: JWTPayload, { roles }: ClaimsMapping): readonly RoleAssignment[] {
  if (roles === undefined) return noRoles;
  const given = new Set(textsAt(payload, roles.claim));
  const mapped = Object.entries(roles.map).flatMap(([name, role]) => (given.has(name) ? [role] : []));
  return mapped.length === 0 ? noRoles : mapped;
}

/**
 * Demands a second factor.
 *
 * @throws Failure `mfaRequired` where the token does not show one
 */
export function requireMfa({ isMfaCompliant, mfaClaim }: ProvedClaims): void {
  if (isMfaCompliant === true) return;
  const { claim, values } = mfaClaim;
  const wanted = values.map((value) => `"${value}"`).join(' or ');
  const asV2 = mfaClaim === amrClaim ? ', as v2.0 tokens have not' : '';
  const reason =
    isMfaCompliant === false ? `its "${claim}" claim has no ${wanted}` : `it has no "${claim}" claim${asV2}`;
  throw failure('mfaRequired', { reason });
}

/** The first of some claims that is there. */
function optionalOf(payload: JWTPayload, claims: readonly string[]): string | undefined {
  for (const claim of claims) {
    const value = optionalText(payload, claim);
    if (value !== undefined) return value;
  }
  return undefined;
}

function optionalText(payload: JWTPayload, claim: string): string | undefined {
  const value = claimAt(payload, claim);
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw failure('claimInvalid', { claim });
  return value === '' ? undefined : value;
}

function requiredText(payload: JWTPayload, claim: string): string {
  const value = optionalText(payload, claim);
  if (value === undefined) throw failure('claimInvalid', { claim });
  return value;
}

/** A claim that is one text or a list of them; undefined where it is neither. */
function textsAt(payload: JWTPayload, claim: string): string[] | undefined {
  const value = claimAt(payload, claim);
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;
}

/** The claim of a name; where there is none, what its parts between dots lead to. */
export function claimAt(payload: JWTPayload, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name];
  let value: unknown = payload;
  for (const part of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[part];
  }
  return value;
}
