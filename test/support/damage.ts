import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteDatabase } from '@cosell/server/store/sqlite/driver';
import type { Place } from './engines.ts';

/** Damages a database that nobody has open, where reading by key does not notice: a page of an index is overwritten. */
export function damageFile({ at }: Place): void {
  const path = join(at.dataDir, 'cosell.db');
  const database = new SqliteDatabase(path);
  database.exec('pragma wal_checkpoint(truncate)');
  const pageSize = database.number('pragma page_size');
  const page = database.number("select rootpage from sqlite_schema where name = 'kept_answers_by_time'");
  database.close();
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(pageSize, 0xff), 0, pageSize, (page - 1) * pageSize);
  closeSync(file);
}

/** Leaves a data folder as a process does that is killed. */
export function leaveUnclean({ at }: Place): void {
  writeFileSync(join(at.dataDir, 'holder.json'), JSON.stringify({ pid: 1, task: 'start' }));
}
