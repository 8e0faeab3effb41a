import { join } from 'node:path';
import type { Sql } from '@cosell/server/store/sql';
import { SqliteDatabase } from '@cosell/server/store/sqlite/driver';
import pg from 'pg';
import type { Place } from '../support/engines.ts';

/** A row as either engine gives it. */
export type Row = Record<string, string | number | null>;

/** Looks into the database of a place from outside, with SQL that this engine understands. */
export async function rowsOf(place: Place, statement: string | Sql): Promise<Row[]> {
  const { parts, values } = typeof statement === 'string' ? { parts: [statement], values: [] } : statement;
  const { dataDir, databaseUrl } = place.at;
  if (databaseUrl !== undefined) {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    try {
      return (
        await client.query<Row>(
          parts.reduce((all, part, index) => `${all}$${index}${part}`),
          [...values],
        )
      ).rows;
    } finally {
      await client.end();
    }
  }
  const database = new SqliteDatabase(join(dataDir, 'cosell.db'));
  try {
    return (database.prepare(parts.join('?')).all(...values) as Row[]).map((row) => ({ ...row }));
  } finally {
    database.close();
  }
}
