import { type Connection, sql } from './sql.ts';
import type { Transaction } from './store.ts';

/** What a user, or all of an organisation, has allowed a program. */
export interface Consent {
  readonly organizationId: string;
  /** Empty for all of the organisation. */
  readonly userName: string;
  readonly clientId: string;
  /** Scopes, with blanks between them. */
  readonly scope: string;
  readonly grantedAt: string;
  /** Null while it holds. */
  readonly withdrawnAt: string | null;
}

/** What a transaction can do to consents. */
export type ConsentWrites = Pick<Transaction, 'listConsents' | 'putConsent'>;

const selectConsents = sql`select organization_id as "organizationId", user_name as "userName",
  client_id as "clientId", scope, granted_at as "grantedAt", withdrawn_at as "withdrawnAt" from consents`;

/** Consents to a program that concern a user: his own, and that of his organisation. */
export async function listConsents(
  connection: Pick<Connection, 'all'>,
  { organizationId, userName, clientId }: Pick<Consent, 'organizationId' | 'userName' | 'clientId'>,
): Promise<Consent[]> {
  return connection.all<Consent>(sql`${selectConsents}
    where organization_id = ${organizationId} and user_name in (${userName}, '') and client_id = ${clientId}
    order by user_name`);
}

/** Every consent, of one organisation or of all, those that were withdrawn among them. */
export async function listAllConsents(connection: Connection, organizationId?: string): Promise<Consent[]> {
  const where = organizationId === undefined ? sql`` : sql`where organization_id = ${organizationId}`;
  return connection.all<Consent>(sql`${selectConsents} ${where} order by organization_id, user_name, client_id`);
}

/** The statements that write consents, alike on both engines. */
export function consentWrites(connection: Connection): ConsentWrites {
  return {
    listConsents: (key) => listConsents(connection, key),
    putConsent: ({ organizationId, userName, clientId, scope, grantedAt, withdrawnAt }) =>
      connection.run(sql`insert into consents (organization_id, user_name, client_id, scope, granted_at, withdrawn_at)
        values (${organizationId}, ${userName}, ${clientId}, ${scope}, ${grantedAt}, ${withdrawnAt})
        on conflict (organization_id, user_name, client_id) do update set scope = excluded.scope,
          granted_at = excluded.granted_at, withdrawn_at = excluded.withdrawn_at`),
  };
}

/**
 * Whether a program may act for a user, on SQLite: it and its organisation are active, and it is of the user's own
 * organisation or has a consent that holds. PostgreSQL has the same rule in a function (migration 7).
 */
export async function mayAct(
  connection: Connection,
  clientId: string,
  { tenantId, subject }: { readonly tenantId: string; readonly subject: string },
): Promise<boolean> {
  const rows = await connection.all(sql`select 1 as one from clients c
    join organizations o on o.id = c.organization_id and o.is_active = 1
    join tenants t on t.id = ${tenantId}
    join users u on u.organization_id = t.organization_id and u.tenant_id = t.id and u.subject = ${subject}
    where c.client_id = ${clientId} and c.is_active = 1 and (c.organization_id = u.organization_id or exists (
      select 1 from consents s where s.organization_id = u.organization_id and s.user_name in (u.name, '')
        and s.client_id = c.client_id and s.withdrawn_at is null))`);
  return rows.length > 0;
}
