import { fileURLToPath } from 'node:url';
import { Refusal } from './options.js';
import { costOf } from './process-cost.js';
import { run } from './processes.js';

/** Connections that ask at the same time. */
export const connections = 32;
/** Referrals that nine of ten requests go to in a hot measurement. */
export const hotReferrals = 1_000;

const script = fileURLToPath(new URL('./draw-ids.lua', import.meta.url));

/**
 * A server under load: where it is, and how one referral is asked for.
 *
 * @typedef {object} Target
 * @property {number} pid
 * @property {string} origin
 * @property {string} pathBefore the path up to the id
 * @property {string} pathAfter the path after the id
 * @property {Record<string, string>} headers
 */

/**
 * What one measurement has shown.
 *
 * @typedef {object} Figures
 * @property {number} requestsPerSecond
 * @property {number} p50Ms
 * @property {number} p99Ms
 * @property {number | undefined} processors how many processors the server kept busy, where the system tells
 * @property {number | undefined} microseconds processor time of the server for one answer, where the system tells
 * @property {number | undefined} cycles processor cycles of the server for one answer, where they can be counted
 */

/** Refuses to go on without the load generator. */
export async function requireWrk() {
  // wrk prints its version with exit code 1.
  const found = await run('sh', ['-c', 'command -v wrk']).catch(() => undefined);
  if (found === undefined) throw new Refusal('The load generator wrk is missing. Install it: apt-get install wrk');
}

/**
 * Asks a server for referrals for some seconds. Every answer must be a 2xx of full length.
 *
 * @param {Target} target
 * @param {{ idsFile: string, seconds: number, isHot?: boolean, seed?: number, leastBytes?: number, at?: number,
 *   tokensFile?: string }} draw `at` is the number of connections; the tokens take turns in the place of `{token}`
 * @returns {Promise<Figures>}
 */
export async function measure(
  target,
  { idsFile, seconds, isHot = false, seed = 1, leastBytes = 1_500, at = connections, tokensFile },
) {
  const { pid, origin, pathBefore, pathAfter, headers } = target;
  const { output, processorSeconds, cycles } = await costOf(pid, 'wrk', [
    ...['--threads', '1', '--connections', String(at), '--duration', `${seconds}s`, '--timeout', '10s'],
    ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
    ...['--script', script, origin, '--'],
    ...[idsFile, pathBefore, pathAfter, String(isHot ? hotReferrals : 0), String(seed)],
    ...(tokensFile === undefined ? [] : [tokensFile]),
  ]);
  const line = output.split('\n').find((text) => text.startsWith('{"durationUs"'));
  if (line === undefined) throw new Refusal(`wrk has not said what it measured:\n${output}`);
  const seen = JSON.parse(line);
  refuseErrors(seen, origin + pathBefore, leastBytes);
  const duration = seen.durationUs / 1e6;
  return {
    requestsPerSecond: seen.requests / duration,
    p50Ms: seen.p50Us / 1_000,
    p99Ms: seen.p99Us / 1_000,
    processors: processorSeconds === undefined ? undefined : processorSeconds / duration,
    microseconds: processorSeconds === undefined ? undefined : (processorSeconds * 1e6) / seen.requests,
    cycles: cycles === undefined ? undefined : cycles / seen.requests,
  };
}

/**
 * @param {{ requests: number, bytes: number, broken: number, refused: number, late: number }} seen
 * @param {string} url
 * @param {number} leastBytes
 */
function refuseErrors({ requests, bytes, broken, refused, late }, url, leastBytes) {
  if (broken + refused + late > 0) {
    throw new Refusal(
      `A run with errors does not count: ${url} gave ${refused} answers that are not 2xx or 3xx, ` +
        `${broken} broken connections, ${late} late answers among ${requests}.`,
    );
  }
  // A 304 or an empty answer would pass for a success.
  if (requests === 0 || bytes / requests < leastBytes) {
    throw new Refusal(`${url} gave ${requests} answers of ${Math.round(bytes / Math.max(requests, 1))} bytes.`);
  }
}
