import type { CryptoKey, JWK } from 'jose';
import { operatorTenant } from '../domain/tenant-names.ts';
import type { DirectoryUser, SigningKey } from '../store/directory-entry.ts';
import type { Clock } from '../store/store.ts';
import { type AccessTokenSubject, accessTokenClaims } from './access-token-claims.ts';
import { documentedAudience } from './audiences.ts';
import type { SigningKeys } from './signing-keys.ts';

/** The client that tokens made on the command line name. */
export const commandLineClient = 'c05e1100-0000-4000-8000-00000000c05e';

/** What tokens made on the command line have in common: the client that they name, and their audience. */
const byCommand = { clientId: commandLineClient, isConfidential: false, audience: documentedAudience } as const;

/** The issuer that every exchange brings. Its paths, keys and claims are those that Entra ID has (surroundings §6). */
export interface BuiltInIssuer {
  /** What it signs with, and publishes. */
  readonly signingKeys: SigningKeys;
  /** The tenant that an `iss` claim of ours names: `{origin}/{tenant}/` in v1.0, `{origin}/{tenant}/v2.0` in v2.0. */
  tenantOf(issuer: string): string | undefined;
  /** A token for a user, in the v1.0 form that Partner Center's own tokens have. */
  mintToken(user: SignedInUser, origin: string): Promise<string>;
  /** A token for whoever runs the exchange; it opens the sandbox and no referral. */
  mintOperatorToken(origin: string): Promise<string>;
}

/** A user, and whether he has shown a second factor; without word on it he has. */
type SignedInUser = DirectoryUser & { readonly isMfaCompliant?: boolean };

/** The subject of the operator's tokens. */
const operatorSubject = 'c05e1100-0000-4000-8000-0000000000e1';

/** Makes a signing key: RS256, as Entra ID signs. Its name is its thumbprint (RFC 7638). */
export async function generateSigningKey(): Promise<SigningKey> {
  const { calculateJwkThumbprint, exportJWK, generateKeyPair } = await import('jose');
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { kid: await calculateJwkThumbprint(jwk), algorithm: 'RS256', privateJwk: JSON.stringify(jwk) };
}

/** The built-in issuer over the keys of the store. The library of tokens is loaded when the first one is made. */
export function createBuiltInIssuer(signingKeys: SigningKeys, clock: Clock): BuiltInIssuer {
  let imported: { readonly kid: string; readonly key: CryptoKey | Uint8Array } | undefined;
  return {
    signingKeys,
    tenantOf: (issuer) => /^https?:\/\/[^/]+\/([^/]+)\/(?:v2\.0)?$/.exec(issuer)?.[1]?.toLowerCase(),
    mintToken({ tenantId, subject, name, email, isMfaCompliant = true }, origin) {
      const user = { scope: 'user_impersonation', name, email, amr: isMfaCompliant ? ['pwd', 'mfa'] : ['pwd'] };
      return sign({ ...byCommand, tenantId, subject, user }, origin);
    },
    mintOperatorToken(origin) {
      const user = { scope: 'exchange.operate', name: 'operator', email: 'operator', amr: ['pwd', 'mfa'] };
      return sign({ ...byCommand, tenantId: operatorTenant, subject: operatorSubject, user }, origin);
    },
  };

  async function sign(whose: AccessTokenSubject, origin: string): Promise<string> {
    const { importJWK, SignJWT } = await import('jose');
    const [newest] = await signingKeys.current();
    const { algorithm, kid, privateJwk } = newest as SigningKey;
    if (imported?.kid !== kid) imported = { kid, key: await importJWK(JSON.parse(privateJwk) as JWK, algorithm) };
    return new SignJWT(accessTokenClaims(whose, origin, clock.now()))
      .setProtectedHeader({ typ: 'JWT', alg: algorithm, kid, x5t: kid })
      .sign(imported.key);
  }
}
