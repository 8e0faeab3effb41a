import { existsSync } from 'node:fs';
import type { Snapshot } from '../snapshot.ts';
import { sql } from '../sql.ts';
import { StartupProblem } from '../startup-problem.ts';
import { sqliteConnection } from './connection.ts';
import { SqliteDatabase } from './driver.ts';
import { unusableDatabase } from './file-trouble.ts';

/**
 * A database file as it is now: one read transaction on a connection of its own, beside the process that writes.
 *
 * @throws StartupProblem where there is no such file, or it cannot be read
 */
export async function openSqliteSnapshot(path: string): Promise<Snapshot> {
  if (!existsSync(path)) throw new StartupProblem(`There is no exchange here: ${path} is missing. Check DATA_DIR.`);
  const around = <Result>(work: () => Result): Result => {
    try {
      return work();
    } catch (error) {
      throw unusableDatabase(path, error);
    }
  };
  const database = around(() => new SqliteDatabase(path, { readOnly: true }));
  try {
    const connection = sqliteConnection(database, around);
    // The moment of the snapshot is that of its first read.
    around(() => database.exec('begin'));
    const schemaNumber = around(() => readSchemaNumber(database));
    return {
      connection,
      schemaNumber,
      columnsOf: async (table) => {
        // The number that SQLite gives a row says nothing of the exchange.
        const found = await connection.all<{ name: string; type: string; isRequired: number }>(
          sql`select name, type, "notnull" = 1 and dflt_value is null as "isRequired" from pragma_table_info(${table})
            where name <> 'rowid'`,
        );
        return found.map(({ name, type, isRequired }) => ({
          name,
          isNumber: type.toLowerCase() === 'integer',
          isOptional: isRequired === 0,
        }));
      },
      close: async () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

function readSchemaNumber(database: SqliteDatabase): number {
  const tables = "select count(*) from sqlite_schema where name = 'schema_migrations'";
  return database.number(tables) === 0 ? 0 : database.number('select max(number) from schema_migrations');
}
