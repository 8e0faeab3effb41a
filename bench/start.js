import { readFileSync } from 'node:fs';
import { root } from './checkout.js';
import { openData } from './data-folder.js';
import { measure } from './load-generator.js';
import { get } from './one-request.js';
import { mintToken, referralPath, spawnOurServer, startOurServer } from './our-server.js';
import { memoryOf } from './process-figures.js';
import { freePort, stopProcess, waitUntil } from './processes.js';
import { printAims, printTable, printTitle, progress } from './report.js';
import { median } from './statistics.js';

/** @typedef {import('./options.js').Options} Options */

/** Longest time from the start of the process to the first referral. */
const mostStartMs = 1_000;
/** Most memory of its own after load. */
const mostOwnBytes = 150 * 2 ** 20;

/**
 * Measures how soon our server answers on an existing database, and what it holds in memory after load.
 *
 * @param {Options} options
 */
export async function measureStart(options) {
  const data = await openData(root, options.referrals, options);
  const starts = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    progress(`start ${round} of ${options.rounds}`);
    starts.push(await startOnce(data));
  }
  progress('memory under load');
  const memory = await memoryAfterLoad(data, options.seconds);
  printTitle(`Start and memory, ${options.referrals.toLocaleString('en')} referrals`);
  const startMs = median(starts);
  const startText = `${Math.round(startMs)} ms`;
  const rows = [
    ['start to first referral', startText, `${Math.round(Math.min(...starts))}–${Math.round(Math.max(...starts))} ms`],
  ];
  const aims = [{ text: `start below ${mostStartMs} ms`, measured: startText, isMet: startMs < mostStartMs }];
  if (memory !== undefined) {
    const own = mebibytes(memory.own);
    rows.push(['memory of its own after load', own, '(RssAnon + RssShmem)']);
    rows.push(['mapped pages', mebibytes(memory.mapped), '(RssFile)']);
    const text = `at most ${mebibytes(mostOwnBytes)} without mapped pages`;
    aims.push({ text, measured: own, isMet: memory.own <= mostOwnBytes });
  }
  printTable(rows);
  printAims(aims);
}

/** @param {import('./data-folder.js').Data} data */
async function startOnce({ dataDir, idsFile }) {
  const settings = { DATA_DIR: dataDir, PORT: String(await freePort()) };
  const headers = { Authorization: `Bearer ${await mintToken(root, settings)}` };
  const url = `http://127.0.0.1:${settings.PORT}${referralPath}${readFileSync(idsFile, 'utf8').slice(0, 36)}`;
  const startedAt = performance.now();
  const child = spawnOurServer(root, settings, `${dataDir}.log`);
  try {
    await waitUntil(child, async () => (await get(url, headers)).status === 200, { everyMs: 2 });
    return performance.now() - startedAt;
  } finally {
    await stopProcess(child);
  }
}

/**
 * @param {import('./data-folder.js').Data} data
 * @param {number} seconds
 */
async function memoryAfterLoad({ dataDir, idsFile }, seconds) {
  const server = await startOurServer(root, dataDir);
  try {
    await measure(server.target, { idsFile, seconds });
    return memoryOf(server.target.pid);
  } finally {
    await server.stop();
  }
}

/** @param {number} bytes */
function mebibytes(bytes) {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
