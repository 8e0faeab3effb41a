import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './checkout.js';
import { withCopy } from './data-folder.js';
import { startOurServer } from './our-server.js';
import { run, startProcess, waitForEnd } from './processes.js';
import { print, printAims, printTable, printTitle, progress } from './report.js';
import { median } from './statistics.js';
import { loadWrites } from './write-load.js';

const connections = 32;
/** Most fsyncs for one acknowledged write. */
const mostForOne = 0.25;
/** Seconds for the counter to take hold of every thread. */
const settleSeconds = 1;

/**
 * Counts the fsyncs of our server while 32 connections write. The counter stops the server at every system call, so
 * this is not the place to look at the time.
 *
 * @param {import('./data-folder.js').Data} data
 * @param {import('./options.js').Options} options
 */
export async function countFsyncs(data, { seconds, rounds }) {
  const found = await run('sh', ['-c', 'command -v strace']).catch(() => undefined);
  if (found === undefined) {
    print('Fsyncs are not counted: strace is missing (apt-get install strace).');
    return;
  }
  await withCopy(data, async ({ dataDir }) => {
    const server = await startOurServer(root, dataDir);
    try {
      const { pid, origin, pathBefore, headers } = server.target;
      const tokens = [(headers.Authorization ?? '').replace('Bearer ', '')];
      const plan = { origin, path: pathBefore, connections, tokens, idsFile: data.openIdsFile };
      /** @type {Record<'create' | 'patch', number[]>} */
      const each = { create: [], patch: [] };
      for (let round = 1; round <= rounds; round += 1) {
        for (const task of /** @type {const} */ (['create', 'patch'])) {
          progress(`round ${round} of ${rounds}: fsyncs of ${task}`);
          let writes = 0;
          const fsyncs = await fsyncsOf(pid, async () => {
            const seen = await loadWrites(pid, { ...plan, task, seconds, seed: round });
            writes = seen.writes;
          });
          each[task].push(fsyncs / writes);
        }
      }
      report(each, { rounds, seconds });
    } finally {
      await server.stop();
    }
  });
}

/**
 * Counts the fsyncs of a process during some work.
 *
 * @param {number} pid
 * @param {() => Promise<void>} work
 */
async function fsyncsOf(pid, work) {
  const folder = mkdtempSync(join(tmpdir(), 'cosell-bench-'));
  try {
    const file = join(folder, 'calls.txt');
    const args = ['-f', '-c', '-e', 'trace=fsync,fdatasync', '-o', file, '-p', String(pid)];
    const counter = startProcess('strace', args, { stdio: 'ignore' });
    await new Promise((resolve) => setTimeout(resolve, settleSeconds * 1_000));
    await work();
    counter.kill('SIGINT');
    await waitForEnd(counter);
    const lines = readFileSync(file, 'utf8').split('\n');
    // A row is: % time, seconds, usecs/call, calls, errors if there are any, and the name.
    const rows = lines.filter((line) => /\b(fsync|fdatasync)$/.test(line)).map((line) => line.trim().split(/\s+/));
    return rows.reduce((sum, row) => sum + Number(row[3]), 0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {Record<'create' | 'patch', number[]>} each
 * @param {{ rounds: number, seconds: number }} run
 */
function report(each, { rounds, seconds }) {
  printTitle(
    `Fsyncs for one acknowledged write, ${connections} connections; median of ${rounds} rounds of ${seconds} s`,
  );
  printTable([
    ['', 'fsyncs each', 'min–max'],
    ...Object.entries(each).map(([task, counts]) => [
      task,
      median(counts).toFixed(3),
      `${Math.min(...counts).toFixed(3)}–${Math.max(...counts).toFixed(3)}`,
    ]),
  ]);
  printAims(
    Object.entries(each).map(([task, counts]) => {
      const measured = median(counts);
      return {
        text: `${task}: at most ${mostForOne} fsyncs each`,
        measured: measured.toFixed(3),
        isMet: measured <= mostForOne,
      };
    }),
  );
}
