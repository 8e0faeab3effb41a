import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { referralQueryRules } from '@cosell/model';
import { bind, parseFilter } from '@cosell/odata';
import { run } from './processes.js';
import { print, printAims, printTable, printTitle, progress } from './report.js';
import { median } from './statistics.js';

/** Where the parser from npm is installed. */
const project = fileURLToPath(new URL('./peers/parser/', import.meta.url));

/** How many times as many filters as the peer parses ours parses and binds. */
const leastTimes = 3;

/** The documented filters, and two longer ones that the peer can parse, too. */
const filters = [
  "engagementId eq '65edc0b5-3485-41b7-a17e-dfa9ef4706e2'",
  "status eq 'New' and qualification eq 'SalesQualified'",
  "customerProfile/address/country eq 'US' and direction eq 'Incoming'",
  "direction eq 'Incoming' and substatus eq 'Pending'",
  "status eq 'Active' and direction eq 'Outgoing' and type eq 'Shared' and team/any(t:t/email eq 'r2d2@contoso.com')",
  "(status eq 'New' or status eq 'Active') and createdDateTime ge 2026-01-01T00:00:00Z and details/dealValue gt 1000",
  "contains(name,'O''Neil') and startswith(customerProfile/name,'Fab') and not endswith(name,'x')",
];

const context = { now: '2026-11-27T12:00:00.0000000Z' };

/**
 * Measures how filters are read: by our package from text to a condition with types, by the parser from npm from text
 * to a tree. In turns, in one process.
 *
 * @param {import('./options.js').Options} options
 */
export async function compareParsers({ seconds, rounds }) {
  if (!existsSync(join(project, 'node_modules/@odata/parser/package.json'))) {
    progress('installing @odata/parser');
    await run('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund'], { cwd: project });
  }
  const { defaultParser } = createRequire(join(project, 'package.json'))('@odata/parser');
  const contestants = [
    { name: '@odata/parser, parsed', read: (/** @type {string} */ text) => defaultParser.filter(text) },
    { name: 'cosell, parsed and bound', read: readOurs },
  ];
  for (const { read } of contestants) perSecond(read, 1);
  const rates = contestants.map(() => /** @type {number[]} */ ([]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const [index, { read }] of contestants.entries()) rates[index]?.push(perSecond(read, seconds));
  }
  const [theirs = [], ours = []] = rates;
  const times = ours.map((rate, round) => rate / (theirs[round] ?? Number.NaN));
  printTitle(
    `${filters.length} filters in turns, the documented ones among them; median of ${rounds} rounds of ${seconds} s`,
  );
  printTable([
    ['', 'filters/s', `times ${contestants[0]?.name}`, 'min–max'],
    [contestants[0]?.name ?? '', Math.round(median(theirs)).toLocaleString('en'), '1.00', ''],
    [
      contestants[1]?.name ?? '',
      Math.round(median(ours)).toLocaleString('en'),
      median(times).toFixed(2),
      `${Math.min(...times).toFixed(2)}–${Math.max(...times).toFixed(2)}`,
    ],
  ]);
  print();
  print(
    'What the peer gives is a tree of tokens without types, in which operators of one kind stand in the wrong order.',
  );
  const measured = median(times);
  printAims([
    {
      text: `parsed and bound at least ${leastTimes} times as fast as @odata/parser parses`,
      measured: measured.toFixed(2),
      isMet: measured >= leastTimes,
    },
  ]);
}

/** @param {string} text */
function readOurs(text) {
  const syntax = parseFilter(text);
  if (syntax.kind === 'malformed' || syntax.kind === 'tooLarge') throw new Error(`not parsed: ${text}`);
  const bound = bind(syntax, referralQueryRules, context);
  if ('kind' in bound) throw new Error(`not bound: ${text}`);
  return bound.predicate;
}

/**
 * @param {(text: string) => unknown} read
 * @param {number} seconds
 */
function perSecond(read, seconds) {
  const startedAt = performance.now();
  let count = 0;
  while (performance.now() - startedAt < seconds * 1_000) {
    for (const filter of filters) read(filter);
    count += filters.length;
  }
  return (count * 1_000) / (performance.now() - startedAt);
}
