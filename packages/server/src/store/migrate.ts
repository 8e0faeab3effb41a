import { readdirSync, readFileSync } from 'node:fs';
import { packageFile } from '../package-files.ts';
import { StartupProblem } from './startup-problem.ts';

/** One numbered step of the schema, forward only. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly text: string;
}

/** The engines that have migrations. */
export type EngineName = 'sqlite' | 'postgres';

const folder = packageFile('migrations/');

/** All steps of an engine, in order; `migrations/0001-referrals.sqlite.sql` is number 1. */
export function loadMigrations(engine: EngineName): Migration[] {
  const ending = `.${engine}.sql`;
  return readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .sort()
    .map((file) => ({
      number: Number(file.slice(0, 4)),
      name: file.slice(5, -ending.length),
      text: readFileSync(new URL(file, folder), 'utf8'),
    }));
}

/**
 * The steps that a database still needs. An older program refuses a newer database: it would not know what the new
 * columns mean.
 */
export function missingMigrations(migrations: readonly Migration[], appliedNumber: number): Migration[] {
  const newest = migrations.at(-1)?.number ?? 0;
  if (appliedNumber > newest) {
    throw new StartupProblem(
      `The database has schema ${appliedNumber} and this program knows schema ${newest}. Install the version of Cosell that wrote it, or a newer one.`,
    );
  }
  return migrations.filter(({ number }) => number > appliedNumber);
}
