import { readFileSync } from 'node:fs';

/** Clock ticks of a second in `/proc` (USER_HZ, a constant of Linux). */
const ticks = 100;

/**
 * What a process holds in memory, in bytes.
 *
 * @typedef {object} Memory
 * @property {number} own anonymous and shared memory: nobody but the process can give it back
 * @property {number} mapped pages of files, such as the database and the program; the system takes them back at will
 */

/**
 * Reads what a process holds in memory; undefined where the system has no `/proc`.
 *
 * @param {number} pid
 * @returns {Memory | undefined}
 */
export function memoryOf(pid) {
  const status = readProcess(pid, 'status');
  if (status === undefined) return undefined;
  const bytes = (/** @type {string} */ name) =>
    1_024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
  return { own: bytes('RssAnon') + bytes('RssShmem'), mapped: bytes('RssFile') };
}

/**
 * A process and those that it has started; it alone where the system has no `/proc`.
 *
 * @param {number} pid
 * @returns {number[]}
 */
export function familyOf(pid) {
  // The kernel lists children by the thread that has started them; it is the first one.
  const children = readProcess(pid, `task/${pid}/children`) ?? '';
  return [pid, ...children.split(' ').filter(Boolean).map(Number)];
}

/**
 * Seconds of processor time that a process has used, all its threads together.
 *
 * @param {number} pid
 * @returns {number | undefined}
 */
export function processorSecondsOf(pid) {
  // The name of the program, in parentheses, may hold blanks.
  const fields = readProcess(pid, 'stat')
    ?.replace(/^.*\) /s, '')
    .split(' ');
  return fields === undefined ? undefined : (Number(fields[11]) + Number(fields[12])) / ticks;
}

/**
 * @param {number} pid
 * @param {string} name
 */
function readProcess(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}
