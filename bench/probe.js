import { setTimeout as pause } from 'node:timers/promises';
import { KeepAliveConnection } from './keep-alive.js';
import { readTemplates } from './sample-data.js';
import { percentile } from './statistics.js';

/** Milliseconds between two reads, and between two writes: seldom enough to take nothing from what is measured. */
const readEveryMs = 10;
const writeEveryMs = 100;

/** @typedef {{ p50Ms: number, p99Ms: number, longestMs: number }} Spread */
/** @typedef {{ reads: Spread, writes: Spread }} Times how long answers took */

/**
 * Times reads by id and patches of referrals of the sample, one at a time on two connections.
 *
 * @param {string} root of the checkout whose sample it is
 * @param {import('./load-generator.js').Target} target
 * @param {() => boolean} goesOn
 * @returns {Promise<Times>}
 */
export async function probe(root, { origin, pathBefore, headers }, goesOn) {
  const open = readTemplates(root).filter(({ status }) => status === 'Active');
  const rest = `HTTP/1.1\r\nHost: ${new URL(origin).host}\r\nAuthorization: ${headers.Authorization}\r\n`;
  const [one] = open;
  if (one === undefined) throw new Error('the sample has no open referral of Contoso');
  const read = () => `GET ${pathBefore}${one.id} ${rest}\r\n`;
  const patch = (/** @type {number} */ count) => {
    const body = JSON.stringify([{ op: 'replace', path: '/details/notes', value: `Called again: ${count}` }]);
    const head = `PATCH ${pathBefore}${one.id} ${rest}Content-Type: application/json-patch+json\r\n`;
    return `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
  };
  const [reads, writes] = await Promise.all([
    timeAnswers(origin, read, readEveryMs, goesOn),
    timeAnswers(origin, patch, writeEveryMs, goesOn),
  ]);
  return { reads, writes };
}

/**
 * @param {string} origin
 * @param {(count: number) => string} requestOf
 * @param {number} everyMs
 * @param {() => boolean} goesOn
 * @returns {Promise<Spread>}
 */
async function timeAnswers(origin, requestOf, everyMs, goesOn) {
  const connection = await KeepAliveConnection.open(origin);
  /** @type {number[]} */
  const times = [];
  try {
    while (goesOn()) {
      const startedAt = performance.now();
      const { status, body } = await connection.ask(requestOf(times.length));
      if (status !== 200 && status !== 204) throw new Error(`an answer was ${status}: ${body.slice(0, 200)}`);
      times.push(performance.now() - startedAt);
      await pause(everyMs);
    }
  } finally {
    connection.close();
  }
  times.sort((a, b) => a - b);
  return { p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99), longestMs: times.at(-1) ?? 0 };
}
