import { type Consent, listConsents } from './consents.ts';
import { type Credentials, findCredentials, findUsersNamed } from './credentials.ts';
import type { DirectoryUser, StoredInvitation } from './directory-entry.ts';
import { findInvitation } from './invitations.ts';
import { type Connection, sql } from './sql.ts';

/** What is read to know who somebody is and what he has allowed. */
export interface IdentityReads {
  /** Active users with a name or e-mail address, of one tenant or of all, in the order of organisations and names. */
  findUsersNamed(nameOrEmail: string, tenantId: string | undefined): Promise<DirectoryUser[]>;
  /** How a user proves himself; undefined for one who never had any credentials. */
  findCredentials(organizationId: string, userName: string): Promise<Credentials | undefined>;
  /** An invitation, whatever has become of it. */
  findInvitation(organizationId: string, id: string): Promise<StoredInvitation | undefined>;
  /** Consents to a program that concern a user: that of his organisation, and his own after it. */
  listConsents(key: Pick<Consent, 'organizationId' | 'userName' | 'clientId'>): Promise<Consent[]>;
  findOrganizationName(id: string): Promise<string | undefined>;
}

/** Reads on a connection to the rows of an organisation, or of all. */
type ReadIn = <Result>(
  organizationId: string | undefined,
  read: (connection: Connection) => Promise<Result>,
) => Promise<Result>;

/** The reads, alike on both engines. */
export function identityReads(readIn: ReadIn): IdentityReads {
  return {
    findUsersNamed: (nameOrEmail, tenantId) =>
      readIn(undefined, (connection) => findUsersNamed(connection, nameOrEmail, tenantId)),
    findCredentials: (organizationId, userName) =>
      readIn(organizationId, (connection) => findCredentials(connection, organizationId, userName)),
    findInvitation: (organizationId, id) =>
      readIn(organizationId, (connection) => findInvitation(connection, organizationId, id)),
    listConsents: (key) => readIn(key.organizationId, (connection) => listConsents(connection, key)),
    findOrganizationName: (id) =>
      readIn(id, async (connection) => {
        const rows = await connection.all<{ name: string }>(sql`select name from organizations where id = ${id}`);
        return rows[0]?.name;
      }),
  };
}
