import type { DirectoryUser } from '../../store/directory-entry.ts';
import type { Store } from '../../store/store.ts';

/** The user of such a name, where he and his organisation are active. */
export async function findAccountUser(store: Store, accountId: string): Promise<DirectoryUser | undefined> {
  const [tenantId = '', subject = ''] = accountId.split(' ');
  const user = await store.findUser(tenantId, subject);
  return user?.isActive === true && user.isOrganizationActive ? user : undefined;
}
