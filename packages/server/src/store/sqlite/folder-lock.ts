import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { StartupProblem } from '../startup-problem.ts';
import { SqliteDatabase } from './driver.ts';

/** Who holds a data folder. */
export interface Holder {
  readonly pid: number;
  /** What it is doing: `start`, `import`, … */
  readonly task: string;
}

/** A data folder that this process alone may write to, until it is released or the process ends. */
export interface FolderLock {
  /** Whether a process has held the folder that did not release it, and the database was not checked since. */
  readonly isUnchecked: boolean;
  /** Notes that the database was checked and is sound. */
  noteChecked(): void;
  release(): void;
}

/**
 * Takes a data folder, making it (0700) where it is missing. The lock is one of SQLite's on a file of its own: the
 * system lets go of it with the process, however that ends, so no stale lock is ever left.
 * Gives the holder where another process has it.
 */
export function lockFolder(folder: string, task: string): { lock: FolderLock } | { holder: Holder | undefined } {
  const path = join(folder, 'lock');
  const holderPath = join(folder, 'holder.json');
  const uncheckedPath = join(folder, 'unchecked');
  try {
    makeFolder(resolve(folder));
    const database = new SqliteDatabase(path, { timeoutMs: 0 });
    try {
      database.exec('pragma journal_mode = memory; begin exclusive');
    } catch (error) {
      database.close();
      if ((error as { errcode?: number }).errcode === 5) return { holder: readHolder(holderPath) };
      throw error;
    }
    // Whoever comes next may be a short command; the note stays until somebody has made the check.
    if (existsSync(holderPath)) writeFileSync(uncheckedPath, '');
    writeFileSync(holderPath, JSON.stringify({ pid: process.pid, task } satisfies Holder));
    return {
      lock: {
        isUnchecked: existsSync(uncheckedPath),
        noteChecked() {
          rmSync(uncheckedPath, { force: true });
        },
        release() {
          rmSync(holderPath, { force: true });
          database.close();
        },
      },
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartupProblem(`The data folder ${folder} cannot be written: ${reason}.`, { cause: error });
  }
}

/** Node's own recursive form never returns where the system makes no folders, such as below /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

function readHolder(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}
