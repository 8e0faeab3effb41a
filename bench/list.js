import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startCap } from './cap-server.js';
import { root } from './checkout.js';
import { openData } from './data-folder.js';
import { measure } from './load-generator.js';
import { get } from './one-request.js';
import { startOurServer } from './our-server.js';
import { print, printAims, printTable, printTitle, progress } from './report.js';
import { median } from './statistics.js';

/** @typedef {import('./load-generator.js').Target} Target */

/** Requests at a time; a list is more work than a referral, and nobody asks for 32 at once. */
const connections = 4;

const page = '&$top=100&$count=false';
const ours = {
  path: '/v1.0/engagements/referrals?',
  team: 'team',
  country: 'customerProfile/address/country',
  currency: 'details/currency',
  value: 'details/dealValue',
};
/** SAP CAP serves structures as flat names, and asks `any` of compositions only. */
const theirs = {
  path: '/odata/v4/referral/Referrals?',
  team: 'members',
  country: 'customerProfile_address_country',
  currency: 'details_currency',
  value: 'details_dealValue',
};

/**
 * A query that both servers are asked.
 *
 * @typedef {object} Query
 * @property {string} name
 * @property {readonly string[]} values what stands in its place, drawn at random
 * @property {(names: typeof ours) => readonly [before: string, after: string]} write
 * @property {number} leastTimes how many times as many answers as SAP CAP
 * @property {string} [sortedBy] where both mean the same by it, the member by which their answers must be alike; whoever
 * stands first among equals is each server's own choice
 */

/** @type {readonly Query[]} */
const queries = [
  {
    name: 'documented filter and sort',
    values: [
      "status eq 'New' and qualification eq 'SalesQualified'",
      "type eq 'Shared' and direction eq 'Incoming'",
      "direction eq 'Incoming' and substatus eq 'Pending'",
      "status eq 'Active' and direction eq 'Outgoing' and type eq 'Shared'",
    ],
    write: () => ['$filter=', `&$orderby=updatedDateTime desc${page}`],
    leastTimes: 4,
    sortedBy: 'updatedDateTime',
  },
  {
    name: 'nested path',
    values: ['PT', 'JP', 'CA', 'US', 'AT'],
    write: ({ country }) => [`$filter=${country} eq '`, `'&$orderby=createdDateTime desc${page}`],
    leastTimes: 4,
    sortedBy: 'createdDateTime',
  },
  {
    name: 'team/any',
    values: ['ana.bauer', 'hana.cohen', 'ivo.ito', 'goran.haddad', 'dora.eriksen'].map((name) => `${name}@contoso.com`),
    write: ({ team }) => [`$filter=${team}/any(t:t/email eq '`, `')&$orderby=createdDateTime desc${page}`],
    leastTimes: 4,
    sortedBy: 'createdDateTime',
  },
  {
    name: 'search, rare words',
    values: ['CRM-4242', 'CRM-777', 'CRM-90001', 'CRM-12345'],
    write: () => ['$search=', page],
    leastTimes: 10,
  },
  {
    // Walking any order comes to a hundred of these soon, on either side.
    name: 'search, common words',
    values: ['Adatum', 'Litware', 'Northwind', 'Migration', 'Backup'],
    write: () => ['$search=', page],
    leastTimes: 10,
  },
  {
    name: 'group-by',
    values: ['sum', 'max', 'min', 'average'],
    write: ({ currency, value }) => [`$apply=groupby((status,${currency}),aggregate(${value} with `, ' as result))'],
    leastTimes: 2,
  },
];

/** Requests of each kind before the first that counts. */
const warmUps = 20;
/** How much longer than the first page one of a thousand may take. */
const mostTimesFirst = 1.2;

/**
 * Measures pages of lists, search and groups, beside SAP CAP where it is asked for, and a page deep within a walk beside
 * the first.
 *
 * @param {import('./options.js').Options} options
 */
export async function compareLists(options) {
  const data = await openData(root, options.referrals, options);
  const server = await startOurServer(root, data.dataDir);
  /** @type {Awaited<ReturnType<typeof startCap>> | undefined} */
  let cap;
  try {
    if (options.withPeers) cap = await startCap(data);
    printTitle(
      `Lists of ${options.referrals.toLocaleString('en')} referrals, pages of 100, ${connections} connections; ` +
        `medians of ${options.rounds} rounds of ${options.seconds} s`,
    );
    const aims = await compareQueries(options, data.folder, { server, cap });
    aims.push(await compareDepth(server.target, options.rounds));
    printAims(aims);
  } finally {
    await cap?.stop();
    await server.stop();
  }
}

/**
 * @param {import('./options.js').Options} options
 * @param {string} folder
 * @param {{ server: import('./our-server.js').OurServer, cap: Awaited<ReturnType<typeof startCap>> | undefined }} servers
 */
async function compareQueries({ seconds, rounds }, folder, { server, cap }) {
  const rows = [['', 'ours/s', 'p50 ms', 'CAP/s', 'p50 ms', 'times CAP', 'min–max']];
  const aims = [];
  for (const query of queries) {
    const asked = [
      { target: targetOf(server.target, ours, query), emptyLog: server.emptyLog },
      ...(cap === undefined ? [] : [{ target: targetOf(cap.target, theirs, query), emptyLog: cap.emptyLog }]),
    ];
    const idsFile = join(folder, 'values', `${query.name.replaceAll(/\W/g, '-')}.txt`);
    mkdirSync(join(folder, 'values'), { recursive: true });
    writeFileSync(idsFile, `${query.values.map(encodeURIComponent).join('\n')}\n`);
    await requireAnswers(
      query,
      asked.map(({ target }) => target),
      readFileSync(idsFile, 'utf8').split('\n')[0] ?? '',
    );
    const found = asked.map(() => /** @type {import('./load-generator.js').Figures[]} */ ([]));
    for (let round = 0; round <= rounds; round += 1) {
      progress(round === 0 ? `warming up: ${query.name}` : `round ${round} of ${rounds}: ${query.name}`);
      for (const [index, { target, emptyLog }] of asked.entries()) {
        const figures = await measure(target, { idsFile, seconds, seed: round, leastBytes: 100, at: connections });
        if (round > 0) found[index]?.push(figures);
        emptyLog();
      }
    }
    const [mine = [], others] = found;
    const times = (others ?? []).map(
      ({ requestsPerSecond }, round) => (mine[round]?.requestsPerSecond ?? 0) / requestsPerSecond,
    );
    rows.push([
      query.name,
      ...rateOf(mine),
      ...(others === undefined ? ['-', '-', '-', '-'] : [...rateOf(others), ...ratioOf(times)]),
    ]);
    if (others === undefined) continue;
    const text = `${query.name}: at least ${query.leastTimes} times SAP CAP`;
    aims.push({ text, measured: median(times).toFixed(1), isMet: median(times) >= query.leastTimes });
  }
  printTable(rows);
  return aims;
}

/**
 * @param {Target} target
 * @param {typeof ours} names
 * @param {Query} query
 * @returns {Target}
 */
function targetOf(target, names, { write }) {
  const [before, after] = write(names).map((text) => text.replaceAll(' ', '%20'));
  return { ...target, pathBefore: names.path + before, pathAfter: after ?? '' };
}

/**
 * Refuses to measure what is not answered, or not with the same referrals.
 *
 * @param {Query} query
 * @param {readonly Target[]} targets
 * @param {string} value
 */
async function requireAnswers({ name, sortedBy }, targets, value) {
  const lists = [];
  for (const { origin, pathBefore, pathAfter, headers } of targets) {
    const { status, body } = await get(origin + pathBefore + value + pathAfter, headers);
    if (status !== 200) throw new Error(`${name} at ${origin}: ${status} ${body.toString().slice(0, 500)}`);
    if (sortedBy === undefined) continue;
    const { value: items } = JSON.parse(body.toString());
    lists.push(items.map((/** @type {Record<string, unknown>} */ item) => item[sortedBy]).join());
  }
  if (new Set(lists).size > 1) throw new Error(`${name}: the two servers answer with other referrals`);
}

/** @param {readonly import('./load-generator.js').Figures[]} rounds */
function rateOf(rounds) {
  const rate = median(rounds.map(({ requestsPerSecond }) => requestsPerSecond));
  return [
    rate.toLocaleString('en', { maximumSignificantDigits: 4 }),
    median(rounds.map(({ p50Ms }) => p50Ms)).toFixed(1),
  ];
}

/** @param {readonly number[]} times */
function ratioOf(times) {
  return [median(times).toFixed(1), `${Math.min(...times).toFixed(1)}–${Math.max(...times).toFixed(1)}`];
}

/**
 * The first page of a walk beside its thousandth, or its last, and beside the first with the count of all.
 *
 * @param {Target} target
 * @param {number} rounds
 */
async function compareDepth({ origin, headers }, rounds) {
  const first = `${origin}${ours.path}$count=false`;
  const walking = { ...headers, Prefer: 'odata.maxpagesize=100' };
  let deep = first;
  let pages = 1;
  progress('walking to page 1,000');
  for (;;) {
    const { body } = await get(deep, walking);
    const next = JSON.parse(body.toString())['@odata.nextLink'];
    if (pages === 1_000 || next === undefined) break;
    deep = next;
    pages += 1;
  }
  const urls = { first, deep, counted: `${origin}${ours.path}$top=100` };
  const times = {
    first: /** @type {number[]} */ ([]),
    deep: /** @type {number[]} */ ([]),
    counted: /** @type {number[]} */ ([]),
  };
  for (let turn = -warmUps; turn < rounds * 20; turn += 1) {
    for (const [name, url] of Object.entries(urls)) {
      const askedAt = performance.now();
      await get(url, walking);
      if (turn >= 0) times[/** @type {keyof typeof times} */ (name)].push(performance.now() - askedAt);
    }
  }
  const [firstMs, deepMs, countedMs] = [median(times.first), median(times.deep), median(times.counted)];
  print();
  printTable([
    ['one request at a time', 'p50 ms', 'times the first'],
    ['page 1', firstMs.toFixed(2), '1.00'],
    [`page ${pages.toLocaleString('en')} of a walk`, deepMs.toFixed(2), (deepMs / firstMs).toFixed(2)],
    ['page 1 with the count of all', countedMs.toFixed(2), (countedMs / firstMs).toFixed(2)],
  ]);
  const text = `page ${pages.toLocaleString('en')} at most ${mostTimesFirst} times page 1`;
  return { text, measured: (deepMs / firstMs).toFixed(2), isMet: deepMs / firstMs <= mostTimesFirst };
}
