import { failure } from '@cosell/model';
import type { Caller } from '../domain/caller.ts';
import type { Store } from '../store/store.ts';
import { commandLineClient } from './built-in-issuer.ts';
import type { ProvedClaims } from './claims.ts';

/**
 * The caller behind a proved token, with the roles that the directory gives him at this moment, and
 * those that his token has by a claim which the operator has mapped.
 *
 * @throws Failure `userRequired` for an application alone, `userUnknown`, `userInactive` or
 * `organizationInactive` for one whom the directory does not let in, `consentMissing` for a program of the built-in
 * provider that may not act for him, or not any more
 */
export async function findCaller(store: Store, claims: ProvedClaims): Promise<Caller> {
  if (!claims.hasScope) throw failure('userRequired');
  const finding = store.findUser(claims.tenantId, claims.subject);
  // Where consent is asked for, it is asked for at the same time, so that it costs no round trip of its own.
  const [user, isAllowed] = needsConsent(claims)
    ? await Promise.all([finding, store.mayAct(claims.clientId?.toLowerCase() ?? '', claims)])
    : [await finding, true];
  if (user === undefined) throw failure('userUnknown');
  if (!user.isActive) throw failure('userInactive');
  if (!user.isOrganizationActive) throw failure('organizationInactive');
  if (!isAllowed) throw failure('consentMissing');
  const roles = claims.roles.length === 0 ? user.roles : [...user.roles, ...claims.roles];
  return { organizationId: user.organizationId, userName: user.name, email: user.email, roles };
}

/** External issuers ask for consent themselves, and who runs the exchange needs none for his own command line. */
function needsConsent({ isBuiltIn, clientId }: ProvedClaims): boolean {
  return isBuiltIn && clientId !== commandLineClient;
}
