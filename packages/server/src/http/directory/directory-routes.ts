import { failure } from '@cosell/model';
import { listEntries } from '../../domain/directory/entries.ts';
import { jsonBody } from '../body.ts';
import type { Answer, Asked, Route, Surface } from '../route.ts';
import { assignableUsersRoute } from './assignable-users.ts';
import { clientSecretRoutes } from './client-secrets.ts';
import {
  answerChangeEntry,
  answerCreateEntry,
  answerEntries,
  answerEntry,
  answerRemoveEntry,
  directoryPath,
  entryAnswer,
  entryAt,
  homeOf,
  listAnswer,
  write,
} from './directory-entries.ts';
import { type DirectoryNoun, directoryNouns } from './directory-nouns.ts';
import { invitationRoutes } from './invitations.ts';
import { readDirectoryBody } from './read-directory-body.ts';
import { changingDirectory, readingDirectory } from './route-parts.ts';

const own = `${directoryPath}/{organizationId}`;

const organizationRoutes: readonly Route[] = [
  {
    ...readingDirectory,
    name: 'listOrganizations',
    paths: [directoryPath],
    sentence: "Lists the organisations of the exchange; for a user, his own. For the exchange's operator, all.",
    schema: 'OrganizationList',
    options: ['$top', '$skip'],
    answer: answerOrganizations,
  },
  {
    ...readingDirectory,
    name: 'getOrganization',
    paths: [own],
    sentence: 'Answers one organisation.',
    schema: 'Organization',
    answer: (surface, asked) => answerEntry(surface, asked, 'organizations'),
  },
  {
    ...changingDirectory,
    name: 'addOrganization',
    method: 'POST',
    paths: [directoryPath],
    sentence: "Adds an organisation; only the exchange's operator may.",
    schema: 'Organization',
    body: jsonBody,
    bodySchema: 'OrganizationCreate',
    failures: [...changingDirectory.failures, 'operatorRequired', 'directoryEntryExists'],
    answer: answerCreateOrganization,
  },
  {
    ...changingDirectory,
    name: 'changeOrganization',
    method: 'PATCH',
    paths: [own],
    sentence: 'Changes the name of an organisation; its operator also whether it is active.',
    schema: 'Organization',
    body: jsonBody,
    bodySchema: 'OrganizationPatch',
    failures: [...changingDirectory.failures, 'operatorRequired', 'eTagMismatch'],
    answer: answerChangeOrganization,
  },
];

/** Every route of the directory. */
export const directoryRoutes: readonly Route[] = [
  ...organizationRoutes,
  ...directoryNouns.flatMap(routesOf),
  ...clientSecretRoutes,
  ...invitationRoutes,
  assignableUsersRoute,
];

/** The routes of one sort of entry. */
function routesOf(noun: DirectoryNoun): Route[] {
  const { name, segment, parameter, title } = noun;
  const [list, one] = [[`${own}/${segment}`], [`${own}/${segment}/{${parameter}}`]];
  const found: Route[] = [
    {
      ...readingDirectory,
      name: `list${name}s`,
      paths: list,
      sentence: `Lists every ${title} of an organisation.`,
      schema: `${name}List`,
      options: ['$top', '$skip'],
      answer: (surface, asked) => answerEntries(surface, asked, noun.noun),
    },
    {
      ...readingDirectory,
      name: `get${name}`,
      paths: one,
      sentence: `Answers one ${title}.`,
      schema: name,
      answer: (surface, asked) => answerEntry(surface, asked, noun.noun, asked.parameters[parameter] ?? ''),
    },
  ];
  if (noun.create !== undefined) {
    found.push({
      ...changingDirectory,
      name: `add${name}`,
      method: 'POST',
      paths: list,
      sentence: `Adds one ${title}.`,
      schema: name,
      body: jsonBody,
      bodySchema: noun.create.body,
      failures: [...changingDirectory.failures, 'directoryEntryExists'],
      answer: (surface, asked) => answerCreateEntry(surface, asked, noun),
    });
  }
  if (noun.change !== undefined) {
    found.push({
      ...changingDirectory,
      name: `change${name}`,
      method: 'PATCH',
      paths: one,
      sentence: `Changes one ${title}, also whether it is active, by a merge patch.`,
      schema: name,
      body: { ...jsonBody, mediaTypes: [...jsonBody.mediaTypes, 'application/merge-patch+json'] },
      bodySchema: noun.change.body,
      failures: [...changingDirectory.failures, 'eTagMismatch'],
      answer: (surface, asked) => answerChangeEntry(surface, asked, noun),
    });
  }
  if (noun.remove !== undefined) {
    found.push({
      ...changingDirectory,
      name: `remove${name}`,
      method: 'DELETE',
      paths: one,
      sentence: `Takes one ${title} away.`,
      failures: [...changingDirectory.failures, 'eTagMismatch'],
      answer: (surface, asked) => answerRemoveEntry(surface, asked, noun),
    });
  }
  return found;
}

async function answerOrganizations({ store }: Surface, asked: Asked): Promise<Answer> {
  const directory = await store.listDirectory(asked.caller?.organizationId);
  const entries = directory.organizations.flatMap(({ id }) => listEntries(directory, 'organizations', id));
  return listAnswer(
    asked,
    entries.map(({ value }) => value),
  );
}

async function answerCreateOrganization(surface: Surface, asked: Asked): Promise<Answer> {
  requireOperator(asked);
  const given = readDirectoryBody('OrganizationCreate', asked.body);
  const id = given.id.toLowerCase();
  const at = { noun: 'organizations', organizationId: id, key: id } as const;
  await write(surface, asked, { kind: 'addOrganization', ...given }, { at, isNew: true });
  return entryAnswer(await entryAt(surface, at), ['Location', `${asked.origin}${directoryPath}/${id}`]);
}

async function answerChangeOrganization(surface: Surface, asked: Asked): Promise<Answer> {
  const { owner: organization } = await homeOf(surface, asked);
  const given = readDirectoryBody('OrganizationPatch', asked.body);
  // Its own people would shut themselves out, and could not let themselves in again.
  if (given.isActive !== undefined) requireOperator(asked);
  const at = { noun: 'organizations', organizationId: organization, key: organization } as const;
  await write(surface, asked, { kind: 'changeOrganization', organization, ...given }, { at });
  return entryAnswer(await entryAt(surface, at));
}

function requireOperator({ caller }: Asked): void {
  if (caller !== undefined) throw failure('operatorRequired');
}
