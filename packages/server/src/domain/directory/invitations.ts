import { failure } from '@cosell/model';
import { fixedText } from '../exchange-clock.ts';
import type { Changes, DirectoryDone } from './directory-change.ts';
import { organizationOf, requireEmail, requireName } from './named-entries.ts';
import { assignmentOf } from './role-assignments.ts';

/** How long an invitation is good. */
export const invitationDays = 7;
const dayMs = 86_400_000;
/** Roles that one invitation gives at most. */
export const mostInvitedRoles = 20;

/** Changes of invitations. */
export const invitationChanges: Changes<'addInvitation' | 'withdrawInvitation'> = {
  async addInvitation({ transaction, change, directory, surroundings, actor }) {
    const organization = organizationOf(directory, change.organization);
    const { email, userName = '', codeHash } = change;
    requireEmail(email);
    if (userName !== '') requireName(userName);
    if (directory.users.some(({ name }) => name === userName)) {
      throw failure('directoryRefused', { reason: `the name ${userName} is taken` });
    }
    if (change.roles.length > mostInvitedRoles) {
      throw failure('directoryRefused', { reason: `an invitation gives at most ${mostInvitedRoles} roles` });
    }
    const roles = change.roles.map((role) => assignmentOf(directory, organization.id, role));
    const nowMs = surroundings.clock.now();
    const when = { createdAt: fixedText(nowMs), expiresAt: fixedText(nowMs + invitationDays * dayMs) };
    const key = { organizationId: organization.id, id: surroundings.ids.guid() };
    await transaction.addInvitation({ ...key, email, userName, roles, codeHash, invitedBy: actor, ...when });
    return doneTo(
      key,
      `${email} is invited to ${organization.name} (invitation ${key.id}), for ${invitationDays} days.`,
    );
  },

  async withdrawInvitation({ transaction, change, directory, surroundings }) {
    const { id: organizationId, name } = organizationOf(directory, change.organization);
    const found = directory.invitations.find((one) => one.organizationId === organizationId && one.id === change.id);
    if (found === undefined) throw failure('directoryRefused', { reason: `${name} has no invitation ${change.id}` });
    if (found.acceptedAt !== null) {
      throw failure('directoryRefused', { reason: 'the invitation was accepted; deactivate the user instead' });
    }
    const withdrawnAt = found.withdrawnAt ?? fixedText(surroundings.clock.now());
    await transaction.endInvitation(organizationId, found.id, { acceptedAt: null, withdrawnAt });
    return doneTo(found, `The invitation ${found.id} of ${name} was withdrawn.`);
  },
};

function doneTo({ organizationId, id }: { organizationId: string; id: string }, done: string): DirectoryDone {
  return { done, organizationId, key: id, audited: { invitationId: id }, about: id };
}
