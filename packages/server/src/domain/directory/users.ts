import { failure } from '@cosell/model';
import type { Changes } from './directory-change.ts';
import { organizationOf, requireName, userOf } from './named-entries.ts';

/** Changes of users. */
export const userChanges: Changes<'addUser' | 'removeUser'> = {
  async addUser({ transaction, change, directory, surroundings }) {
    const organization = organizationOf(directory, change.organization);
    requireName(change.name);
    if (!/^[^@\s]+@[^@\s]+$/.test(change.email)) {
      throw failure('directoryRefused', { reason: `"${change.email}" is not an e-mail address` });
    }
    const known = directory.users.find(
      ({ organizationId, name }) => organizationId === organization.id && name === change.name,
    );
    if (known === undefined && directory.users.some(({ name }) => name === change.name)) {
      throw failure('directoryRefused', { reason: `another organisation has a user named ${change.name}` });
    }
    const tenantId = change.tenantId?.toLowerCase() ?? known?.tenantId ?? organization.tenantIds[0];
    if (tenantId === undefined || !organization.tenantIds.includes(tenantId)) {
      throw failure('directoryRefused', { reason: `that tenant does not belong to ${organization.name}` });
    }
    const subject = subjectOf(tenantId, change.subject ?? known?.subject ?? surroundings.ids.guid());
    const holder = directory.users.find((user) => user.tenantId === tenantId && user.subject === subject);
    if (holder !== undefined && holder !== known) {
      throw failure('directoryRefused', { reason: `the subject ${subject} is the user ${holder.name} already` });
    }
    const { name, email } = change;
    await transaction.putUser({ organizationId: organization.id, name, tenantId, subject, email, isActive: true });
    return `User ${name} of ${organization.name} is in the directory (tenant ${tenantId}, subject ${subject}).`;
  },

  async removeUser({ transaction, change, directory }) {
    const user = userOf(directory, change.user);
    await transaction.removeUser(user.organizationId, user.name);
    return `User ${user.name} was removed.`;
  },
};

/** Entra writes `oid` in either case, so the reader of tokens folds it; an issuer without tenants has a `sub` of its own. */
function subjectOf(tenantId: string, given: string): string {
  return tenantId.includes('://') ? given : given.toLowerCase();
}
