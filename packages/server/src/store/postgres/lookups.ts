import type pg from 'pg';

/** Connections that one kind of lookup uses at a time; the others are for writers and lists. */
const mostAtOnce = 2;
/** Rows that are looked up by one statement. */
const mostTogether = 64;

interface Waiting<Row> {
  readonly key: readonly [string, string];
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
   * @param text a statement whose two parameters are the parts of the keys as arrays, and whose rows say by `place`,
   * from 1, which key they belong to
   * @param how its name for the server, and after how long without an answer its connection is taken for lost
   */
  constructor(pool: pg.Pool, text: string, { name, timeoutMs }: { name: string; timeoutMs: number }) {
    this.#pool = pool;
    this.#query = { name, text, query_timeout: timeoutMs };
  }

  /** The rows of a key. */
  find(...key: readonly [string, string]): Promise<readonly Row[]> {
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
    let together: Waiting<Row>[] = [];
    try {
      const client = await this.#pool.connect();
      together = this.#waiting.splice(0, mostTogether);
      const rows = await askOn(client, () => this.#ask(client, together));
      for (const [index, { resolve }] of together.entries()) resolve(rows[index] ?? []);
    } catch (error) {
      if (together.length === 0) together = this.#waiting.splice(0);
      for (const { reject } of together) reject(error);
    }
  }

  async #ask(client: pg.PoolClient, together: readonly Waiting<Row>[]): Promise<(readonly Row[])[]> {
    if (together.length === 0) return [];
    // A program often asks for many referrals at once, and each time for its one user.
    const found = new Map(together.map(({ key }) => [key.join('\n'), { key, rows: [] as Row[] }]));
    const asked = [...found.values()];
    const values = [asked.map(({ key }) => key[0]), asked.map(({ key }) => key[1])];
    const { rows } = await client.query<Row & { place: number }>({ ...this.#query, values });
    for (const { place, ...row } of rows) asked[place - 1]?.rows.push(row as Row);
    return together.map(({ key }) => found.get(key.join('\n'))?.rows ?? []);
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
