import { failure } from '@cosell/model';
import type { Answer, Asked, Surface } from '../route.ts';
import { deviceGrant } from './client-metadata.ts';
import type { EndpointVersion, IssuerPlace } from './provider-parts.ts';
import { findNamedTenant } from './tenants.ts';

/** OpenID discovery of the built-in issuer (OpenID Connect Discovery 1.0, section 3), in the form of one version. */
export function discoveryOf(version: EndpointVersion): (surface: Surface, asked: Asked) => Promise<Answer> {
  return async ({ store, config }, { origin, parameters }) => {
    const tenant = await findNamedTenant(store, parameters.tenant ?? '');
    if (tenant === undefined) {
      throw failure('routeNotFound', { hint: 'A tenant is the id of one that is here, or "common".' });
    }
    const place = { origin, tenant: tenant.name, version };
    return { status: 200, body: JSON.stringify(discoveryDocument(place, config.allowsPasswordGrant)) };
  };
}

function discoveryDocument(
  { origin, tenant, version }: IssuerPlace,
  allowsPasswords: boolean,
): Record<string, unknown> {
  const base = `${origin}/${tenant}`;
  const oauth = version === 1 ? `${base}/oauth2` : `${base}/oauth2/v2.0`;
  return {
    issuer: version === 1 ? `${base}/` : `${base}/v2.0`,
    authorization_endpoint: `${oauth}/authorize`,
    token_endpoint: `${oauth}/token`,
    device_authorization_endpoint: `${oauth}/devicecode`,
    end_session_endpoint: `${oauth}/logout`,
    jwks_uri: `${base}/discovery/v2.0/keys`,
    response_types_supported: ['code', 'code id_token'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      'client_credentials',
      deviceGrant,
      ...(allowsPasswords ? ['password'] : []),
    ],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic', 'none'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    claims_supported: [
      'sub',
      'iss',
      'aud',
      'exp',
      'iat',
      'nonce',
      'tid',
      'oid',
      'amr',
      'name',
      'preferred_username',
      'email',
    ],
    authorization_response_iss_parameter_supported: true,
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
  };
}
