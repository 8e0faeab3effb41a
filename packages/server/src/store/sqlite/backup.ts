import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { StartupProblem } from '../startup-problem.ts';
import { checkDatabase, type DatabaseFacts } from './database-facts.ts';
import { databasePathOf } from './database-path.ts';
import { SqliteDatabase } from './driver.ts';
import { isFileTrouble } from './file-trouble.ts';
import { syncFile, syncFolder } from './synced-files.ts';

/**
 * Copies the database of a data folder as it is at one instant, whether or not a server writes to it meanwhile. The
 * copy has the wanted name only once it is whole, checked and on the disk.
 *
 * @param target a file that is not there yet; it is made for this user alone
 * @throws StartupProblem in one line
 */
export function backUp(dataDir: string, target: string): DatabaseFacts {
  const source = databasePathOf(dataDir);
  if (!existsSync(source)) throw new StartupProblem(`There is no exchange in ${dataDir}. Set DATA_DIR.`);
  refuseTaken(target);
  const part = `${target}.part`;
  reserve(part);
  try {
    copy(source, part);
    const facts = checkDatabase(part, 'The copy');
    syncFile(part);
    refuseTaken(target);
    renameSync(part, target);
    syncFolder(dirname(target));
    return facts;
  } catch (error) {
    rmSync(part, { force: true });
    throw isSystems(error) ? unwritable(part, error) : error;
  }
}

/** The empty file keeps a second backup of this name away, and gives the copy its mode. */
function reserve(part: string): void {
  try {
    closeSync(openSync(part, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(part, error);
    throw new StartupProblem(
      `${part} is there: another backup is under way, or one was broken off. Remove it, then try again.`,
      { cause: error },
    );
  }
}

function isSystems(error: unknown): boolean {
  return /^E[A-Z]+$/.test((error as NodeJS.ErrnoException).code ?? '');
}

function unwritable(part: string, error: unknown): StartupProblem {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code === 'ENOENT' || code === 'ENOTDIR' ? `there is no folder ${dirname(part)}` : message;
  return new StartupProblem(`The backup cannot be written: ${reason}.`, { cause: error });
}

/**
 * Reads by a snapshot, so writers go on; only the log cannot be folded into the database meanwhile, and grows. A
 * statement does it, because `node:sqlite` has the backup API only since Node 22.16.
 */
function copy(source: string, part: string): void {
  let database: SqliteDatabase | undefined;
  try {
    database = new SqliteDatabase(source, { readOnly: true });
    database.prepare('vacuum into ?').run(part);
  } catch (error) {
    if (!isFileTrouble(error)) throw error;
    throw new StartupProblem(`The backup could not be made: ${error.message}.`, { cause: error });
  } finally {
    database?.close();
  }
}

function refuseTaken(target: string): void {
  if (existsSync(target)) throw new StartupProblem(`${target} is there already. Choose another name.`);
}
