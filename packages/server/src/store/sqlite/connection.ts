import { type Connection, type Sql, textsBy } from '../sql.ts';
import { SqliteDatabase, type SqliteStatement } from './driver.ts';

/** Address space for reading the file without copying; pages that are not read cost nothing. */
const mappedBytes = 2 ** 31;

/** Opens a connection that only reads. */
export function openReading(path: string): SqliteDatabase {
  const database = new SqliteDatabase(path, { readOnly: true });
  database.exec(`pragma mmap_size = ${mappedBytes}`);
  return database;
}

/** Runs one statement, and may refuse to, or translate how it fails. */
export type Around = <Result>(statement: () => Result) => Result;

/** Statements of ours on one connection to SQLite. They run at once; the promise is for the contract. */
export function sqliteConnection(database: SqliteDatabase, around: Around = (statement) => statement()): Connection {
  return {
    dialect: 'sqlite',
    async all<Row>(query: Sql) {
      return around(() => prepared(database, query).all(...query.values) as Row[]);
    },
    async run(statement) {
      around(() => prepared(database, statement).run(...statement.values));
    },
  };
}

/** A statement as SQLite reads it. */
export const textOf = textsBy((parts) => parts.join('?'));

function prepared(database: SqliteDatabase, statement: Sql): SqliteStatement {
  return database.prepare(textOf(statement));
}
