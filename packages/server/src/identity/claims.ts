import { failure } from '@cosell/model';
import type { JWTPayload } from 'jose';

/** What a proved token says, in the forms of Entra's v1.0 and v2.0 alike (surroundings §2.3). Nothing of it is a role. */
export interface ProvedClaims {
  /** The `tid` claim, or the issuer where its tokens have none; in lower case, as the directory has it. */
  readonly tenantId: string;
  /** The `oid` claim, or `sub` where there is no tenant. */
  readonly subject: string;
  readonly clientId: string | null;
  readonly audiences: readonly string[];
  /** Whether a signed-in user stands behind the token: only then has it a scope. */
  readonly hasScope: boolean;
  /** True and false by `amr`; undefined where the token has none. */
  readonly isMfaCompliant: boolean | undefined;
  /** Whether the built-in issuer has signed it. */
  readonly isBuiltIn: boolean;
  /** Whether it is the token of whoever runs the exchange; only the built-in issuer gives it. */
  readonly isOperator: boolean;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

/**
 * Reads the claims of a token whose signature is proved.
 *
 * @throws Failure `claimInvalid`
 */
export function readClaims(payload: JWTPayload): ProvedClaims {
  const tid = optionalText(payload, 'tid');
  const tenantId = (tid ?? requiredText(payload, 'iss')).toLowerCase();
  const subject = tid === undefined ? requiredText(payload, 'sub') : requiredText(payload, 'oid').toLowerCase();
  const scope = optionalText(payload, 'scp') ?? optionalText(payload, 'scope') ?? '';
  const clientId = optionalText(payload, 'appid') ?? optionalText(payload, 'azp') ?? optionalText(payload, 'client_id');
  return {
    tenantId,
    subject,
    clientId: clientId ?? null,
    audiences: [payload.aud ?? []].flat(),
    hasScope: scope.trim() !== '',
    isMfaCompliant: Array.isArray(payload.amr) ? payload.amr.includes('mfa') : undefined,
    isBuiltIn: false,
    isOperator: false,
    expiresAt: payload.exp ?? 0,
  };
}

/**
 * Demands a second factor.
 *
 * @throws Failure `mfaRequired` where the token does not show one
 */
export function requireMfa({ isMfaCompliant }: ProvedClaims): void {
  if (isMfaCompliant === true) return;
  const reason =
    isMfaCompliant === false ? 'its "amr" claim has no "mfa"' : 'it has no "amr" claim, as v2.0 tokens have not';
  throw failure('mfaRequired', { reason });
}

function optionalText(payload: JWTPayload, claim: string): string | undefined {
  const value = payload[claim];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw failure('claimInvalid', { claim });
  return value === '' ? undefined : value;
}

function requiredText(payload: JWTPayload, claim: string): string {
  const value = optionalText(payload, claim);
  if (value === undefined) throw failure('claimInvalid', { claim });
  return value;
}
