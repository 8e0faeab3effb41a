import type { Connection, Sql } from '../sql.ts';
import type { SqliteDatabase, SqliteStatement } from './driver.ts';

/** Statements of ours on one connection to SQLite. They run at once; the promise is for the contract. */
export function sqliteConnection(database: SqliteDatabase): Connection {
  return {
    async all<Row>(query: Sql) {
      return prepared(database, query).all(...query.values) as Row[];
    },
    async run(statement) {
      prepared(database, statement).run(...statement.values);
    },
  };
}

function prepared(database: SqliteDatabase, { parts }: Sql): SqliteStatement {
  return database.prepare(parts.join('?'));
}
