import { join } from 'node:path';
import { SqliteDatabase } from '@cosell/server/store/sqlite/driver';
import { tables } from '@cosell/server/store/tables';
import pg from 'pg';
import type { Row } from '../store/rows-of.ts';
import type { Place } from '../support/engines.ts';

/** Every row of every table, at one instant. */
export type Tables = Readonly<Record<string, readonly Row[]>>;

/** Reads a whole database beside the server that may hold it, without changing a byte. */
export async function readTables({ at }: Pick<Place, 'at'>): Promise<Tables> {
  return at.databaseUrl === undefined ? readSqlite(join(at.dataDir, 'cosell.db')) : readPostgres(at.databaseUrl);
}

function readSqlite(path: string): Tables {
  const database = new SqliteDatabase(path, { readOnly: true });
  try {
    database.exec('begin');
    const found = tables.map(({ name }) => [name, database.prepare(`select * from ${name}`).all() as Row[]] as const);
    const [finding] = database.prepare('pragma integrity_check(1)').all() as { integrity_check: string }[];
    if (finding?.integrity_check !== 'ok') throw new Error(`the file is damaged: ${finding?.integrity_check}`);
    return Object.fromEntries(found);
  } finally {
    database.close();
  }
}

async function readPostgres(url: string): Promise<Tables> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    const found: [string, readonly Row[]][] = [];
    for (const { name } of tables) found.push([name, (await client.query<Row>(`select * from ${name}`)).rows]);
    return Object.fromEntries(found);
  } finally {
    await client.end();
  }
}
