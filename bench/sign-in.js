import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openExchange, readConfig, surroundings } from '@cosell/server';
import { setPassword } from '@cosell/server/domain/credentials';
import { loadExchange } from '@cosell/server/domain/load-exchange';
import { createProofParts, proveUser } from '@cosell/server/identity/prove-user';
import { readSampleExchange } from '@cosell/server/sample-exchange';
import { print, printAims, printTable, printTitle } from './report.js';
import { median } from './statistics.js';

/** How far the two may be apart. */
const widest = 0.1;

/**
 * Measures how long it takes to refuse a wrong password, and a name that is not there: nobody is to learn from the time
 * which it was. In turns, in one process, each with a new name or a user whose failures are forgotten.
 *
 * @param {import('./options.js').Options} options
 */
export async function compareSignIns({ seconds, rounds }) {
  const dataDir = mkdtempSync(join(tmpdir(), 'cosell-bench-'));
  const exchange = await openExchange(readConfig({ DATA_DIR: dataDir }), 'bench', surroundings);
  if ('holder' in exchange) throw new Error('a new folder is held by another process');
  try {
    const { store } = exchange;
    await store.transact(loadExchange, { name: 'sample', contents: readSampleExchange() });
    // Each attempt is an hour and more after the one before, so that none waits.
    let aheadMs = 0;
    const clock = { now: () => surroundings.clock.now() + aheadMs };
    const parts = createProofParts(store, { ...surroundings, clock });
    const passwordHash = await parts.hasher.hash('a calm grey heron');
    const { organizationId } = (await store.listDirectory()).users.find(({ name }) => name === 'contoso-admin') ?? {};
    const holder = { organizationId: organizationId ?? '', userName: 'contoso-admin', by: undefined };
    await store.transact(setPassword, { ...holder, passwordHash, isTemporary: false });
    const refuse = async (/** @type {string} */ nameOrEmail) => {
      aheadMs += 7_200_000;
      const place = { address: '192.0.2.1', clientId: null, requestId: null };
      const begunAt = surroundings.stopwatch();
      const proof = await proveUser(parts, { ...place, nameOrEmail, password: 'another heron' });
      const lasted = surroundings.stopwatch() - begunAt;
      if (!('refused' in proof) || proof.refused !== 'wrong') throw new Error('an attempt was not refused as wrong');
      return lasted;
    };
    await refuse('contoso-admin');
    const ratios = [];
    const medians = [];
    for (let round = 0; round < rounds; round += 1) {
      /** @type {[number[], number[]]} */
      const times = [[], []];
      const endAt = surroundings.stopwatch() + seconds * 1000;
      for (let at = 0; surroundings.stopwatch() < endAt; at += 1) {
        // Whoever comes second finds memory and caches as the first has left them, so each does that every other time.
        for (const which of at % 2 === 0 ? [0, 1] : [1, 0]) {
          times[which]?.push(await refuse(which === 0 ? 'contoso-admin' : `nobody-${round}-${at}`));
        }
      }
      const [wrong, unknown] = [median(times[0]), median(times[1])];
      medians.push([wrong, unknown]);
      ratios.push(unknown / wrong);
    }
    const ratio = median(ratios);
    printTitle(`Refused sign-ins in turns; medians of ${rounds} rounds of ${seconds} s`);
    printTable([
      ['round', 'wrong password, ms', 'no such user, ms', 'ratio'],
      ...medians.map(([wrong = 0, unknown = 0], round) => [
        String(round + 1),
        wrong.toFixed(2),
        unknown.toFixed(2),
        (unknown / wrong).toFixed(3),
      ]),
    ]);
    print();
    printAims([
      {
        text: `a name that is not there is refused within ${widest} of the time of a wrong password`,
        measured: ratio.toFixed(3),
        isMet: Math.abs(ratio - 1) <= widest,
      },
    ]);
  } finally {
    await exchange.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
