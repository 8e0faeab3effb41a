import { fork } from 'node:child_process';
import { openReading } from './connection.ts';
import { isDamage } from './file-trouble.ts';

/** What a look through a database file has come to. `unfinished` says nothing of the file. */
export type FileCheckState = 'running' | 'ok' | 'failed' | 'unfinished';

/** Tells what the look has come to that this exchange needs, in whichever process it goes on; undefined without one. */
export type CheckState = () => FileCheckState | undefined | Promise<FileCheckState | undefined>;

/** A look through a database file, in the background. */
export interface FileCheck {
  readonly state: FileCheckState;
  /** What it came to in the end, with the faults that were found in the file. */
  readonly ended: Promise<{ readonly state: FileCheckState; readonly faults: readonly string[] }>;
  /** Ends it, whether it is done or not. */
  stop(): Promise<void>;
}

/** Faults that are told; of a file that is damaged there may be millions. */
const mostFaults = 10;

/** What is wrong with a database file, by `PRAGMA quick_check`: nothing, where it is sound. */
export function listFaults(path: string): string[] {
  const database = openReading(path);
  try {
    const rows = database.prepare(`pragma quick_check(${mostFaults})`).all() as { quick_check: string }[];
    return rows.map((row) => row.quick_check).filter((text) => text !== 'ok');
  } catch (error) {
    // A file that is damaged much cannot even be looked through.
    if (isDamage(error)) return [error.message];
    throw error;
  } finally {
    database.close();
  }
}

/**
 * Looks through a database file. The check takes seconds for each million rows, and nothing can break it off in a thread;
 * so it has a process of its own, which can be killed when the exchange stops.
 *
 * @param entry the module that runs in that process and sends the faults
 */
export function startFileCheck(entry: URL, path: string): FileCheck {
  const child = fork(entry, [path], { execArgv: [], stdio: 'ignore' });
  let state: FileCheckState = 'running';
  let faults: readonly string[] = [];
  child.once('message', (found: readonly string[]) => {
    faults = found;
    state = faults.length === 0 ? 'ok' : 'failed';
  });
  const ended = new Promise<{ state: FileCheckState; faults: readonly string[] }>((resolve) => {
    const end = () => {
      if (state === 'running') state = 'unfinished';
      resolve({ state, faults });
    };
    child.once('error', end);
    child.once('close', end);
  });
  return {
    get state() {
      return state;
    },
    ended,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
