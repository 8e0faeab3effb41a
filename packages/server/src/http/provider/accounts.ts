import { createHmac } from 'node:crypto';
import type { Account } from 'oidc-provider';
import { fixedText } from '../../domain/exchange-clock.ts';
import { isAnyTenant } from '../../domain/tenant-names.ts';
import type { DirectoryUser } from '../../store/directory-entry.ts';
import type { Store } from '../../store/store.ts';
import { findAccountUser } from './account-id.ts';

/** An account, as the provider's library asks for it, with the user whose it is. */
export interface UserAccount extends Account {
  readonly user: DirectoryUser;
}

/** For what an account is asked. */
export interface AccountUse {
  /** When its user signed in, in seconds since 1970. */
  readonly authTime: number | undefined;
  readonly clientId: string;
  /** Whether the program acts by what he has allowed it. */
  readonly isByConsent: boolean;
}

/**
 * The account of a user who may still use what came of a sign-in: he is active, of the tenant that is asked for, has
 * changed neither password nor second factor since, and has not withdrawn his consent.
 */
export async function findAccount(
  { store, tenant }: { readonly store: Store; readonly tenant: string },
  accountId: string,
  { authTime, clientId, isByConsent }: AccountUse,
): Promise<UserAccount | undefined> {
  const user = await findAccountUser(store, accountId);
  if (user === undefined || (!isAnyTenant(tenant) && user.tenantId !== tenant)) return undefined;
  if (authTime !== undefined && (await hasChanged(store, user, authTime))) return undefined;
  if (isByConsent && !(await store.mayAct(clientId, user))) return undefined;
  return { accountId, user, claims: async () => ({ sub: accountId, ...idClaims(user) }) };
}

/** The name that a program has for a user: another for each program. */
export function pseudonymOf(accountId: string, clientId: string, salt: string): string {
  return createHmac('sha256', salt).update(`subject ${clientId} ${accountId}`).digest('base64url');
}

/** Within one second nobody can tell what was first; a sign-in right after the change is good. */
async function hasChanged(store: Store, user: DirectoryUser, authTime: number): Promise<boolean> {
  const credentials = await store.identity.findCredentials(user.organizationId, user.name);
  return credentials !== undefined && credentials.changedAt >= fixedText((authTime + 1) * 1000);
}

/** The claims of an ID token, of both of Entra's versions. */
function idClaims({ tenantId, subject, name, email }: DirectoryUser) {
  return { tid: tenantId, oid: subject, name, preferred_username: email, unique_name: email, upn: email, email };
}
