import type { DirectoryChange } from '../../domain/directory/directory-change.ts';
import type { Entry, EntryNoun } from '../../domain/directory/entries.ts';
import type { DirectoryBody, directoryBodies, Given } from './directory-members.ts';
import { readDirectoryBody } from './read-directory-body.ts';

/** How one sort of entry is created, changed and removed by requests. */
export interface DirectoryNoun {
  readonly noun: EntryNoun;
  /** The word of the path. */
  readonly segment: string;
  /** The parameter of the path that names one. */
  readonly parameter: string;
  /** Names of it: for operations and schemas, and for sentences. */
  readonly name: string;
  readonly title: string;
  /** How it comes into the directory, where by a request of this kind. */
  readonly create?: Create;
  /** A merge patch of what can be changed. */
  readonly change?: {
    readonly body: DirectoryBody;
    readonly read: (body: Buffer, key: string, owner: string) => DirectoryChange;
  };
  /** What removes it, where nothing that has happened names it. */
  readonly remove?: (entry: Entry, owner: string) => DirectoryChange;
}

/** How one is created. */
interface Create {
  readonly body: DirectoryBody;
  readonly read: (body: Buffer, owner: string) => CreateOrder;
}

/** A change that creates an entry. */
export interface CreateOrder {
  readonly change: DirectoryChange;
  /** By what it will be found, where the client chooses that. */
  readonly key?: string;
}

type BodyOf<Name extends DirectoryBody> = Given<(typeof directoryBodies)[Name]>;

function creates<Name extends DirectoryBody>(
  body: Name,
  order: (given: BodyOf<Name>, owner: string) => CreateOrder,
): Create {
  return { body, read: (bytes, owner) => order(readDirectoryBody(body, bytes), owner) };
}

function changes<Name extends DirectoryBody>(
  body: Name,
  change: (given: BodyOf<Name>, key: string, owner: string) => DirectoryChange,
): NonNullable<DirectoryNoun['change']> {
  return { body, read: (bytes, key, owner) => change(readDirectoryBody(body, bytes), key, owner) };
}

/** Everything that an organisation's directory has several of. */
export const directoryNouns: readonly DirectoryNoun[] = [
  {
    noun: 'locations',
    segment: 'locations',
    parameter: 'mpnId',
    name: 'Location',
    title: 'location',
    create: creates('LocationCreate', ({ mpnId, name }, organization) => ({
      change: { kind: 'addLocation', organization, mpnId, name },
      key: mpnId,
    })),
    change: changes('LocationPatch', (given, mpnId, organization) => ({
      ...{ kind: 'changeLocation', organization, mpnId },
      ...given,
    })),
  },
  {
    noun: 'users',
    segment: 'users',
    parameter: 'userName',
    name: 'User',
    title: 'user',
    create: creates('UserCreate', (given, organization) => ({
      change: { kind: 'addUser', organization, ...given },
      key: given.name,
    })),
    change: changes('UserPatch', (given, user, organizationId) => ({
      kind: 'changeUser',
      user,
      organizationId,
      ...given,
    })),
  },
  {
    noun: 'roleAssignments',
    segment: 'role-assignments',
    parameter: 'roleAssignmentId',
    name: 'RoleAssignment',
    title: 'role that a user has',
    create: creates('RoleAssignmentCreate', ({ userName: user, ...role }, organizationId) => ({
      change: { kind: 'addRole', user, organizationId, ...role },
    })),
    remove: ({ value }, organizationId) => {
      const { userName, role, mpnId } = value as { userName: string; role: string; mpnId: string | null };
      return { kind: 'removeRole', user: userName, organizationId, role, ...(mpnId === null ? {} : { mpnId }) };
    },
  },
  {
    noun: 'applications',
    segment: 'applications',
    parameter: 'clientId',
    name: 'Application',
    title: 'application',
    create: creates('ApplicationCreate', ({ name, redirectUris = [], isPublic = false }, organization) => ({
      change: { kind: 'addApplication', organization, name, redirectUris, isPublic },
    })),
    change: changes('ApplicationPatch', (given, client) => ({ kind: 'changeClient', client, ...given })),
  },
  {
    noun: 'apiClients',
    segment: 'api-clients',
    parameter: 'clientId',
    name: 'ApiClient',
    title: 'API client',
    create: creates('ApiClientCreate', ({ name }, organization) => ({
      change: { kind: 'addApiClient', organization, name },
    })),
    change: changes('ApiClientPatch', (given, client) => ({ kind: 'changeClient', client, ...given })),
  },
  {
    noun: 'consents',
    segment: 'consents',
    parameter: 'consentId',
    name: 'Consent',
    title: 'consent to a program',
    remove: ({ value }, organization) => {
      const { userName, clientId } = value as { userName: string | null; clientId: string };
      return { kind: 'withdrawConsent', organization, userName: userName ?? '', clientId };
    },
  },
];
