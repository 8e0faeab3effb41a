import { join } from 'node:path';

/** The one file in a data folder that is the whole exchange once its server has stopped. */
export function databasePathOf(dataDir: string): string {
  return join(dataDir, 'cosell.db');
}

/** The write-ahead log that SQLite keeps beside a database while it is open. */
export function logPathOf(databasePath: string): string {
  return `${databasePath}-wal`;
}
