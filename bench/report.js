import { median } from './statistics.js';

/** @typedef {import('./load-generator.js').Figures} Figures */

/**
 * Something that is measured once a round.
 *
 * @typedef {object} Series
 * @property {string} name
 * @property {Figures[]} rounds
 */

/**
 * What a measurement should show.
 *
 * @typedef {object} Aim
 * @property {string} text
 * @property {string} measured
 * @property {boolean} isMet
 */

/**
 * Says on standard error what is going on.
 *
 * @param {string} text
 */
export function progress(text) {
  process.stderr.write(`… ${text}\n`);
}

/**
 * Prints a line of the result.
 *
 * @param {string} [text]
 */
export function print(text = '') {
  process.stdout.write(`${text}\n`);
}

/**
 * Prints rows in columns: the first to the left, the others to the right.
 *
 * @param {readonly (readonly string[])[]} rows the first is the heading
 */
export function printTable(rows) {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  for (const row of rows) {
    print(
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    );
  }
}

/**
 * Prints series side by side, with their ratio to the first.
 *
 * @param {readonly [Series, ...Series[]]} series
 */
export function printSeries(series) {
  const [base] = series;
  const cost = costUnitOf(base);
  const heading = ['', 'requests/s', 'p50 ms', 'p99 ms', `ratio to ${base.name}`, 'min–max', 'processors'];
  if (cost !== undefined) heading.push(`${cost.name} each`, 'ratio by cost', 'min–max');
  printTable([
    heading,
    ...series.map((one) => [...rowOf(one, base), ...(cost === undefined ? [] : costsOf(one, base, cost))]),
  ]);
}

/**
 * @param {Series} one
 * @param {Series} base
 */
function rowOf(one, base) {
  const middle = (/** @type {(figures: Figures) => number} */ read) => median(one.rounds.map(read));
  const ratios = ratiosOf(one, base);
  const isKnown = one.rounds[0]?.processors !== undefined;
  return [
    one.name,
    Math.round(middle((figures) => figures.requestsPerSecond)).toLocaleString('en'),
    middle((figures) => figures.p50Ms).toFixed(2),
    middle((figures) => figures.p99Ms).toFixed(2),
    median(ratios).toFixed(3),
    spread(ratios),
    isKnown ? middle(({ processors = 0 }) => processors).toFixed(2) : '-',
  ];
}

/**
 * How the cost of an answer is told: in cycles where they can be counted, else in processor time, else not at all.
 *
 * @typedef {{ name: string, digits: number, read: (figures: Figures) => number }} CostUnit
 */

/**
 * @param {Series} base
 * @returns {CostUnit | undefined}
 */
function costUnitOf({ rounds: [first] }) {
  if (first?.cycles !== undefined) return { name: 'k cycles', digits: 0, read: ({ cycles = 0 }) => cycles / 1_000 };
  if (first?.microseconds !== undefined) return { name: 'µs', digits: 1, read: ({ microseconds = 0 }) => microseconds };
  return undefined;
}

/**
 * @param {Series} one
 * @param {Series} base
 * @param {CostUnit} unit
 */
function costsOf(one, base, { digits, read }) {
  const costs = one.rounds.map(read);
  const ratios = base.rounds.map((figures, round) => read(figures) / (costs[round] ?? Number.NaN));
  return [median(costs).toFixed(digits), median(ratios).toFixed(3), spread(ratios)];
}

/** @param {readonly number[]} ratios */
function spread(ratios) {
  return `${Math.min(...ratios).toFixed(3)}–${Math.max(...ratios).toFixed(3)}`;
}

/**
 * How many requests one answers for each that another answers, round by round.
 *
 * @param {Series} one
 * @param {Series} base
 * @returns {number[]}
 */
export function ratiosOf(one, base) {
  return one.rounds.map(
    ({ requestsPerSecond }, round) => requestsPerSecond / (base.rounds[round]?.requestsPerSecond ?? Number.NaN),
  );
}

/** How many times as long the slowest of a hundred reads may take while something else goes on. */
const mostTimes = 2;

/**
 * Prints reads by id without and beside something else, and whether they suffer by it.
 *
 * @param {object} measured
 * @param {readonly Figures[]} measured.alone
 * @param {readonly Figures[]} measured.beside
 * @param {string} measured.name what else goes on
 * @param {readonly Pick<Figures, 'requestsPerSecond' | 'p50Ms' | 'p99Ms'>[]} measured.others its own figures
 */
export function printBeside({ alone, beside, name, others }) {
  const times = beside.map(({ p99Ms }, round) => p99Ms / (alone[round]?.p99Ms ?? Number.NaN));
  const row = (/** @type {string} */ title, /** @type {typeof others} */ figures) => [
    title,
    median(figures.map(({ requestsPerSecond }) => requestsPerSecond)).toLocaleString('en', {
      maximumSignificantDigits: 5,
    }),
    median(figures.map(({ p50Ms }) => p50Ms)).toFixed(2),
    median(figures.map(({ p99Ms }) => p99Ms)).toFixed(2),
  ];
  const measured = median(times);
  printTable([
    ['', 'requests/s', 'p50 ms', 'p99 ms', 'p99, times the first', 'min–max'],
    [...row('reads alone', alone), '1.00', ''],
    [
      ...row(`reads beside ${name}`, beside),
      measured.toFixed(2),
      `${Math.min(...times).toFixed(2)}–${Math.max(...times).toFixed(2)}`,
    ],
    [...row(`the ${name}`, others), '', ''],
  ]);
  const text = `p99 of reads beside ${name} at most ${mostTimes} times that alone`;
  printAims([{ text, measured: measured.toFixed(2), isMet: measured <= mostTimes }]);
}

/**
 * Prints aims beside what was measured.
 *
 * @param {readonly Aim[]} aims
 */
export function printAims(aims) {
  print();
  printTable([
    ['aim', 'measured', ''],
    ...aims.map(({ text, measured, isMet }) => [text, measured, isMet ? 'met' : 'MISSED']),
  ]);
}

/**
 * Names the runtime, since figures of two runtimes have nothing to say to each other.
 *
 * @param {string} text
 */
export function printTitle(text) {
  print(`${text}; Node ${process.versions.node}, ${process.platform} ${process.arch}`);
  print();
}
