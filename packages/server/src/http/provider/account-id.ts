import type { DirectoryUser } from '../../store/directory-entry.ts';
import type { Store } from '../../store/store.ts';

/** The name of a user within the built-in provider: his tenant and his subject, as his tokens have them. */
export function accountIdOf({ tenantId, subject }: Pick<DirectoryUser, 'tenantId' | 'subject'>): string {
  return `${tenantId} ${subject}`;
}

/** The user of such a name, where he is active. */
export async function findAccountUser(store: Store, accountId: string): Promise<DirectoryUser | undefined> {
  const [tenantId = '', subject = ''] = accountId.split(' ');
  const user = await store.findUser(tenantId, subject);
  return user?.isActive === true ? user : undefined;
}
