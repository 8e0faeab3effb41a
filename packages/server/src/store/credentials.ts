import { groupUsers, selectUsers, type UserRow } from './directory.ts';
import type { DirectoryUser } from './directory-entry.ts';
import { type Connection, sql } from './sql.ts';
import type { Transaction } from './store.ts';

/** How a user proves himself to the built-in provider. */
export interface Credentials {
  readonly organizationId: string;
  readonly userName: string;
  /** In PHC form; null for one who has no password. */
  readonly passwordHash: string | null;
  /** Whether it was given out and is good for one sign-in, at which he chooses his own. */
  readonly isTemporary: boolean;
  /** Base32; null without a second factor. */
  readonly totpSecret: string | null;
  /** The last time step whose code was taken. */
  readonly totpStep: number | null;
  readonly failedAttempts: number;
  /** Until when nothing is tried, also after that; null where nothing has failed. */
  readonly slowedUntil: string | null;
  /** When he last got another password or second factor. */
  readonly changedAt: string;
}

/** What a transaction can do to credentials. */
export type CredentialWrites = Pick<Transaction, 'findCredentials' | 'putCredentials'>;

interface CredentialsRow extends Omit<Credentials, 'isTemporary'> {
  readonly isTemporary: number;
}

/** The credentials of a user; undefined for one who never had any. */
export async function findCredentials(
  connection: Pick<Connection, 'all'>,
  organizationId: string,
  userName: string,
): Promise<Credentials | undefined> {
  const [row] = await connection.all<CredentialsRow>(sql`select organization_id as "organizationId",
    user_name as "userName", password_hash as "passwordHash", is_temporary as "isTemporary", totp_secret as "totpSecret",
    totp_step as "totpStep", failed_attempts as "failedAttempts", slowed_until as "slowedUntil", changed_at as "changedAt"
    from credentials where organization_id = ${organizationId} and user_name = ${userName}`);
  if (row === undefined) return undefined;
  return {
    ...row,
    isTemporary: row.isTemporary === 1,
    totpStep: row.totpStep === null ? null : Number(row.totpStep),
    failedAttempts: Number(row.failedAttempts),
  };
}

/**
 * Active users with a name or an e-mail address, of one tenant or of all. ASCII letters of either case are one.
 */
export async function findUsersNamed(
  connection: Pick<Connection, 'all'>,
  nameOrEmail: string,
  tenantId: string | undefined,
): Promise<DirectoryUser[]> {
  const wanted = nameOrEmail.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  const ofTenant = tenantId === undefined ? sql`` : sql`and u.tenant_id = ${tenantId}`;
  const rows = await connection.all<UserRow>(sql`${selectUsers}
    where (lower(u.name) = ${wanted} or lower(u.email) = ${wanted}) and u.is_active = 1 ${ofTenant}
    and exists (select 1 from organizations o where o.id = u.organization_id and o.is_active = 1)
    order by u.organization_id, u.name, r.role, r.mpn_id`);
  return groupUsers(rows);
}

/** The statements that write credentials, alike on both engines. */
export function credentialWrites(connection: Connection): CredentialWrites {
  return {
    findCredentials: (organizationId, userName) => findCredentials(connection, organizationId, userName),
    putCredentials: ({ organizationId, userName, ...held }) =>
      connection.run(sql`insert into credentials (organization_id, user_name, password_hash, is_temporary, totp_secret,
          totp_step, failed_attempts, slowed_until, changed_at)
        values (${organizationId}, ${userName}, ${held.passwordHash}, ${held.isTemporary ? 1 : 0}, ${held.totpSecret},
          ${held.totpStep}, ${held.failedAttempts}, ${held.slowedUntil}, ${held.changedAt})
        on conflict (organization_id, user_name) do update set password_hash = excluded.password_hash,
          is_temporary = excluded.is_temporary, totp_secret = excluded.totp_secret, totp_step = excluded.totp_step,
          failed_attempts = excluded.failed_attempts, slowed_until = excluded.slowed_until,
          changed_at = excluded.changed_at`),
  };
}
