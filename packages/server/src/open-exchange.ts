import { statSync } from 'node:fs';
import type { Config } from './config.ts';
import { refuseHalf } from './domain/move-in.ts';
import { beginSearchTexts, searchTextsFact } from './domain/search-texts.ts';
import { addFirstSigningKey } from './domain/signing-keys.ts';
import { addSkipTokenKey, skipTokenKey } from './domain/skip-token-key.ts';
import { type BuiltInIssuer, createBuiltInIssuer, generateSigningKey } from './identity/built-in-issuer.ts';
import { SigningKeys } from './identity/signing-keys.ts';
import { bundled } from './package-files.ts';
import { loadMigrations, type Migration, missingMigrations } from './store/migrate.ts';
import { hasPostgresTables, openPostgresSnapshot } from './store/postgres/postgres-snapshot.ts';
import { openPostgresStore } from './store/postgres/postgres-store.ts';
import type { Snapshot } from './store/snapshot.ts';
import { databasePathOf } from './store/sqlite/database-path.ts';
import { type FileCheck, startFileCheck } from './store/sqlite/file-check.ts';
import { unusableDatabase } from './store/sqlite/file-trouble.ts';
import { type FolderLock, type Holder, lockFolder } from './store/sqlite/folder-lock.ts';
import type { ReaderParts } from './store/sqlite/reader-pool.ts';
import { openSqliteSnapshot } from './store/sqlite/sqlite-snapshot.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';
import { startWriterThread } from './store/sqlite/thread-link.ts';
import type { WriterLink } from './store/sqlite/writer-link.ts';
import { StartupProblem } from './store/startup-problem.ts';
import type { Store, Surroundings } from './store/store.ts';

/** What says where an exchange is, and how it is read. */
type Place = Pick<Config, 'databaseUrl' | 'dataDir' | 'queryTimeoutMs' | 'readers'> & { readonly workers?: number };

/** A store that this process may write to. */
export interface OpenedStore {
  readonly store: Store;
  /**
   * Looks through the database file in the background, where a process held it before that was not stopped but killed.
   * It goes on until it is done or the exchange closes.
   */
  checkFile(): FileCheck | undefined;
  /** Closes the store and gives the data folder back. */
  close(): Promise<void>;
}

/** A store with the issuer whose keys it holds. */
export interface Exchange extends OpenedStore {
  readonly issuer: BuiltInIssuer;
  /** Whether nobody had opened it before. */
  readonly isNew: boolean;
}

/**
 * Opens the exchange that the settings name, and makes its keys where it is new.
 *
 * @param task what this process means to do, shown to whoever finds the folder in use
 * @returns the exchange, or who holds the folder
 */
export async function openExchange(
  place: Place,
  task: string,
  surroundings: Surroundings,
): Promise<Exchange | { holder: Holder | undefined }> {
  const opened = await openStore(place, task, surroundings);
  return 'holder' in opened ? opened : withKeys(opened, place, surroundings);
}

/**
 * Opens the exchange in a worker, beside the process that has opened it first. On SQLite that one has the writer, and
 * the worker reads from the same file.
 */
export async function joinExchange(place: Place, writer: WriterLink, surroundings: Surroundings): Promise<Exchange> {
  const { databaseUrl } = place;
  const store =
    databaseUrl === undefined
      ? openSqliteStore(writer, readersOf(place, surroundings), true)
      : await openPostgresStore(databaseUrl, surroundings, place);
  return withKeys(withoutFolder(store), place, surroundings);
}

/**
 * Opens the store that the settings name, as it is: PostgreSQL, or the embedded database with the lock on its folder.
 * This file is the one place that knows which engine there is.
 */
export async function openStore(
  place: Place,
  task: string,
  surroundings: Surroundings,
): Promise<OpenedStore | { holder: Holder | undefined }> {
  if (place.databaseUrl !== undefined) {
    return withoutFolder(await openPostgresStore(place.databaseUrl, surroundings, place));
  }
  const taken = lockFolder(place.dataDir, task);
  if ('holder' in taken) return taken;
  const path = databasePathOf(place.dataDir);
  try {
    const writer = await startWriterThread(path, bundled('writer-thread'));
    return onFolder(
      taken.lock,
      openSqliteStore(writer, readersOf(place, surroundings), (place.workers ?? 1) > 1),
      path,
    );
  } catch (error) {
    taken.lock.release();
    throw unusableDatabase(path, error);
  }
}

/**
 * Opens the exchange that the settings name as it is at this moment, also while others write to it.
 *
 * @throws StartupProblem where there is none, or it has another schema than this program
 */
export async function openSnapshot(place: Pick<Place, 'databaseUrl' | 'dataDir'>): Promise<Snapshot> {
  const { databaseUrl } = place;
  const snapshot = await (databaseUrl === undefined
    ? openSqliteSnapshot(databasePathOf(place.dataDir))
    : openPostgresSnapshot(databaseUrl));
  try {
    refuseOtherSchema(snapshot.schemaNumber, loadMigrations(databaseUrl === undefined ? 'sqlite' : 'postgres'));
    return snapshot;
  } catch (error) {
    await snapshot.close();
    throw error;
  }
}

/** Whether there is an exchange where the settings say, of whatever schema. It is not opened, and none is made. */
export async function hasExchange({ databaseUrl, dataDir }: Pick<Place, 'databaseUrl' | 'dataDir'>): Promise<boolean> {
  if (databaseUrl !== undefined) return hasPostgresTables(databaseUrl);
  // A file without a byte is to SQLite a database without a table.
  const size = statSync(databasePathOf(dataDir), { throwIfNoEntry: false })?.size ?? 0;
  return size > 0;
}

function refuseOtherSchema(number: number, migrations: readonly Migration[]): void {
  if (number === 0) throw new StartupProblem('There is no exchange in this database.');
  if (missingMigrations(migrations, number).length === 0) return;
  throw new StartupProblem(
    `The database has schema ${number}, which is older than this program. Start this version once, and it is brought up.`,
  );
}

/** A store in a folder that is this process's. */
function onFolder(lock: FolderLock, store: Store, path: string): OpenedStore {
  let check: FileCheck | undefined;
  return {
    store,
    checkFile() {
      if (check !== undefined || !lock.isUnchecked) return check;
      check = startFileCheck(bundled('check-process'), path);
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
function withoutFolder(store: Store): OpenedStore {
  return { store, checkFile: () => undefined, close: () => store.close() };
}

function readersOf(place: Place, { stopwatch }: Surroundings): ReaderParts {
  return {
    path: databasePathOf(place.dataDir),
    entry: bundled('reader-thread'),
    most: place.readers,
    timeoutMs: place.queryTimeoutMs,
    stopwatch,
  };
}

async function withKeys(opened: OpenedStore, place: Place, surroundings: Surroundings): Promise<Exchange> {
  try {
    await refuseHalf(opened.store);
    return { ...opened, ...(await keysOf(opened.store, surroundings)) };
  } catch (error) {
    await opened.close();
    throw place.databaseUrl === undefined ? unusableDatabase(databasePathOf(place.dataDir), error) : error;
  }
}

async function keysOf(store: Store, surroundings: Surroundings): Promise<Pick<Exchange, 'issuer' | 'isNew'>> {
  let keys = await store.listSigningKeys();
  const isNew = keys.length === 0;
  if (isNew) keys = await store.transact(addFirstSigningKey, await generateSigningKey());
  if ((await store.findFact(skipTokenKey)) === undefined) {
    // Two random ids hold more chance than anybody can guess.
    await store.transact(addSkipTokenKey, surroundings.ids.guid() + surroundings.ids.guid());
  }
  if ((await store.findFact(searchTextsFact)) === undefined) await store.transact(beginSearchTexts, null);
  const signingKeys = new SigningKeys(store, keys, surroundings.stopwatch);
  return { issuer: createBuiltInIssuer(signingKeys, surroundings.clock), isNew };
}
