import { chmodSync, constants, copyFileSync, existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { StartupProblem } from '../startup-problem.ts';
import { checkDatabase, type DatabaseFacts } from './database-facts.ts';
import { databasePathOf } from './database-path.ts';
import { SqliteDatabase } from './driver.ts';
import { isFileTrouble } from './file-trouble.ts';
import { lockFolder } from './folder-lock.ts';
import { syncFile, syncFolder } from './synced-files.ts';

/** What a restore did. */
export interface Restored extends DatabaseFacts {
  /** Where the database is kept that was in the folder before; undefined where there was none. */
  readonly former: string | undefined;
}

/** How a restore deals with what is in the folder. */
export interface RestoreOptions {
  /** Whether a database that is there may be put aside. */
  readonly replaces: boolean;
  /** The time, for the name of the former database: UTC text without colons. */
  readonly stamp: string;
}

/**
 * Makes a backup the database of a data folder. Whenever it is broken off, the folder has either the former database
 * or the restored one, whole: the last step is one rename.
 *
 * @throws StartupProblem in one line
 */
export function restore(source: string, dataDir: string, { replaces, stamp }: RestoreOptions): Restored {
  if (!existsSync(source)) throw new StartupProblem(`There is no file ${source}.`);
  if (statSync(source).isDirectory()) throw new StartupProblem(`${source} is a folder. Give the name of a file.`);
  const taken = lockFolder(dataDir, 'restore');
  if ('holder' in taken) {
    const who =
      taken.holder === undefined ? 'Another process' : `cosell ${taken.holder.task} (process ${taken.holder.pid})`;
    throw new StartupProblem(`${who} holds ${dataDir}. Stop it, then restore.`);
  }
  const path = databasePathOf(dataDir);
  const part = `${path}.restoring`;
  try {
    const isReplacing = existsSync(path);
    if (isReplacing && !replaces) {
      throw new StartupProblem(
        `${dataDir} has an exchange already. Give --replace to put it aside and restore in its place.`,
      );
    }
    bringIn(source, part);
    const facts = checkDatabase(part, source);
    syncFile(part);
    const former = isReplacing ? `${path}.before-restore-${stamp}` : undefined;
    if (former !== undefined) putAside(path, former);
    removeLog(path);
    renameSync(part, path);
    syncFolder(dirname(path));
    return { ...facts, former };
  } catch (error) {
    throw asProblem(source, error);
  } finally {
    for (const file of filesOf(part)) rmSync(file, { force: true });
    taken.lock.release();
  }
}

/** Copies a database as one file for this user alone. A log beside it belongs to it: it was copied by hand. */
function bringIn(source: string, part: string): void {
  for (const file of filesOf(part)) rmSync(file, { force: true });
  copyFileSync(source, part, constants.COPYFILE_FICLONE);
  chmodSync(part, 0o600);
  if (existsSync(`${source}-wal`)) copyFileSync(`${source}-wal`, `${part}-wal`);
  foldLog(part);
}

/** Gives the former database a second name. It keeps the first until the restored one takes that. */
function putAside(path: string, former: string): void {
  try {
    foldLog(path);
  } catch (error) {
    // It may be restored just because it cannot be opened any more. Then its log is kept beside it.
    if (!isFileTrouble(error)) throw error;
  }
  link(path, former);
  if (existsSync(`${path}-wal`)) link(`${path}-wal`, `${former}-wal`);
  syncFolder(dirname(path));
}

/** Makes a database one file, which no log belongs to. */
function foldLog(path: string): void {
  const database = new SqliteDatabase(path);
  try {
    database.exec('pragma journal_mode = delete');
  } finally {
    database.close();
  }
}

function link(path: string, other: string): void {
  try {
    linkSync(path, other);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    // Some file systems know no second names.
    copyFileSync(path, other, constants.COPYFILE_EXCL);
    syncFile(other);
  }
}

/** A log that is left would be read into the restored database. */
function removeLog(path: string): void {
  for (const file of filesOf(path).slice(1)) rmSync(file, { force: true });
}

/** A database and what SQLite may keep beside it. */
function filesOf(path: string): string[] {
  return [path, `${path}-wal`, `${path}-shm`, `${path}-journal`];
}

function asProblem(source: string, error: unknown): unknown {
  const isSystems = /^E[A-Z]+$/.test((error as NodeJS.ErrnoException).code ?? '');
  if (!isFileTrouble(error) && !isSystems) return error;
  return new StartupProblem(`${source} could not be restored: ${(error as Error).message}.`, { cause: error });
}
