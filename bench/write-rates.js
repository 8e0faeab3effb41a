import { readFileSync } from 'node:fs';
import { startBareServer } from './bare-server.js';
import { root } from './checkout.js';
import { withCopy } from './data-folder.js';
import { startOurServer } from './our-server.js';
import { writeRaw } from './raw-writer.js';
import { print, printAims, printSeries, printTitle, progress, ratiosOf } from './report.js';
import { median } from './statistics.js';
import { loadWrites } from './write-load.js';

/** Connections that write at the same time. */
const widths = [1, 8, 32];
/** Share of the raw rate that many connections reach. */
const leastShare = 0.4;
/** Seconds of writing before the first round: code is compiled and pages are read. */
const warmUpSeconds = 3;

/**
 * Compares creates and patches at several numbers of connections with raw rows, in turns.
 *
 * @param {import('./data-folder.js').Data} data
 * @param {import('./options.js').Options} options
 */
export function compareRates(data, { referrals, seconds, rounds }) {
  return withCopy(data, async ({ dataDir, folder }) => {
    const server = await startOurServer(root, dataDir);
    const bare = await startBareServer(server.target, readFileSync(data.openIdsFile, 'utf8').slice(0, 36), folder);
    try {
      const bytes = bare.bodyBytes;
      const contestants = [
        { name: 'raw rows', measure: () => writeRaw(root, folder, { seconds, bytes }) },
        ...widths.map((width) => contestant('create', width, server.target, data)),
        ...widths.map((width) => contestant('patch', width, server.target, data)),
        { ...contestant('create', 32, bare.target, data), name: 'bare, 32' },
      ];
      for (const { measure } of contestants.slice(1)) await measure(warmUpSeconds, 0);
      const series = contestants.map(({ name }) => ({ name, rounds: /** @type {Seen[]} */ ([]) }));
      for (let round = 1; round <= rounds; round += 1) {
        for (const [index, { name, measure }] of contestants.entries()) {
          progress(`round ${round} of ${rounds}: ${name}`);
          series[index]?.rounds.push(await measure(seconds, round));
          server.emptyLog();
        }
      }
      report(series, { referrals, seconds, rounds, bytes });
    } finally {
      await bare.stop();
      await server.stop();
    }
  });
}

/** @typedef {import('./write-load.js').WriteFigures} Seen */

/**
 * @param {'create' | 'patch'} task
 * @param {number} width
 * @param {import('./load-generator.js').Target} target
 * @param {import('./data-folder.js').Data} data
 * @returns {{ name: string, measure: (seconds: number, seed: number) => Promise<Seen> }}
 */
function contestant(task, width, { pid, origin, pathBefore, headers }, { openIdsFile }) {
  const tokens = [(headers.Authorization ?? '').replace('Bearer ', '')];
  const plan = { origin, path: pathBefore, task, connections: width, tokens, idsFile: openIdsFile };
  const measure = (/** @type {number} */ seconds, /** @type {number} */ seed) =>
    loadWrites(pid, { ...plan, seconds, seed: seed * widths.length + widths.indexOf(width) });
  return { name: `${task}, ${width}`, measure };
}

/**
 * @param {{ name: string, rounds: Seen[] }[]} series
 * @param {{ referrals: number, seconds: number, rounds: number, bytes: number }} run
 */
function report(series, { referrals, seconds, rounds, bytes }) {
  printTitle(
    `Acknowledged writes by number of connections, ${referrals.toLocaleString('en')} referrals, documents of ` +
      `${bytes} bytes; median of ${rounds} rounds of ${seconds} s`,
  );
  const [raw, ...others] = series;
  if (raw === undefined) throw new Error('there are always raw rows');
  printSeries([raw, ...others]);
  const generator = Math.max(...others.flatMap(({ rounds: seen }) => seen.map(({ generator: busy }) => busy)));
  print();
  print(`bare: a node:http server that reads no body; so many requests the load generator can send`);
  print(`the load generator kept at most ${generator.toFixed(2)} of a processor busy`);
  const aims = ['create, 32', 'patch, 32'].map((name) => {
    const found = series.find((one) => one.name === name) ?? raw;
    const share = median(ratiosOf(found, raw));
    return { text: `${name}: at least ${leastShare} of raw`, measured: share.toFixed(3), isMet: share >= leastShare };
  });
  printAims(aims);
}
