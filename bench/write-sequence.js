import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './checkout.js';
import { withCopy } from './data-folder.js';
import { command, mintToken, startOurServer } from './our-server.js';
import { withPostgres } from './postgres-server.js';
import { print, printTable, printTitle, progress } from './report.js';
import { median } from './statistics.js';
import { loadWrites } from './write-load.js';

/** @typedef {import('./write-load.js').WriteFigures} Seen */
/** @typedef {{ private: Seen[], coSell: Seen[] }} Rates of one number of connections, round by round */

const widths = [1, 8];
/** Seconds of writing before the first round. */
const warmUpSeconds = 2;

/**
 * Measures whether Microsoft's log holds up the deals that it is party to. Every change of an organisation takes the next
 * number of its sequence, so whoever takes one waits for whoever took the last one. Each connection writes for an
 * organisation of its own: private deals share no sequence, co-sell deals all take numbers of Microsoft's.
 *
 * @param {import('./data-folder.js').Data} data
 * @param {import('./options.js').Options} options
 */
export async function compareSequences(data, { seconds, rounds }) {
  /** @type {string[][]} */
  const rows = [];
  await withCopy(data, async ({ dataDir, folder }) => {
    rows.push(...(await measureEngine('SQLite', { dataDir, folder }, { seconds, rounds })));
  });
  const hasPostgres = await withPostgres(async (databaseUrl) => {
    const folder = mkdtempSync(join(tmpdir(), 'cosell-bench-'));
    try {
      const at = { dataDir: join(folder, 'none'), folder, databaseUrl };
      rows.push(...(await measureEngine('PostgreSQL', at, { seconds, rounds })));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  printTitle(
    `Private creates and co-sell writes (a POST for msft, its acceptance), an organisation for each connection; median of ${rounds} rounds of ${seconds} s`,
  );
  printTable([['', 'private/s', 'co-sell/s', 'co-sell to private', 'min–max', 'k cycles each', 'co-sell'], ...rows]);
  print();
  print('Where the ratio falls from 1 connection to 8, the sequence of msft throttles; where it stays, it does not.');
  if (!hasPostgres) print('PostgreSQL is left out: there is no PG_TEST_URL, and no initdb on PATH.');
}

/**
 * @param {string} engine
 * @param {{ dataDir: string, folder: string, databaseUrl?: string }} at
 * @param {{ seconds: number, rounds: number }} run
 */
async function measureEngine(engine, { dataDir, folder, databaseUrl }, { seconds, rounds }) {
  progress(`${engine}: organisations`);
  const server = await startOurServer(root, dataDir, databaseUrl === undefined ? {} : { databaseUrl });
  try {
    const tokens = await addOrganizations(server.settings, Math.max(...widths));
    const { pid, origin, pathBefore } = server.target;
    const microsoftToken = await mintToken(root, server.settings, 'microsoft-seller');
    const dealsFile = join(folder, 'deals.json');
    const shared = { origin, path: pathBefore, tokens, microsoftToken, dealsFile };
    const once = async (
      /** @type {number} */ connections,
      /** @type {number} */ length,
      /** @type {number} */ seed,
    ) => {
      const plan = { ...shared, connections, seconds: length, seed };
      const asPrivate = await loadWrites(pid, { ...plan, task: 'create' });
      return { asPrivate, coSell: await loadWrites(pid, { ...plan, task: 'coSell' }) };
    };
    for (const width of widths) await once(width, warmUpSeconds, 0);
    const seen = widths.map((width) => ({ width, rates: /** @type {Rates} */ ({ private: [], coSell: [] }) }));
    for (let round = 1; round <= rounds; round += 1) {
      for (const { width, rates } of seen) {
        progress(`round ${round} of ${rounds}: ${engine}, ${width}`);
        const { asPrivate, coSell } = await once(width, seconds, round);
        rates.private.push(asPrivate);
        rates.coSell.push(coSell);
      }
    }
    return seen.map(({ width, rates }) => rowOf(`${engine}, ${width}`, rates));
  } finally {
    await server.stop();
  }
}

/**
 * Adds organisations with one user each, and gives the users' tokens.
 *
 * @param {import('./our-server.js').Settings} settings
 * @param {number} number
 */
async function addOrganizations(settings, number) {
  const tokens = [];
  for (let index = 1; index <= number; index += 1) {
    const id = `be9c0000-0000-4000-8000-${String(index).padStart(12, '0')}`;
    const user = `partner-${index}`;
    await command(root, settings, ['directory', 'add', 'organization', id, '--name', `Partner ${index}`]);
    const email = `${user}@partner.example`;
    await command(root, settings, ['directory', 'add', 'user', user, '--organization', id, '--email', email]);
    await command(root, settings, ['directory', 'add', 'role', 'Referral Admin', '--user', user]);
    tokens.push(await mintToken(root, settings, user));
  }
  return tokens;
}

/**
 * @param {string} name
 * @param {Rates} rates
 */
function rowOf(name, rates) {
  const ratios = rates.coSell.map(
    ({ requestsPerSecond }, round) => requestsPerSecond / (rates.private[round]?.requestsPerSecond ?? Number.NaN),
  );
  const rate = (/** @type {Seen[]} */ seen) =>
    Math.round(median(seen.map(({ requestsPerSecond }) => requestsPerSecond))).toLocaleString('en');
  const cost = (/** @type {Seen[]} */ seen) =>
    seen[0]?.cycles === undefined ? '-' : Math.round(median(seen.map(({ cycles = 0 }) => cycles)) / 1_000).toString();
  return [
    name,
    rate(rates.private),
    rate(rates.coSell),
    median(ratios).toFixed(3),
    `${Math.min(...ratios).toFixed(3)}–${Math.max(...ratios).toFixed(3)}`,
    cost(rates.private),
    cost(rates.coSell),
  ];
}
