import { statSync } from 'node:fs';
import { loadMigrations, missingMigrations } from '../migrate.ts';
import { StartupProblem } from '../startup-problem.ts';
import { SqliteDatabase } from './driver.ts';
import { isFileTrouble } from './file-trouble.ts';

/** What a database file holds that has been checked. */
export interface DatabaseFacts {
  readonly bytes: number;
  readonly schemaNumber: number;
  readonly referrals: number;
}

const tablesOfAnExchange = ['schema_migrations', 'referral_documents', 'signing_keys'];

/**
 * Reads a whole database file that nobody writes to and holds it to be a sound exchange of this version or an older one.
 *
 * @param name what the operator calls the file
 * @throws StartupProblem in one line
 */
export function checkDatabase(path: string, name: string): DatabaseFacts {
  let database: SqliteDatabase | undefined;
  try {
    database = new SqliteDatabase(path, { readOnly: true });
    const tables = database.prepare("select name from sqlite_schema where type = 'table'").all() as { name: string }[];
    if (!tablesOfAnExchange.every((wanted) => tables.some((table) => table.name === wanted))) {
      throw new StartupProblem(`${name} is a database, but not one of Cosell.`);
    }
    const schemaNumber = database.number('select coalesce(max(number), 0) from schema_migrations');
    missingMigrations(loadMigrations('sqlite'), schemaNumber);
    const [finding] = database.prepare('pragma integrity_check(1)').all() as { integrity_check: string }[];
    if (finding?.integrity_check !== 'ok') {
      const words = finding?.integrity_check.split(/\s+/).join(' ');
      throw new StartupProblem(`${name} is damaged: ${words}.`);
    }
    const referrals = database.number('select count(*) from referral_documents');
    return { bytes: statSync(path).size, schemaNumber, referrals };
  } catch (error) {
    if (!isFileTrouble(error)) throw error;
    throw new StartupProblem(`${name} cannot be used: ${error.message}.`, { cause: error });
  } finally {
    database?.close();
  }
}
