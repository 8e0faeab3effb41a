import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteDatabase } from '@cosell/server/store/sqlite/driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNode } from './child-process.ts';

describe('the driver of SQLite', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cosell-driver-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps a connection alive for as long as one of its statements', async () => {
    // Without that, garbage collection closes the connection below the statement, and the process ends by a signal.
    const child = startNode(
      `const { SqliteDatabase } = await import('@cosell/server/store/sqlite/driver');
      const statements = [];
      for (let index = 0; index < 50; index += 1) {
        const database = new SqliteDatabase(${JSON.stringify(join(folder, 'alive.db'))});
        statements.push(database.prepare('select ? + 1 as next'));
      }
      for (let times = 0; times < 10; times += 1) {
        globalThis.gc();
        await new Promise(setImmediate);
      }
      console.log(statements.map((statement, index) => statement.get(index).next).join());
      statements.length = 0;
      for (let times = 0; times < 10; times += 1) {
        globalThis.gc();
        await new Promise(setImmediate);
      }
      console.log('done');`,
      ['--expose-gc'],
    );
    const { code, signal, output } = await child.ended;
    const numbers = Array.from({ length: 50 }, (_statement, index) => index + 1).join();
    expect({ code, signal, output }).toEqual({ code: 0, signal: null, output: `${numbers}\ndone\n` });
  });

  it('prepares a text once and keeps the statements of other texts apart', () => {
    const database = new SqliteDatabase(join(folder, 'once.db'));
    expect(database.prepare('select 1 as one')).toBe(database.prepare('select 1 as one'));
    expect(database.prepare('select 1 as one')).not.toBe(database.prepare('select 2 as two'));
    expect(database.prepare('select 1 as one').connection).toBe(database);
    database.close();
  });

  it('gives values back as they were given', () => {
    const database = new SqliteDatabase(join(folder, 'values.db'));
    const values = ['ä\u2028😀', '', null, 42, 1.5, 2 ** 53 - 1];
    for (const value of values) {
      expect(database.prepare('select ? as value').get(value)).toEqual({ value });
      expect(database.prepare('select ? as value, 1 as one').returningArrays().get(value)).toEqual([value, 1]);
    }
    const large = 10n ** 18n - 1n;
    expect(database.prepare('select cast(? as text) as value').get(large)).toEqual({ value: String(large) });
    expect(database.number('select 42')).toBe(42);
    database.close();
  });

  it('leaves no lock behind when it is closed within a transaction', () => {
    const path = join(folder, 'locks.db');
    const writing = new SqliteDatabase(path, { timeoutMs: 0 });
    writing.exec('pragma journal_mode = wal; create table t (a text)');
    const reading = new SqliteDatabase(path, { readOnly: true });
    reading.exec('begin');
    const statement = reading.prepare('select a from t');
    expect(statement.all()).toEqual([]);
    reading.close();
    writing.exec("insert into t values ('one')");
    expect(writing.prepare('pragma wal_checkpoint(truncate)').get()).toMatchObject({ busy: 0 });
    // It is still there, so that nothing was collected in the meantime.
    expect(statement.connection).toBe(reading);
    writing.close();
  });

  it('refuses to write by a connection that only reads', () => {
    const path = join(folder, 'read.db');
    const writing = new SqliteDatabase(path);
    writing.exec('create table t (a text)');
    const reading = new SqliteDatabase(path, { readOnly: true });
    expect(() => reading.exec('insert into t values (1)')).toThrow(/readonly/);
    reading.close();
    writing.close();
  });
});
