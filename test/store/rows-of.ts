import { join } from 'node:path';
import type { Sql } from '@cosell/server/store/sql';
import { SqliteDatabase } from '@cosell/server/store/sqlite/driver';
import { tables } from '@cosell/server/store/tables';
import pg from 'pg';
import type { Place } from '../support/engines.ts';

/** A row as either engine gives it. */
export type Row = Record<string, string | number | null>;

/** Looks into the database of a place from outside, with SQL that this engine understands. */
export async function rowsOf(place: Place, statement: string | Sql): Promise<Row[]> {
  const [rows = []] = await rowsOfEach(place, [statement]);
  return rows;
}

/** The rows of several statements, by one connection. */
export async function rowsOfEach(place: Place, statements: readonly (string | Sql)[]): Promise<Row[][]> {
  const given = statements.map((one) => (typeof one === 'string' ? { parts: [one], values: [] } : one));
  const { dataDir, databaseUrl } = place.at;
  if (databaseUrl !== undefined) {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    try {
      const found: Row[][] = [];
      for (const { parts, values } of given) {
        const text = parts.reduce((all, part, index) => `${all}$${index}${part}`);
        found.push((await client.query<Row>(text, [...values])).rows);
      }
      return found;
    } finally {
      await client.end();
    }
  }
  const database = new SqliteDatabase(join(dataDir, 'cosell.db'));
  try {
    return given.map(({ parts, values }) =>
      (database.prepare(parts.join('?')).all(...values) as Row[]).map((row) => ({ ...row })),
    );
  } finally {
    database.close();
  }
}

/** Every row of every table, as text. */
export async function everyRowOf(place: Place): Promise<string> {
  const statements = tables.map(({ name, key }) => `select * from ${name} order by ${key.join(', ')}`);
  const found = await rowsOfEach(place, statements);
  return tables.map(({ name }, at) => JSON.stringify([name, found[at]])).join('\n');
}
