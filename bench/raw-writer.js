/**
 * The measure of all writes: rows of one document, each in a transaction of its own, through the driver that our server
 * uses and with the same settings. Run as a program of its own, it prints what it has done.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { processorSecondsOf } from './process-figures.js';
import { environmentWith, run } from './processes.js';
import { percentile } from './statistics.js';

const program = fileURLToPath(import.meta.url);

/**
 * Writes rows for some seconds, into a new database.
 *
 * @param {string} root of the checkout whose driver it is
 * @param {string} folder on the disk that is measured
 * @param {{ seconds: number, bytes: number }} how long, and how large a document is
 * @returns {Promise<import('./write-load.js').WriteFigures>}
 */
export async function writeRaw(root, folder, { seconds, bytes }) {
  const own = mkdtempSync(join(folder, 'raw-'));
  try {
    const args = [program, root, join(own, 'raw.db'), String(seconds), String(bytes)];
    const seen = JSON.parse(await run(process.execPath, args, { env: environmentWith() }));
    const { processorSeconds, ...figures } = seen;
    const { writes } = seen;
    const cost = processorSeconds === undefined ? undefined : (processorSeconds * 1e6) / writes;
    const processors = processorSeconds === undefined ? undefined : processorSeconds / seconds;
    return { ...figures, processors, microseconds: cost, cycles: undefined, generator: 0 };
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

/** @param {readonly string[]} args */
async function writeRows([root = '', path = '', seconds = '', bytes = '']) {
  const driver = pathToFileURL(join(root, 'packages/server/dist/store/sqlite/driver.js')).href;
  const { SqliteDatabase } = await import(driver);
  const database = new SqliteDatabase(path);
  database.exec('pragma journal_mode = wal; pragma synchronous = full');
  database.exec('create table documents (id text primary key, document text not null) strict');
  const insert = database.prepare('insert into documents (id, document) values (?, ?)');
  const document = 'd'.repeat(Number(bytes));
  /** @type {number[]} */
  const times = [];
  const startedAt = performance.now();
  const processorBefore = processorSecondsOf(process.pid);
  for (let from = startedAt; from < startedAt + Number(seconds) * 1_000; ) {
    // Ids at random, as those of referrals are. A statement by itself is a transaction.
    insert.run(crypto.randomUUID(), document);
    const now = performance.now();
    times.push(now - from);
    from = now;
  }
  const processorAfter = processorSecondsOf(process.pid);
  const isKnown = processorBefore !== undefined && processorAfter !== undefined;
  const requestsPerSecond = (times.length * 1_000) / (performance.now() - startedAt);
  database.close();
  times.sort((a, b) => a - b);
  const processorSeconds = isKnown ? processorAfter - processorBefore : undefined;
  const [p50Ms, p99Ms] = [percentile(times, 0.5), percentile(times, 0.99)];
  process.stdout.write(JSON.stringify({ writes: times.length, requestsPerSecond, p50Ms, p99Ms, processorSeconds }));
}

if (process.argv[1] === program) await writeRows(process.argv.slice(2));
