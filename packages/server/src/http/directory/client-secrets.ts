import { failure } from '@cosell/model';
import { parseInstant } from '@cosell/odata';
import { newSecret } from '../../domain/directory/client-secret.ts';
import type { Entry, EntryPlace } from '../../domain/directory/entries.ts';
import { jsonBody } from '../body.ts';
import type { Answer, Asked, Route, Surface } from '../route.ts';
import { directoryPath, entryAt, entryIn, homeOf, locationOf, write } from './directory-entries.ts';
import { readDirectoryBody } from './read-directory-body.ts';
import { changingDirectory } from './route-parts.ts';

/** Programs that have secrets. */
const holders = [
  { noun: 'applications', segment: 'applications', name: 'Application', title: 'an application' },
  { noun: 'apiClients', segment: 'api-clients', name: 'ApiClient', title: 'an API client' },
] as const;

type Holder = (typeof holders)[number];

/** The routes of secrets; they are listed with their program. */
export const clientSecretRoutes: readonly Route[] = holders.flatMap((holder): Route[] => {
  const path = `${directoryPath}/{organizationId}/${holder.segment}/{clientId}/secrets`;
  return [
    {
      ...changingDirectory,
      name: `add${holder.name}Secret`,
      method: 'POST',
      paths: [path],
      sentence: `Makes a secret for ${holder.title} and shows it this once; two are valid at a time.`,
      schema: 'NewSecret',
      body: jsonBody,
      bodySchema: 'SecretCreate',
      answer: (surface, asked) => answerAddSecret(surface, asked, holder),
    },
    {
      ...changingDirectory,
      name: `remove${holder.name}Secret`,
      method: 'DELETE',
      paths: [`${path}/{secretId}`],
      sentence: `Takes a secret of ${holder.title} away.`,
      answer: (surface, asked) => answerRemoveSecret(surface, asked, holder),
    },
  ];
});

async function answerAddSecret(surface: Surface, asked: Asked, holder: Holder): Promise<Answer> {
  const at = await placeOf(surface, asked, holder);
  const { expirationDateTime } = readDirectoryBody('SecretCreate', asked.body);
  const instant = expirationDateTime === undefined ? undefined : parseInstant(expirationDateTime);
  const { text, hash: secretHash, hint } = newSecret();
  const until = instant === undefined ? {} : { expiresAtMs: instant.seconds * 1000 };
  const change = { kind: 'addClientSecret', client: at.key, secretHash, hint, ...until } as const;
  const { key } = await write(surface, asked, change, { at });
  const made = secretsOf(await entryAt(surface, at)).find(({ id }) => id === key);
  const location = `${locationOf(asked, holder.segment, at)}/secrets/${key}`;
  return { status: 200, headers: ['Location', location], body: JSON.stringify({ ...made, secret: text }) };
}

async function answerRemoveSecret(surface: Surface, asked: Asked, holder: Holder): Promise<Answer> {
  const at = await placeOf(surface, asked, holder);
  const { secretId: id = '' } = asked.parameters;
  if (!secretsOf(await entryAt(surface, at)).some((secret) => secret.id === id)) {
    throw failure('directoryEntryNotFound');
  }
  await write(surface, asked, { kind: 'removeClientSecret', client: at.key, id }, { at });
  return { status: 204 };
}

async function placeOf(surface: Surface, asked: Asked, { noun }: Holder): Promise<EntryPlace> {
  const { owner: organizationId, directory } = await homeOf(surface, asked);
  const at = { noun, organizationId, key: asked.parameters.clientId ?? '' };
  entryIn(directory, at);
  return at;
}

/** An entry of a program lists its secrets. */
function secretsOf({ value }: Entry): readonly { readonly id: string }[] {
  return value.secrets as { id: string }[];
}
