import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './checkout.js';
import { captureFile, workFolder } from './data-folder.js';
import { Refusal } from './options.js';
import { commandOf, startOurServer } from './our-server.js';
import { withPostgres } from './postgres-server.js';
import { probe } from './probe.js';
import { memoryOf, processorSecondsOf } from './process-figures.js';
import { environmentWith, run } from './processes.js';
import { copyRaw } from './raw-loader.js';
import { print, printAims, printTable, printTitle, progress } from './report.js';

/** Referrals a second, each read and checked twice: by the command and by the server. */
const leastRate = 5_000;
/** Bytes that the server and the command have for themselves, together. */
const mostMemory = 400 * 1024 * 1024;
/** Seconds in which answers are timed before the import. */
const secondsBefore = 5;

/**
 * Measures the import of a file into a running server: its rate beside the same rows inserted raw, memory, and what
 * readers and writers notice of it.
 *
 * @param {import('./options.js').Options} options
 */
export async function measureLoad({ referrals, isFresh }) {
  const file = await captureFile(root, referrals, isFresh);
  await inFolder(workFolder, async (folder) => {
    const dataDir = join(folder, 'data');
    const seen = await importInto({ dataDir }, file, referrals);
    progress('inserting the same rows raw');
    const rawSeconds = await copyRaw(root, join(dataDir, 'cosell.db'), folder);
    report(seen, referrals, referrals / rawSeconds);
  });
  await withPostgres((databaseUrl) =>
    inFolder(tmpdir(), async (folder) => {
      const seen = await importInto({ dataDir: join(folder, 'none'), databaseUrl }, file, referrals);
      print();
      print(`On PostgreSQL: ${rateOf(seen, referrals)} a second.`);
    }),
  );
}

/**
 * @typedef {object} Seen
 * @property {number} seconds of the import
 * @property {number} memory the most that the server and the command had for themselves at one time
 * @property {number} processorSeconds of the server and the command
 * @property {import('./probe.js').Times} before
 * @property {import('./probe.js').Times} meanwhile
 */

/**
 * @param {{ dataDir: string, databaseUrl?: string }} at
 * @param {string} file
 * @param {number} referrals
 * @returns {Promise<Seen>}
 */
async function importInto({ dataDir, databaseUrl }, file, referrals) {
  const server = await startOurServer(root, dataDir, databaseUrl === undefined ? {} : { databaseUrl });
  try {
    progress('timing answers before the import');
    const soon = performance.now() + secondsBefore * 1_000;
    const before = await probe(root, server.target, () => performance.now() < soon);
    progress(`importing ${referrals.toLocaleString('en')} referrals`);
    let isOver = false;
    const probing = probe(root, server.target, () => !isOver);
    const processorBefore = processorSecondsOf(server.target.pid) ?? 0;
    const watch = watchMemory(server.target.pid);
    const startedAt = performance.now();
    const output = await run(process.execPath, [commandOf(root), 'import', file], {
      env: environmentWith(server.settings),
      onStart: watch.add,
    }).finally(() => {
      isOver = true;
    });
    const seconds = (performance.now() - startedAt) / 1_000;
    if (!output.includes(`${referrals} referrals added.`)) throw new Refusal(`The import went wrong:\n${output}`);
    const processorSeconds = (processorSecondsOf(server.target.pid) ?? 0) - processorBefore;
    return { seconds, memory: watch.end(), processorSeconds, before, meanwhile: await probing };
  } finally {
    await server.stop();
  }
}

/**
 * Looks at the memory of processes ten times a second.
 *
 * @param {number} first
 */
function watchMemory(first) {
  const pids = [first];
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(
      most,
      pids.reduce((sum, pid) => sum + (memoryOf(pid)?.own ?? 0), 0),
    );
  }, 100);
  return {
    add: (/** @type {number} */ pid) => void pids.push(pid),
    end: () => {
      clearInterval(timer);
      return most;
    },
  };
}

/**
 * @param {string} parent
 * @param {(folder: string) => Promise<void>} work
 */
async function inFolder(parent, work) {
  const folder = mkdtempSync(join(parent, 'load-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {Seen} seen
 * @param {number} referrals
 */
function rateOf({ seconds }, referrals) {
  return Math.round(referrals / seconds).toLocaleString('en');
}

/**
 * @param {Seen} seen
 * @param {number} referrals
 * @param {number} rawRate
 */
function report(seen, referrals, rawRate) {
  const { seconds, memory, processorSeconds, before, meanwhile } = seen;
  const rate = referrals / seconds;
  printTitle(`cosell import of ${referrals.toLocaleString('en')} referrals into a running server`);
  printTable([
    ['', 'referrals/s', 'ratio to raw'],
    ['raw rows, one transaction', Math.round(rawRate).toLocaleString('en'), '1.000'],
    ['cosell import', rateOf(seen, referrals), (rate / rawRate).toFixed(3)],
  ]);
  print();
  printTable([
    ['', 'p50 ms', 'p99 ms', 'longest ms'],
    ['reads by id, before', ...timesOf(before.reads)],
    ['reads by id, meanwhile', ...timesOf(meanwhile.reads)],
    ['patches, before', ...timesOf(before.writes)],
    ['patches, meanwhile', ...timesOf(meanwhile.writes)],
  ]);
  print();
  print(`the server took ${Math.round((processorSeconds * 1e6) / referrals)} µs of a processor for each referral`);
  const megabytes = memory / 1024 / 1024;
  printAims([
    {
      text: `at least ${leastRate.toLocaleString('en')} a second`,
      measured: rateOf(seen, referrals),
      isMet: rate >= leastRate,
    },
    {
      text: 'at most 400 MiB, server and command, without mapped pages',
      measured: megabytes.toFixed(0),
      isMet: memory <= mostMemory,
    },
  ]);
}

/** @param {import('./probe.js').Spread} spread */
function timesOf({ p50Ms, p99Ms, longestMs }) {
  return [p50Ms, p99Ms, longestMs].map((time) => time.toFixed(2));
}
