import { createHash } from 'node:crypto';
import type { Directory, ListedClient } from '../../store/directory-entry.ts';
import { consentKeyOf } from './consents.ts';
import { roleKeyOf } from './role-key.ts';

/** What the directory has several of. */
export type EntryNoun =
  | 'organizations'
  | 'locations'
  | 'users'
  | 'roleAssignments'
  | 'applications'
  | 'apiClients'
  | 'invitations'
  | 'consents';

/** Where an entry is. */
export interface EntryPlace {
  readonly noun: EntryNoun;
  readonly organizationId: string;
  readonly key: string;
}

/** An entry as the API shows it. */
export interface Entry {
  readonly key: string;
  /** New whenever anything that is shown has changed. */
  readonly eTag: string;
  readonly value: Readonly<Record<string, unknown>>;
}

type ReadEntries = (directory: Directory, organizationId: string) => readonly (readonly [key: string, value: object])[];

/** The entries of an organisation, each with the members that are shown of it. */
const readers: Readonly<Record<EntryNoun, ReadEntries>> = {
  organizations: ({ organizations }, owner) =>
    organizations
      .filter(({ id }) => id === owner)
      .map(({ id, name, isActive, tenantIds }) => [id, { id, name, isActive, tenantIds }]),
  locations: ({ locations }, owner) =>
    ownOf(locations, owner).map(({ mpnId, name, profileId, isActive }) => [
      mpnId,
      { mpnId, name, profileId, isActive },
    ]),
  users: ({ users }, owner) =>
    ownOf(users, owner).map(({ name, email, tenantId, subject, isActive, roles }) => [
      name,
      { name, email, tenantId, subject, isActive, roles: roles.map((one) => ({ id: roleKeyOf(name, one), ...one })) },
    ]),
  roleAssignments: ({ users }, owner) =>
    ownOf(users, owner).flatMap(({ name, roles }) =>
      roles.map(({ role, mpnId }) => {
        const id = roleKeyOf(name, { role, mpnId });
        return [id, { id, userName: name, role, mpnId }] as const;
      }),
    ),
  applications: ({ clients }, owner) =>
    ownOf(clients, owner)
      .filter(({ kind }) => kind === 'application')
      .map(({ isPublic, redirectUris, ...client }) => [client.clientId, { ...shown(client), isPublic, redirectUris }]),
  apiClients: ({ clients }, owner) =>
    ownOf(clients, owner)
      .filter(({ kind }) => kind === 'apiClient')
      .map((client) => [client.clientId, shown(client)]),
  invitations: ({ invitations }, owner) =>
    ownOf(invitations, owner).map(({ id, email, userName, roles, invitedBy, ...when }) => [
      id,
      {
        ...{ id, email, userName: userName === '' ? null : userName, roles },
        invitedBy: invitedBy === '' ? null : invitedBy,
        createdDateTime: when.createdAt,
        expirationDateTime: when.expiresAt,
        acceptedDateTime: when.acceptedAt,
        withdrawnDateTime: when.withdrawnAt,
      },
    ]),
  consents: ({ consents }, owner) =>
    ownOf(consents, owner).map(({ userName, clientId, scope, grantedAt, withdrawnAt }) => {
      const id = consentKeyOf({ userName, clientId });
      const who = { id, userName: userName === '' ? null : userName, clientId };
      return [id, { ...who, scope, grantedDateTime: grantedAt, withdrawnDateTime: withdrawnAt }] as const;
    }),
};

/** The entries of one sort that an organisation has, in their order. */
export function listEntries(directory: Directory, noun: EntryNoun, organizationId: string): Entry[] {
  return readers[noun](directory, organizationId).map(([key, value]) => {
    const eTag = `"${createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32)}"`;
    return { key, eTag, value: { ...value, eTag } };
  });
}

/** One entry of an organisation. */
export function findEntry(directory: Directory, { noun, organizationId, key }: EntryPlace): Entry | undefined {
  return listEntries(directory, noun, organizationId).find((entry) => entry.key === key);
}

function ownOf<One extends { readonly organizationId: string }>(all: readonly One[], owner: string): One[] {
  return all.filter(({ organizationId }) => organizationId === owner);
}

function shown({ clientId, name, isActive, createdAt, secrets }: Omit<ListedClient, 'isPublic' | 'redirectUris'>) {
  return {
    ...{ clientId, name, isActive, createdDateTime: createdAt },
    secrets: secrets.map(({ id, hint, createdAt: madeAt, expiresAt }) => ({
      ...{ id, hint, createdDateTime: madeAt, expirationDateTime: expiresAt },
    })),
  };
}
