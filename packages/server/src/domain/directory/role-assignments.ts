import { failure, type RoleAssignment, type RoleName, roles } from '@cosell/model';
import type { Directory } from '../../store/directory-entry.ts';
import type { Changes } from './directory-change.ts';
import { locationOf, userOf } from './named-entries.ts';
import { roleKeyOf } from './role-key.ts';
import { doneTo } from './users.ts';

/** Changes of who has which role. */
export const roleChanges: Changes<'addRole' | 'removeRole'> = {
  async addRole({ transaction, change, directory }) {
    const user = userOf(directory, change.user, change.organizationId);
    const assignment = assignmentOf(directory, user.organizationId, change);
    await transaction.putRole(user.organizationId, user.name, assignment);
    const done = `User ${user.name} is ${roles[assignment.role].title} of ${scopeText(change.mpnId)}.`;
    return { ...doneTo(user, done, { ...assignment }), key: roleKeyOf(user.name, assignment) };
  },

  async removeRole({ transaction, change, directory }) {
    const user = userOf(directory, change.user, change.organizationId);
    const role = roleOf(change.role);
    const mpnId = change.mpnId ?? null;
    if (!user.roles.some((held) => held.role === role && held.mpnId === mpnId)) {
      const text = `${user.name} is not ${roles[role].title} of ${scopeText(change.mpnId)}`;
      throw failure('directoryRefused', { reason: text });
    }
    await transaction.removeRole(user.organizationId, user.name, { role, mpnId });
    const done = `User ${user.name} is no longer ${roles[role].title} of ${scopeText(change.mpnId)}.`;
    return { ...doneTo(user, done, { role, mpnId }), key: roleKeyOf(user.name, { role, mpnId }) };
  },
};

/**
 * A role as it is given: for the whole company, or for a location that there is.
 *
 * @throws Failure `directoryRefused`
 */
export function assignmentOf(
  directory: Directory,
  organizationId: string,
  { role: text, mpnId }: { readonly role: string; readonly mpnId?: string },
): RoleAssignment {
  const role = roleOf(text);
  if (mpnId === undefined) return { role, mpnId: null };
  if (!roles[role].isScoped) {
    throw failure('directoryRefused', { reason: `${roles[role].title} is a role for the whole company` });
  }
  return { role, mpnId: locationOf(directory, organizationId, mpnId).mpnId };
}

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
