import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { accountIdOf } from '../../domain/provider-records.ts';
import { lifetimeSeconds } from '../../identity/access-token-claims.ts';
import { documentedAudience } from '../../identity/audiences.ts';
import { type Proof, proveUser } from '../../identity/prove-user.ts';
import { findAccount, type UserAccount } from './accounts.ts';
import type { ProviderMaking } from './configuration.ts';
import { audienceOf, identifierOf, knownResources, offlineScope, userImpersonation } from './resources.ts';

/** Where a request came from; the library does not know it, because it speaks to no connection. */
export type AddressOf = (ctx: KoaContextWithOIDC) => { readonly address: string; readonly requestId: string };

/** Lets programs sign users in by name and password (RFC 6749, section 4.3), where the operator allows that. */
export function registerPasswordGrant(provider: Provider, making: ProviderMaking, addressOf: AddressOf): void {
  const { errors } = making.library;
  const handle = async (ctx: KoaContextWithOIDC) => {
    const { username = '', password = '' } = (ctx.oidc.params ?? {}) as Record<string, string | undefined>;
    const { client } = ctx.oidc;
    if (client === undefined) throw new errors.InvalidClient('client is invalid');
    const { address, requestId } = addressOf(ctx);
    const proof = await proveUser(making.parts.proof, {
      tenant: making.place.tenant,
      nameOrEmail: username,
      password,
      address,
      clientId: client.clientId,
      requestId,
    });
    if (!('ok' in proof)) throw new errors.InvalidGrant(refusalOf(proof));
    const accountId = accountIdOf(proof.ok);
    const use = { authTime: undefined, clientId: client.clientId, isByConsent: true };
    const { parts, place } = making;
    const account = await findAccount({ store: parts.store, tenant: place.tenant }, accountId, use);
    if (account === undefined) {
      throw new errors.InvalidGrant('the user has not allowed this program yet: let him sign in by a browser once');
    }
    ctx.oidc.entity('Account', account);
    ctx.body = await issue(provider, ctx, { account, making });
  };
  provider.registerGrantType('password', handle, ['username', 'password', 'scope', 'resource']);
}

/** What a client is told; a wrong password and a name that is not there are one. */
function refusalOf(proof: Exclude<Proof, { readonly ok: unknown }>): string {
  switch (proof.refused) {
    case 'wrong':
      return 'the user name or the password is wrong';
    case 'slowed':
      return `too many attempts: try again in ${proof.seconds} seconds`;
    case 'codeNeeded':
    case 'codeWrong':
      return 'the user has a second factor, which this grant cannot ask for: use a browser or the device code';
    case 'passwordToBeSet':
      return 'the password was given out for one time: let the user sign in by a browser and choose his own';
  }
}

interface Issuing {
  readonly account: UserAccount;
  readonly making: ProviderMaking;
}

/** Issues what the code flow would. */
async function issue(provider: Provider, ctx: KoaContextWithOIDC, { account, making }: Issuing) {
  const { client, params = {} } = ctx.oidc;
  if (client === undefined) throw new TypeError('no client');
  const { accountId } = account;
  const known = knownResources(making.place.origin);
  const asked = identifierOf(String(params.resource ?? documentedAudience));
  if (!known.includes(asked)) throw new making.library.errors.InvalidTarget();
  const scopes = new Set(String(params.scope ?? '').split(' '));
  const grant = new provider.Grant({ accountId, clientId: client.clientId });
  grant.addOIDCScope([...scopes].filter((scope) => scope !== userImpersonation).join(' '));
  for (const identifier of known) grant.addResourceScope(identifier, userImpersonation);
  const grantId = await grant.save();
  const authTime = Math.floor(making.parts.surroundings.clock.now() / 1000);
  const shared = { accountId, client, grantId, gty: 'password' };
  const access = new provider.AccessToken({ ...shared, scope: userImpersonation });
  access.resourceServer = new provider.ResourceServer(asked, {
    scope: userImpersonation,
    audience: audienceOf(asked),
    accessTokenTTL: lifetimeSeconds,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'RS256' } },
  });
  const access_token = await access.save();
  const source = { ...shared, amr: ['pwd'], authTime, scope: [...scopes].join(' ') };
  const resource = [asked, ...known.filter((one) => one !== asked)];
  const refresh = scopes.has(offlineScope) ? new provider.RefreshToken({ ...source, resource }) : undefined;
  return {
    access_token,
    ...(refresh && { refresh_token: await refresh.save() }),
    ...(scopes.has('openid') && { id_token: await idTokenOf(provider, ctx, account) }),
  };
}

async function idTokenOf(provider: Provider, ctx: KoaContextWithOIDC, account: UserAccount): Promise<string> {
  const claims = await account.claims('id_token', 'openid', {}, []);
  const token = new provider.IdToken({ ...claims, amr: ['pwd'] }, { ctx });
  Object.assign(token, { scope: 'openid profile email' });
  return token.issue({ use: 'idtoken' });
}
