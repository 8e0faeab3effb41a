import { setTimeout as sleep } from 'node:timers/promises';
import { failure } from '@cosell/model';
import type pg from 'pg';
import { findAuditHead } from '../acts.ts';
import type { StoredChange } from '../change.ts';
import { findClient } from '../clients.ts';
import { findFact, listDirectory, listSigningKeys } from '../directory.ts';
import type { FoundUser } from '../directory-entry.ts';
import { type IdentityReads, identityReads } from '../identity-reads.ts';
import type { ListPage, ListScope } from '../list-scope.ts';
import { type ProviderReads, providerReads } from '../provider-records.ts';
import { queryTimeout } from '../query-timeout.ts';
import { findOwnRecords, firstDue, hasViews, isOnTeam } from '../referrals.ts';
import { scansOn } from '../scans.ts';
import type { StoreSigns, WatchCommit } from '../signs.ts';
import { type Connection, type Sql, sql } from '../sql.ts';
import type { Command, SnapshotScans, Store, Surroundings } from '../store.ts';
import type { OwnRecord, StoredReferral, StoredView } from '../stored-referral.ts';
import { transactionOn } from '../transaction.ts';
import { changesLast } from './changes-last.ts';
import { Connections } from './connections.ts';
import { KeyedReads } from './keyed-reads.ts';
import { prepareDatabase, unusable } from './prepare-database.ts';
import { requireRowSecurity } from './row-security.ts';
import { everybody, type Scope, scopedTransaction } from './scopes.ts';
import { isBrokenOff, isLost, isTimeUp, twice, unavailable } from './server-trouble.ts';
import { queryOf, Session } from './session.ts';

/** How often a transaction is tried that was broken off, or lost before its commit. */
const mostTries = 5;
/** The pause before the second try; each further one is three times as long. */
const firstPauseMs = 10;

/**
 * PostgreSQL 15 or newer. Commands run in this process, each in a transaction of its own.
 *
 * @param queryTimeoutMs how long a list, a count or a history may take
 * @throws StartupProblem
 */
export async function openPostgresStore(
  url: string,
  surroundings: Surroundings,
  { queryTimeoutMs }: { readonly queryTimeoutMs: number },
): Promise<Store> {
  // Loaded where it is needed: an exchange on SQLite never waits for it.
  const { default: driver } = await import('pg');
  let connections: Connections | undefined;
  try {
    const schemaNumber = await prepareDatabase(driver, url, new Date(surroundings.clock.now()).toISOString());
    connections = new Connections(driver, url);
    const client = await connections.pool.connect();
    await requireRowSecurity(client).finally(() => client.release());
    return new PostgresStore(connections, schemaNumber, { surroundings, queryTimeoutMs });
  } catch (error) {
    await connections?.pool.end();
    throw unusable(error);
  }
}

/** How an attempt at a transaction ended, when it did not refuse. */
type Attempt<Output> = { readonly output: Output } | { readonly again: unknown };

class PostgresStore implements Store {
  readonly schemaNumber: number;
  readonly provider: ProviderReads = providerReads((read) => this.#read(everybody, read));
  readonly identity: IdentityReads = identityReads((owner, read) => this.#read(owner ?? everybody, read));
  readonly #connections: Connections;
  readonly #rows: KeyedReads;
  readonly #surroundings: Surroundings;
  readonly #queryTimeoutMs: number;
  readonly #running = new Set<Promise<unknown>>();
  #watch: WatchCommit = () => undefined;

  constructor(
    connections: Connections,
    schemaNumber: number,
    { surroundings, queryTimeoutMs }: { surroundings: Surroundings; queryTimeoutMs: number },
  ) {
    this.schemaNumber = schemaNumber;
    this.#connections = connections;
    this.#rows = new KeyedReads(connections.pool, queryTimeoutMs);
    this.#surroundings = surroundings;
    this.#queryTimeoutMs = queryTimeoutMs;
  }

  findReferral(organizationId: string, id: string): Promise<StoredReferral | undefined> {
    return this.#rows.findReferral(organizationId, id);
  }

  findView(readerOrganizationId: string, id: string): Promise<StoredView | undefined> {
    return this.#rows.findView(readerOrganizationId, id);
  }

  findUser(tenantId: string, subject: string): Promise<FoundUser | undefined> {
    return this.#rows.findUser(tenantId, subject);
  }

  findClient: Store['findClient'] = (clientId) =>
    this.#read(everybody, (connection) => findClient(connection, clientId));

  findOwnRecords(organizationId: string, engagementId: string): Promise<OwnRecord[]> {
    return this.#read(organizationId, (connection) => findOwnRecords(connection, organizationId, engagementId));
  }

  scan<Result>(work: (scans: SnapshotScans) => Promise<Result>): Promise<Result> {
    return this.#inSession((session) => work(scansOn((scope: Scope) => session.timedConnectionOf(scope), everybody)));
  }

  listReferrals(scope: ListScope, page: ListPage) {
    return this.scan((scans) => scans.listReferrals(scope, page));
  }

  countReferrals(scope: ListScope) {
    return this.scan((scans) => scans.countReferrals(scope));
  }

  isOnTeam(organizationId: string, id: string, email: string): Promise<boolean> {
    return this.#read(organizationId, (connection) => isOnTeam(connection, organizationId, id, email));
  }

  listChanges(organizationId: string, referralId: string): Promise<StoredChange[]> {
    return this.scan((scans) => scans.listChanges(organizationId, referralId));
  }

  hasViews(organizationId: string, engagementId: string): Promise<boolean> {
    return this.#read(organizationId, (connection) => hasViews(connection, organizationId, engagementId));
  }

  firstDue(): Promise<string | null> {
    return this.#read(everybody, firstDue);
  }

  mayAct: Store['mayAct'] = (clientId, user) => this.#rows.mayAct(clientId, user);

  listDirectory(organizationId?: string) {
    return this.#read(everybody, (connection) => listDirectory(connection, organizationId));
  }

  findAuditHead: Store['findAuditHead'] = () => this.#read(everybody, findAuditHead);

  listActs: Store['listActs'] = (asked) => this.scan((scans) => scans.listActs(asked));

  listSigningKeys() {
    return this.#read(everybody, listSigningKeys);
  }

  findFact(name: string) {
    return findFact({ all: (query) => this.#ask(query) }, name);
  }

  async ping(): Promise<void> {
    await this.#ask(sql`select 1 as one`);
  }

  signs(): StoreSigns {
    const { load } = this.#connections;
    const sizes = { databaseBytes: undefined, logBytes: undefined };
    return { writesWaiting: this.#running.size, readers: undefined, connections: load, ...sizes };
  }

  watchCommits(watch: WatchCommit): void {
    this.#watch = watch;
  }

  async transact<Input, Output>(command: Command<Input, Output>, input: Input): Promise<Output> {
    const work = this.#tryOften(command, input);
    this.#running.add(work);
    try {
      return await work;
    } catch (error) {
      throw unavailable(error);
    } finally {
      this.#running.delete(work);
    }
  }

  async transactInOrder<Input, Output>(command: Command<Input, Output>, inputs: readonly Input[]): Promise<Output[]> {
    const outputs: Output[] = [];
    for (const input of inputs) outputs.push(await this.transact(command, input));
    return outputs;
  }

  /** Autovacuum does it, all the time and beside the writers. */
  compact = async (): Promise<undefined> => undefined;

  async close(): Promise<void> {
    const { pool } = this.#connections;
    if (pool.ending) return;
    // A pool that ends forgets whoever waits for a connection.
    await Promise.allSettled(this.#running);
    await pool.end();
  }

  /** One statement that needs no scope, or a function that takes on its own: one round trip. */
  #ask<Row>(query: Sql): Promise<Row[]> {
    return twice(async () => (await this.#connections.pool.query(queryOf(query))).rows as Row[]);
  }

  /** Reads of one scope, from one state of the database. */
  #read<Result>(scope: Scope, read: (connection: Connection) => Promise<Result>): Promise<Result> {
    return this.#inSession((session) => read(session.connectionOf(scope)));
  }

  /**
   * Reads from one state of the database, for so long at most.
   *
   * @throws Failure `queryTimeout`, `storeUnavailable`
   */
  #inSession<Result>(read: (session: Session) => Promise<Result>): Promise<Result> {
    return twice(() =>
      this.#connections.use(async (client) => {
        const session = new Session(client);
        session.beginReading(this.#queryTimeoutMs);
        const result = await read(session);
        await session.commit();
        return result;
      }),
    ).catch((error: unknown) => {
      throw isTimeUp(error) ? queryTimeout(this.#queryTimeoutMs) : error;
    });
  }

  async #tryOften<Input, Output>(command: Command<Input, Output>, input: Input): Promise<Output> {
    for (let tries = 1; ; tries += 1) {
      const attempt = await this.#tryOnce(command, input);
      if ('output' in attempt) return attempt.output;
      if (tries >= mostTries) throw attempt.again;
      await sleep(firstPauseMs * 3 ** (tries - 1));
    }
  }

  async #tryOnce<Input, Output>(command: Command<Input, Output>, input: Input): Promise<Attempt<Output>> {
    let unanswered: { client: pg.PoolClient; id: string | undefined; output: Output } | undefined;
    try {
      return await this.#connections.use(async (client) => {
        const session = new Session(client);
        session.begin();
        const output = await this.#runIn(session, command, input);
        const begunAt = this.#surroundings.stopwatch();
        await session.commit().catch(async (error: unknown) => {
          if (!isLost(error)) throw error;
          unanswered = { client, id: await session.id, output };
          throw error;
        });
        this.#watch({ durationMs: this.#surroundings.stopwatch() - begunAt, writes: 1 });
        return { output };
      });
    } catch (error) {
      if (unanswered === undefined) {
        // It is known not to have been committed.
        if (isBrokenOff(error) || isLost(error)) return { again: error };
        throw error;
      }
      // Done or undone, the server knows; else nobody may do it a second time.
      const fate = await this.#connections.fateOf(unanswered.client, unanswered.id);
      if (fate === 'committed') return { output: unanswered.output };
      if (fate === 'undone') return { again: error };
      throw failure('storeUnavailable', {}, { cause: error });
    }
  }

  async #runIn<Input, Output>(session: Session, command: Command<Input, Output>, input: Input): Promise<Output> {
    const transaction = scopedTransaction((scope) => {
      const connection = session.connectionOf(scope);
      return transactionOn(connection, async (name) => {
        // Whoever has asked for it goes on when he has it.
        await connection.all(sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`);
      });
    });
    const { transaction: gathering, append } = changesLast(transaction);
    const output = await command.run(gathering, input, this.#surroundings);
    await append();
    await session.settle();
    return output;
  }
}
