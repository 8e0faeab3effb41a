import { guidPattern, type RoleAssignment } from '@cosell/model';
import type { ListedInvitation, StoredInvitation } from './directory-entry.ts';
import { type Connection, type Sql, sql } from './sql.ts';
import type { Transaction } from './store.ts';

/** What a transaction can do to invitations. */
export type InvitationWrites = Pick<
  Transaction,
  'findInvitation' | 'addInvitation' | 'endInvitation' | 'renameInvitation'
>;

type InvitationRow = Omit<StoredInvitation, 'roles'> & { readonly roles: string };

const selectInvitations = sql`select organization_id as "organizationId", id, email, user_name as "userName", roles,
  code_hash as "codeHash", invited_by as "invitedBy", created_at as "createdAt", expires_at as "expiresAt",
  accepted_at as "acceptedAt", withdrawn_at as "withdrawnAt" from invitations`;

async function readInvitations(connection: Pick<Connection, 'all'>, where: Sql): Promise<StoredInvitation[]> {
  const rows = await connection.all<InvitationRow>(
    sql`${selectInvitations} ${where} order by organization_id, created_at, id`,
  );
  return rows.map((row) => ({ ...row, roles: JSON.parse(row.roles) as RoleAssignment[] }));
}

/** An invitation by its id, with what its secret is compared with. */
export async function findInvitation(
  connection: Pick<Connection, 'all'>,
  organizationId: string,
  id: string,
): Promise<StoredInvitation | undefined> {
  // Strangers ask, with anything; PostgreSQL would refuse a zero byte.
  if (!guidPattern.test(id)) return undefined;
  return (await readInvitations(connection, sql`where organization_id = ${organizationId} and id = ${id}`))[0];
}

/** Invitations as the directory lists them, without what would prove a link. */
export async function listInvitations(connection: Connection, organizationId?: string): Promise<ListedInvitation[]> {
  const where = organizationId === undefined ? sql`` : sql`where organization_id = ${organizationId}`;
  return (await readInvitations(connection, where)).map(({ codeHash: _codeHash, ...listed }) => listed);
}

/** The statements that write invitations, alike on both engines. */
export function invitationWrites(connection: Connection): InvitationWrites {
  return {
    findInvitation: (organizationId, id) => findInvitation(connection, organizationId, id),
    addInvitation: ({ organizationId, id, email, userName, roles, codeHash, ...when }) =>
      connection.run(sql`insert into invitations (organization_id, id, email, user_name, roles, code_hash, invited_by,
          created_at, expires_at)
        values (${organizationId}, ${id}, ${email}, ${userName}, ${JSON.stringify(roles)}, ${codeHash},
          ${when.invitedBy}, ${when.createdAt}, ${when.expiresAt})`),
    endInvitation: (organizationId, id, { acceptedAt, withdrawnAt }) =>
      connection.run(sql`update invitations set accepted_at = ${acceptedAt}, withdrawn_at = ${withdrawnAt}
        where organization_id = ${organizationId} and id = ${id}`),
    renameInvitation: ({ organizationId, id, email, userName, invitedBy }) =>
      connection.run(sql`update invitations set email = ${email}, user_name = ${userName}, invited_by = ${invitedBy}
        where organization_id = ${organizationId} and id = ${id}`),
  };
}
