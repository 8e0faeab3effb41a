import { formatInvitation } from '../../domain/directory/accept-invitation.ts';
import { newSecret } from '../../domain/directory/client-secret.ts';
import { jsonBody } from '../body.ts';
import type { Answer, Asked, Route, Surface } from '../route.ts';
import {
  answerEntries,
  answerEntry,
  directoryPath,
  entryAt,
  entryIn,
  homeOf,
  locationOf,
  write,
} from './directory-entries.ts';
import { readDirectoryBody } from './read-directory-body.ts';
import { changingDirectory, readingDirectory } from './route-parts.ts';

const list = `${directoryPath}/{organizationId}/invitations`;
const one = `${list}/{invitationId}`;

/** The routes of invitations. */
export const invitationRoutes: readonly Route[] = [
  {
    ...readingDirectory,
    name: 'listInvitations',
    paths: [list],
    sentence: 'Lists the invitations of an organisation, with what has become of them.',
    schema: 'InvitationList',
    options: ['$top', '$skip'],
    answer: (surface, asked) => answerEntries(surface, asked, 'invitations'),
  },
  {
    ...readingDirectory,
    name: 'getInvitation',
    paths: [one],
    sentence: 'Answers one invitation.',
    schema: 'Invitation',
    answer: (surface, asked) => answerEntry(surface, asked, 'invitations', asked.parameters.invitationId ?? ''),
  },
  {
    ...changingDirectory,
    name: 'addInvitation',
    method: 'POST',
    paths: [list],
    sentence: 'Invites somebody and shows the link this once; whoever invites passes it on.',
    schema: 'NewInvitation',
    body: jsonBody,
    bodySchema: 'InvitationCreate',
    answer: answerInvite,
  },
  {
    ...changingDirectory,
    name: 'withdrawInvitation',
    method: 'DELETE',
    paths: [one],
    sentence: 'Withdraws an invitation: its link opens nothing any more.',
    failures: [...changingDirectory.failures, 'eTagMismatch'],
    answer: answerWithdraw,
  },
];

async function answerInvite(surface: Surface, asked: Asked): Promise<Answer> {
  const { owner: organization } = await homeOf(surface, asked);
  const { roles = [], ...given } = readDirectoryBody('InvitationCreate', asked.body);
  const { text: secret, hash: codeHash } = newSecret();
  const change = { kind: 'addInvitation', organization, ...given, roles, codeHash } as const;
  const { key } = await write(surface, asked, change);
  const at = { noun: 'invitations', organizationId: organization, key } as const;
  const { value, eTag } = await entryAt(surface, at);
  const link = formatInvitation(asked.origin, { organizationId: organization, id: key, secret });
  const headers = ['ETag', eTag, 'Location', locationOf(asked, 'invitations', at)];
  return { status: 200, headers, body: JSON.stringify({ ...value, link }) };
}

async function answerWithdraw(surface: Surface, asked: Asked): Promise<Answer> {
  const { owner: organization, directory } = await homeOf(surface, asked);
  const { invitationId: id = '' } = asked.parameters;
  const at = { noun: 'invitations', organizationId: organization, key: id } as const;
  entryIn(directory, at);
  await write(surface, asked, { kind: 'withdrawInvitation', organization, id }, { at });
  return { status: 204 };
}
