import type { RoleAssignment, RoleName } from '@cosell/model';
import type { ActWrites } from './acts.ts';
import type { ChangeWrites } from './changes.ts';
import { type ClientWrites, listClients } from './clients.ts';
import { type ConsentWrites, listAllConsents } from './consents.ts';
import type { CredentialWrites } from './credentials.ts';
import type { DerivedReads } from './derived-rows.ts';
import type { Directory, DirectoryUser, FoundUser, StoredSigningKey } from './directory-entry.ts';
import { type InvitationWrites, listInvitations } from './invitations.ts';
import type { KeptAnswerWrites } from './kept-answers.ts';
import type { ProviderWrites } from './provider-records.ts';
import type { ReferralWrites } from './referrals.ts';
import { type LocationRow, listRoutingRules, locationOf, type RoutingWrites, selectLocations } from './routing.ts';
import { type Connection, names, sql } from './sql.ts';
import type { Transaction } from './store.ts';
import type { SweepWrites } from './sweeps.ts';
import type { TableWrites } from './table-rows.ts';
import { tablesOf } from './tables.ts';

/** All of a transaction that is not about referrals. */
type DirectoryWrites = Omit<
  Transaction,
  | keyof ReferralWrites
  | keyof ChangeWrites
  | keyof KeptAnswerWrites
  | keyof RoutingWrites
  | keyof TableWrites
  | keyof SweepWrites
  | keyof DerivedReads
  | keyof ActWrites
  | keyof ProviderWrites
  | keyof InvitationWrites
  | keyof CredentialWrites
  | keyof ClientWrites
  | keyof ConsentWrites
  | 'lock'
>;

interface OrganizationRow {
  id: string;
  name: string;
  isActive: number;
}

/** A row of a user joined with one of his roles. */
export interface UserRow {
  organizationId: string;
  name: string;
  tenantId: string;
  subject: string;
  email: string;
  isActive: number;
  role: RoleName | null;
  mpnId: string | null;
}

/** The same of a user who is found by his token. */
export interface FoundRow extends UserRow {
  isOrganizationActive: number;
}

/** Who a token speaks for, on SQLite. A tenant belongs to one organisation, so the key is complete. */
export async function findUser(
  connection: Connection,
  tenantId: string,
  subject: string,
): Promise<FoundUser | undefined> {
  const rows = await connection.all<FoundRow>(sql`select u.organization_id as "organizationId", u.name,
    u.tenant_id as "tenantId", u.subject, u.email, u.is_active as "isActive", o.is_active as "isOrganizationActive",
    r.role, r.mpn_id as "mpnId"
    from users u left join role_assignments r on r.organization_id = u.organization_id and r.user_name = u.name
    join tenants t on t.organization_id = u.organization_id and t.id = u.tenant_id
    join organizations o on o.id = u.organization_id
    where t.id = ${tenantId} and u.subject = ${subject} order by r.role, r.mpn_id`);
  return foundUser(rows);
}

/** Users with their roles, a row for each role. */
export const selectUsers = sql`select u.organization_id as "organizationId", u.name,
  u.tenant_id as "tenantId", u.subject, u.email, u.is_active as "isActive", r.role, r.mpn_id as "mpnId"
  from users u left join role_assignments r on r.organization_id = u.organization_id and r.user_name = u.name`;

/** The one user of rows that were found by a token. */
export function foundUser(rows: readonly FoundRow[]): FoundUser | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  const [user] = groupUsers(rows.map(({ isOrganizationActive: _of, ...row }) => row));
  return user && { ...user, isOrganizationActive: first.isOrganizationActive === 1 };
}

/**
 * The directory.
 *
 * @param owner only what belongs to this organisation
 * @param parts `people` leaves out programs, invitations and consents: whoever holds the lock of the directory keeps the
 * next one waiting
 */
export async function listDirectory(
  connection: Connection,
  owner?: string,
  parts: 'all' | 'people' = 'all',
): Promise<Directory> {
  const isAll = parts === 'all';
  const where = (column: string) => (owner === undefined ? sql`` : sql`where ${names(column)} = ${owner}`);
  const organizations = await connection.all<OrganizationRow>(
    sql`select id, name, is_active as "isActive" from organizations ${where('id')} order by id`,
  );
  const tenants = await connection.all<{ id: string; organizationId: string }>(
    sql`select id, organization_id as "organizationId" from tenants ${where('organization_id')} order by id`,
  );
  const locations = await connection.all<LocationRow>(
    sql`${selectLocations} ${where('organization_id')} order by organization_id, mpn_id`,
  );
  const ofOwner = owner === undefined ? sql`` : sql`where u.organization_id = ${owner}`;
  const users = await connection.all<UserRow>(
    sql`${selectUsers} ${ofOwner} order by u.organization_id, u.name, r.role, r.mpn_id`,
  );
  return {
    organizations: organizations.map(({ id, name, isActive }) => ({
      id,
      name,
      isActive: isActive === 1,
      tenantIds: tenants.filter((tenant) => tenant.organizationId === id).map((tenant) => tenant.id),
    })),
    locations: locations.map(locationOf),
    users: groupUsers(users),
    clients: isAll ? await listClients(connection, owner) : [],
    invitations: isAll ? await listInvitations(connection, owner) : [],
    consents: isAll ? await listAllConsents(connection, owner) : [],
    routingRules: (await listRoutingRules(connection)).filter(
      ({ organizationId }) => owner === undefined || organizationId === owner,
    ),
  };
}

/** Keys of the built-in issuer, the newest first. */
export async function listSigningKeys(connection: Connection): Promise<StoredSigningKey[]> {
  return connection.all(sql`select kid, algorithm, private_jwk as "privateJwk", created_at as "createdAt"
    from signing_keys order by created_at desc, kid`);
}

/** A fact about the exchange itself. */
export async function findFact(connection: Pick<Connection, 'all'>, name: string): Promise<string | undefined> {
  const rows = await connection.all<{ value: string }>(sql`select value from exchange_facts where name = ${name}`);
  return rows[0]?.value;
}

/** The statements that write the directory, alike on both engines. */
export function directoryWrites(connection: Connection): DirectoryWrites {
  return {
    putOrganization: ({ id, name, isActive }) =>
      connection.run(sql`insert into organizations (id, name, is_active) values (${id}, ${name}, ${isActive ? 1 : 0})
        on conflict (id) do update set name = excluded.name, is_active = excluded.is_active`),
    async findOrganization(id) {
      const [row] = await connection.all<OrganizationRow>(
        sql`select id, name, is_active as "isActive" from organizations where id = ${id}`,
      );
      return row && { ...row, isActive: row.isActive === 1 };
    },
    async removeOrganization(id) {
      // Nothing of it may come back to life with a new organisation of the same id.
      for (const table of ['clients', 'invitations', 'consents', 'credentials']) {
        await connection.run(sql`delete from ${names(table)} where organization_id = ${id}`);
      }
      await connection.run(sql`delete from tenants where organization_id = ${id}`);
      await connection.run(sql`delete from organizations where id = ${id}`);
    },
    async findTenant(id) {
      const rows = await connection.all<{ organizationId: string }>(
        sql`select organization_id as "organizationId" from tenants where id = ${id}`,
      );
      return rows[0];
    },
    putTenant: ({ id, organizationId }) =>
      connection.run(sql`insert into tenants (id, organization_id) values (${id}, ${organizationId})`),
    putLocation: ({ organizationId, mpnId, profileId, name, isActive }) =>
      connection.run(sql`insert into locations (organization_id, mpn_id, profile_id, name, is_active)
        values (${organizationId}, ${mpnId}, ${profileId}, ${name}, ${isActive ? 1 : 0})
        on conflict (organization_id, mpn_id) do update set name = excluded.name, profile_id = excluded.profile_id,
          is_active = excluded.is_active`),
    removeLocation: (organizationId, mpnId) =>
      connection.run(sql`delete from locations where organization_id = ${organizationId} and mpn_id = ${mpnId}`),
    putUser: ({ organizationId, name, tenantId, subject, email, isActive }) =>
      connection.run(sql`insert into users (organization_id, name, tenant_id, subject, email, is_active)
        values (${organizationId}, ${name}, ${tenantId}, ${subject}, ${email}, ${isActive ? 1 : 0})
        on conflict (organization_id, name) do update set tenant_id = excluded.tenant_id, subject = excluded.subject,
          email = excluded.email, is_active = excluded.is_active`),
    removeUser: (organizationId, name) =>
      connection.run(sql`delete from users where organization_id = ${organizationId} and name = ${name}`),
    async forgetSignIn(organizationId, name) {
      for (const table of ['credentials', 'consents']) {
        await connection.run(sql`delete from ${names(table)}
          where organization_id = ${organizationId} and user_name = ${name}`);
      }
    },
    putRole: (organizationId, userName, { role, mpnId }) =>
      connection.run(sql`insert into role_assignments (organization_id, user_name, role, mpn_id)
        values (${organizationId}, ${userName}, ${role}, ${mpnId ?? wholeCompany}) on conflict do nothing`),
    removeRole: (organizationId, userName, { role, mpnId }) =>
      connection.run(sql`delete from role_assignments where organization_id = ${organizationId}
        and user_name = ${userName} and role = ${role} and mpn_id = ${mpnId ?? wholeCompany}`),
    listDirectory: (organizationId, parts) => listDirectory(connection, organizationId, parts),
    addSigningKey: ({ kid, algorithm, privateJwk, createdAt }) =>
      connection.run(sql`insert into signing_keys (kid, algorithm, private_jwk, created_at)
        values (${kid}, ${algorithm}, ${privateJwk}, ${createdAt})`),
    removeSigningKey: (kid) => connection.run(sql`delete from signing_keys where kid = ${kid}`),
    listSigningKeys: () => listSigningKeys(connection),
    putFact: (name, value) =>
      connection.run(sql`insert into exchange_facts (name, value) values (${name}, ${value})
        on conflict (name) do update set value = excluded.value`),
    findFact: (name) => findFact(connection, name),
    removeFact: (name) => connection.run(sql`delete from exchange_facts where name = ${name}`),
    async removeDirectory() {
      for (const { name } of tablesOf('directory')) await connection.run(sql`delete from ${names(name)}`);
    },
  };
}

/** The location of a role for the whole company: a key column cannot be null. */
const wholeCompany = '';

/** Users with their roles, from a row for each role. */
export function groupUsers(rows: readonly UserRow[]): DirectoryUser[] {
  const users = new Map<string, DirectoryUser & { roles: RoleAssignment[] }>();
  for (const { role, mpnId, isActive, ...row } of rows) {
    const key = `${row.organizationId} ${row.name}`;
    const user = users.get(key) ?? { ...row, isActive: isActive === 1, roles: [] };
    users.set(key, user);
    if (role !== null) user.roles.push({ role, mpnId: mpnId === wholeCompany ? null : mpnId });
  }
  return [...users.values()];
}
