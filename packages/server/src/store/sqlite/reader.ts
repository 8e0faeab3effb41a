import type { SqlValue } from '../sql.ts';
import type { Stopwatch } from '../store.ts';
import { openReading } from './connection.ts';
import type { SqliteDatabase } from './driver.ts';

/** What a statement ends with when its time is up. */
export class TimeIsUp extends Error {}

/**
 * A connection for statements that may take long. No driver can interrupt a statement, so each calls `deadline()` as it
 * goes along, which throws when its time is up. It does not see the sort that follows the last row.
 */
export class SqliteReader {
  readonly #path: string;
  readonly #stopwatch: Stopwatch;
  #database: SqliteDatabase | undefined;
  #hasSnapshot = false;
  #endsAt = 0;
  #isLate = false;

  constructor(path: string, stopwatch: Stopwatch) {
    this.#path = path;
    this.#stopwatch = stopwatch;
  }

  /**
   * Runs a query. All until `endSnapshot` see the same state.
   *
   * @throws TimeIsUp
   */
  all(text: string, values: readonly SqlValue[], withinMs: number): unknown[] {
    if (withinMs <= 0) throw new TimeIsUp();
    this.#endsAt = this.#stopwatch() + withinMs;
    this.#isLate = false;
    try {
      // A file that cannot be opened now may be there at the next query.
      this.#database ??= this.#open();
      if (!this.#hasSnapshot) this.#database.exec('begin');
      this.#hasSnapshot = true;
      return this.#database.prepare(text).all(...values);
    } catch (error) {
      // Not every driver passes on what the function has thrown.
      throw this.#isLate ? new TimeIsUp() : error;
    }
  }

  /** Lets go of the state that was seen. */
  endSnapshot(): void {
    if (!this.#hasSnapshot) return;
    this.#hasSnapshot = false;
    try {
      this.#database?.exec('rollback');
    } catch {
      // SQLite has ended it itself, as it does when the file fails under it.
    }
  }

  close(): void {
    this.endSnapshot();
    this.#database?.close();
  }

  #open(): SqliteDatabase {
    const database = openReading(this.#path);
    database.define('deadline', () => {
      if (this.#stopwatch() < this.#endsAt) return 1;
      this.#isLate = true;
      throw new TimeIsUp();
    });
    return database;
  }
}
