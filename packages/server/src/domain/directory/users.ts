import { failure } from '@cosell/model';
import type { DirectoryUser } from '../../store/directory-entry.ts';
import { endSignIns } from '../provider-records.ts';
import type { Changes, DirectoryDone } from './directory-change.ts';
import { organizationOf, requireEmail, requireName, userOf } from './named-entries.ts';
import { foldSubject } from './subject.ts';

/** Changes of users. */
export const userChanges: Changes<'addUser' | 'changeUser' | 'removeUser'> = {
  async addUser({ transaction, change, directory, surroundings, isLoading }) {
    const organization = organizationOf(directory, change.organization);
    const { name, email } = change;
    requireName(name);
    requireEmail(email);
    const known = directory.users.find((user) => user.organizationId === organization.id && user.name === name);
    // People sign in with their names, so a name belongs to one user of the exchange.
    if (known === undefined && directory.users.some((user) => user.name === name)) {
      throw failure('directoryRefused', { reason: `another organisation has a user named ${name}` });
    }
    const tenantId = change.tenantId?.toLowerCase() ?? known?.tenantId ?? organization.tenantIds[0];
    if (tenantId === undefined || !organization.tenantIds.includes(tenantId)) {
      throw failure('directoryRefused', { reason: `that tenant does not belong to ${organization.name}` });
    }
    const subject = foldSubject(change.subject ?? known?.subject ?? surroundings.ids.guid());
    const holder = directory.users.find((user) => user.tenantId === tenantId && user.subject === subject);
    if (holder !== undefined && holder !== known) {
      throw failure('directoryRefused', { reason: `the subject ${subject} is the user ${holder.name} already` });
    }
    // Somebody who gets a name that was in use does not get what went with it.
    if (known === undefined && !isLoading) await transaction.forgetSignIn(organization.id, name);
    const user = { organizationId: organization.id, name, tenantId, subject, email, isActive: known?.isActive ?? true };
    await transaction.putUser(user);
    const done = `User ${name} of ${organization.name} is in the directory (tenant ${tenantId}, subject ${subject}).`;
    return doneTo(user, done, { isActive: user.isActive });
  },

  async changeUser({ transaction, change, directory, surroundings }) {
    const user = userOf(directory, change.user, change.organizationId);
    const { email = user.email, isActive = user.isActive } = change;
    requireEmail(email);
    await transaction.putUser({ ...user, email, isActive });
    if (!isActive) await endSignIns(transaction, user, surroundings);
    const state = isActive ? 'is active' : 'is not active and not let in; what he has done stays under his name';
    return doneTo(user, `User ${user.name} (${email}) ${state}.`, { isActive, isEmailChanged: email !== user.email });
  },

  async removeUser({ transaction, change, directory, surroundings }) {
    const user = userOf(directory, change.user);
    await transaction.removeUser(user.organizationId, user.name);
    await transaction.forgetSignIn(user.organizationId, user.name);
    await endSignIns(transaction, user, surroundings);
    return doneTo(user, `User ${user.name} was removed.`);
  },
};

/** A change that was made to a user. */
export function doneTo(
  { organizationId, name, subject }: Pick<DirectoryUser, 'organizationId' | 'name' | 'subject'>,
  done: string,
  audited: DirectoryDone['audited'] = {},
): DirectoryDone {
  return { done, organizationId, key: name, audited: { subject, ...audited }, about: name };
}
