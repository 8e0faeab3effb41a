import { root } from './checkout.js';
import { openData } from './data-folder.js';
import { connections, measure } from './load-generator.js';
import { startOurServer } from './our-server.js';
import { printAims, printTable, printTitle, progress } from './report.js';
import { median } from './statistics.js';

/** @typedef {import('./options.js').Options} Options */

const smallest = 1_000;
const largest = 1_000_000;
/** How many times as long an answer may take among the most referrals as among the fewest. */
const mostTimes = 2;
/** Seconds under load before the first round; the largest database has many pages to map. */
const warmUpSeconds = 10;

/**
 * Measures how latency grows with the number of referrals, ids drawn at random, the sizes in turns.
 *
 * @param {Options} options
 */
export async function measureGrowth(options) {
  const sizes = [...new Set([smallest, options.referrals, largest])].sort((a, b) => a - b);
  /** @type {{ size: number, server: import('./our-server.js').OurServer, idsFile: string, figures: import('./load-generator.js').Figures[] }[]} */
  const entries = [];
  try {
    for (const size of sizes) {
      const { dataDir, idsFile } = await openData(root, size, options);
      entries.push({ size, server: await startOurServer(root, dataDir), idsFile, figures: [] });
    }
    for (const { server, idsFile } of entries) await measure(server.target, { idsFile, seconds: warmUpSeconds });
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const { size, server, idsFile, figures } of entries) {
        progress(`round ${round} of ${options.rounds}: ${size} referrals`);
        figures.push(await measure(server.target, { idsFile, seconds: options.seconds, seed: round }));
        server.emptyLog();
      }
    }
  } finally {
    for (const { server } of entries) await server.stop();
  }
  report(entries, options);
}

/**
 * @param {readonly { size: number, figures: import('./load-generator.js').Figures[] }[]} entries
 * @param {Options} options
 */
function report(entries, { rounds, seconds }) {
  printTitle(`Growth, ids at random, ${connections} connections; median of ${rounds} rounds of ${seconds} s`);
  const fewest = entries[0]?.figures ?? [];
  const timesOf = (/** @type {import('./load-generator.js').Figures[]} */ figures) =>
    figures.map(({ p50Ms }, round) => p50Ms / (fewest[round]?.p50Ms ?? Number.NaN));
  const rows = entries.map(({ size, figures }) => {
    const times = timesOf(figures);
    return [
      `${size.toLocaleString('en')} referrals`,
      Math.round(median(figures.map(({ requestsPerSecond }) => requestsPerSecond))).toLocaleString('en'),
      median(figures.map(({ p50Ms }) => p50Ms)).toFixed(2),
      median(figures.map(({ p99Ms }) => p99Ms)).toFixed(2),
      median(times).toFixed(2),
      `${Math.min(...times).toFixed(2)}–${Math.max(...times).toFixed(2)}`,
    ];
  });
  printTable([['', 'requests/s', 'p50 ms', 'p99 ms', 'p50, times the first', 'min–max'], ...rows]);
  const times = median(timesOf(entries.at(-1)?.figures ?? []));
  const text = `p50 at ${largest.toLocaleString('en')} at most ${mostTimes} times that at ${smallest.toLocaleString('en')}`;
  printAims([{ text, measured: times.toFixed(2), isMet: times <= mostTimes }]);
}
