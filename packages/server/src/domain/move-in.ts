import { StartupProblem } from '../store/startup-problem.ts';
import type { Command, Transaction } from '../store/store.ts';
import type { TableRows } from '../store/table-rows.ts';
import { tables, tablesOf } from '../store/tables.ts';
import { clockFact } from './exchange-clock.ts';
import { loadedExchange } from './load-exchange.ts';

/** An archive that is being moved into the exchange, and how far that is. While this is there, nobody serves it. */
export interface Move {
  /** SHA-256 of what the archive holds, in hexadecimal. */
  readonly archive: string;
  /** Where it was read from, for whoever has to give the command again. */
  readonly file: string;
  /** The last line of it whose row is stored. */
  readonly line: number;
}

/** The fact that holds a move. It belongs to the place and not to the exchange, so it never travels. */
export const moveFact = 'moving-in';

async function readMove(facts: Pick<Transaction, 'findFact'>): Promise<Move | undefined> {
  const text = await facts.findFact(moveFact);
  return text === undefined ? undefined : (JSON.parse(text) as Move);
}

/**
 * Refuses an exchange that has not moved in as a whole: half of one serves nobody.
 *
 * @throws StartupProblem that says how to go on
 */
export async function refuseHalf(facts: Pick<Transaction, 'findFact'>): Promise<void> {
  const move = await readMove(facts);
  if (move === undefined) return;
  throw new StartupProblem(
    `An archive is being moved into this exchange and is not there yet as a whole. If that was broken off, go on with: npx --no cosell import ${move.file}`,
  );
}

/** Where a move begins or goes on, or why there can be none. */
export type MoveStart = { readonly line: number } | { readonly refused: string };

/**
 * Begins to move an archive in, or finds how far the same one came before. The keys that a new exchange has made for
 * itself make room for those of the archive.
 */
export const beginMove: Command<Omit<Move, 'line'>, MoveStart> = {
  name: 'beginMove',
  async run(transaction, { archive, file }) {
    await transaction.lock(moveFact);
    const move = await readMove(transaction);
    if (move?.archive === archive) return { line: move.line };
    if (move !== undefined) return { refused: `the import of another archive, ${move.file}, was broken off in it` };
    const held = await whatItHolds(transaction);
    if (held !== undefined) return { refused: `it holds ${held}` };
    for (const { name } of tablesOf('exchange')) {
      // Nothing is ever taken out of an audit, and this one is empty.
      if (name !== 'acts') await transaction.removeRows(name);
    }
    await putMove(transaction, { archive, file, line: 0 });
    return { line: 0 };
  },
};

/** What an exchange has that a new one has not. */
async function whatItHolds(transaction: Transaction): Promise<string | undefined> {
  for (const { name, part } of tables) {
    if ((part !== 'exchange' || name === 'acts') && (await transaction.hasRows(name)))
      return `${name.replaceAll('_', ' ')} already`;
  }
  if ((await transaction.findFact(loadedExchange)) !== undefined) return 'the sample exchange';
  return (await transaction.findFact(clockFact)) === undefined ? undefined : 'a clock that was set';
}

/** The rows of some lines of an archive. */
export interface MovedRows {
  readonly archive: string;
  /** The last line that was stored before, and the last of these. */
  readonly after: number;
  readonly line: number;
  readonly tables: readonly TableRows[];
}

/** Stores rows as they are. Gives whether they came next: another import of the same archive may be at work, too. */
export const moveRows: Command<MovedRows, boolean> = {
  name: 'moveRows',
  async run(transaction, { archive, after, line, tables: moved }) {
    await transaction.lock(moveFact);
    const move = await readMove(transaction);
    if (move?.archive !== archive || move.line !== after) return false;
    for (const rows of moved) await transaction.insertRows(rows);
    await putMove(transaction, { ...move, line });
    return true;
  },
};

/** Opens the exchange to everybody: the archive is in it, whole. */
export const endMove: Command<null, null> = {
  name: 'endMove',
  async run(transaction) {
    await transaction.removeFact(moveFact);
    return null;
  },
};

function putMove(transaction: Transaction, move: Move): Promise<void> {
  return transaction.putFact(moveFact, JSON.stringify(move));
}
