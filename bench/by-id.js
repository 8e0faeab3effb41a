import { readFileSync } from 'node:fs';
import { startBareServer } from './bare-server.js';
import { startCap } from './cap-server.js';
import { root } from './checkout.js';
import { openData, withCopy } from './data-folder.js';
import { connections, hotReferrals, measure } from './load-generator.js';
import { withOlderCommit } from './older-commit.js';
import { startOurServer } from './our-server.js';
import { print, printAims, printSeries, printTitle, progress, ratiosOf } from './report.js';
import { median } from './statistics.js';

/** @typedef {import('./options.js').Options} Options */
/** @typedef {import('./load-generator.js').Target} Target */

/**
 * One of the things that are measured in turns.
 *
 * @typedef {object} Contestant
 * @property {string} name
 * @property {Target} target
 * @property {string} idsFile
 * @property {boolean} isHot
 * @property {() => void} [tidy]
 */

/** Least share of the bare server's answers that ours gives, ids drawn at random. */
const leastShare = 0.45;
/** How many times as many answers as SAP CAP ours gives. */
const leastTimesCap = 30;
/** How many times as many answers as one process two workers give, with the load generator on the same processors. */
const leastTimesOne = 1.3;
/** How much less of the bare server's answers ours may give than at the older commit. */
const mostLoss = 0.03;
const workersName = 'workers, random';
/** Seconds under load before the first round: code is compiled and pages are mapped. */
const warmUpSeconds = 8;

/**
 * Measures answers by id: a bare server, ours at random and hot, and whoever else is asked for, in turns.
 *
 * @param {Options} options
 */
export async function compareById(options) {
  const data = await openData(root, options.referrals, options);
  if (options.workers === 1) return await compareServers(options, data);
  // One server at a time has a folder, so the workers get a copy.
  await withCopy(data, ({ dataDir }) => compareServers(options, data, dataDir));
}

/**
 * @param {Options} options
 * @param {import('./data-folder.js').Data} data
 * @param {string} [dataDirOfWorkers]
 */
async function compareServers(options, data, dataDirOfWorkers) {
  /** @type {(() => Promise<void>)[]} */
  const stops = [];
  try {
    const ours = await startOurServer(root, data.dataDir);
    stops.push(ours.stop);
    await askProvider(ours.target);
    const bare = await startBareServer(ours.target, firstIdOf(data.idsFile), data.folder);
    stops.push(bare.stop);
    const { idsFile } = data;
    /** @type {Contestant[]} */
    const contestants = [
      { name: 'bare', target: bare.target, idsFile, isHot: false },
      ...bothWays('cosell', ours, idsFile),
    ];
    if (options.withPeers) {
      const cap = await startCap(data);
      stops.push(cap.stop);
      contestants.push({ name: 'cap, random', target: cap.target, idsFile, isHot: false, tidy: cap.emptyLog });
    }
    if (dataDirOfWorkers !== undefined) {
      const { target, emptyLog, stop } = await startOurServer(root, dataDirOfWorkers, options);
      stops.push(stop);
      contestants.push({ name: workersName, target, idsFile, isHot: false, tidy: emptyLog });
    }
    const compare = () => compareInTurns(contestants, options, bare.bodyBytes);
    if (options.before === undefined) return await compare();
    await withOlderCommit(root, options.before, async (older) => {
      const olderData = await openData(older.root, options.referrals, { ...options, mark: older.name });
      const olderServer = await startOurServer(older.root, olderData.dataDir);
      stops.push(olderServer.stop);
      contestants.push(...bothWays(`before (${older.name})`, olderServer, olderData.idsFile));
      await compare();
      await olderServer.stop();
    });
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

/**
 * Lets the built-in provider answer once: what a server does for its first sign-in must not stay with all that comes after.
 *
 * @param {Target} target
 */
async function askProvider({ origin }) {
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'nobody', client_secret: 'none' });
  const answer = await fetch(new URL('/common/oauth2/v2.0/token', origin), { method: 'POST', body });
  if (answer.status !== 401) throw new Error(`the provider answered ${answer.status}`);
}

/**
 * @param {string} name
 * @param {import('./our-server.js').OurServer} server
 * @param {string} idsFile
 * @returns {Contestant[]}
 */
function bothWays(name, { target, emptyLog }, idsFile) {
  return [
    { name: `${name}, random`, target, idsFile, isHot: false, tidy: emptyLog },
    { name: `${name}, hot`, target, idsFile, isHot: true, tidy: emptyLog },
  ];
}

/**
 * @param {readonly Contestant[]} contestants
 * @param {Options} options
 * @param {number} bodyBytes
 */
async function compareInTurns(contestants, { referrals, seconds, rounds }, bodyBytes) {
  for (const { name, ...contestant } of contestants) {
    progress(`warming up: ${name}`);
    await measureOnce(contestant, warmUpSeconds, 0);
  }
  const series = contestants.map(({ name }) => ({
    name,
    rounds: /** @type {import('./report.js').Series['rounds']} */ ([]),
  }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const [index, contestant] of contestants.entries()) {
      progress(`round ${round} of ${rounds}: ${contestant.name}`);
      series[index]?.rounds.push(await measureOnce(contestant, seconds, round));
    }
  }
  printTitle(
    `One referral by id, ${referrals.toLocaleString('en')} referrals, ${connections} connections, ` +
      `answer of ${bodyBytes} bytes; median of ${rounds} rounds of ${seconds} s`,
  );
  const [bare, random, ...others] = series;
  if (bare === undefined || random === undefined) throw new Error('there are always a bare server and ours');
  printSeries([bare, random, ...others]);
  print();
  print(`hot: nine of ten requests go to ${hotReferrals.toLocaleString('en')} of the referrals`);
  const cap = others.find(({ name }) => name === 'cap, random');
  const workers = others.find(({ name }) => name === workersName);
  const before = others.find(({ name }) => /^before .*random$/.test(name));
  printAims(aimsFor([bare, random], { cap, workers, before }));
}

/**
 * @param {Omit<Contestant, 'name'>} contestant
 * @param {number} seconds
 * @param {number} seed
 */
async function measureOnce({ target, idsFile, isHot, tidy }, seconds, seed) {
  const figures = await measure(target, { idsFile, seconds, isHot, seed });
  tidy?.();
  return figures;
}

/**
 * @typedef {import('./report.js').Series} Series
 * @param {readonly [bare: Series, random: Series]} measured
 * @param {{ cap: Series | undefined, workers: Series | undefined, before: Series | undefined }} others
 */
function aimsFor([bare, random], { cap, workers, before }) {
  const share = median(ratiosOf(random, bare));
  const aims = [
    { text: `at least ${leastShare} of bare, random`, measured: share.toFixed(3), isMet: share >= leastShare },
  ];
  if (cap !== undefined) {
    const times = median(ratiosOf(random, cap));
    aims.push({
      text: `at least ${leastTimesCap} times SAP CAP`,
      measured: times.toFixed(1),
      isMet: times >= leastTimesCap,
    });
  }
  if (workers !== undefined) {
    const times = median(ratiosOf(workers, random));
    aims.push({
      text: `workers at least ${leastTimesOne} times one process`,
      measured: times.toFixed(2),
      isMet: times >= leastTimesOne,
    });
  }
  if (before !== undefined) {
    const lost = median(ratiosOf(before, bare)) - share;
    aims.push({
      text: `at most ${mostLoss} of bare less than before, random`,
      measured: lost.toFixed(3),
      isMet: lost <= mostLoss,
    });
  }
  return aims;
}

/** @param {string} idsFile */
function firstIdOf(idsFile) {
  return readFileSync(idsFile, 'utf8').slice(0, 36);
}
