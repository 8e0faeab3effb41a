import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Load } from '../signs.ts';
import { addressOf, connectWithinMs } from './prepare-database.ts';
import { tenantRole } from './roles.ts';
import { codeOf, isLost } from './server-trouble.ts';

/** What became of a transaction whose commit was not answered. */
export type Fate = 'committed' | 'undone' | 'unknown';

const mostConnections = 10;
/** After so long without an answer to a statement, a connection is taken for lost: the network may have swallowed it. */
const answersWithinMs = 60_000;
/** A server that was lost in a commit is asked so often what became of it, with pauses that grow by so much. */
const mostTries = 6;
const pauseStepMs = 100;

/** The pool of connections, each of which takes on the role of tenants before it is handed out. */
export class Connections {
  readonly pool: pg.Pool;
  /** The server's timeline when a connection was made: after a failover, numbers of transactions begin anew on another. */
  readonly #timelines = new WeakMap<pg.ClientBase, string>();

  constructor(driver: typeof pg, url: string) {
    this.pool = new driver.Pool({
      connectionString: addressOf(url),
      max: mostConnections,
      connectionTimeoutMillis: connectWithinMs,
      query_timeout: answersWithinMs,
      keepAlive: true,
      // Statements of a session go out together where none needs the other's answer.
      pipeline: true,
      onConnect: (client) => this.#prepare(client),
    });
    // A broken idle connection is replaced by the pool; without a listener it would end the process.
    this.pool.on('error', () => undefined);
  }

  /** How busy the pool is. */
  get load(): Load {
    const { totalCount, idleCount, waitingCount } = this.pool;
    return { busy: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
  }

  /**
   * Asks what became of a transaction, on another connection. On the same timeline the server knows it by its number.
   *
   * @param lost the connection whose commit was not answered
   * @param id number of the transaction; undefined when it is not known
   */
  async fateOf(lost: pg.ClientBase, id: string | undefined): Promise<Fate> {
    const timeline = this.#timelines.get(lost);
    if (id === undefined || timeline === undefined) return 'unknown';
    for (let tries = 1; tries <= mostTries; tries += 1) {
      const status = await this.#statusOf(id, timeline);
      if (status === 'committed') return 'committed';
      if (status === 'aborted') return 'undone';
      if (status === 'unknown') return 'unknown';
      await sleep(tries * pauseStepMs);
    }
    return 'unknown';
  }

  /** Works on a connection of the pool. What is not committed when the work fails is rolled back. */
  async use<Result>(work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.pool.connect();
    let isBroken = false;
    // A connection that breaks is told by the statement that waits on it.
    const listener = () => {
      isBroken = true;
    };
    client.on('error', listener);
    try {
      return await work(client);
    } catch (error) {
      // One that takes no writes any more is closed too, so that the next one looks for a server that does.
      isBroken ||= isLost(error);
      if (!isBroken) {
        await client.query('rollback').catch(() => {
          isBroken = true;
        });
      }
      throw error;
    } finally {
      client.off('error', listener);
      client.release(isBroken);
    }
  }

  async #prepare(client: pg.ClientBase): Promise<void> {
    // One that breaks while it works fails whoever waits for it; without a listener it would end the process.
    client.on('error', () => undefined);
    await client.query(`set role ${tenantRole}`);
    const timeline = await timelineOf(client);
    if (timeline !== undefined) this.#timelines.set(client, timeline);
  }

  /** Undefined while the server cannot be asked, or has not noticed yet that the connection is gone. */
  async #statusOf(id: string, timeline: string): Promise<'committed' | 'aborted' | 'unknown' | undefined> {
    try {
      const client = await this.pool.connect();
      try {
        if (this.#timelines.get(client) !== timeline) return 'unknown';
        const query = 'select pg_xact_status($1::xid8) as status';
        const { rows } = await client.query<{ status: string | null }>(query, [id]);
        const status = rows[0]?.status;
        if (status === 'in progress') return undefined;
        return status === 'committed' || status === 'aborted' ? status : 'unknown';
      } finally {
        client.release();
      }
    } catch (error) {
      // 22023: a number that the server has not given yet, so it is another server.
      return codeOf(error) === '22023' ? 'unknown' : undefined;
    }
  }
}

/** Undefined on a standby, and on servers that speak PostgreSQL's language and have no timelines. */
async function timelineOf(client: pg.ClientBase): Promise<string | undefined> {
  try {
    const query = 'select left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) as timeline';
    return (await client.query<{ timeline: string }>(query)).rows[0]?.timeline;
  } catch (error) {
    if (codeOf(error) === '') throw error;
    return undefined;
  }
}
