import { createRequire } from 'node:module';

/**
 * The port to SQLite: the API of `node:sqlite`, by the module that Node brings where it has one and by
 * `@photostructure/sqlite` elsewhere (Node 20, and 22 before 22.16). Both are synchronous.
 */

/** A value that SQLite stores. */
export type SqliteValue = string | number | bigint | Uint8Array | null;

interface NativeStatement {
  get(...values: SqliteValue[]): unknown;
  all(...values: SqliteValue[]): unknown[];
  run(...values: SqliteValue[]): unknown;
  setReturnArrays(isOn: boolean): void;
}

interface NativeDatabase {
  exec(sql: string): void;
  function(name: string, options: { varargs: boolean }, work: (...values: SqliteValue[]) => SqliteValue): void;
  prepare(sql: string): NativeStatement;
  close(): void;
}

interface NativeModule {
  DatabaseSync: new (path: string, options: { readOnly?: boolean; timeout?: number }) => NativeDatabase;
}

interface BuiltinModule {
  StatementSync: { prototype: object };
}

function loadModule(): NativeModule {
  const name = 'node:sqlite';
  const emitWarning = process.emitWarning;
  // Node 22 announces its module as experimental in two lines on the terminal; the operator cannot act on them.
  process.emitWarning = () => undefined;
  try {
    const builtin = process.getBuiltinModule(name) as (NativeModule & BuiltinModule) | undefined;
    // Node has it from 22.13 on, and rows as arrays from 22.16 on.
    if (builtin !== undefined && 'setReturnArrays' in builtin.StatementSync.prototype) return builtin;
  } finally {
    process.emitWarning = emitWarning;
  }
  return createRequire(import.meta.url)('@photostructure/sqlite') as NativeModule;
}

const native = loadModule();

/** Every filter is a statement of its own; whoever sends many different ones may not fill the memory. */
const mostStatements = 200;

/** One connection. `timeoutMs` is how long it waits for another connection's lock. */
export class SqliteDatabase {
  readonly #database: NativeDatabase;
  readonly #statements = new Map<string, SqliteStatement>();

  constructor(path: string, options: { readOnly?: boolean; timeoutMs?: number } = {}) {
    const { readOnly = false, timeoutMs = 5_000 } = options;
    this.#database = new native.DatabaseSync(path, { readOnly, timeout: timeoutMs });
  }

  /** Runs statements that give no rows and take no values. */
  exec(sql: string): void {
    this.#database.exec(sql);
  }

  /**
   * Gives statements a function that they call at every row, with any values. What it throws ends the statement, with
   * another error than its own where the module is `@photostructure/sqlite`.
   */
  define(name: string, work: () => SqliteValue): void {
    this.#database.function(name, { varargs: true }, () => work());
  }

  /** The prepared statement of a text. The same text is prepared once, while it is among those used last. */
  prepare(sql: string): SqliteStatement {
    const statement = this.#statements.get(sql) ?? new SqliteStatement(this, this.#database.prepare(sql));
    // A map keeps the order of insertion: the first is the one that was used longest ago.
    this.#statements.delete(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > mostStatements) this.#statements.delete(this.#statements.keys().next().value ?? '');
    return statement;
  }

  /** Reads one number, such as a pragma. */
  number(sql: string): number {
    const row = this.#database.prepare(sql).get() as Record<string, number> | undefined;
    return Number(Object.values(row ?? {})[0] ?? 0);
  }

  /**
   * Closes it. `@photostructure/sqlite` lets a connection stand for as long as one of its statements has not been
   * collected; a transaction that it had begun would keep its locks, and whoever folds the log would wait for them in vain.
   */
  close(): void {
    this.#statements.clear();
    try {
      this.#database.exec('rollback');
    } catch {
      // There is none.
    }
    this.#database.close();
  }
}

/**
 * A prepared statement. It holds its connection: a statement of `@photostructure/sqlite` does not, and one that
 * outlives its connection ends the process (`test/store/sqlite-driver.test.ts`).
 */
export class SqliteStatement {
  readonly connection: SqliteDatabase;
  readonly #statement: NativeStatement;

  constructor(connection: SqliteDatabase, statement: NativeStatement) {
    this.connection = connection;
    this.#statement = statement;
  }

  /** Makes rows arrays instead of objects, which is cheaper where a statement runs at every request. */
  returningArrays(): this {
    this.#statement.setReturnArrays(true);
    return this;
  }

  get(...values: SqliteValue[]): unknown {
    return this.#statement.get(...values);
  }

  all(...values: SqliteValue[]): unknown[] {
    return this.#statement.all(...values);
  }

  run(...values: SqliteValue[]): void {
    this.#statement.run(...values);
  }
}
