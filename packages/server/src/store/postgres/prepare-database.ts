import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { loadMigrations } from '../migrate.ts';
import { StartupProblem } from '../startup-problem.ts';
import { migratePostgres } from './migrate-postgres.ts';
import { prepareRoles, versionOf } from './roles.ts';
import { codeOf } from './server-trouble.ts';

/** How long a connection may take to be made. */
export const connectWithinMs = 5_000;

/** A server that is starting or has no connection left is asked again: so often, with pauses that grow by so much. */
const mostTries = 6;
const pauseStepMs = 250;

/**
 * The address as the driver takes it. It verifies the server's certificate in each of these modes and warns that it
 * may not do so one day; so it is told.
 */
export function addressOf(url: string): string {
  if (/[?&]uselibpqcompat=true/.test(url)) return url;
  return url.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/, '$1verify-full');
}

/**
 * Makes the database ready: its roles and its schema, as the user of the address.
 *
 * @returns number of the newest migration
 * @throws StartupProblem
 */
export async function prepareDatabase(driver: typeof pg, url: string, nowText: string): Promise<number> {
  const clients: pg.Client[] = [];
  const connect = async () => {
    const client = await connectPatiently(driver, url);
    clients.push(client);
    // A pooler may hand over a connection that has taken on a role before.
    await client.query('set role none');
    return client;
  };
  try {
    const client = await connect();
    requireVersion(await versionOf(client));
    await prepareRoles(client);
    return await migratePostgres({ guard: await connect(), client }, loadMigrations('postgres'), nowText);
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  }
}

/**
 * Refuses a server that is too old: the schema relies on what came with version 15.
 *
 * @param version as the server counts it, such as 150018
 * @throws StartupProblem
 */
export function requireVersion(version: number): void {
  if (version >= 150_000) return;
  const number = `${Math.floor(version / 10_000)}.${version % 10_000}`;
  throw new StartupProblem(`The database of DATABASE_URL is PostgreSQL ${number}; it has to be 15 or newer.`);
}

/** Why a database cannot be used, in one line that names no password. */
export function unusable(error: unknown): StartupProblem {
  if (error instanceof StartupProblem) return error;
  const text = error instanceof Error ? error.message || codeOf(error) : String(error);
  const reason = text.replaceAll(/\s*\n\s*/g, ' ').replace(/\.$/, '');
  const hint = hints.find(([pattern]) => pattern.test(`${codeOf(error)} ${text}`))?.[1] ?? '';
  return new StartupProblem(`The database of DATABASE_URL cannot be used: ${reason}.${hint}`, { cause: error });
}

/** What the operator can do about it, for reasons that do not say so by themselves. */
const hints: readonly (readonly [RegExp, string])[] = [
  [/does not support SSL/, ' Leave sslmode out of the address, or switch TLS on in the server.'],
  [
    /SELF_SIGNED|UNABLE_TO|ALTNAME|CERT_/,
    " The server's certificate is verified: name its issuer with sslrootcert, or say sslmode=no-verify.",
  ],
  [/^25006/, ' The server is a standby; name the primary, which takes writes.'],
  [/^3D000/, ' Make it first: create database … owner ….'],
  [/unsupported startup parameter/, ' A pooler stands in between; docs/scaling.md says how to set it up.'],
];

/** A connection as the user of the address, asked for again while the server is starting or has none left. */
export async function connectPatiently(driver: typeof pg, url: string): Promise<pg.Client> {
  for (let tries = 1; ; tries += 1) {
    const client = new driver.Client({
      connectionString: addressOf(url),
      connectionTimeoutMillis: connectWithinMs,
      keepAlive: true,
    });
    // A connection that breaks is told by the statement that waits on it.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      const isBusy = codeOf(error) === '53300' || codeOf(error) === '57P03';
      if (!isBusy || tries >= mostTries) throw error;
    }
    await sleep(tries * pauseStepMs);
  }
}
