import { failure } from '@cosell/model';
import { loadMigrations } from '../migrate.ts';
import { type PlainOutcome, thrownOutcome } from '../plain-outcome.ts';
import type { Commit } from '../signs.ts';
import { StartupProblem } from '../startup-problem.ts';
import type { Command, Compaction, Surroundings, Transaction } from '../store.ts';
import { transactionOn } from '../transaction.ts';
import { sqliteConnection } from './connection.ts';
import { SqliteDatabase } from './driver.ts';
import { fileIdentity } from './file-identity.ts';
import { isFileTrouble, unusableDatabase } from './file-trouble.ts';
import { migrateSqlite } from './migrate-sqlite.ts';

/** What the main thread sends: one command, by name. */
export interface Order {
  readonly id: number;
  readonly command: string;
  readonly input: unknown;
}

/** What comes back after the commit. */
export type Outcome = PlainOutcome & { readonly id: number };

/** What became of orders that were given together. */
export interface Committed {
  readonly outcomes: readonly Outcome[];
  /** The commit that those which succeeded share; undefined where nothing was committed. */
  readonly commit: Commit | undefined;
}

/** Any command; its input and output are known where it is called. */
export type AnyCommand = Command<never, unknown>;

/**
 * The only writing connection of a data folder. What has queued up is committed as one transaction (group commit), so
 * that many writers share one fsync; a command that fails takes only its own savepoint back.
 */
export class SqliteWriter {
  readonly schemaNumber: number;
  readonly #path: string;
  readonly #file: string | undefined;
  readonly #database: SqliteDatabase;
  readonly #transaction: Transaction;
  readonly #commands: ReadonlyMap<string, AnyCommand>;
  readonly #surroundings: Surroundings;

  constructor(path: string, commands: readonly AnyCommand[], surroundings: Surroundings) {
    this.#database = openWriting(path);
    this.#path = path;
    this.#file = fileIdentity(path);
    const nowText = new Date(surroundings.clock.now()).toISOString();
    try {
      this.schemaNumber = migrateSqlite(this.#database, loadMigrations('sqlite'), nowText);
    } catch (error) {
      throw unusableDatabase(path, error);
    }
    const connection = sqliteConnection(this.#database);
    // There is one writer, so nothing runs beside it.
    this.#transaction = transactionOn(connection, async () => undefined);
    this.#commands = new Map(commands.map((command) => [command.name, command]));
    this.#surroundings = surroundings;
  }

  /**
   * Runs orders in their order, in one transaction, and gives their outcomes after its commit. Each is taken when the one
   * before it is done, so that it can have come in the meantime.
   */
  async commit(orders: Iterable<Order>): Promise<Committed> {
    const taken: Order[] = [];
    const outcomes: Outcome[] = [];
    const left = orders[Symbol.iterator]();
    const take = () => {
      const next = left.next();
      if (next.done === true) return undefined;
      taken.push(next.value);
      return next.value;
    };
    try {
      const first = take();
      if (fileIdentity(this.#path) !== this.#file) throw failure('storeUnavailable');
      this.#database.exec('begin immediate');
      if (first !== undefined) outcomes.push(await this.#runFirst(first));
      for (let order = take(); order !== undefined; order = take()) outcomes.push(await this.#runApart(order));
      const begunAt = this.#surroundings.stopwatch();
      this.#database.exec('commit');
      const durationMs = this.#surroundings.stopwatch() - begunAt;
      const writes = outcomes.filter((outcome) => 'output' in outcome).length;
      return { outcomes, commit: writes > 0 ? { durationMs, writes } : undefined };
    } catch (error) {
      this.#undo();
      // What waits would fail alike, and perhaps as slowly.
      while (take() !== undefined);
      return { outcomes: taken.map(({ id }) => outcomeOf(id, error)), commit: undefined };
    }
  }

  /** Writes the whole database anew without the room that is free in it, outside of any transaction. */
  compact(id: number): Outcome {
    const size = 'select page_count * page_size from pragma_page_count(), pragma_page_size()';
    try {
      const bytesBefore = this.#database.number(size);
      // The copy that it makes may be as large as the database, so it goes to a file and not into memory.
      // The index of words keeps what was removed in its older parts, until they are put together.
      this.#database.exec(`insert into referral_search_words (referral_search_words) values ('optimize')`);
      this.#database.exec('pragma temp_store = file; vacuum');
      // The file becomes shorter only when the log is folded into it.
      this.#database.exec(foldLog);
      return { id, output: { bytesBefore, bytesAfter: this.#database.number(size) } satisfies Compaction };
    } catch (error) {
      return outcomeOf(id, error);
    } finally {
      this.#database.exec('pragma temp_store = memory');
    }
  }

  close(): void {
    // So that the one file is the whole data, also for whoever copies only that.
    this.#database.exec(foldLog);
    this.#database.close();
  }

  async #run(order: Order): Promise<Outcome> {
    const command = this.#commands.get(order.command);
    if (command === undefined) return { id: order.id, bug: `there is no command ${order.command}` };
    return { id: order.id, output: await command.run(this.#transaction, order.input as never, this.#surroundings) };
  }

  /** Runs the first order of a transaction: what it fails to do is undone with it, so SQLite keeps no copies of pages. */
  async #runFirst(order: Order): Promise<Outcome> {
    try {
      return await this.#run(order);
    } catch (error) {
      if (isFileTrouble(error)) throw error;
      this.#undo();
      this.#database.exec('begin immediate');
      return outcomeOf(order.id, error);
    }
  }

  /** Runs one of several orders: what it fails to do takes nothing from the others. */
  async #runApart(order: Order): Promise<Outcome> {
    this.#database.exec('savepoint command');
    try {
      const outcome = await this.#run(order);
      this.#database.exec('release command');
      return outcome;
    } catch (error) {
      if (isFileTrouble(error)) throw error;
      this.#database.exec('rollback to command; release command');
      return outcomeOf(order.id, error);
    }
  }

  #undo(): void {
    try {
      this.#database.exec('rollback');
    } catch {
      // SQLite has undone the transaction itself, as it does when the disk is full.
    }
  }
}

/** Folds the log into the database and empties it. */
const foldLog = 'pragma wal_checkpoint(truncate)';

/**
 * Savepoints are kept in memory and not in a file; 48 MB of pages are held at most, as many as an import touches before it
 * commits; and the log is folded into the database every 8,000 pages, so that a page that was written often is copied once.
 * With 16 MB and 4,000 pages, enough for single writes, the kernel's cycles for a create fell from 1,233 to 641 thousand
 * (`perf stat` on the writer alone). What is acknowledged is as safe.
 */
const forManyWrites = 'pragma temp_store = memory; pragma cache_size = -48000; pragma wal_autocheckpoint = 8000';

function openWriting(path: string): SqliteDatabase {
  try {
    const database = new SqliteDatabase(path);
    database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on');
    database.exec(forManyWrites);
    return database;
  } catch (error) {
    throw new StartupProblem(`The database ${path} cannot be opened: ${messageOf(error)}.`, { cause: error });
  }
}

function outcomeOf(id: number, error: unknown): Outcome {
  return { id, ...thrownOutcome(isFileTrouble(error) ? failure('storeUnavailable') : error) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
