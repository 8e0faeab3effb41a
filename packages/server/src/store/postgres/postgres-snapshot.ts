import type pg from 'pg';
import type { Snapshot } from '../snapshot.ts';
import { type Sql, sql } from '../sql.ts';
import { connectPatiently, unusable } from './prepare-database.ts';
import { jobsRole } from './roles.ts';
import { unavailable } from './server-trouble.ts';
import { queryOf } from './session.ts';

/** The schema from which on roles are needed to read rows of organisations. */
const firstWithRoles = 3;

/**
 * Whether a database has been opened by this program before.
 *
 * @throws StartupProblem where it cannot be reached
 */
export async function hasPostgresTables(url: string): Promise<boolean> {
  const client = await connect(url);
  try {
    const query = 'select to_regclass(\'schema_migrations\') is not null as "isThere"';
    return (await client.query<{ isThere: boolean }>(query)).rows[0]?.isThere ?? false;
  } catch (error) {
    throw unusable(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * A database as it is now: one transaction, `repeatable read, read only`, on a connection of its own.
 *
 * @throws StartupProblem where it cannot be reached
 */
export async function openPostgresSnapshot(url: string): Promise<Snapshot> {
  const client = await connect(url);
  const query = async (statement: Sql) => {
    try {
      return await client.query(queryOf(statement));
    } catch (error) {
      throw unavailable(error);
    }
  };
  const connection: Snapshot['connection'] = {
    dialect: 'postgres',
    all: async <Row>(statement: Sql) => (await query(statement)).rows as Row[],
    run: async (statement) => void (await query(statement)),
  };
  try {
    await client.query('begin transaction isolation level repeatable read, read only');
    const columnsOf: Snapshot['columnsOf'] = (table) =>
      connection.all(sql`select attname as name, atttypid::regtype::text in ('smallint', 'integer', 'bigint') as "isNumber",
        not attnotnull or atthasdef as "isOptional" from pg_catalog.pg_attribute
        where attrelid = to_regclass(${table}) and attnum > 0 and not attisdropped order by attnum`);
    const isThere = (await columnsOf('schema_migrations')).length > 0;
    const newest = isThere
      ? await connection.all<{ number: number }>(sql`select max(number) as number from schema_migrations`)
      : [];
    const schemaNumber = newest[0]?.number ?? 0;
    if (schemaNumber >= firstWithRoles) await client.query(`set local role ${jobsRole}`);
    return { connection, columnsOf, schemaNumber, close: () => client.end() };
  } catch (error) {
    await client.end().catch(() => undefined);
    throw unusable(error);
  }
}

async function connect(url: string): Promise<pg.Client> {
  const { default: driver } = await import('pg');
  return connectPatiently(driver, url).catch((error: unknown) => {
    throw unusable(error);
  });
}
