import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { familyOf, processorSecondsOf } from './process-figures.js';
import { run } from './processes.js';

/**
 * What it cost a process with its workers, all threads together, to be asked for a while.
 *
 * @typedef {object} Cost
 * @property {string} output what the asking program printed
 * @property {number | undefined} processorSeconds undefined where the system does not tell
 * @property {number | undefined} cycles processor cycles, undefined without `perf`
 */

/**
 * Runs a program and counts what another process spends meanwhile.
 *
 * @param {number} pid
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<Cost>}
 */
export async function costOf(pid, command, args) {
  const family = familyOf(pid);
  const before = secondsOf(family);
  const { output, cycles } = (await canCount()) ? await counting(family, command, args) : await plain(command, args);
  const after = secondsOf(family);
  const isKnown = before !== undefined && after !== undefined;
  return { output, cycles, processorSeconds: isKnown ? after - before : undefined };
}

/** @param {readonly number[]} pids */
function secondsOf(pids) {
  const seconds = pids.map(processorSecondsOf);
  return seconds.reduce((sum, one) => (sum === undefined || one === undefined ? undefined : sum + one));
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
async function plain(command, args) {
  return { output: await run(command, args), cycles: undefined };
}

/**
 * @param {readonly number[]} pids
 * @param {string} command
 * @param {readonly string[]} args
 */
async function counting(pids, command, args) {
  const folder = mkdtempSync(join(tmpdir(), 'cosell-bench-'));
  try {
    const file = join(folder, 'cycles.csv');
    const counter = ['stat', '-x', ',', '-o', file, '-e', 'cycles', '-p', pids.join(), '--', command, ...args];
    const output = await run('perf', counter);
    return { output, cycles: readCycles(readFileSync(file, 'utf8')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @type {Promise<boolean> | undefined} */
let answered;

/** Whether `perf` is there and may count cycles here; in many containers it may not. */
function canCount() {
  answered ??= counting([process.pid], 'true', []).then(
    ({ cycles }) => cycles !== undefined,
    () => false,
  );
  return answered;
}

/** @param {string} text lines such as `123456,,cycles,…` */
function readCycles(text) {
  const count = /^([^,\n]+),[^,\n]*,cycles/m.exec(text)?.[1];
  // A process that sleeps all the time is not counted; one that cannot be counted is not supported.
  if (count === '<not counted>') return 0;
  return count === undefined || count.startsWith('<') ? undefined : Number(count);
}
