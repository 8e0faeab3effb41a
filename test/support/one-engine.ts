import { describe } from 'vitest';
import { availableEngines, type Engine } from './engines.ts';

/** Runs tests of what no database has a part in, on SQLite alone. */
export function describeOnSqlite(title: string, tests: (engine: Engine) => void): void {
  const sqlite = availableEngines().find(({ name }) => name === 'SQLite');
  if (sqlite === undefined) throw new Error('SQLite is always there');
  describe(title, () => tests(sqlite));
}
