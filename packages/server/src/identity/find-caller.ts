import { failure } from '@cosell/model';
import type { Caller } from '../domain/caller.ts';
import type { Store } from '../store/store.ts';
import type { ProvedClaims } from './claims.ts';

/**
 * The caller behind a proved token, with the roles that the directory gives him at this moment.
 *
 * @throws Failure `userRequired` for an application alone, `userUnknown` for a user who is not active here
 */
export async function findCaller(store: Store, claims: ProvedClaims): Promise<Caller> {
  if (!claims.hasScope) throw failure('userRequired');
  const user = await store.findUser(claims.tenantId, claims.subject);
  if (user === undefined || !user.isActive) throw failure('userUnknown');
  return { organizationId: user.organizationId, userName: user.name, email: user.email, roles: user.roles };
}
