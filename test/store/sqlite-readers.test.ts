import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Sql, sql, type TimedConnection } from '@cosell/server/store/sql';
import { SqliteDatabase } from '@cosell/server/store/sqlite/driver';
import { type ReaderParts, ReaderPool } from '@cosell/server/store/sqlite/reader-pool';
import { surroundings } from '@cosell/server/surroundings';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const built = new URL('../../packages/server/dist/', import.meta.url);

/** Counts 1, 2, 3 … and never comes to an end; a reader breaks it off. */
const endless = ({ inTime }: TimedConnection) => sql`with recursive numbers (number) as
  (select 1 union all select number + 1 from numbers) select number from numbers where ${inTime(sql`number`)} and number < 0`;
const one = sql`select 1 as one`;
const allOf = (query: Sql) => (connection: TimedConnection) => connection.all(query);

describe('the readers of SQLite', () => {
  let folder: string;
  let pools: ReaderPool[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cosell-readers-'));
    pools = [];
    const database = new SqliteDatabase(join(folder, 'read.db'));
    database.exec('pragma journal_mode = wal; create table things (name text)');
    database.close();
  });
  afterEach(async () => {
    await Promise.all(pools.map((pool) => pool.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  function makePool(parts: Partial<ReaderParts> = {}): ReaderPool {
    const pool = new ReaderPool({
      path: join(folder, 'read.db'),
      entry: new URL('reader-thread.js', built),
      most: 2,
      timeoutMs: 10_000,
      stopwatch: surroundings.stopwatch,
      ...parts,
    });
    pools.push(pool);
    return pool;
  }

  /** A pool whose first thread has started, so that the time is spent on what is asked. */
  async function makeStartedPool(parts: Partial<ReaderParts>): Promise<ReaderPool> {
    const pool = makePool({ most: 1, ...parts });
    for (let isStarted = false; !isStarted; ) {
      isStarted = await pool.read(allOf(one)).then(
        () => true,
        () => false,
      );
    }
    return pool;
  }

  /** The entry of a reader's thread that ends when it is asked for a certain text. */
  function mortalEntry(): URL {
    const path = join(folder, 'mortal.mjs');
    const thread = new URL('reader-thread.js', built).href;
    writeFileSync(
      path,
      `import { parentPort } from 'node:worker_threads';
      parentPort.on('message', ({ text }) => { if (text === 'die') process.exit(3); });
      await import(${JSON.stringify(thread)});`,
    );
    return pathToFileURL(path);
  }

  it('refuse a second query while they are at one, instead of leaving the first without an answer', async () => {
    const pool = await makeStartedPool({});
    const both = pool.read((connection) => Promise.allSettled([connection.all(one), connection.all(one)]));
    expect((await both).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await pool.read(allOf(one))).toHaveLength(1);
  });

  it('break off a statement that would never end, though no row of it matches, and go on', async () => {
    const pool = await makeStartedPool({ timeoutMs: 300 });
    for (let times = 0; times < 2; times += 1) {
      const broken = pool.read((connection) => connection.all(endless(connection)));
      await expect(broken).rejects.toMatchObject({ kind: 'queryTimeout', slots: { limit: '0.3 s' } });
      expect(await pool.read(allOf(one))).toEqual([{ one: 1 }]);
    }
  });

  it('break off a count as well', async () => {
    const pool = await makeStartedPool({ timeoutMs: 300 });
    const counted = pool.read((connection) => connection.all(sql`select count(*) from (${endless(connection)})`));
    await expect(counted).rejects.toMatchObject({ kind: 'queryTimeout' });
  });

  it('count the time from when they are asked: waiting for a free one is part of it', async () => {
    const pool = await makeStartedPool({ timeoutMs: 300 });
    const ends: string[] = [];
    const endlessly = () => pool.read((connection) => connection.all(endless(connection)));
    const readings = [endlessly(), endlessly(), pool.read(allOf(one))].map((reading, index) =>
      reading.catch((error: { kind: string }) => ends.push(`${index} ${error.kind}`)),
    );
    await Promise.all(readings);
    // The second would run for its own 300 ms if its time began with its turn; and the third would then be answered.
    expect(ends.sort()).toEqual(['0 queryTimeout', '1 queryTimeout', '2 queryTimeout']);
  });

  it('give every reading one state, and the next one what was written since', async () => {
    const pool = makePool();
    const writing = new SqliteDatabase(join(folder, 'read.db'));
    const count = sql`select count(*) as number from things`;
    await pool.read(async (connection) => {
      expect(await connection.all(count)).toEqual([{ number: 0 }]);
      writing.exec("insert into things values ('one')");
      expect(await connection.all(count)).toEqual([{ number: 0 }]);
    });
    expect(await pool.read(allOf(count))).toEqual([{ number: 1 }]);
    writing.close();
  });

  it('share the time among the statements of one reading', async () => {
    const pool = await makeStartedPool({ timeoutMs: 300 });
    const second = pool.read(async (connection) => {
      await connection.all(endless(connection)).catch(() => undefined);
      return connection.all(one);
    });
    await expect(second).rejects.toMatchObject({ kind: 'queryTimeout' });
  });

  it('take large numbers and give back what the main thread would read', async () => {
    const large = 10n ** 18n - 1n;
    const [row] = await makePool().read(
      allOf(sql`select cast(${large} as text) as large, ${'ä😀'} as text, null as empty`),
    );
    expect(row).toEqual({ large: String(large), text: 'ä😀', empty: null });
  });

  it('are replaced when their thread dies, which only its own reading is told', async () => {
    const pool = makePool({ most: 1, entry: mortalEntry() });
    const [lost, next] = await Promise.allSettled([pool.read(allOf(sql`die`)), pool.read(allOf(one))]);
    expect(lost).toMatchObject({ status: 'rejected', reason: { kind: 'storeUnavailable' } });
    expect(next).toMatchObject({ status: 'fulfilled', value: [{ one: 1 }] });
  });

  it('leave nobody waiting where no thread can start', async () => {
    const pool = makePool({ entry: pathToFileURL(join(folder, 'nothing.mjs')) });
    const asked = await Promise.allSettled(Array.from({ length: 5 }, () => pool.read(allOf(one))));
    for (const answer of asked) expect(answer).toMatchObject({ reason: { kind: 'storeUnavailable' } });
  });

  it('refuse at once when very many wait already', async () => {
    const pool = await makeStartedPool({ timeoutMs: 500 });
    const running = pool.read((connection) => connection.all(endless(connection)));
    const waiting = Array.from({ length: 1_000 }, () => pool.read(allOf(one)));
    const order: string[] = [];
    const ended = Promise.allSettled([running, ...waiting]).then(() => order.push('those before'));
    await expect(pool.read(allOf(one))).rejects.toMatchObject({ kind: 'storeUnavailable' });
    order.push('the one too many');
    await ended;
    expect(order).toEqual(['the one too many', 'those before']);
  });

  it('finish what was asked before they close, and refuse what comes later', async () => {
    const pool = await makeStartedPool({ timeoutMs: 500 });
    const order: string[] = [];
    const running = pool
      .read((connection) => connection.all(endless(connection)))
      .catch(({ kind }: { kind: string }) => order.push(kind));
    const closed = pool.close().then(() => order.push('closed'));
    await expect(pool.read(allOf(one))).rejects.toMatchObject({ kind: 'storeUnavailable' });
    await Promise.all([running, closed]);
    expect(order).toEqual(['queryTimeout', 'closed']);
  });

  it('say that the database cannot be reached when its file cannot, and read it as soon as it can', async () => {
    const path = join(folder, 'later.db');
    const pool = makePool({ path, most: 1 });
    await expect(pool.read(allOf(one))).rejects.toMatchObject({ kind: 'storeUnavailable' });
    new SqliteDatabase(path).close();
    expect(await pool.read(allOf(one))).toEqual([{ one: 1 }]);
  });

  it('pass on what is wrong with a statement as the fault of ours that it is', async () => {
    await expect(makePool().read(allOf(sql`select 1 from nowhere`))).rejects.toThrow('no such table: nowhere');
  });
});
