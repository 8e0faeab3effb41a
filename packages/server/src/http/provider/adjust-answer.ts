import { lifetimeSeconds } from '../../identity/access-token-claims.ts';
import type { EndpointVersion } from './provider-parts.ts';
import { shownScopes, userImpersonation } from './resources.ts';

/** What is known of a token that was issued. */
export interface IssuedToken {
  readonly audience: string;
  /** When it was issued, in seconds since 1970. */
  readonly issuedAt: number;
  /** Scopes that were granted; none where a program speaks for itself. */
  readonly scopes: readonly string[];
  /** Whose it is; undefined where a program speaks for itself. */
  readonly user: { readonly tenantId: string; readonly subject: string } | undefined;
  readonly asksForClientInfo: boolean;
}

/** The answer of the token endpoint in Entra's form: at the first version every member is text (decision 38). */
export function adjustTokenAnswer(
  answer: Readonly<Record<string, unknown>>,
  version: EndpointVersion,
  { audience, issuedAt, scopes, user, asksForClientInfo }: IssuedToken,
): Record<string, unknown> {
  const { access_token, refresh_token, id_token } = answer;
  const info =
    user === undefined || !asksForClientInfo
      ? {}
      : { client_info: encoded({ uid: user.subject, utid: user.tenantId }) };
  const tokens = {
    access_token,
    ...(refresh_token === undefined ? {} : { refresh_token }),
    ...(id_token === undefined ? {} : { id_token }),
    ...info,
  };
  if (version === 2) {
    const scope = user === undefined ? `${audience}/.default` : shownScopes(scopes, audience).join(' ');
    return {
      token_type: 'Bearer',
      scope,
      expires_in: lifetimeSeconds,
      ext_expires_in: lifetimeSeconds,
      ...tokens,
    };
  }
  return {
    token_type: 'Bearer',
    ...(user === undefined ? {} : { scope: userImpersonation }),
    expires_in: String(lifetimeSeconds),
    ext_expires_in: String(lifetimeSeconds),
    expires_on: String(issuedAt + lifetimeSeconds),
    not_before: String(issuedAt),
    resource: audience,
    ...tokens,
  };
}

/** The answer to a device that asks for a code, in Entra's form. */
export function adjustDeviceAnswer(
  answer: Readonly<Record<string, unknown>>,
  version: EndpointVersion,
): Record<string, unknown> {
  const { device_code, user_code, verification_uri, verification_uri_complete, expires_in } = answer;
  const message = `To sign in, open the page ${verification_uri} in a browser and enter the code ${user_code}.`;
  if (version === 2) {
    return {
      user_code,
      device_code,
      verification_uri,
      verification_uri_complete,
      expires_in,
      interval: pollSeconds,
      message,
    };
  }
  return {
    user_code,
    device_code,
    verification_url: verification_uri,
    verification_uri,
    expires_in: String(expires_in),
    interval: String(pollSeconds),
    message,
  };
}

/** How long a device waits before it asks again. */
const pollSeconds = 5;

/** A refusal with what its reader can do about it, and the numbers by which the log has it. */
export function adjustRefusal(
  { error, error_description }: { readonly error: string; readonly error_description?: string },
  { detail, requestId, now }: { readonly detail: string | undefined; readonly requestId: string; readonly now: number },
): Record<string, unknown> {
  const isGrant = error_description === 'requested grant type is not allowed for this client';
  const said = [error_description, detail].filter((text) => text !== undefined && text !== '');
  return {
    error: isGrant ? 'unauthorized_client' : error,
    error_description: said.length === 0 ? error : said.join(': '),
    timestamp: new Date(now).toISOString(),
    trace_id: requestId,
    correlation_id: requestId,
  };
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
