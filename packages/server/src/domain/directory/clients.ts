import { failure, guidPattern } from '@cosell/model';
import type { Directory, ListedClient } from '../../store/directory-entry.ts';
import type { Surroundings, Transaction } from '../../store/store.ts';
import { fixedText } from '../exchange-clock.ts';
import type { Changes, DirectoryDone } from './directory-change.ts';
import { organizationOf, requireName } from './named-entries.ts';
import { mostRedirectUris, redirectUriFault } from './redirect-uri.ts';

/** Secrets that are valid at a time: the one in use, and the one that takes its place. */
const mostSecrets = 2;
const dayMs = 86_400_000;
/** How long a secret is valid where nothing is said. */
export const usualSecretDays = 180;
/** How long a secret is valid at most. */
export const mostSecretDays = 730;

/** Changes of applications, API clients and their secrets. */
export const clientChanges: Changes<
  'addApplication' | 'addApiClient' | 'changeClient' | 'addClientSecret' | 'removeClientSecret'
> = {
  async addApplication({ transaction, change, directory, surroundings }) {
    const { name, redirectUris, isPublic } = change;
    requireRedirectUris(redirectUris);
    const own = { kind: 'application', isPublic, redirectUris } as const;
    const client = newClient(directory, surroundings, { ...change, ...own });
    await transaction.putClient(client);
    return doneTo(client, `Application ${name} (client id ${client.clientId}) is in the directory.`);
  },

  async addApiClient({ transaction, change, directory, surroundings }) {
    const own = { kind: 'apiClient', isPublic: false, redirectUris: [] } as const;
    const client = newClient(directory, surroundings, { ...change, ...own });
    await transaction.putClient(client);
    return doneTo(client, `API client ${change.name} (client id ${client.clientId}) is in the directory.`);
  },

  async changeClient({ transaction, change, directory }) {
    const client = clientOf(directory, change.client);
    const { name = client.name, redirectUris = client.redirectUris } = change;
    const { isPublic = client.isPublic, isActive = client.isActive } = change;
    requireName(name);
    requireRedirectUris(redirectUris);
    if (client.kind === 'apiClient' && (isPublic || redirectUris.length > 0)) {
      const reason = 'an API client speaks for itself: it has secrets and no redirect address';
      throw failure('directoryRefused', { reason });
    }
    if (isPublic && client.secrets.length > 0) {
      throw failure('directoryRefused', { reason: `${client.name} has secrets; remove them first` });
    }
    await transaction.putClient({ ...client, name, redirectUris, isPublic, isActive });
    const state = isActive ? 'is active' : 'is not active: nobody gets a token by it';
    return doneTo(client, `${titleOf(client)} ${name} (${client.clientId}) ${state}.`, { isActive });
  },

  async addClientSecret({ transaction, change, directory, surroundings }) {
    const client = clientOf(directory, change.client);
    if (client.isPublic) {
      const reason = `${client.name} is public: it runs where everybody could read a secret`;
      throw failure('directoryRefused', { reason });
    }
    const nowMs = surroundings.clock.now();
    const expiresAtMs = change.expiresAtMs ?? nowMs + (change.days ?? usualSecretDays) * dayMs;
    if (!(expiresAtMs > nowMs && expiresAtMs <= nowMs + mostSecretDays * dayMs)) {
      const reason = `a secret ends in the future, and after ${mostSecretDays} days at the latest`;
      throw failure('directoryRefused', { reason });
    }
    await forgetExpired(transaction, client, fixedText(nowMs));
    const valid = client.secrets.filter(({ expiresAt }) => !isPast(expiresAt, fixedText(nowMs)));
    if (valid.length >= mostSecrets) {
      const reason = `${client.name} has ${mostSecrets} secrets; remove the one that is no longer used first`;
      throw failure('directoryRefused', { reason });
    }
    const { secretHash, hint } = change;
    const [id, expiresAt] = [surroundings.ids.guid(), fixedText(expiresAtMs)];
    await transaction.putClientSecret(client.clientId, {
      id,
      secretHash,
      hint,
      createdAt: fixedText(nowMs),
      expiresAt,
    });
    const done = `${titleOf(client)} ${client.name} has a new secret (id ${id}), valid until ${expiresAt.slice(0, 10)}.`;
    return { ...doneTo(client, done, { secretId: id }), key: id };
  },

  async removeClientSecret({ transaction, change, directory }) {
    const client = clientOf(directory, change.client);
    if (!client.secrets.some(({ id }) => id === change.id)) {
      throw failure('directoryRefused', { reason: `${client.name} has no secret ${change.id}` });
    }
    await transaction.removeClientSecret(client.clientId, change.id);
    return doneTo(client, `Secret ${change.id} of ${client.name} was removed.`, { secretId: change.id });
  },
};

/** A client by its id, or by its name where no other has it. */
export function clientOf(directory: Directory, idOrName: string): ListedClient {
  const wanted = idOrName.toLowerCase();
  const byId = directory.clients.find(({ clientId }) => clientId === wanted);
  const found = byId === undefined ? directory.clients.filter(({ name }) => name.toLowerCase() === wanted) : [byId];
  const [client] = found;
  if (client === undefined) {
    throw failure('directoryRefused', { reason: `there is no application or API client ${idOrName}` });
  }
  if (found.length > 1) {
    throw failure('directoryRefused', { reason: `several clients are named ${idOrName}; give the client id` });
  }
  return client;
}

type Given = Pick<ListedClient, 'kind' | 'name' | 'isPublic' | 'redirectUris'> & {
  readonly organization: string;
  readonly clientId?: string;
};

function newClient(directory: Directory, { clock, ids }: Surroundings, given: Given): Omit<ListedClient, 'secrets'> {
  const { kind, name, isPublic, redirectUris } = given;
  const organization = organizationOf(directory, given.organization);
  requireName(name);
  const clientId = (given.clientId ?? ids.guid()).toLowerCase();
  if (!guidPattern.test(clientId)) throw failure('directoryRefused', { reason: 'the id of a client is a GUID' });
  const known = directory.clients.find((client) => client.clientId === clientId);
  if (known !== undefined && (known.organizationId !== organization.id || known.kind !== kind)) {
    throw failure('directoryRefused', { reason: `the client id ${clientId} is in use` });
  }
  if (known !== undefined && isPublic && known.secrets.length > 0) {
    throw failure('directoryRefused', { reason: `${known.name} has secrets; remove them first` });
  }
  const createdAt = known?.createdAt ?? fixedText(clock.now());
  return {
    clientId,
    organizationId: organization.id,
    kind,
    name,
    isPublic,
    redirectUris,
    isActive: known?.isActive ?? true,
    createdAt,
  };
}

function requireRedirectUris(redirectUris: readonly string[]): void {
  if (redirectUris.length > mostRedirectUris) {
    throw failure('directoryRefused', { reason: `an application has at most ${mostRedirectUris} redirect addresses` });
  }
  for (const uri of redirectUris) {
    const fault = redirectUriFault(uri);
    if (fault !== undefined) throw failure('directoryRefused', { reason: `the redirect address "${uri}": ${fault}` });
  }
}

async function forgetExpired(transaction: Transaction, { clientId, secrets }: ListedClient, now: string) {
  for (const { id, expiresAt } of secrets)
    if (isPast(expiresAt, now)) await transaction.removeClientSecret(clientId, id);
}

/** Stored instants compare as text. */
function isPast(expiresAt: string | null, now: string): boolean {
  return expiresAt !== null && expiresAt <= now;
}

function titleOf({ kind }: Pick<ListedClient, 'kind'>): string {
  return kind === 'application' ? 'Application' : 'API client';
}

function doneTo(
  { clientId, organizationId }: Pick<ListedClient, 'clientId' | 'organizationId'>,
  done: string,
  audited: DirectoryDone['audited'] = {},
): DirectoryDone {
  return { done, organizationId, key: clientId, audited: { clientId, ...audited }, about: clientId };
}
