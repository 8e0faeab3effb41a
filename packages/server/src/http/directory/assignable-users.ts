import { failure } from '@cosell/model';
import type { Answer, Asked, Route, Surface } from '../route.ts';
import { directoryPath, homeOf, listAnswer } from './directory-entries.ts';
import { readingDirectory } from './route-parts.ts';

/** The route of those who can be put on the team of a referral: what a seller's form needs. */
export const assignableUsersRoute: Route = {
  ...readingDirectory,
  name: 'listAssignableUsers',
  access: 'colleague.read',
  paths: [`${directoryPath}/{organizationId}/assignable-users`],
  sentence: 'Lists who can be put on the team of a referral, of all the organisation or of one location by `mpnId`.',
  schema: 'AssignableUserList',
  options: ['$top', '$skip', 'mpnid'],
  answer: answerAssignableUsers,
};

/** Active users with a role: for the whole company, or for the location that is asked for. */
async function answerAssignableUsers(surface: Surface, asked: Asked): Promise<Answer> {
  const { users, locations } = (await homeOf(surface, asked)).directory;
  const { mpnid: wanted } = asked.options;
  if (wanted !== undefined && !locations.some(({ mpnId }) => mpnId === wanted)) throw failure('directoryEntryNotFound');
  const assignable = users.filter(
    ({ isActive, roles }) =>
      isActive && roles.some(({ mpnId }) => wanted === undefined || mpnId === null || mpnId === wanted),
  );
  return listAnswer(
    asked,
    assignable.map(({ name, email }) => ({ name, email })),
  );
}
