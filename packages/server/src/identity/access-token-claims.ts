/** How long an access token is valid, as documented: `"expires_in":"3600"` (facts §2.1). */
export const lifetimeSeconds = 3_600;

/** For whom an access token of the built-in issuer speaks, by which program and to whom. */
export interface AccessTokenSubject {
  readonly tenantId: string;
  readonly subject: string;
  readonly clientId: string;
  /** Whether the program has proved itself by a secret. */
  readonly isConfidential: boolean;
  readonly audience: string;
  /** The signed-in user; none where a program speaks for itself. */
  readonly user?: {
    readonly scope: string;
    readonly name: string;
    readonly email: string;
    /** How he has proved himself. */
    readonly amr: readonly string[];
  };
}

/** The claims of an access token, in the v1.0 form that Partner Center's own tokens have (surroundings §2.3). */
export function accessTokenClaims(whose: AccessTokenSubject, origin: string, nowMs: number): Record<string, unknown> {
  const { tenantId, subject, clientId, isConfidential, audience, user } = whose;
  const now = Math.floor(nowMs / 1000);
  const claims = {
    ver: '1.0',
    iss: `${origin}/${tenantId}/`,
    aud: audience,
    iat: now,
    nbf: now,
    exp: now + lifetimeSeconds,
    tid: tenantId,
    oid: subject,
    sub: subject,
    appid: clientId,
    appidacr: isConfidential ? '1' : '0',
  };
  // A program alone has no scope: by that it is told from a user.
  if (user === undefined) return { ...claims, idtyp: 'app', roles: [] };
  const { scope, name, email, amr } = user;
  return { ...claims, acr: '1', amr: [...amr], scp: scope, name, unique_name: email, upn: email };
}
