import type { KoaContextWithOIDC } from 'oidc-provider';
import { isAnyTenant } from '../../domain/tenant-names.ts';
import { accessTokenClaims } from '../../identity/access-token-claims.ts';
import type { UserAccount } from './accounts.ts';
import type { OwnMetadata } from './client-metadata.ts';
import type { ProviderMaking } from './configuration.ts';
import { userImpersonation } from './resources.ts';

/** What the library makes of a token before it is signed. */
interface Shaping {
  readonly ctx: KoaContextWithOIDC;
  readonly token: { readonly aud?: string | string[] | undefined };
  readonly jwt: { header?: object | undefined; payload: object };
}

/** Gives an access token the form that every token of the built-in issuer has. */
export async function shapeAccessToken(making: ProviderMaking, { ctx, token, jwt }: Shaping): Promise<void> {
  const { parts, place, keys } = making;
  const { account, client, entities } = ctx.oidc;
  const source = entities.AuthorizationCode ?? entities.RefreshToken ?? entities.DeviceCode;
  const user = (account as UserAccount | undefined)?.user;
  const clientId = client?.clientId ?? '';
  const tenantId = user?.tenantId ?? (await homeOf(making, client));
  const claims = accessTokenClaims(
    {
      tenantId,
      subject: user?.subject ?? clientId,
      clientId,
      isConfidential: client?.clientAuthMethod !== 'none',
      audience: String(token.aud),
      ...(user && {
        user: { scope: userImpersonation, name: user.name, email: user.email, amr: source?.amr ?? ['pwd'] },
      }),
    },
    place.origin,
    parts.surroundings.clock.now(),
  );
  jwt.payload = claims;
  jwt.header = { typ: 'JWT', x5t: keys[0]?.kid };
}

/** The tenant for which a program speaks by itself: one of its own organisation, and no other. */
async function homeOf({ parts, place, library }: ProviderMaking, client: object | undefined): Promise<string> {
  const { cosell_organization: organizationId = '' } = (client ?? {}) as Partial<OwnMetadata>;
  const tenants = await parts.store.provider.listTenants(organizationId);
  const tenant = isAnyTenant(place.tenant) ? tenants[0] : tenants.find((one) => one === place.tenant);
  if (tenant !== undefined) return tenant;
  const reason = 'a program speaks by itself for its own organisation only: ask in a tenant of that';
  throw new library.errors.CustomOIDCProviderError('unauthorized_client', reason);
}
