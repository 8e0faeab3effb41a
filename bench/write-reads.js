import { root } from './checkout.js';
import { withCopy } from './data-folder.js';
import { connections, measure } from './load-generator.js';
import { startOurServer } from './our-server.js';
import { printBeside, printTitle, progress } from './report.js';
import { loadWrites } from './write-load.js';

const writers = 32;

/**
 * Measures reads by id, ids at random, without and with connections that write all the time, in turns.
 *
 * @param {import('./data-folder.js').Data} data
 * @param {import('./options.js').Options} options
 */
export function measureReadsBesideWrites(data, { seconds, rounds }) {
  return withCopy(data, async ({ dataDir }) => {
    const server = await startOurServer(root, dataDir);
    try {
      const { target, emptyLog } = server;
      const { pid, origin, pathBefore, headers } = target;
      const tokens = [(headers.Authorization ?? '').replace('Bearer ', '')];
      const plan = { origin, path: pathBefore, connections: writers, tokens, idsFile: data.openIdsFile };
      const read = (/** @type {number} */ seed) => measure(target, { idsFile: data.idsFile, seconds, seed });
      // The writers begin before the readers and end after them.
      const write = (/** @type {number} */ seed) =>
        loadWrites(pid, { ...plan, task: seed % 2 === 0 ? 'create' : 'patch', seconds: seconds + 2, seed });
      await read(0);
      await write(0);
      const alone = [];
      const beside = [];
      const written = [];
      for (let round = 1; round <= rounds; round += 1) {
        progress(`round ${round} of ${rounds}: reads`);
        alone.push(await read(round));
        progress(`round ${round} of ${rounds}: reads beside writes`);
        const writing = write(round);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        beside.push(await read(round));
        written.push(await writing);
        emptyLog();
      }
      report(alone, beside, written, { seconds, rounds });
    } finally {
      await server.stop();
    }
  });
}

/** @typedef {import('./load-generator.js').Figures} Figures */

/**
 * @param {readonly Figures[]} alone
 * @param {readonly Figures[]} beside
 * @param {readonly Figures[]} written
 * @param {{ seconds: number, rounds: number }} run
 */
function report(alone, beside, written, { seconds, rounds }) {
  printTitle(
    `Reads by id at ${connections} connections, without and with ${writers} that create and patch; median of ${rounds} rounds of ${seconds} s`,
  );
  printBeside({ alone, beside, name: 'writes', others: written });
}
