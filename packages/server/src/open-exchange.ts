import { join } from 'node:path';
import type { Config } from './config.ts';
import { addFirstSigningKey } from './domain/signing-keys.ts';
import { addSkipTokenKey, skipTokenKey } from './domain/skip-token-key.ts';
import { type BuiltInIssuer, createBuiltInIssuer, generateSigningKey } from './identity/built-in-issuer.ts';
import { openPostgresStore } from './store/postgres/postgres-store.ts';
import { type FileCheck, startFileCheck } from './store/sqlite/file-check.ts';
import { unusableDatabase } from './store/sqlite/file-trouble.ts';
import { type FolderLock, type Holder, lockFolder } from './store/sqlite/folder-lock.ts';
import type { ReaderParts } from './store/sqlite/reader-pool.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';
import { startWriterThread } from './store/sqlite/thread-link.ts';
import type { WriterLink } from './store/sqlite/writer-link.ts';
import type { Store, Surroundings } from './store/store.ts';
import { stopwatch } from './surroundings.ts';

/** A store that this process may write to, with the issuer whose keys it holds. */
export interface Exchange {
  readonly store: Store;
  readonly issuer: BuiltInIssuer;
  /** Whether nobody had opened it before. */
  readonly isNew: boolean;
  /**
   * Looks through the database file in the background, where a process held it before that was not stopped but killed.
   * It goes on until it is done or the exchange closes.
   */
  checkFile(): FileCheck | undefined;
  /** Closes the store and gives the data folder back. */
  close(): Promise<void>;
}

/** Where an exchange is. */
type Place = Pick<Config, 'databaseUrl' | 'dataDir' | 'queryTimeoutMs' | 'readers'>;

/**
 * Opens the store that the settings name: PostgreSQL, or the embedded database with the lock on its folder. This is the
 * one place that knows which engine there is.
 *
 * @param task what this process means to do, shown to whoever finds the folder in use
 * @returns the exchange, or who holds the folder
 */
export async function openExchange(
  config: Place & { readonly workers?: number },
  task: string,
  surroundings: Surroundings,
): Promise<Exchange | { holder: Holder | undefined }> {
  if (config.databaseUrl !== undefined) {
    const store = await openPostgresStore(config.databaseUrl, surroundings, config);
    return { ...(await withIssuer(store, surroundings)), ...withoutFolder(store) };
  }
  const taken = lockFolder(config.dataDir, task);
  if ('holder' in taken) return taken;
  const path = databaseIn(config.dataDir);
  try {
    const writer = await startWriterThread(path, new URL('./writer-thread.js', import.meta.url));
    const store = openSqliteStore(writer, readersOf(config), (config.workers ?? 1) > 1);
    return { ...(await withIssuer(store, surroundings)), ...onFolder(taken.lock, store, path) };
  } catch (error) {
    taken.lock.release();
    throw unusableDatabase(path, error);
  }
}

/** What can be done with a store in a folder that is this process's. */
function onFolder(lock: FolderLock, store: Store, path: string): Pick<Exchange, 'checkFile' | 'close'> {
  let check: FileCheck | undefined;
  return {
    checkFile() {
      if (check !== undefined || !lock.isUnchecked) return check;
      check = startFileCheck(new URL('./check-process.js', import.meta.url), path);
      void check.ended.then(({ state }) => {
        if (state === 'ok') lock.noteChecked();
      });
      return check;
    },
    async close() {
      await check?.stop();
      await store.close();
      lock.release();
    },
  };
}

/** The same where there is no folder, or another process has it. */
function withoutFolder(store: Store): Pick<Exchange, 'checkFile' | 'close'> {
  return { checkFile: () => undefined, close: () => store.close() };
}

/**
 * Opens the exchange in a worker, beside the process that has opened it first. On SQLite that one has the writer, and
 * the worker reads from the same file.
 */
export async function joinExchange(config: Place, writer: WriterLink, surroundings: Surroundings): Promise<Exchange> {
  const { databaseUrl } = config;
  const store =
    databaseUrl === undefined
      ? openSqliteStore(writer, readersOf(config), true)
      : await openPostgresStore(databaseUrl, surroundings, config);
  return { ...(await withIssuer(store, surroundings)), ...withoutFolder(store) };
}

function databaseIn(dataDir: string): string {
  return join(dataDir, 'cosell.db');
}

function readersOf({ dataDir, readers, queryTimeoutMs }: Place): ReaderParts {
  return {
    path: databaseIn(dataDir),
    entry: new URL('./reader-thread.js', import.meta.url),
    most: readers,
    timeoutMs: queryTimeoutMs,
    stopwatch,
  };
}

async function withIssuer(store: Store, surroundings: Surroundings): Promise<Omit<Exchange, 'checkFile' | 'close'>> {
  try {
    let keys = await store.listSigningKeys();
    const isNew = keys.length === 0;
    if (isNew) keys = await store.transact(addFirstSigningKey, await generateSigningKey(surroundings.ids));
    if ((await store.findFact(skipTokenKey)) === undefined) {
      // Two random ids hold more chance than anybody can guess.
      await store.transact(addSkipTokenKey, surroundings.ids.guid() + surroundings.ids.guid());
    }
    const issuer = await createBuiltInIssuer(keys, surroundings.clock);
    return { store, issuer, isNew };
  } catch (error) {
    await store.close();
    throw error;
  }
}
