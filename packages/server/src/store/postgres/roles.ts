import type pg from 'pg';
import { StartupProblem } from '../startup-problem.ts';
import { codeOf } from './server-trouble.ts';

/** The role without login that sees the rows of one organisation: of the one that the transaction has named. */
export const tenantRole = 'cosell_tenant';

/** The role without login for work over all organisations: expiry, import, the directory, reset. */
export const jobsRole = 'cosell_jobs';

const roles = [tenantRole, jobsRole];

/** Role already there, row of the catalogue already there, row of the catalogue changed by another. */
const raced = new Set(['42710', '23505', 'XX000']);
const mostTries = 20;

/**
 * Makes the two roles where they are missing, and the user of the connection a member of both. Roles belong to the
 * whole server, so processes of other databases may be at it at the same time; no lock reaches over databases.
 *
 * @throws StartupProblem with what the database's administrator has to run when the user may not do so
 */
export async function prepareRoles(client: pg.Client): Promise<void> {
  for (const role of roles) {
    for (let tries = 1; ; tries += 1) {
      try {
        if (await isReady(client, role)) break;
        await prepareRole(client, role);
      } catch (error) {
        const code = codeOf(error);
        if (code === '42501') throw await administratorsWork(client, error);
        if (!raced.has(code) || tries >= mostTries) throw error;
      }
    }
  }
}

/** Whether the user can take the role on. From version 16 on, membership alone does not say so. */
async function isReady(client: pg.Client, role: string): Promise<boolean> {
  const privilege = (await versionOf(client)) >= 160_000 ? 'SET' : 'MEMBER';
  const { rows } = await client.query<{ isReady: boolean }>(
    `select pg_has_role(session_user, oid, $2) as "isReady" from pg_catalog.pg_roles where rolname = $1`,
    [role, privilege],
  );
  return rows[0]?.isReady ?? false;
}

async function prepareRole(client: pg.Client, role: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_catalog.pg_roles where rolname = $1', [role]);
  if (rowCount === 0) await client.query(`create role ${role} nologin`);
  await client.query(`grant ${role} to session_user${await membershipOptions(client)}`);
}

/** The role is taken on by name only; what it may do is not the user's without that. */
async function membershipOptions(client: pg.Client): Promise<string> {
  return (await versionOf(client)) >= 160_000 ? ' with inherit false, set true' : '';
}

/** The server's version as a number, such as 150018. */
export async function versionOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ number: string }>(`select current_setting('server_version_num') as number`);
  return Number(rows[0]?.number);
}

async function administratorsWork(client: pg.Client, cause: unknown): Promise<StartupProblem> {
  const known = await client.query<{ rolname: string }>(
    'select rolname from pg_catalog.pg_roles where rolname = any($1)',
    [roles],
  );
  const missing = roles.filter((role) => !known.rows.some(({ rolname }) => rolname === role));
  const { rows } = await client.query<{ user: string }>('select quote_ident(session_user) as "user"');
  const statements = [
    ...missing.map((role) => `create role ${role} nologin`),
    `grant ${roles.join(', ')} to ${rows[0]?.user}${await membershipOptions(client)}`,
  ];
  return new StartupProblem(
    `The user of DATABASE_URL may not make the roles of row-level security. Have the database's administrator run: ${statements.join('; ')};`,
    { cause },
  );
}
