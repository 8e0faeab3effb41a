import { createHash } from 'node:crypto';
import type { RoleAssignment } from '@cosell/model';

/** The id of a role that a user has: the same for as long as he has it, and of a form that fits into a path. */
export function roleKeyOf(userName: string, { role, mpnId }: RoleAssignment): string {
  return createHash('sha256')
    .update(JSON.stringify([userName, role, mpnId]))
    .digest('hex')
    .slice(0, 32);
}
