import type { Actor } from '../../domain/acts.ts';
import type { DirectoryUser } from '../../store/directory-entry.ts';
import type { Store } from '../../store/store.ts';

/** The user of such a name, where he and his organisation are active. */
export async function findAccountUser(store: Store, accountId: string): Promise<DirectoryUser | undefined> {
  const [tenantId = '', subject = ''] = accountId.split(' ');
  const user = await store.findUser(tenantId, subject);
  return user?.isActive === true && user.isOrganizationActive ? user : undefined;
}

/** The user of such a name as the actor of a record; he may be gone. */
export async function actorOf(store: Store, accountId: string | undefined): Promise<Actor> {
  const [tenantId = '', subject = ''] = accountId?.split(' ') ?? [];
  const organizationId = (await store.provider.findTenant(tenantId))?.organizationId ?? null;
  return { organizationId, subject };
}
