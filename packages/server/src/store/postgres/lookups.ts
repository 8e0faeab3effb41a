import type pg from 'pg';
import { isLost } from './server-trouble.ts';

/** Connections that one kind of lookup uses at a time; the others are for writers and lists. */
const mostAtOnce = 2;
/** Rows that are looked up by one statement. */
const mostTogether = 64;

interface Waiting<Row> {
  readonly key: readonly string[];
  readonly resolve: (rows: readonly Row[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads by key that wait for a connection at the same time are one statement: most of what a small read costs here is
 * the message and not the row. A read never joins a statement that was sent before it was asked for.
 */
export class Lookups<Row> {
  readonly #pool: pg.Pool;
  readonly #query: { readonly name: string; readonly text: string; readonly query_timeout: number };
  #waiting: Waiting<Row>[] = [];
  #running = 0;

  /**
   * @param text a statement whose parameters are the parts of the keys as arrays, and whose rows say by `place`,
   * from 1, which key they belong to
   * @param how its name for the server, and after how long without an answer its connection is taken for lost
   */
  constructor(pool: pg.Pool, text: string, { name, timeoutMs }: { name: string; timeoutMs: number }) {
    this.#pool = pool;
    this.#query = { name, text, query_timeout: timeoutMs };
  }

  /** The rows of a key. */
  find(...key: readonly string[]): Promise<readonly Row[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject });
      void this.#go();
    });
  }

  async #go(): Promise<void> {
    if (this.#running >= mostAtOnce || this.#waiting.length === 0) return;
    this.#running += 1;
    try {
      await this.#findTogether();
    } finally {
      this.#running -= 1;
      void this.#go();
    }
  }

  async #findTogether(): Promise<void> {
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      for (const { reject } of this.#waiting.splice(0)) reject(error);
      return;
    }
    const together = this.#waiting.splice(0, mostTogether);
    try {
      const rows = await askOn(client, () => this.#ask(client, together));
      for (const [index, { resolve }] of together.entries()) resolve(rows[index] ?? []);
    } catch (error) {
      await this.#findApart(together, error);
    }
  }

  /** A key that the server takes for no text, such as one with a zero byte, spoils nobody else's answer. */
  async #findApart(together: readonly Waiting<Row>[], error: unknown): Promise<void> {
    for (const { key, resolve, reject } of together) {
      if (together.length === 1 || isLost(error)) reject(error);
      else await this.#findAlone(key).then(resolve, reject);
    }
  }

  async #findAlone(key: Waiting<Row>['key']): Promise<readonly Row[]> {
    const client = await this.#pool.connect();
    return (await askOn(client, () => this.#ask(client, [{ key }])))[0] ?? [];
  }

  async #ask(client: pg.PoolClient, together: readonly Pick<Waiting<Row>, 'key'>[]): Promise<(readonly Row[])[]> {
    if (together.length === 0) return [];
    // A program often asks for many referrals at once, and each time for its one user.
    const found = new Map(together.map(({ key }) => [JSON.stringify(key), { key, rows: [] as Row[] }]));
    const asked = [...found.values()];
    const values = (asked[0]?.key ?? []).map((_, part) => asked.map(({ key }) => key[part]));
    const { rows } = await client.query<Row & { place: number }>({ ...this.#query, values });
    for (const { place, ...row } of rows) asked[place - 1]?.rows.push(row as Row);
    return together.map(({ key }) => found.get(JSON.stringify(key))?.rows ?? []);
  }
}

/** Gives the connection back, and closes it when the statement has failed. */
async function askOn<Result>(client: pg.PoolClient, ask: () => Promise<Result>): Promise<Result> {
  const ignore = () => undefined;
  // A connection that breaks is told by the statement that waits on it.
  client.on('error', ignore);
  let hasFailed = true;
  try {
    const result = await ask();
    hasFailed = false;
    return result;
  } finally {
    client.off('error', ignore);
    client.release(hasFailed);
  }
}
