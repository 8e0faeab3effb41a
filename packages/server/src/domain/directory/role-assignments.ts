import { failure, type RoleName, roles } from '@cosell/model';
import type { Changes } from './directory-change.ts';
import { requireLocation, userOf } from './named-entries.ts';

/** Changes of who has which role. */
export const roleChanges: Changes<'addRole' | 'removeRole'> = {
  async addRole({ transaction, change, directory }) {
    const user = userOf(directory, change.user);
    const role = roleOf(change.role);
    if (change.mpnId !== undefined) {
      if (!roles[role].isScoped) {
        throw failure('directoryRefused', { reason: `${roles[role].title} is a role for the whole company` });
      }
      requireLocation(directory, user.organizationId, change.mpnId);
    }
    await transaction.putRole(user.organizationId, user.name, { role, mpnId: change.mpnId ?? null });
    return `User ${user.name} is ${roles[role].title} of ${scopeText(change.mpnId)}.`;
  },

  async removeRole({ transaction, change, directory }) {
    const user = userOf(directory, change.user);
    const role = roleOf(change.role);
    const mpnId = change.mpnId ?? null;
    if (!user.roles.some((held) => held.role === role && held.mpnId === mpnId)) {
      const text = `${user.name} is not ${roles[role].title} of ${scopeText(change.mpnId)}`;
      throw failure('directoryRefused', { reason: text });
    }
    await transaction.removeRole(user.organizationId, user.name, { role, mpnId });
    return `User ${user.name} is no longer ${roles[role].title} of ${scopeText(change.mpnId)}.`;
  },
};

function roleOf(text: string): RoleName {
  const wanted = text.replaceAll(/[\s-]/g, '').toLowerCase();
  const role = (Object.keys(roles) as RoleName[]).find((name) => name.toLowerCase() === wanted);
  if (role !== undefined) return role;
  const titles = Object.values(roles).map(({ title }) => title);
  throw failure('directoryRefused', { reason: `there is no role ${text}; the roles are ${titles.join(', ')}` });
}

function scopeText(mpnId: string | undefined): string {
  return mpnId === undefined ? 'the whole company' : `location ${mpnId}`;
}
