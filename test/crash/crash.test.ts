import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { cleanUp } from '../support/cosell-process.ts';
import { findBinaries, startCluster } from '../support/postgres-server.ts';
import { Chance } from './chance.ts';
import { crash, type Outcome, type Victim } from './rounds.ts';

/** How many rounds and with which seed: `npm run crash -- --help`. */
const { CRASH_ROUNDS, CRASH_SEED, CRASH_STORE } = process.env;
const seed = Number(CRASH_SEED ?? Math.floor(Math.random() * 2 ** 32));
/** Rounds on one database; after them the next one begins, so that looking through it does not take ever longer. */
const roundsOfOne = 10;
/** Longest that a round may take on a machine that has other work. */
const mostForRoundMs = 60_000;

afterAll(cleanUp);

/** Runs rounds on one new exchange after the other. */
async function crashAll(rounds: number, withVictim: (work: (victim: Victim) => Promise<void>) => Promise<void>) {
  const all: Outcome[] = [];
  for (let done = 0; done < rounds; done += roundsOfOne) {
    const chance = new Chance(seed + done);
    await withVictim(async (victim) => {
      all.push(await crash(victim, Math.min(roundsOfOne, rounds - done), chance));
    });
  }
  return all;
}

function report(store: string, rounds: number, all: readonly Outcome[]): void {
  const sum = (numberOf: (outcome: Outcome) => number) => all.reduce((before, one) => before + numberOf(one), 0);
  const kinds = ['server', 'database', 'both', 'starting server'] as const;
  const kills = kinds.map((kind) => [kind, sum((one) => one.kills[kind])] as const).filter(([, number]) => number > 0);
  console.log(
    `${store}: ${rounds} rounds with seed ${seed}; killed: ${kills.map(([kind, number]) => `${kind} ${number}`).join(', ')}; ${sum((one) => one.acknowledged)} acknowledged writes, ${sum((one) => one.sentAgain)} sent again, ${sum((one) => one.faults.length)} faults`,
  );
}

/** The rounds that were asked for, else those of every run of the tests. */
const rounds = Number(CRASH_ROUNDS ?? 1);

describe.skipIf(CRASH_STORE === 'postgres')(`kill -9 under write load, SQLite (seed ${seed})`, () => {
  it(
    'loses no acknowledged write and leaves none half done',
    async () => {
      const all = await crashAll(rounds, async (work) => {
        const dataDir = mkdtempSync(join(tmpdir(), 'cosell-crash-'));
        try {
          await work({
            place: { at: { dataDir, databaseUrl: undefined }, remove: async () => undefined },
            cluster: undefined,
          });
        } finally {
          rmSync(dataDir, { recursive: true, force: true });
        }
      });
      report('SQLite', rounds, all);
      expect(all.flatMap(({ faults }) => faults)).toEqual([]);
      expect(all.every(({ acknowledged }) => acknowledged > 0)).toBe(true);
    },
    rounds * mostForRoundMs,
  );
});

// Where there is no PostgreSQL at all the run has said so already.
const binaries = findBinaries();
describe.skipIf(CRASH_STORE === 'sqlite' || inject('postgresUrl') === '' || binaries === undefined)(
  `kill -9 under write load, PostgreSQL (seed ${seed})`,
  () => {
    it(
      'loses no acknowledged write and leaves none half done',
      async () => {
        const all = await crashAll(rounds, async (work) => {
          const cluster = await startCluster(binaries ?? '');
          try {
            const place = { at: { dataDir: '', databaseUrl: cluster.url }, remove: async () => undefined };
            await work({ place, cluster });
          } finally {
            await cluster.stop();
          }
        });
        report('PostgreSQL', rounds, all);
        expect(all.flatMap(({ faults }) => faults)).toEqual([]);
        expect(all.every(({ acknowledged }) => acknowledged > 0)).toBe(true);
      },
      rounds * mostForRoundMs,
    );
  },
);
