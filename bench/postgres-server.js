import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import pg from 'pg';
import { freePort, startProcess, waitForEnd, waitUntil } from './processes.js';

/**
 * Gives the address of an empty database: on the server of PG_TEST_URL, else on a server of the machine's own binaries
 * with its data in a folder that is taken away afterwards. Without either the work is not done.
 *
 * @param {(databaseUrl: string) => Promise<void>} work
 * @returns {Promise<boolean>} whether there was a PostgreSQL
 */
export async function withPostgres(work) {
  const given = process.env.PG_TEST_URL;
  if (given !== undefined && given !== '') {
    await withDatabase(given, work);
    return true;
  }
  const debian = [18, 17, 16, 15].map((version) => `/usr/lib/postgresql/${version}/bin`);
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...debian];
  const binaries = folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
  if (binaries === undefined) return false;
  const folder = mkdtempSync(join(tmpdir(), 'cosell-bench-postgres-'));
  try {
    await withCluster(binaries, folder, work);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return true;
}

/**
 * @param {string} binaries
 * @param {string} folder
 * @param {(databaseUrl: string) => Promise<void>} work
 */
async function withCluster(binaries, folder, work) {
  const options = { ...userFor(folder), cwd: folder };
  const data = join(folder, 'data');
  const making = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'];
  execFileSync(join(binaries, 'initdb'), making, { ...options, stdio: 'pipe' });
  const port = await freePort();
  const settings = ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`];
  const args = ['-D', data, '-p', String(port), ...settings];
  const server = startProcess(join(binaries, 'postgres'), args, { ...options, stdio: 'ignore' });
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  try {
    await waitUntil(server, () => onServer(url, 'select 1').then(() => true));
    await withDatabase(url, work);
  } finally {
    // SIGINT is PostgreSQL's fast shutdown.
    server.kill('SIGINT');
    await waitForEnd(server);
  }
}

/**
 * PostgreSQL refuses to run as root, so root hands its folder to the user that Debian's package made.
 *
 * @param {string} folder
 */
function userFor(folder) {
  if (process.getuid?.() !== 0) return {};
  const [uid = 0, gid = 0] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'postgres'])));
  chownSync(folder, uid, gid);
  return { uid, gid };
}

/**
 * @param {string} url
 * @param {(databaseUrl: string) => Promise<void>} work
 */
async function withDatabase(url, work) {
  const name = `cosell_bench_${process.pid}`;
  await onServer(url, `create database ${name} template template0`);
  try {
    const databaseUrl = new URL(url);
    databaseUrl.pathname = `/${name}`;
    await work(databaseUrl.href);
  } finally {
    await onServer(url, `drop database if exists ${name} with (force)`);
  }
}

/**
 * @param {string} url
 * @param {string} statement
 */
async function onServer(url, statement) {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
