import { failure } from '@cosell/model';
import type pg from 'pg';
import type { Change, StoredChange } from '../change.ts';
import { listChanges } from '../changes.ts';
import { findFact, findUser, listDirectory, listSigningKeys } from '../directory.ts';
import type { DirectoryUser } from '../directory-entry.ts';
import { countReferrals, listReferrals } from '../list.ts';
import type { ListPage, ListScope } from '../list-scope.ts';
import { loadMigrations, missingMigrations } from '../migrate.ts';
import { findOwnRecords, hasViews, isAnythingDue, isOnTeam } from '../referrals.ts';
import { type Connection, type Sql, sql, type TimedConnection, textsBy } from '../sql.ts';
import { StartupProblem } from '../startup-problem.ts';
import type { Command, Scans, Store, Surroundings } from '../store.ts';
import type { OwnRecord, StoredReferral, StoredView } from '../stored-referral.ts';
import { transactionOn } from '../transaction.ts';

/** Names this program's advisory lock among others in the same database. */
const migrationLock = 7_300_001;
/** How often a transaction is tried again that PostgreSQL broke off because of another. */
const mostTries = 5;

/** PostgreSQL 15 or newer. Commands run in this process, each in a transaction of its own. */
export async function openPostgresStore(url: string, surroundings: Surroundings): Promise<Store> {
  // Loaded where it is needed: an exchange on SQLite never waits for it.
  const { default: driver } = await import('pg');
  const pool = new driver.Pool({ connectionString: url, max: 10, connectionTimeoutMillis: 5_000 });
  // A broken idle connection is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  try {
    const schemaNumber = await migratePostgres(pool, new Date(surroundings.clock.now()).toISOString());
    return new PostgresStore(pool, schemaNumber, surroundings);
  } catch (error) {
    await pool.end();
    if (error instanceof StartupProblem) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartupProblem(`The database of DATABASE_URL cannot be used: ${reason}.`, { cause: error });
  }
}

/** Several processes may start at once: one migrates, the others wait for it and find nothing left to do. */
async function migratePostgres(pool: pg.Pool, nowText: string): Promise<number> {
  const migrations = loadMigrations('postgres');
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await client.query(`create table if not exists schema_migrations (
      number integer primary key, name text not null, applied_at text not null)`);
    const newest = 'select coalesce(max(number), 0) as number from schema_migrations';
    const applied = await client.query<{ number: number }>(newest);
    for (const migration of missingMigrations(migrations, applied.rows[0]?.number ?? 0)) {
      await client.query('begin');
      await client.query(migration.text);
      const record = 'insert into schema_migrations (number, name, applied_at) values ($1, $2, $3)';
      await client.query(record, [migration.number, migration.name, nowText]);
      await client.query('commit');
    }
    return (await client.query<{ number: number }>(newest)).rows[0]?.number ?? 0;
  } finally {
    // Closing the connection gives the lock back and undoes a step that failed.
    client.release(true);
  }
}

interface DocumentRow {
  document: string;
  linksOffset: number;
  byteLength: number;
  eTag: string;
  engagementId: string;
  mpnId: string | null;
  isMarketplaceLead: number;
  dueAt: string | null;
}

class PostgresStore implements Store {
  readonly schemaNumber: number;
  readonly #pool: pg.Pool;
  readonly #connection: Connection & TimedConnection;
  readonly #surroundings: Surroundings;
  readonly #running = new Set<Promise<unknown>>();

  constructor(pool: pg.Pool, schemaNumber: number, surroundings: Surroundings) {
    this.schemaNumber = schemaNumber;
    this.#pool = pool;
    this.#connection = postgresConnection(pool);
    this.#surroundings = surroundings;
  }

  findReferral(organizationId: string, id: string): Promise<StoredReferral | undefined> {
    return this.#findDocument(sql`select document, links_offset as "linksOffset", octet_length(document) as "byteLength", etag as "eTag",
      engagement_id as "engagementId", mpn_id as "mpnId", is_marketplace_lead as "isMarketplaceLead", due_at as "dueAt"
      from referral_documents where organization_id = ${organizationId} and id = ${id}`);
  }

  async findView(readerOrganizationId: string, id: string): Promise<StoredView | undefined> {
    const [row] = await this.#connection.all<StoredView>(sql`select document, links_offset as "linksOffset",
      octet_length(document) as "byteLength", etag as "eTag", engagement_id as "engagementId", due_at as "dueAt", sharing
      from referral_views where organization_id = ${readerOrganizationId} and id = ${id}`);
    return row;
  }

  findOwnRecords(organizationId: string, engagementId: string): Promise<OwnRecord[]> {
    return findOwnRecords(this.#connection, organizationId, engagementId);
  }

  scan<Result>(work: (scans: Scans) => Promise<Result>): Promise<Result> {
    return work(this);
  }

  listReferrals(scope: ListScope, page: ListPage) {
    return listReferrals(this.#connection, scope, page);
  }

  countReferrals(scope: ListScope) {
    return countReferrals(this.#connection, scope);
  }

  isOnTeam(organizationId: string, id: string, email: string): Promise<boolean> {
    return isOnTeam(this.#connection, organizationId, id, email);
  }

  listChanges(organizationId: string, referralId: string): Promise<StoredChange[]> {
    return listChanges(this.#connection, organizationId, referralId);
  }

  hasViews(organizationId: string, engagementId: string): Promise<boolean> {
    return hasViews(this.#connection, organizationId, engagementId);
  }

  isAnythingDue(now: string): Promise<boolean> {
    return isAnythingDue(this.#connection, now);
  }

  findUser(tenantId: string, subject: string): Promise<DirectoryUser | undefined> {
    return findUser(this.#connection, tenantId, subject);
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
    await this.#connection.all(sql`select 1 as one`);
  }

  async transact<Input, Output>(command: Command<Input, Output>, input: Input): Promise<Output> {
    const work = this.#tryOften(command, input);
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  async close(): Promise<void> {
    if (this.#pool.ending) return;
    // A pool that ends forgets whoever waits for a connection.
    await Promise.allSettled(this.#running);
    await this.#pool.end();
  }

  async #tryOften<Input, Output>(command: Command<Input, Output>, input: Input): Promise<Output> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#tryOnce(command, input);
      } catch (error) {
        if (!isBrokenOff(error)) throw unavailable(error);
        if (tries >= mostTries) throw failure('storeUnavailable', {}, { cause: error });
      }
    }
  }

  async #findDocument(query: Sql): Promise<StoredReferral | undefined> {
    const [row] = await this.#connection.all<DocumentRow>(query);
    if (row === undefined) return undefined;
    return { ...row, isMarketplaceLead: row.isMarketplaceLead === 1 };
  }

  async #tryOnce<Input, Output>(command: Command<Input, Output>, input: Input): Promise<Output> {
    const client = await this.#pool.connect();
    let isBroken = false;
    try {
      await client.query('begin');
      const connection = postgresConnection(client);
      const transaction = transactionOn(connection, (name) =>
        connection.run(sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`),
      );
      const changes: Change[] = [];
      const appendChange = async (change: Change) => void changes.push(change);
      const output = await command.run({ ...transaction, appendChange }, input, this.#surroundings);
      // Every transaction takes the numbers of its changes last, and those of several organisations in the same order:
      // else two of them would each hold a sequence that the other waits for.
      changes.sort((one, other) => compareText(one.organizationId, other.organizationId));
      for (const change of changes) await transaction.appendChange(change);
      await client.query('commit');
      return output;
    } catch (error) {
      await client.query('rollback').catch(() => {
        isBroken = true;
      });
      throw error;
    } finally {
      client.release(isBroken);
    }
  }
}

const textOf = textsBy((parts) => parts.reduce((before, part, index) => `${before}$${index}${part}`));

function postgresConnection(client: pg.Pool | pg.PoolClient): Connection & TimedConnection {
  const query = async (statement: Sql) => {
    try {
      return await client.query(textOf(statement), [...statement.values]);
    } catch (error) {
      throw unavailable(error);
    }
  };
  return {
    async all<Row>(statement: Sql) {
      return (await query(statement)).rows as Row[];
    },
    async run(statement) {
      await query(statement);
    },
    inTime: () => sql`true`,
  };
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/** PostgreSQL's classes of error: serialisation failure and deadlock. The transaction has done nothing. */
function isBrokenOff(error: unknown): boolean {
  return codeOf(error) === '40001' || codeOf(error) === '40P01';
}

/** A database that cannot be reached, is shutting down or has no room is no fault of the request. */
function unavailable(error: unknown): unknown {
  const code = codeOf(error);
  const isOutOfService = /^(08|53|57P)/.test(code) || /^E[A-Z]+$/.test(code);
  const isLost = error instanceof Error && /terminated|timeout exceeded|calling end on the pool/.test(error.message);
  return isOutOfService || isLost ? failure('storeUnavailable', {}, { cause: error }) : error;
}
