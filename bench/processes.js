import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from './options.js';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/** Processes that the bench has started and that still run. */
const running = new Set();

/**
 * The environment of every child: none of the operator's settings reaches a server that is measured.
 *
 * @param {Record<string, string>} [settings]
 * @returns {Record<string, string>}
 */
export function environmentWith(settings = {}) {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, ...settings };
}

/**
 * Starts a process that is stopped with the bench at the latest.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {ChildProcess}
 */
export function startProcess(command, args, options) {
  const child = spawn(command, args, options);
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

/**
 * Runs a program to its end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, onStart?: (pid: number) => void }} [options]
 * @returns {Promise<string>} what it printed
 */
export async function run(command, args, { cwd, env = environmentWith(), onStart } = {}) {
  const child = startProcess(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.pid !== undefined) onStart?.(child.pid);
  let output = '';
  let problems = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    problems = (problems + text).slice(-4_000);
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Refusal(`${command} ${args.join(' ').slice(0, 200)} has failed:\n${problems}${output}`);
  return output;
}

/**
 * Stops a process and waits until it has ended.
 *
 * @param {ChildProcess} child
 */
export async function stopProcess(child) {
  if (!running.has(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const inTime = await Promise.race([ended.then(() => true), pause(20_000, false, { ref: false })]);
  if (inTime) return;
  child.kill('SIGKILL');
  await ended;
}

/**
 * Waits until a process that was told to end has ended.
 *
 * @param {ChildProcess} child
 */
export async function waitForEnd(child) {
  if (running.has(child)) await once(child, 'exit');
}

/** Stops whatever still runs, at once. */
export function stopEverything() {
  for (const child of running) child.kill('SIGTERM');
}

/**
 * Waits until something answers, and fails when the process ends before.
 *
 * @param {ChildProcess} child
 * @param {() => Promise<boolean>} isReady
 * @param {{ everyMs?: number, withinMs?: number }} [limits]
 */
export async function waitUntil(child, isReady, { everyMs = 50, withinMs = 60_000 } = {}) {
  const end = performance.now() + withinMs;
  while (!(await isReady().catch(() => false))) {
    if (!running.has(child)) throw new Refusal('A server ended before it answered.');
    if (performance.now() > end) throw new Refusal('A server did not answer in time.');
    await pause(everyMs);
  }
}

/**
 * A port of the loopback address that nobody listens on.
 *
 * @returns {Promise<number>}
 */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}
