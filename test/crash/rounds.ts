import { createOperations, remoteOperations, socketPathOf } from '@cosell/server';
import { cosellFile, launch, type ServerProcess, startCosell } from '../support/cosell-process.ts';
import { openAt, type Place } from '../support/engines.ts';
import { talk } from '../support/parties.ts';
import { type Cluster, freePort } from '../support/postgres-server.ts';
import { send } from '../support/test-server.ts';
import { disagreementsOf } from './agreement.ts';
import type { Chance } from './chance.ts';
import { Ledger, sendCreate, type Writers, writeUntil } from './load.ts';
import { lossesOf } from './losses.ts';
import { readTables } from './tables.ts';

/** An exchange that is killed again and again. */
export interface Victim {
  readonly place: Place;
  /** The database server, where the exchange has one; it is killed, too. */
  readonly cluster: Cluster | undefined;
}

/** What a series of rounds came to. */
export interface Outcome {
  /** Writes that were acknowledged. */
  acknowledged: number;
  /** Writes that were under way when something was killed, and were sent again. */
  sentAgain: number;
  kills: Record<'server' | 'database' | 'both' | 'starting server', number>;
  /** What was wrong, each as a line. */
  readonly faults: string[];
}

/** Requests under way at any time. */
const atOnce = 8;

/** Kills an exchange in some rounds of writing, and looks after each whether all that was acknowledged is there. */
export async function crash({ place, cluster }: Victim, rounds: number, chance: Chance): Promise<Outcome> {
  const kills = { server: 0, database: 0, both: 0, 'starting server': 0 };
  const outcome: Outcome = { acknowledged: 0, sentAgain: 0, kills, faults: [] };
  const ledger = new Ledger();
  const { dataDir, databaseUrl } = place.at;
  // The same port in every round, so that one token serves in all of them.
  const settings = {
    PORT: String(await freePort()),
    LOG_LEVEL: 'error',
    ...(databaseUrl === undefined ? { DATA_DIR: dataDir } : { DATABASE_URL: databaseUrl }),
  };
  let server = await startCosell(settings);
  const { writers, close } = await writersOf(server, place);
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const kind = killOf(round, cluster !== undefined);
      kills[kind] += 1;
      let isOver = false;
      const writing = writeUntil(() => isOver, { writers, ledger, chance, atOnce });
      await pause(chance.between(20, 700));
      // Nothing new is begun from here on; what is under way is cut off.
      isOver = true;
      if (kind === 'database' || kind === 'both') await cluster?.kill();
      if (kind !== 'database') await server.stop('SIGKILL');
      await writing;
      if (kind === 'database' || kind === 'both') await cluster?.start();
      if (kind === 'starting server') await killStarting(settings, chance);
      if (kind !== 'database') server = await startCosell(settings);
      const sentAgain = ledger.unanswered.size;
      outcome.sentAgain += sentAgain;
      for (const create of [...ledger.unanswered.values()]) await sendUntilAnswered(writers, ledger, create);
      const tables = await readTables(place);
      const wrong = ledger.wrong.splice(0);
      const faults = [...(await disagreementsOf(tables)), ...lossesOf(tables, ledger), ...wrong];
      // What the server has said of it is the way to the cause.
      if (wrong.length > 0) faults.push(...server.stderr().split('\n').slice(-5));
      outcome.faults.push(...faults.slice(0, 20).map((fault) => `round ${round}, ${kind} killed: ${fault}`));
    }
  } finally {
    await server.stop('SIGKILL');
    await close();
  }
  outcome.acknowledged = ledger.count;
  return outcome;
}

function killOf(round: number, hasDatabase: boolean): keyof Outcome['kills'] {
  if (round % 5 === 0) return 'starting server';
  if (!hasDatabase) return 'server';
  return (['server', 'database', 'both'] as const)[round % 3] ?? 'server';
}

/** A server that has just begun: it reads the log of the one before. */
async function killStarting(settings: Readonly<Record<string, string>>, chance: Chance): Promise<void> {
  const { child, ended } = launch(process.execPath, [cosellFile, 'start'], settings);
  await pause(chance.between(100, 900));
  child.kill('SIGKILL');
  await ended;
}

/** A server whose database was away takes some moments until it has new connections. */
async function sendUntilAnswered(
  writers: Writers,
  ledger: Ledger,
  create: Parameters<typeof sendCreate>[2],
): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const shown = await sendCreate(writers, ledger, create).catch(() => undefined);
    if (shown !== undefined) return;
    await pause(50);
  }
  ledger.wrong.push(`${String(create.body.name)} was not answered in 100 tries`);
}

async function writersOf({ origin }: ServerProcess, place: Place) {
  // On PostgreSQL the operator's commands are a process of their own, which is this one.
  const exchange = place.at.databaseUrl === undefined ? undefined : await openAt(place);
  const operator =
    exchange === undefined
      ? remoteOperations(socketPathOf(place.at.dataDir))
      : createOperations(exchange.store, exchange.issuer, () => origin);
  const port = Number(new URL(origin).port);
  const ask: Parameters<typeof talk>[0]['ask'] = (path, asking) => send(port, path, asking ?? {});
  const partyOf = async (user: string) => talk({ ask }, (await operator.mintToken({ user })).token);
  const writers = { contoso: await partyOf('contoso-admin'), tailspin: await partyOf('tailspin-admin'), operator };
  return { writers, close: async () => exchange?.close() };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
