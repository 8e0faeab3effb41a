import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './checkout.js';
import { connections, measure } from './load-generator.js';
import { Refusal } from './options.js';
import { command, startOurServer } from './our-server.js';
import { withPostgres } from './postgres-server.js';
import { startPreparedReads } from './prepared-reads.js';
import { print, printAims, printTable, printTitle, progress } from './report.js';
import { writeSampleData } from './sample-data.js';
import { median } from './statistics.js';

/** Least share of the driver's own reads that our server answers. */
const leastShare = 0.5;
const warmUpSeconds = 3;

/** The organisation of the sample that owns the referrals. */
const contoso = '7d23e5ca-19dc-4eaa-aac8-5e6b559f0d1d';

/**
 * Measures answers by id of our server on PostgreSQL beside the same prepared statement without it, in turns.
 *
 * @param {import('./options.js').Options} options
 */
export async function compareOnPostgres(options) {
  const isThere = await withPostgres((databaseUrl) => compareOn(databaseUrl, options));
  if (!isThere) throw new Refusal('There is no PostgreSQL: set PG_TEST_URL, or put initdb and postgres on the PATH.');
}

/**
 * @param {string} databaseUrl
 * @param {import('./options.js').Options} options
 */
async function compareOn(databaseUrl, { referrals, seconds, rounds }) {
  const folder = mkdtempSync(join(tmpdir(), 'cosell-bench-'));
  /** @type {(() => Promise<void>)[]} */
  const stops = [async () => rmSync(folder, { recursive: true, force: true })];
  try {
    const [referralsFile, idsFile, openIdsFile] = ['referrals.ndjson', 'ids.txt', 'open.txt'].map((name) =>
      join(folder, name),
    );
    if (referralsFile === undefined || idsFile === undefined || openIdsFile === undefined) return;
    await writeSampleData(root, referrals, { referralsFile, idsFile, openIdsFile });
    const ours = await startOurServer(root, join(folder, 'data'), { databaseUrl });
    stops.push(ours.stop);
    progress(`loading ${referrals} referrals`);
    await command(root, ours.settings, ['import', referralsFile]);
    const driver = startPreparedReads({ databaseUrl, organizationId: contoso, idsFile });
    stops.push(driver.stop);
    progress('warming up');
    await driver.measure(warmUpSeconds);
    await measure(ours.target, { idsFile, seconds: warmUpSeconds });
    const measured = [];
    for (let round = 1; round <= rounds; round += 1) {
      progress(`round ${round} of ${rounds}`);
      const alone = await driver.measure(seconds);
      const answers = await measure(ours.target, { idsFile, seconds, seed: round });
      ours.emptyLog();
      measured.push({ alone, answers, share: answers.requestsPerSecond / alone.readsPerSecond });
    }
    report(measured, `${referrals.toLocaleString('en')} referrals, median of ${rounds} rounds of ${seconds} s`);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

/**
 * @typedef {object} Round
 * @property {{ readsPerSecond: number, microseconds: number }} alone
 * @property {import('./load-generator.js').Figures} answers
 * @property {number} share
 */

/**
 * @param {readonly Round[]} rounds
 * @param {string} what
 */
function report(rounds, what) {
  const shares = rounds.map(({ share }) => share);
  const share = median(shares);
  const byCost = rounds.flatMap(({ alone, answers: { microseconds } }) =>
    microseconds === undefined ? [] : [alone.microseconds / microseconds],
  );
  const middle = (/** @type {(round: Round) => number} */ figure) => median(rounds.map(figure));
  const rate = (/** @type {number} */ number) => Math.round(number).toLocaleString('en');
  printTitle(`One referral by id on PostgreSQL, ${connections} connections, ${what}`);
  printTable([
    ['', 'a second', 'p50 ms', 'p99 ms', 'ratio', 'least', 'greatest', 'ratio by cost'],
    ['driver alone', rate(middle(({ alone }) => alone.readsPerSecond)), '', '', '1', '', '', '1'],
    [
      'cosell, random',
      rate(middle(({ answers }) => answers.requestsPerSecond)),
      middle(({ answers }) => answers.p50Ms).toFixed(2),
      middle(({ answers }) => answers.p99Ms).toFixed(2),
      share.toFixed(3),
      Math.min(...shares).toFixed(3),
      Math.max(...shares).toFixed(3),
      byCost.length === 0 ? '' : median(byCost).toFixed(3),
    ],
  ]);
  print();
  printAims([
    { text: `at least ${leastShare} of the driver alone`, measured: share.toFixed(3), isMet: share >= leastShare },
  ]);
}
