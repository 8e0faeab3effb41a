import { root } from './checkout.js';
import { openData } from './data-folder.js';
import { countFsyncs } from './write-fsyncs.js';
import { compareRates } from './write-rates.js';
import { measureReadsBesideWrites } from './write-reads.js';
import { compareSequences } from './write-sequence.js';

/**
 * Measures acknowledged writes: how many there are beside rows written raw, how many fsyncs they cost, what readers
 * notice of them, and whether the log of one organisation that is party to many deals holds the others up.
 *
 * @param {import('./options.js').Options} options
 */
export async function measureWrites(options) {
  const data = await openData(root, options.referrals, options);
  const parts = {
    rates: compareRates,
    fsyncs: countFsyncs,
    reads: measureReadsBesideWrites,
    sequence: compareSequences,
  };
  for (const [name, measure] of Object.entries(parts)) {
    if (options.only === undefined || options.only === name) await measure(data, options);
  }
}
