import { statSync } from 'node:fs';
import { failure, type SharingLevel } from '@cosell/model';
import { findAuditHead } from '../acts.ts';
import type { StoredChange } from '../change.ts';
import { findClient } from '../clients.ts';
import { mayAct } from '../consents.ts';
import { findFact, findUser, listDirectory, listSigningKeys } from '../directory.ts';
import type { FoundUser, StoredClient } from '../directory-entry.ts';
import { type IdentityReads, identityReads } from '../identity-reads.ts';
import type { ListPage, ListScope } from '../list-scope.ts';
import { upToDate } from '../older-documents.ts';
import { type ProviderReads, providerReads } from '../provider-records.ts';
import { findOwnRecords, firstDue, hasViews, isOnTeam } from '../referrals.ts';
import { scansOn } from '../scans.ts';
import type { StoreSigns, WatchCommit } from '../signs.ts';
import type { Command, Compaction, SnapshotScans, Store } from '../store.ts';
import type { OwnRecord, StoredReferral, StoredView } from '../stored-referral.ts';
import { openReading, sqliteConnection } from './connection.ts';
import { logPathOf } from './database-path.ts';
import type { SqliteDatabase } from './driver.ts';
import { fileIdentity } from './file-identity.ts';
import { unavailableFile } from './file-trouble.ts';
import { compactOrder } from './order-queue.ts';
import { type ReaderParts, ReaderPool } from './reader-pool.ts';
import { Remembered } from './remembered.ts';
import type { WriterLink } from './writer-link.ts';

/**
 * The embedded database. One thread of one process owns the only writing connection; this thread reads by primary key,
 * because such a read is over sooner than it could be handed to another thread; readers' threads do the rest.
 *
 * @param readers theirs, with the database file, which the writer has opened
 * @param isShared whether other processes hand their writes to the same writer
 */
export function openSqliteStore(writer: WriterLink, readers: ReaderParts, isShared: boolean): Store {
  return new SqliteStore(writer, readers, isShared);
}

type DocumentRow = [string, number, number, string, string, string | null, number, string | null, number];

type ViewRow = [string, number, number, string, string, string | null, SharingLevel, number];

class SqliteStore implements Store {
  readonly schemaNumber: number;
  readonly provider: ProviderReads = providerReads((read) => read(this.#connection));
  readonly identity: IdentityReads;
  readonly #path: string;
  readonly #file: string | undefined;
  readonly #writer: WriterLink;
  readonly #isShared: boolean;
  readonly #database: SqliteDatabase;
  readonly #readers: ReaderPool;
  readonly #connection;
  readonly #readReferral;
  readonly #readView;
  /** Directory entries: users by subject, programs by id, and which of those may act for which of these. */
  readonly #users = new Remembered<FoundUser>();
  readonly #mayAct = new Remembered<{ readonly isAllowed: boolean }>();
  readonly #clients = new Remembered<StoredClient>();
  readonly #readVersion;
  #version = 0;
  readonly #begin;
  readonly #rollback;
  readonly #endOfTurn = () => this.#closeSnapshot();
  #hasSnapshot = false;
  #isOpen = true;

  constructor(writer: WriterLink, readers: ReaderParts, isShared: boolean) {
    const database = openReading(readers.path);
    this.schemaNumber = writer.schemaNumber;
    this.#path = readers.path;
    this.#file = fileIdentity(readers.path);
    this.#writer = writer;
    this.#isShared = isShared;
    this.#database = database;
    this.#readers = new ReaderPool(readers);
    this.#connection = sqliteConnection(database, (statement) => this.#read(statement));
    this.identity = identityReads((_owner, read) => read(this.#connection));
    this.#readReferral = database
      .prepare(`select document, links_offset, octet_length(document), etag, engagement_id, mpn_id, is_marketplace_lead,
        due_at, model_version
        from referral_documents where organization_id = ? and id = ?`)
      .returningArrays();
    this.#begin = database.prepare('begin');
    this.#rollback = database.prepare('rollback');
    this.#readView = database
      .prepare(`select document, links_offset, octet_length(document), etag, engagement_id, due_at, sharing, model_version
        from referral_views where organization_id = ? and id = ?`)
      .returningArrays();
    this.#readVersion = database.prepare('pragma data_version').returningArrays();
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

  scan<Result>(work: (scans: SnapshotScans) => Promise<Result>): Promise<Result> {
    if (!this.#writer.isOpen) return Promise.reject(failure('storeUnavailable'));
    return this.#readers.read((connection) => work(scansOn(() => connection, undefined)));
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

  firstDue: Store['firstDue'] = () => firstDue(this.#connection);

  async findUser(tenantId: string, subject: string): Promise<FoundUser | undefined> {
    this.#notice();
    const known = this.#users.get(subject);
    if (known?.tenantId === tenantId) return known;
    // Nothing of this process happens in between: reads of SQLite are done when they return.
    return this.#users.keep(subject, () => findUser(this.#connection, tenantId, subject));
  }

  async findClient(clientId: string): Promise<StoredClient | undefined> {
    this.#notice();
    return this.#clients.get(clientId) ?? this.#clients.keep(clientId, () => findClient(this.#connection, clientId));
  }

  async mayAct(clientId: string, user: { readonly tenantId: string; readonly subject: string }): Promise<boolean> {
    this.#notice();
    const key = `${clientId} ${user.tenantId} ${user.subject}`;
    const read = async () => ({ isAllowed: await mayAct(this.#connection, clientId, user) });
    return (this.#mayAct.get(key) ?? (await this.#mayAct.keep(key, read)))?.isAllowed === true;
  }

  listDirectory(organizationId?: string) {
    return listDirectory(this.#connection, organizationId);
  }

  findAuditHead: Store['findAuditHead'] = () => findAuditHead(this.#connection);

  listActs: Store['listActs'] = (asked) => this.scan((scans) => scans.listActs(asked));

  listSigningKeys: Store['listSigningKeys'] = () => listSigningKeys(this.#connection);

  findFact(name: string) {
    return findFact(this.#connection, name);
  }

  async ping(): Promise<void> {
    // In a file that was moved or removed, the database would go on as if nothing were.
    if (fileIdentity(this.#path) !== this.#file) throw failure('storeUnavailable');
    this.#read(() => this.#database.number('select 1'));
  }

  signs(): StoreSigns {
    return {
      writesWaiting: this.#writer.waiting,
      readers: this.#readers.load,
      connections: undefined,
      databaseBytes: sizeOf(this.#path),
      logBytes: sizeOf(logPathOf(this.#path)),
    };
  }

  watchCommits(watch: WatchCommit): void {
    this.#writer.watchCommits(watch);
  }

  transact<Input, Output>(command: Command<Input, Output>, input: Input): Promise<Output> {
    // What comes back is the output of the command with this name.
    return this.#order(command.name, input) as Promise<Output>;
  }

  async transactInOrder<Input, Output>(command: Command<Input, Output>, inputs: readonly Input[]): Promise<Output[]> {
    // The writer keeps to the order, so all of them may wait for it, and share commits.
    const done = await Promise.allSettled(inputs.map((input) => this.transact(command, input)));
    return done.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
  }

  compact(): Promise<Compaction> {
    return this.#order(compactOrder, {}) as Promise<Compaction>;
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // The writer goes last: it folds the log into the file.
    await this.#readers.close();
    this.#closeSnapshot();
    this.#database.close();
    await this.#writer.close();
  }

  #read<Result>(statement: () => Result): Result {
    if (!this.#isOpen || !this.#writer.isOpen) throw failure('storeUnavailable');
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
   *
   * Another process acknowledges its commits when it likes, also within a turn of this one. Where there is one, a
   * snapshot ends before the next bytes are read from any socket: whoever has heard of a commit then sends a request
   * that finds it. This costs 6 to 8 µs a request more (a loop of such statements, `process.cpuUsage`).
   */
  #openSnapshot(): void {
    this.#begin.run();
    this.#hasSnapshot = true;
    if (!this.#isShared) {
      setImmediate(this.#endOfTurn);
      return;
    }
    process.nextTick(this.#endOfTurn);
    const [version = 0] = this.#readVersion.get() as number[];
    if (version !== this.#version) this.#forget();
    this.#version = version;
  }

  /** Opening a snapshot tells whether others have written. */
  #notice(): void {
    if (this.#isShared) this.#read(() => undefined);
  }

  #forget(): void {
    for (const kept of [this.#users, this.#mayAct, this.#clients]) kept.forget();
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

  async #order(name: string, input: unknown): Promise<unknown> {
    if (!this.#isOpen) throw failure('storeUnavailable');
    try {
      return await this.#writer.write(name, input);
    } finally {
      this.#forget();
      this.#closeSnapshot();
    }
  }
}

/** Undefined where the file cannot be looked at. */
function sizeOf(path: string): number | undefined {
  try {
    return statSync(path).size;
  } catch {
    return undefined;
  }
}

function storedReferral(row: DocumentRow | undefined): StoredReferral | undefined {
  if (row === undefined) return undefined;
  const [document, linksOffset, byteLength, eTag, engagementId, mpnId, isMarketplaceLead, dueAt, modelVersion] = row;
  const isLead = isMarketplaceLead === 1;
  const stored = { document, linksOffset, byteLength, eTag, engagementId, mpnId, isMarketplaceLead: isLead, dueAt };
  return upToDate(stored, modelVersion);
}

function storedView(row: ViewRow | undefined): StoredView | undefined {
  if (row === undefined) return undefined;
  const [document, linksOffset, byteLength, eTag, engagementId, dueAt, sharing, modelVersion] = row;
  return upToDate({ document, linksOffset, byteLength, eTag, engagementId, dueAt, sharing }, modelVersion);
}
