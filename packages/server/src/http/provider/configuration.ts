import type { Configuration, JWK, KoaContextWithOIDC } from 'oidc-provider';
import { needsConsent } from '../../domain/consents.ts';
import { lifetimeSeconds } from '../../identity/access-token-claims.ts';
import { documentedAudience } from '../../identity/audiences.ts';
import type { StoredSigningKey } from '../../store/directory-entry.ts';
import { findAccount, pseudonymOf, type UserAccount } from './accounts.ts';
import { ownParameters } from './adjust-request.ts';
import { clientMetadata, type OwnMetadata, ownMetadata } from './client-metadata.ts';
import type { CookieKeys } from './cookie-keys.ts';
import { createPolicy } from './policy.ts';
import type { ProviderLibrary } from './provider-library.ts';
import { providerPages } from './provider-pages.ts';
import type { IssuerPlace, ProviderParts } from './provider-parts.ts';
import { RecordAdapter } from './record-adapter.ts';
import { audienceOf, consentScopes, knownResources, offlineScope, userImpersonation } from './resources.ts';
import { shapeAccessToken } from './shape-access-token.ts';

/** What a provider is configured with beside its parts. */
export interface ProviderMaking {
  readonly library: ProviderLibrary;
  readonly parts: ProviderParts;
  readonly place: IssuerPlace;
  readonly keys: readonly StoredSigningKey[];
  readonly cookieKeys: CookieKeys;
  /** From what pseudonyms are derived. */
  readonly salt: string;
}

/** Names of the provider's cookies. */
export const cookieNames = { session: 'cosell_session', interaction: 'cosell_sign_in', resume: 'cosell_resume' };

const minute = 60;
const day = 24 * 60 * minute;

/**
 * How long each thing lives, in seconds. A refresh token that is used is replaced by one that lives as long again, and a
 * grant lives as long as its youngest refresh token.
 */
const ttl = {
  AccessToken: lifetimeSeconds,
  ClientCredentials: lifetimeSeconds,
  IdToken: lifetimeSeconds,
  AuthorizationCode: 5 * minute,
  DeviceCode: 15 * minute,
  Interaction: 30 * minute,
  Session: day / 2,
  RefreshToken: 90 * day,
  Grant: 60 * minute,
};

/** Entra's paths, below the tenant; the page at which devices are connected is below none. */
const routesOf = (version: 1 | 2) => {
  const base = version === 1 ? '/oauth2' : '/oauth2/v2.0';
  return {
    authorization: `${base}/authorize`,
    token: `${base}/token`,
    device_authorization: `${base}/devicecode`,
    end_session: `${base}/logout`,
    code_verification: '/device',
    jwks: '/discovery/v2.0/keys',
  };
};

/** The configuration of the library for one issuer. */
export function configurationOf(making: ProviderMaking): Configuration {
  const { library, parts, place, keys, cookieKeys, salt } = making;
  const { store } = parts;
  const pages = providerPages();
  return {
    adapter: (model) =>
      model === 'Client'
        ? clientsOf(parts)
        : new RecordAdapter(model, store, (reason) => new library.errors.InvalidGrant(reason)),
    jwks: { keys: keys.map(privateKey) },
    enabledJWA: { idTokenSigningAlgValues: ['RS256'] },
    routes: routesOf(place.version),
    cookies: {
      names: cookieNames,
      // Koa takes whatever signs and verifies.
      keys: cookieKeys as unknown as string[],
      long: { httpOnly: true, sameSite: 'lax', signed: true },
      short: { httpOnly: true, sameSite: 'lax', signed: true },
    },
    ttl,
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'],
    extraClientMetadata: { properties: [...ownMetadata] },
    extraParams: Object.values(ownParameters),
    responseTypes: ['code', 'code id_token'],
    subjectTypes: ['public'],
    pairwiseIdentifier: (_ctx, accountId, { clientId }) => pseudonymOf(accountId, clientId, salt),
    scopes: ['openid', offlineScope],
    claims: {
      openid: ['sub', 'tid', 'oid', 'amr', 'name', 'preferred_username', 'unique_name', 'upn'],
      profile: ['name', 'preferred_username'],
      email: ['email'],
    },
    conformIdTokenClaims: false,
    // The one that the library is told is not the program's.
    allowOmittingSingleRegisteredRedirectUri: false,
    pkce: { required: (_ctx, client) => client.clientAuthMethod === 'none' },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client, code) =>
      client.grantTypeAllowed('refresh_token') && code.scopes.has(offlineScope),
    expiresWithSession: async () => false,
    clientBasedCORS: () => false,
    findAccount: (ctx, accountId, token) => accountOf(making, ctx, accountId, token),
    loadExistingGrant: (ctx) => grantOf(making, ctx),
    interactions: { policy: createPolicy(library, salt), url: (_ctx, { uid }) => `/sign-in/${uid}` },
    renderError: pages.renderError,
    formats: { customizers: { jwt: (ctx, token, jwt) => shapeAccessToken(making, { ctx, token, jwt }) } },
    features: featuresOf(making),
  };
}

/** Which parts of the library are in use, and how. */
function featuresOf({ library, place, keys }: ProviderMaking): NonNullable<Configuration['features']> {
  const [newest] = keys;
  const pages = providerPages();
  return {
    devInteractions: { enabled: false },
    userinfo: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    dPoP: { enabled: false },
    clientCredentials: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: pages.logoutSource,
      postLogoutSuccessSource: pages.postLogoutSuccessSource,
    },
    deviceFlow: { enabled: true, charset: 'base-20', mask: '****-****', deviceInfo: () => ({}), ...pages.device },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_ctx, _client, oneOf) => oneOf?.[0] ?? documentedAudience,
      useGrantedResource: () => true,
      getResourceServerInfo(_ctx, identifier) {
        if (!knownResources(place.origin).includes(identifier)) throw new library.errors.InvalidTarget();
        return {
          scope: userImpersonation,
          audience: audienceOf(identifier),
          accessTokenTTL: lifetimeSeconds,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256', ...(newest && { kid: newest.kid }) } },
        };
      },
    },
  };
}

function privateKey({ kid, algorithm, privateJwk }: StoredSigningKey): JWK {
  return { ...(JSON.parse(privateJwk) as JWK), kid, alg: algorithm, use: 'sig' };
}

/** Programs come from the directory; the library changes none. */
function clientsOf({ store, config }: ProviderParts) {
  const refuse = async () => {
    throw new TypeError('programs are changed in the directory');
  };
  return {
    async find(clientId: string) {
      // PostgreSQL takes no zero byte as text.
      if (clientId.includes('\0')) return undefined;
      const client = await store.findClient(clientId.toLowerCase());
      if (client === undefined || !client.isActive || !client.organizationIsActive) return undefined;
      return clientMetadata(client, config.allowsPasswordGrant);
    },
    upsert: refuse,
    findByUid: refuse,
    findByUserCode: refuse,
    consume: refuse,
    destroy: refuse,
    revokeByGrantId: refuse,
  };
}

async function accountOf(
  { parts, place }: ProviderMaking,
  { oidc }: KoaContextWithOIDC,
  accountId: string,
  token: object | undefined,
) {
  const { authTime } = (token ?? {}) as { readonly authTime?: number };
  const tenant = String(oidc.params?.[ownParameters.tenant] ?? place.tenant);
  return findAccount({ store: parts.store, tenant }, accountId, {
    authTime: authTime ?? oidc.session?.authTime(),
    clientId: oidc.client?.clientId ?? '',
    isByConsent: token !== undefined,
  });
}

/** A grant of what the user has allowed the program; undefined where he has not. Each sign-in gets one of its own. */
async function grantOf({ parts }: ProviderMaking, { oidc }: KoaContextWithOIDC) {
  const { account, client, provider, result } = oidc;
  if (account === undefined || client === undefined) return undefined;
  const { user } = account as UserAccount;
  const { cosell_organization: organizationId } = client as unknown as OwnMetadata;
  const asked = { clientId: client.clientId, organizationId, scopes: consentScopes(oidc.params?.scope) };
  const whose = { organizationId: user.organizationId, userName: user.name };
  if (result?.consent === undefined && (await needsConsent(parts.store, whose, asked))) return undefined;
  return makeGrant(oidc, { accountId: account.accountId, clientId: client.clientId, provider });
}

/** Makes a grant of everything that is asked for, and stores it. */
async function makeGrant(
  { resourceServers = {} }: { readonly resourceServers?: Readonly<Record<string, unknown>> | undefined },
  { provider, ...whose }: { accountId: string; clientId: string; provider: KoaContextWithOIDC['oidc']['provider'] },
) {
  const grant = new provider.Grant(whose);
  grant.addOIDCScope(`openid profile email ${offlineScope}`);
  for (const identifier of Object.keys(resourceServers)) grant.addResourceScope(identifier, userImpersonation);
  await grant.save();
  return grant;
}
