import { deviceGrant } from './client-metadata.ts';
import type { IssuerPlace } from './provider-parts.ts';
import { sealed } from './record-adapter.ts';
import { identifierOf, knownResources, offlineScope, readScopes, userImpersonation } from './resources.ts';

/** Parameters of ours that go with an authorization request; nobody else can set them. */
export const ownParameters = { tenant: 'cosell_tenant', secondFactor: 'cosell_second_factor' } as const;

/** What parameters of Entra's `prompt` mean here. */
const prompts: Readonly<Record<string, string>> = {
  select_account: 'login',
  refresh_session: 'login',
  admin_consent: 'consent',
  attempt_none: 'none',
};

/**
 * An authorization request, or one for a device's code, in the words of the provider's library. Every known resource is
 * asked for with it, the named one first: a refresh token is good for each of them (surroundings §2.6).
 */
export function adjustAuthorization(given: URLSearchParams, { origin, tenant, version }: IssuerPlace): URLSearchParams {
  const asked = new URLSearchParams(given);
  const { scopes, resource } = readScopes(given.get('scope') ?? '');
  const always = version === 1 ? ['openid', 'profile', userImpersonation, offlineScope] : [userImpersonation];
  asked.set('scope', [...new Set([...scopes, ...always])].join(' '));
  const given1 = given.get('resource');
  const named = given1 === null || given1 === '' ? resource : identifierOf(given1);
  const known = knownResources(origin);
  const resources = named === undefined ? known : [named, ...known.filter((one) => one !== named)];
  asked.delete('resource');
  for (const one of resources) asked.append('resource', one);
  const prompt = given.get('prompt');
  if (prompt !== null) asked.set('prompt', prompts[prompt] ?? prompt);
  asked.set(ownParameters.tenant, tenant);
  asked.delete(ownParameters.secondFactor);
  if (asksForSecondFactor(given)) asked.set(ownParameters.secondFactor, 'true');
  // What they ask for is read above; the library knows other forms of them only.
  for (const name of ['claims', 'acr_values']) asked.delete(name);
  return asked;
}

/** A token request in the words of the provider's library. */
export function adjustTokenRequest(given: URLSearchParams): URLSearchParams {
  const asked = new URLSearchParams(given);
  const grantType = given.get('grant_type');
  const { scopes, resource } = readScopes(given.get('scope') ?? '');
  const named = given.get('resource');
  if (named !== null && named !== '') asked.set('resource', identifierOf(named));
  else if (resource !== undefined) asked.set('resource', resource);
  else asked.delete('resource');
  // A refresh token keeps its scopes; MSAL names them again, and by the names of each resource in turn.
  if (grantType === 'password') asked.set('scope', [...new Set([...scopes, userImpersonation])].join(' '));
  else asked.delete('scope');
  if (grantType === 'device_code') {
    asked.set('grant_type', deviceGrant);
    const code = given.get('code');
    if (given.get('device_code') === null && code !== null) asked.set('device_code', code);
  }
  for (const name of ['code', 'device_code', 'refresh_token']) {
    if (asked.get(name)?.startsWith(sealed) === true) asked.set(name, 'unknown');
  }
  return asked;
}

/** Whether a second factor is asked for, by `acr_values` or by a claim of a token (surroundings §2.7). */
function asksForSecondFactor(given: URLSearchParams): boolean {
  const words = (given.get('acr_values') ?? '').split(' ');
  if (words.some((word) => ['mfa', 'c1', 'possessionorinherence'].includes(word))) return true;
  const claims = given.get('claims');
  if (claims === null) return false;
  try {
    const asked = JSON.parse(claims) as Record<string, Record<string, { value?: unknown; values?: unknown } | null>>;
    return [asked.access_token, asked.id_token].some((token) =>
      [token?.amr, token?.acrs, token?.acr].some((claim) => {
        const values = [claim?.value, claim?.values].flat();
        return values.includes('mfa') || values.includes('c1');
      }),
    );
  } catch {
    return false;
  }
}
