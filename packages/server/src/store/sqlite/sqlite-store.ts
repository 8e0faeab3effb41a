import { Worker } from 'node:worker_threads';
import { Failure, failure, type SharingLevel } from '@cosell/model';
import type { StoredChange } from '../change.ts';
import { findFact, findUser, listDirectory, listSigningKeys } from '../directory.ts';
import type { DirectoryUser } from '../directory-entry.ts';
import type { ListPage, ListScope } from '../list-scope.ts';
import { findOwnRecords, hasViews, isAnythingDue, isOnTeam } from '../referrals.ts';
import { scansOn } from '../scans.ts';
import { StartupProblem } from '../startup-problem.ts';
import type { Command, Scans, Store } from '../store.ts';
import type { OwnRecord, StoredReferral, StoredView } from '../stored-referral.ts';
import { openReading, sqliteConnection } from './connection.ts';
import type { SqliteDatabase } from './driver.ts';
import { unavailableFile } from './file-trouble.ts';
import { type ReaderParts, ReaderPool } from './reader-pool.ts';
import type { Outcome } from './writer.ts';
import type { WriterMessage, WriterOrder } from './writer-port.ts';

/** Users whose directory entry is kept in memory; each is a few hundred bytes. */
const mostUsers = 10_000;

/**
 * The embedded database. One thread owns the only writing connection; the main thread reads by primary key, because
 * such a read is over sooner than it could be handed to another thread; readers' threads do the rest.
 *
 * @param writerEntry the module that runs the writer's thread
 * @param readers theirs, with the database file, in a folder that this process has locked
 */
export async function openSqliteStore(writerEntry: URL, readers: ReaderParts): Promise<Store> {
  const { path } = readers;
  const worker = new Worker(writerEntry, { workerData: { path }, execArgv: [] });
  const schemaNumber = await new Promise<number>((resolve, reject) => {
    worker.once('message', (message: WriterMessage) => {
      if (message.kind === 'ready') return resolve(message.schemaNumber);
      const problem = message.kind === 'refused' ? message.problem : 'the writer did not start';
      const isOperators = message.kind === 'refused' && message.isOperators;
      return reject(isOperators ? new StartupProblem(problem) : new Error(problem));
    });
    worker.once('error', reject);
  });
  return new SqliteStore(worker, openReading(path), new ReaderPool(readers), schemaNumber);
}

interface Pending {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: Error) => void;
}

type DocumentRow = [string, number, number, string, string, string | null, number, string | null];

type ViewRow = [string, number, number, string, string, string | null, SharingLevel];

class SqliteStore implements Store {
  readonly schemaNumber: number;
  readonly #worker: Worker;
  readonly #database: SqliteDatabase;
  readonly #readers: ReaderPool;
  readonly #connection;
  readonly #readReferral;
  readonly #readView;
  readonly #pending = new Map<number, Pending>();
  /**
   * Directory entries by subject. Every write goes through this process, which forgets them all before it
   * acknowledges a commit; so what stands here is what the database says.
   */
  readonly #users = new Map<string, DirectoryUser>();
  readonly #begin;
  readonly #rollback;
  readonly #endOfTurn = () => this.#closeSnapshot();
  #hasSnapshot = false;
  #lastOrder = 0;
  #isOpen = true;
  #closed: (() => void) | undefined;

  constructor(worker: Worker, database: SqliteDatabase, readers: ReaderPool, schemaNumber: number) {
    this.schemaNumber = schemaNumber;
    this.#worker = worker;
    this.#database = database;
    this.#readers = readers;
    this.#connection = sqliteConnection(database, (statement) => this.#read(statement));
    this.#readReferral = database
      .prepare(`select document, links_offset, octet_length(document), etag, engagement_id, mpn_id, is_marketplace_lead, due_at
        from referral_documents where organization_id = ? and id = ?`)
      .returningArrays();
    this.#begin = database.prepare('begin');
    this.#rollback = database.prepare('rollback');
    this.#readView = database
      .prepare(`select document, links_offset, octet_length(document), etag, engagement_id, due_at, sharing
        from referral_views where organization_id = ? and id = ?`)
      .returningArrays();
    worker.on('message', (message: WriterMessage) => this.#hear(message));
    worker.on('error', (error) => this.#lose(error));
    worker.on('exit', () => this.#lose(new Error('the writer has stopped')));
  }

  async findReferral(organizationId: string, id: string): Promise<StoredReferral | undefined> {
    return storedReferral(this.#read(() => this.#readReferral.get(organizationId, id)) as DocumentRow | undefined);
  }

  async findView(readerOrganizationId: string, id: string): Promise<StoredView | undefined> {
    return storedView(this.#read(() => this.#readView.get(readerOrganizationId, id)) as ViewRow | undefined);
  }

  findOwnRecords(organizationId: string, engagementId: string): Promise<OwnRecord[]> {
    return findOwnRecords(this.#connection, organizationId, engagementId);
  }

  scan<Result>(work: (scans: Scans) => Promise<Result>): Promise<Result> {
    return this.#readers.read((connection) => work(scansOn(connection)));
  }

  listReferrals(scope: ListScope, page: ListPage) {
    return this.scan((scans) => scans.listReferrals(scope, page));
  }

  countReferrals(scope: ListScope) {
    return this.scan((scans) => scans.countReferrals(scope));
  }

  isOnTeam(organizationId: string, id: string, email: string): Promise<boolean> {
    return isOnTeam(this.#connection, organizationId, id, email);
  }

  listChanges(organizationId: string, referralId: string): Promise<StoredChange[]> {
    return this.scan((scans) => scans.listChanges(organizationId, referralId));
  }

  hasViews(organizationId: string, engagementId: string): Promise<boolean> {
    return hasViews(this.#connection, organizationId, engagementId);
  }

  isAnythingDue(now: string): Promise<boolean> {
    return isAnythingDue(this.#connection, now);
  }

  async findUser(tenantId: string, subject: string): Promise<DirectoryUser | undefined> {
    const known = this.#users.get(subject);
    if (known?.tenantId === tenantId) return known;
    // Nothing happens in between: reads of SQLite are done when they return.
    const user = await findUser(this.#connection, tenantId, subject);
    if (this.#users.size >= mostUsers) this.#users.clear();
    if (user !== undefined) this.#users.set(subject, user);
    return user;
  }

  listDirectory() {
    return listDirectory(this.#connection);
  }

  listSigningKeys() {
    return listSigningKeys(this.#connection);
  }

  findFact(name: string) {
    return findFact(this.#connection, name);
  }

  async ping(): Promise<void> {
    this.#read(() => this.#database.number('select 1'));
  }

  transact<Input, Output>(command: Command<Input, Output>, input: Input): Promise<Output> {
    if (!this.#isOpen) return Promise.reject(failure('storeUnavailable'));
    this.#lastOrder += 1;
    const id = this.#lastOrder;
    return new Promise<Output>((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (output: unknown) => void, reject });
      this.#tell({ id, command: command.name, input });
    });
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const closed = new Promise<void>((resolve) => {
      this.#closed = resolve;
    });
    // The writer goes last: it folds the log into the file.
    await this.#readers.close();
    this.#closeSnapshot();
    this.#database.close();
    this.#tell('close');
    await closed;
  }

  #read<Result>(statement: () => Result): Result {
    if (!this.#isOpen) throw failure('storeUnavailable');
    try {
      if (!this.#hasSnapshot) this.#openSnapshot();
      return statement();
    } catch (error) {
      throw unavailableFile(error);
    }
  }

  /**
   * Reads of one turn of the event loop share a read transaction: its two file locks are then taken once for all
   * requests that arrived together. It ends before a commit is acknowledged, so nobody reads what was before it.
   */
  #openSnapshot(): void {
    this.#begin.run();
    this.#hasSnapshot = true;
    setImmediate(this.#endOfTurn);
  }

  #closeSnapshot(): void {
    if (!this.#hasSnapshot) return;
    this.#hasSnapshot = false;
    try {
      // Nothing was written. Unlike a commit, this ends the transaction also after a statement of it has failed.
      this.#rollback.run();
    } catch {
      // SQLite has ended it itself, as it does when the file fails under it.
    }
  }

  #tell(order: WriterOrder): void {
    this.#worker.postMessage(order);
  }

  #hear(message: WriterMessage): void {
    if (message.kind === 'closed') this.#closed?.();
    if (message.kind !== 'outcomes') return;
    this.#users.clear();
    this.#closeSnapshot();
    for (const outcome of message.outcomes) {
      const pending = this.#pending.get(outcome.id);
      this.#pending.delete(outcome.id);
      if (pending !== undefined) settle(pending, outcome);
    }
  }

  #lose(cause: Error): void {
    this.#isOpen = false;
    this.#closed?.();
    void this.#readers.close();
    for (const { reject } of this.#pending.values()) reject(failure('storeUnavailable', {}, { cause }));
    this.#pending.clear();
  }
}

function settle(pending: Pending, outcome: Outcome): void {
  if ('output' in outcome) pending.resolve(outcome.output);
  else if ('failure' in outcome) pending.reject(Failure.fromPlain(outcome.failure));
  else pending.reject(new Error(`a command failed in the writer: ${outcome.bug}`));
}

function storedReferral(row: DocumentRow | undefined): StoredReferral | undefined {
  if (row === undefined) return undefined;
  const [document, linksOffset, byteLength, eTag, engagementId, mpnId, isMarketplaceLead, dueAt] = row;
  const isLead = isMarketplaceLead === 1;
  return { document, linksOffset, byteLength, eTag, engagementId, mpnId, isMarketplaceLead: isLead, dueAt };
}

function storedView(row: ViewRow | undefined): StoredView | undefined {
  if (row === undefined) return undefined;
  const [document, linksOffset, byteLength, eTag, engagementId, dueAt, sharing] = row;
  return { document, linksOffset, byteLength, eTag, engagementId, dueAt, sharing };
}
