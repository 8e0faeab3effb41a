import { root } from './checkout.js';
import { openData } from './data-folder.js';
import { connections, measure } from './load-generator.js';
import { get } from './one-request.js';
import { startOurServer } from './our-server.js';
import { printBeside, printTitle, progress } from './report.js';
import { percentile } from './statistics.js';

/** A page of one referral, with the count of all: no index answers the filter, so every row is looked at. */
const heavyPath = `/v1.0/engagements/referrals?$top=1&$filter=${encodeURIComponent("customerProfile/name ne 'nobody'")}`;

/**
 * Measures reads by id, ids at random, without and beside one connection that has all referrals counted again and again.
 *
 * @param {import('./options.js').Options} options
 */
export async function measureHeavy(options) {
  const { referrals, seconds, rounds } = options;
  const { dataDir, idsFile } = await openData(root, referrals, options);
  const server = await startOurServer(root, dataDir);
  try {
    const read = (/** @type {number} */ seed) => measure(server.target, { idsFile, seconds, seed });
    await read(0);
    await countFor(server.target, 1);
    const alone = [];
    const beside = [];
    const counted = [];
    for (let round = 1; round <= rounds; round += 1) {
      progress(`round ${round} of ${rounds}: reads`);
      alone.push(await read(round));
      progress(`round ${round} of ${rounds}: reads beside counts`);
      // The counts begin before the reads and end after them.
      const counting = countFor(server.target, seconds + 2);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      beside.push(await read(round));
      counted.push(await counting);
      server.emptyLog();
    }
    printTitle(
      `Reads by id at ${connections} connections, without and beside one that counts ${referrals.toLocaleString('en')} referrals; medians of ${rounds} rounds of ${seconds} s`,
    );
    printBeside({ alone, beside, name: 'counts', others: counted });
  } finally {
    await server.stop();
  }
}

/**
 * Asks for the heavy list, one request after another.
 *
 * @param {import('./load-generator.js').Target} target
 * @param {number} seconds
 */
async function countFor({ origin, headers }, seconds) {
  const startedAt = performance.now();
  const times = [];
  while (performance.now() - startedAt < seconds * 1_000) {
    const askedAt = performance.now();
    const { status } = await get(origin + heavyPath, headers);
    if (status !== 200) throw new Error(`a count was answered with ${status}`);
    times.push(performance.now() - askedAt);
  }
  times.sort((a, b) => a - b);
  const requestsPerSecond = (times.length * 1_000) / (performance.now() - startedAt);
  return { requestsPerSecond, p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) };
}
