import { parseArgs } from 'node:util';

/**
 * What the command line asks for.
 *
 * @typedef {object} Options
 * @property {boolean} showsHelp
 * @property {'by-id' | 'write' | 'heavy' | 'load' | 'list' | 'parse' | 'sign-in'} what is measured
 * @property {'sqlite' | 'postgres'} store where referrals are read by id
 * @property {boolean} withPeers compare with SAP CAP too
 * @property {number} workers processes of a further server of ours; 1 for none
 * @property {string | undefined} before an older commit to compare with
 * @property {number} tokens how many take turns; 0 where the servers are compared
 * @property {number} referrals
 * @property {number} seconds length of one measurement
 * @property {number} rounds
 * @property {boolean} measuresGrowth
 * @property {boolean} measuresStart
 * @property {boolean} isFresh load the data again
 * @property {string | undefined} only the one part of the write bench that is wanted
 */

/** What the command can do, for the reader. */
export const usage = `Usage: node bench/main.js by-id|list|parse|write|heavy|load|sign-in [options]

by-id measures answers to one referral by id, against a bare node:http server of the same run.
list measures pages, search and groups, with --peers against SAP CAP on the same referrals.
parse measures how filters are read, against a parser from npm.
write measures acknowledged writes, against rows written by the same driver in the same run.
heavy measures answers to one referral by id while all referrals are counted, against the same without.
load measures the import of captured referrals into a running server, against the same rows inserted raw.
sign-in measures how long a name that is not there is refused, against a wrong password, in turns.

  --store postgres   with by-id: on PostgreSQL, beside the same prepared statement without HTTP
  --only <part>      with write: rates, fsyncs, reads or sequence
  --peers            compare with SAP CAP too (installed below bench/peers on first use)
  --workers <N>      with by-id: compare with our server in so many processes too
  --before <commit>  compare with an older commit too
  --tokens <N>       with by-id: measure instead so many access tokens in rotation, against one
  --start            measure instead: time to the first answer, and memory
  --growth           measure instead: latency at 1,000, N and 1,000,000 referrals
  --referrals <N>    referrals in the exchange (100000; with write 10000)
  --seconds <S>      length of one measurement (5; with write 2)
  --rounds <R>       how often each is measured (3)
  --fresh            load the data again
  --help             show this
`;

/** The parts of the write bench. */
export const writeParts = ['rates', 'fsyncs', 'reads', 'sequence'];

/** What can be measured. */
const subjects = /** @type {const} */ (['by-id', 'list', 'parse', 'write', 'heavy', 'load', 'sign-in']);

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
  const what = subjects.find((subject) => subject === positionals[0]) ?? 'by-id';
  if (!showsHelp && (positionals.length !== 1 || positionals[0] !== what)) {
    throw new Refusal(
      `Say what to measure: node bench/main.js ${subjects.join(', ')}. With --help it shows the options.`,
    );
  }
  if (values.only !== undefined && !(what === 'write' && writeParts.includes(values.only))) {
    throw new Refusal(`--only goes with write and takes one of ${writeParts.join(', ')}.`);
  }
  if (values.store !== 'sqlite' && !(values.store === 'postgres' && what === 'by-id')) {
    throw new Refusal('--store goes with by-id and takes sqlite or postgres.');
  }
  const isSmall = what === 'write' || values.store === 'postgres';
  const { referrals = isSmall ? '10000' : '100000', seconds = what === 'write' ? '2' : '5' } = values;
  return {
    showsHelp,
    what,
    only: values.only,
    store: values.store,
    withPeers: values.peers === true,
    before: values.before,
    workers: readNumber('workers', values.workers, 1),
    tokens: readNumber('tokens', values.tokens, 0),
    referrals: readNumber('referrals', referrals, 1_000),
    seconds: readNumber('seconds', seconds, 1),
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
        store: { type: 'string', default: 'sqlite' },
        peers: { type: 'boolean' },
        before: { type: 'string' },
        workers: { type: 'string', default: '1' },
        tokens: { type: 'string', default: '0' },
        only: { type: 'string' },
        start: { type: 'boolean' },
        growth: { type: 'boolean' },
        referrals: { type: 'string' },
        seconds: { type: 'string' },
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
