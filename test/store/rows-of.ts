import { join } from 'node:path';
import { SqliteDatabase } from '@cosell/server/store/sqlite/driver';
import pg from 'pg';
import type { Place } from '../support/engines.ts';

/** A row as either engine gives it. */
export type Row = Record<string, string | number | null>;

/** Looks into the database of a place from outside, with SQL that both engines understand. */
export async function rowsOf(place: Place, statement: string): Promise<Row[]> {
  const { dataDir, databaseUrl } = place.at;
  if (databaseUrl !== undefined) {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    try {
      return (await client.query<Row>(statement)).rows;
    } finally {
      await client.end();
    }
  }
  const database = new SqliteDatabase(join(dataDir, 'cosell.db'));
  try {
    return (database.prepare(statement).all() as Row[]).map((row) => ({ ...row }));
  } finally {
    database.close();
  }
}
