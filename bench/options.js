import { parseArgs } from 'node:util';

/**
 * What the command line asks for.
 *
 * @typedef {object} Options
 * @property {boolean} showsHelp
 * @property {boolean} withPeers compare with SAP CAP too
 * @property {string | undefined} before an older commit to compare with
 * @property {number} referrals
 * @property {number} seconds length of one measurement
 * @property {number} rounds
 * @property {boolean} measuresGrowth
 * @property {boolean} measuresStart
 * @property {boolean} isFresh load the data again
 */

/** What the command can do, for the reader. */
export const usage = `Usage: node bench/main.js by-id [options]

Measures answers to one referral by id, against a bare node:http server of the same run.

  --peers            compare with SAP CAP too (installed below bench/peers on first use)
  --before <commit>  compare with an older commit too
  --start            measure instead: time to the first answer, and memory
  --growth           measure instead: latency at 1,000, N and 1,000,000 referrals
  --referrals <N>    referrals in the exchange (100000)
  --seconds <S>      length of one measurement (5)
  --rounds <R>       how often each is measured (3)
  --fresh            load the data again
  --help             show this
`;

/** A reason to stop that the reader can do something about: it is shown as one line. */
export class Refusal extends Error {}

/**
 * Reads the command line.
 *
 * @param {readonly string[]} args
 * @returns {Options}
 */
export function readOptions(args) {
  const { values, positionals } = parse(args);
  const showsHelp = values.help === true || args.length === 0;
  if (!showsHelp && (positionals.length !== 1 || positionals[0] !== 'by-id')) {
    throw new Refusal('Say what to measure: node bench/main.js by-id. With --help it shows the options.');
  }
  return {
    showsHelp,
    withPeers: values.peers === true,
    before: values.before,
    referrals: readNumber('referrals', values.referrals, 1_000),
    seconds: readNumber('seconds', values.seconds, 1),
    rounds: readNumber('rounds', values.rounds, 1),
    measuresGrowth: values.growth === true,
    measuresStart: values.start === true,
    isFresh: values.fresh === true,
  };
}

/** @param {readonly string[]} args */
function parse(args) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        peers: { type: 'boolean' },
        before: { type: 'string' },
        start: { type: 'boolean' },
        growth: { type: 'boolean' },
        referrals: { type: 'string', default: '100000' },
        seconds: { type: 'string', default: '5' },
        rounds: { type: 'string', default: '3' },
        fresh: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new Refusal(error instanceof Error ? error.message : String(error));
  }
}

/**
 * @param {string} name
 * @param {string} text
 * @param {number} least
 */
function readNumber(name, text, least) {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least) throw new Refusal(`--${name} must be a whole number from ${least}.`);
  return number;
}
