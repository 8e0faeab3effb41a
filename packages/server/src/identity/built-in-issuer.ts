import { exportJWK, generateKeyPair, importJWK, type JSONWebKeySet, type JWK, SignJWT } from 'jose';
import type { Clock, DirectoryUser, Ids, SigningKey } from '../store/store.ts';
import { documentedAudience } from './audiences.ts';

/** How long a token is valid, as documented: `"expires_in":"3600"` (facts §2.1). */
const lifetimeSeconds = 3_600;

/** The client that tokens made on the command line name. */
const commandLineClient = 'c05e1100-0000-4000-8000-00000000c05e';

/** The issuer that every exchange brings. Its paths, keys and claims are those that Entra ID has (surroundings §6). */
export interface BuiltInIssuer {
  /** The public keys, as `/discovery/v2.0/keys` shows them. */
  readonly keys: JSONWebKeySet;
  /** The tenant that an `iss` claim of ours names: `{origin}/{tenant}/` in v1.0, `{origin}/{tenant}/v2.0` in v2.0. */
  tenantOf(issuer: string): string | undefined;
  /** A token for a user, in the v1.0 form that Partner Center's own tokens have. */
  mintToken(user: DirectoryUser, origin: string): Promise<string>;
}

/** Makes a signing key: RS256, as Entra ID signs. */
export async function generateSigningKey(ids: Ids): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { kid: ids.guid(), algorithm: 'RS256', privateJwk: JSON.stringify(await exportJWK(privateKey)) };
}

/** The built-in issuer over the keys of the store, the newest first. */
export async function createBuiltInIssuer(signingKeys: readonly SigningKey[], clock: Clock): Promise<BuiltInIssuer> {
  const [newest] = signingKeys;
  if (newest === undefined) throw new Error('the store has no signing key');
  const privateKey = await importJWK(JSON.parse(newest.privateJwk) as JWK, newest.algorithm);
  return {
    keys: { keys: signingKeys.map(publicKey) },
    tenantOf: (issuer) => /^https?:\/\/[^/]+\/([^/]+)\/(?:v2\.0)?$/.exec(issuer)?.[1]?.toLowerCase(),
    mintToken(user, origin) {
      const now = Math.floor(clock.now() / 1000);
      const claims = {
        ver: '1.0',
        tid: user.tenantId,
        oid: user.subject,
        appid: commandLineClient,
        appidacr: '0',
        acr: '1',
        amr: ['pwd', 'mfa'],
        scp: 'user_impersonation',
        name: user.name,
        unique_name: user.email,
        upn: user.email,
      };
      return new SignJWT(claims)
        .setProtectedHeader({ typ: 'JWT', alg: newest.algorithm, kid: newest.kid, x5t: newest.kid })
        .setIssuer(`${origin}/${user.tenantId}/`)
        .setAudience(documentedAudience)
        .setSubject(user.subject)
        .setIssuedAt(now)
        .setNotBefore(now)
        .setExpirationTime(now + lifetimeSeconds)
        .sign(privateKey);
    },
  };
}

/** The discovery document of a tenant (OpenID Connect Discovery 1.0, section 3), at Entra's v2.0 path. */
export function discoveryDocument(origin: string, tenant: string): Record<string, unknown> {
  const base = `${origin}/${tenant}`;
  return {
    issuer: `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
    token_endpoint: `${base}/oauth2/v2.0/token`,
    device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
    end_session_endpoint: `${base}/oauth2/v2.0/logout`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_types_supported: ['code'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
  };
}

function publicKey({ kid, algorithm, privateJwk }: SigningKey): JWK {
  const { kty, n, e, crv, x, y } = JSON.parse(privateJwk) as JWK;
  const shape = kty === 'RSA' ? { n, e } : { crv, x, y };
  return { kty, use: 'sig', alg: algorithm, kid, ...shape } as JWK;
}
