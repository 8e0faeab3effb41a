import { guidPattern } from '@cosell/model';
import type { ListedClient, StoredClient } from './directory-entry.ts';
import { type Connection, type Sql, sql } from './sql.ts';
import type { Transaction } from './store.ts';

/** What a transaction can do to programs and their secrets. */
export type ClientWrites = Pick<
  Transaction,
  'findClient' | 'listClients' | 'putClient' | 'putClientSecret' | 'removeClientSecret'
>;

/** A row of a client joined with one of its secrets. */
interface ClientRow extends Omit<StoredClient, 'isPublic' | 'redirectUris' | 'isActive' | 'organizationIsActive'> {
  isPublic: number;
  redirectUris: string;
  isActive: number;
  organizationIsActive: number;
  createdAt: string;
  secretId: string | null;
  secretHash: string;
  hint: string;
  secretCreatedAt: string;
  expiresAt: string | null;
}

const selectClients = sql`select c.client_id as "clientId", c.organization_id as "organizationId", c.kind, c.name,
  c.is_public as "isPublic", c.redirect_uris as "redirectUris", c.is_active as "isActive",
  o.is_active as "organizationIsActive", c.created_at as "createdAt", s.id as "secretId", s.secret_hash as "secretHash",
  s.hint, s.created_at as "secretCreatedAt", s.expires_at as "expiresAt"
  from clients c join organizations o on o.id = c.organization_id left join client_secrets s on s.client_id = c.client_id`;

/** A program by its id in either case, with what its secrets are compared with. */
export async function findClient(connection: Connection, clientId: string): Promise<StoredClient | undefined> {
  // Strangers ask, with anything; PostgreSQL would refuse a zero byte.
  if (!guidPattern.test(clientId)) return undefined;
  const rows = await readClients(connection, sql`where c.client_id = ${clientId.toLowerCase()}`);
  const [client] = grouped(rows);
  if (client === undefined) return undefined;
  const {
    createdAt: _createdAt,
    isPublic,
    isActive,
    organizationIsActive,
    redirectUris,
    secretRows,
    ...others
  } = client;
  return {
    clientId: others.clientId,
    organizationId: others.organizationId,
    kind: others.kind,
    name: others.name,
    isPublic: isPublic === 1,
    redirectUris: JSON.parse(redirectUris) as string[],
    isActive: isActive === 1,
    organizationIsActive: organizationIsActive === 1,
    secrets: secretRows.map(({ secretId, secretHash, expiresAt }) => ({ id: secretId, secretHash, expiresAt })),
  };
}

/**
 * Programs as the directory lists them, without what would prove a secret.
 *
 * @param organizationId only those of this organisation
 */
export async function listClients(connection: Connection, organizationId?: string): Promise<ListedClient[]> {
  const where = organizationId === undefined ? sql`` : sql`where c.organization_id = ${organizationId}`;
  return grouped(await readClients(connection, where)).map((client) => ({
    clientId: client.clientId,
    organizationId: client.organizationId,
    kind: client.kind,
    name: client.name,
    isPublic: client.isPublic === 1,
    redirectUris: JSON.parse(client.redirectUris) as string[],
    isActive: client.isActive === 1,
    createdAt: client.createdAt,
    secrets: client.secretRows.map(({ secretId, hint, secretCreatedAt, expiresAt }) => ({
      id: secretId,
      hint,
      createdAt: secretCreatedAt,
      expiresAt,
    })),
  }));
}

function readClients(connection: Connection, where: Sql): Promise<ClientRow[]> {
  return connection.all(
    sql`${selectClients} ${where} order by c.organization_id, c.name, c.client_id, s.created_at, s.id`,
  );
}

type SecretRow = ClientRow & { readonly secretId: string };

/** Clients with their secrets, from a row for each secret. */
function grouped(rows: readonly ClientRow[]): (ClientRow & { readonly secretRows: SecretRow[] })[] {
  const clients = new Map<string, ClientRow & { readonly secretRows: SecretRow[] }>();
  for (const row of rows) {
    const client = clients.get(row.clientId) ?? { ...row, secretRows: [] };
    clients.set(row.clientId, client);
    if (row.secretId !== null) client.secretRows.push({ ...row, secretId: row.secretId });
  }
  return [...clients.values()];
}

/** The statements that write programs, alike on both engines. */
export function clientWrites(connection: Connection): ClientWrites {
  return {
    findClient: (clientId) => findClient(connection, clientId),
    listClients: (organizationId) => listClients(connection, organizationId),
    putClient: ({ clientId, organizationId, kind, name, isPublic, redirectUris, isActive, createdAt }) =>
      connection.run(sql`insert into clients (client_id, organization_id, kind, name, is_public, redirect_uris, is_active,
          created_at)
        values (${clientId}, ${organizationId}, ${kind}, ${name}, ${isPublic ? 1 : 0}, ${JSON.stringify(redirectUris)},
          ${isActive ? 1 : 0}, ${createdAt})
        on conflict (client_id) do update set name = excluded.name, is_public = excluded.is_public,
          redirect_uris = excluded.redirect_uris, is_active = excluded.is_active`),
    putClientSecret: (clientId, { id, secretHash, hint, createdAt, expiresAt }) =>
      connection.run(sql`insert into client_secrets (client_id, id, secret_hash, hint, created_at, expires_at)
        values (${clientId}, ${id}, ${secretHash}, ${hint}, ${createdAt}, ${expiresAt})`),
    removeClientSecret: (clientId, id) =>
      connection.run(sql`delete from client_secrets where client_id = ${clientId} and id = ${id}`),
  };
}
