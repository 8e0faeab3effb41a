import { failure } from '@cosell/model';
import type { Caller } from '../domain/caller.ts';
import type { Store } from '../store/store.ts';
import type { ProvedClaims } from './claims.ts';

/**
 * The caller behind a proved token, with the roles that the directory gives him at this moment.
 *
 * @throws Failure `userRequired` for an application alone, `userUnknown`, `userInactive` or
 * `organizationInactive` for one whom the directory does not let in
 */
export async function findCaller(store: Store, claims: ProvedClaims): Promise<Caller> {
  if (!claims.hasScope) throw failure('userRequired');
  const user = await store.findUser(claims.tenantId, claims.subject);
  if (user === undefined) throw failure('userUnknown');
  if (!user.isActive) throw failure('userInactive');
  if (!user.isOrganizationActive) throw failure('organizationInactive');
  return { organizationId: user.organizationId, userName: user.name, email: user.email, roles: user.roles };
}
