import { type Migration, missingMigrations } from '../migrate.ts';
import type { SqliteDatabase } from './driver.ts';

/** Brings a database to the newest schema, each step in a transaction of its own. Gives the number it has now. */
export function migrateSqlite(database: SqliteDatabase, migrations: readonly Migration[], nowText: string): number {
  database.exec(`create table if not exists schema_migrations (
    number integer primary key, name text not null, applied_at text not null) strict`);
  const newest = 'select coalesce(max(number), 0) from schema_migrations';
  for (const migration of missingMigrations(migrations, database.number(newest))) {
    database.exec('begin immediate');
    try {
      database.exec(migration.text);
      const record = database.prepare('insert into schema_migrations (number, name, applied_at) values (?, ?, ?)');
      record.run(migration.number, migration.name, nowText);
      database.exec('commit');
    } catch (error) {
      database.exec('rollback');
      throw error;
    }
  }
  return database.number(newest);
}
