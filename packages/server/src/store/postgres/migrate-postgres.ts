import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { type Migration, missingMigrations } from '../migrate.ts';
import { StartupProblem } from '../startup-problem.ts';
import { codeOf } from './server-trouble.ts';

/** Names this program's advisory lock among others in the same database. */
const migrationLock = 7_300_001;

/** How often a process that waits for another's migration looks again. */
const lookAgainMs = 100;

/** How long a step waits for a table: reads that come after it queue behind it for so long. */
const lockTimeoutMs = 500;
/** How often a step is tried that did not get its tables; the pauses between grow by this much. */
const mostTries = 30;
const pauseStepMs = 100;

/** First line of a step that PostgreSQL does not allow in a transaction, such as `create index concurrently`. */
const outside = '-- outside a transaction\n';

/**
 * Brings the database to the newest schema. Several processes may start at once: one migrates, the others wait for it
 * and find nothing left to do.
 *
 * @param guard a connection that holds the lock while `client` works
 * @throws StartupProblem when the database is newer than the program, or a table is never free
 */
export async function migratePostgres(
  { guard, client }: { guard: pg.Client; client: pg.Client },
  migrations: readonly Migration[],
  nowText: string,
): Promise<number> {
  while (!(await takeLock(guard))) await sleep(lookAgainMs);
  try {
    await client.query(`create table if not exists schema_migrations (
      number integer primary key, name text not null, applied_at text not null)`);
    for (const migration of missingMigrations(migrations, await appliedNumber(client))) {
      await applyPatiently(client, migration, nowText);
    }
    return await appliedNumber(client);
  } finally {
    await guard.query('rollback').catch(() => undefined);
  }
}

/**
 * Takes the lock, or does not wait for it. It is a transaction's, so it is kept behind a pooler, too. A transaction that did
 * not get it ends: `create index concurrently` waits for the end of every one that it has seen reading.
 */
async function takeLock(guard: pg.Client): Promise<boolean> {
  await guard.query('begin');
  // With a parameter the driver would leave a portal open, and with it a snapshot that `concurrently` waits for.
  const query = `select pg_try_advisory_xact_lock(${migrationLock}) as "isTaken"`;
  const isTaken = (await guard.query<{ isTaken: boolean }>(query)).rows[0]?.isTaken ?? false;
  if (!isTaken) await guard.query('rollback');
  return isTaken;
}

async function appliedNumber(client: pg.Client): Promise<number> {
  const query = 'select coalesce(max(number), 0) as number from schema_migrations';
  return (await client.query<{ number: number }>(query)).rows[0]?.number ?? 0;
}

async function applyPatiently(client: pg.Client, migration: Migration, nowText: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      if (migration.text.startsWith(outside)) return await applyOutside(client, migration, nowText);
      return await apply(client, migration, nowText);
    } catch (error) {
      // 55P03: a lock was not to be had in time.
      if (codeOf(error) !== '55P03') throw error;
      if (tries >= mostTries) throw neverFree(migration, error);
    }
    await sleep(tries * pauseStepMs);
  }
}

function neverFree({ number, name }: Migration, cause: unknown): StartupProblem {
  return new StartupProblem(
    `The database cannot be brought to schema ${number} (${name}): other sessions hold its tables. End them (pg_stat_activity names them) and start again.`,
    { cause },
  );
}

async function apply(client: pg.Client, migration: Migration, nowText: string): Promise<void> {
  await client.query('begin');
  try {
    await client.query(`set local lock_timeout = ${lockTimeoutMs}`);
    await client.query(migration.text);
    await record(client, migration, nowText);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** Statements one by one. A step that was broken off begins again, so its statements say `if (not) exists`. */
async function applyOutside(client: pg.Client, migration: Migration, nowText: string): Promise<void> {
  for (const statement of migration.text.split(/;\s*$/m).filter((text) => text.trim() !== '')) {
    await client.query(statement);
  }
  await record(client, migration, nowText);
}

async function record(client: pg.Client, { number, name }: Migration, nowText: string): Promise<void> {
  const text = 'insert into schema_migrations (number, name, applied_at) values ($1, $2, $3)';
  await client.query(text, [number, name, nowText]);
}
