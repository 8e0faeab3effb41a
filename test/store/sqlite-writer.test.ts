import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DirectoryChange } from '@cosell/server';
import { surroundings } from '@cosell/server';
import { commands } from '@cosell/server/domain/commands';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { SqliteDatabase } from '@cosell/server/store/sqlite/driver';
import { SqliteWriter } from '@cosell/server/store/sqlite/writer';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { availableEngines, openAt, type Place } from '../support/engines.ts';

/**
 * Counts the commits in a write-ahead log: the frames of the present log (its salt) that say how large the database is
 * after them (https://www.sqlite.org/fileformat2.html#walformat).
 */
function countCommits(path: string): number {
  const log = readFileSync(path);
  const pageSize = log.readUInt32BE(8);
  let commits = 0;
  for (let at = 32; at + 24 + pageSize <= log.length; at += 24 + pageSize) {
    if (!log.subarray(at + 8, at + 16).equals(log.subarray(16, 24))) break;
    if (log.readUInt32BE(at + 4) > 0) commits += 1;
  }
  return commits;
}

const addOrganization = (): DirectoryChange => ({ kind: 'addOrganization', id: randomUUID(), name: 'one' });

describe('the writer of SQLite', () => {
  let place: Place;
  beforeEach(async () => {
    const [sqlite] = availableEngines();
    if (sqlite === undefined) throw new Error('SQLite is always there');
    place = await sqlite.makePlace();
  });
  afterEach(() => place.remove());
  const path = (name: string) => join(place.at.dataDir, name);

  it('commits what has queued up together, and one by one what comes one by one', async () => {
    const { store, close } = await openAt(place);
    const start = countCommits(path('cosell.db-wal'));
    for (let count = 0; count < 10; count += 1) await store.transact(changeDirectory, addOrganization());
    const oneByOne = countCommits(path('cosell.db-wal'));
    expect(oneByOne - start).toBe(10);
    await Promise.all(Array.from({ length: 300 }, () => store.transact(changeDirectory, addOrganization())));
    const together = countCommits(path('cosell.db-wal')) - oneByOne;
    expect((await store.listDirectory()).organizations).toHaveLength(310);
    // 256 orders share one commit at most, and the first goes alone when the writer is idle.
    expect(together).toBeGreaterThanOrEqual(2);
    expect(together).toBeLessThan(100);
    await close();
  });

  it('answers a group in its order, each order with its own outcome', async () => {
    const writer = new SqliteWriter(path('cosell.db'), commands, surroundings);
    const name = changeDirectory.name;
    const { outcomes, commit } = await writer.commit([
      { id: 7, command: name, input: addOrganization() },
      { id: 3, command: name, input: { kind: 'removeUser', user: 'nobody' } },
      { id: 5, command: 'dropEverything', input: {} },
      { id: 4, command: name, input: { kind: 'nothing' } },
      { id: 9, command: name, input: addOrganization() },
    ]);
    expect(outcomes).toEqual([
      { id: 7, output: expect.objectContaining({ done: expect.any(String) }) },
      { id: 3, failure: { kind: 'directoryRefused', slots: { reason: 'there is no user nobody' }, details: [] } },
      { id: 5, bug: 'there is no command dropEverything' },
      {
        id: 4,
        failure: { kind: 'directoryRefused', slots: { reason: 'there is no change named nothing' }, details: [] },
      },
      { id: 9, output: expect.objectContaining({ done: expect.any(String) }) },
    ]);
    expect(commit).toEqual({ writes: 2, durationMs: expect.any(Number) });
    writer.close();
    const database = new SqliteDatabase(path('cosell.db'));
    expect(database.number('select count(*) from organizations')).toBe(2);
    database.close();
  });

  it('measures a commit by the stopwatch that it is given', async () => {
    let readings = 0;
    const stopwatch = () => 1_000 * (readings++) ** 2;
    const writer = new SqliteWriter(path('cosell.db'), commands, { ...surroundings, stopwatch });
    const order = { id: 1, command: changeDirectory.name, input: addOrganization() };
    expect((await writer.commit([order])).commit).toEqual({ writes: 1, durationMs: 1_000 });
    expect((await writer.commit([order])).commit).toEqual({ writes: 1, durationMs: 5_000 });
    writer.close();
  });

  it('waits for the disk before it answers: the log is synchronised with every commit', () => {
    // The setting belongs to the connection, so the writer's own connection is asked.
    const exec = vi.spyOn(SqliteDatabase.prototype, 'exec');
    const writer = new SqliteWriter(path('cosell.db'), commands, surroundings);
    const connections = new Set(exec.mock.contexts as SqliteDatabase[]);
    exec.mockRestore();
    expect(connections.size).toBe(1);
    const [connection] = connections;
    expect(connection?.prepare('pragma journal_mode').get()).toEqual({ journal_mode: 'wal' });
    // 2 is FULL (https://www.sqlite.org/pragma.html#pragma_synchronous).
    expect(connection?.number('pragma synchronous')).toBe(2);
    expect(connection?.number('pragma foreign_keys')).toBe(1);
    writer.close();
    // Bytes 18 and 19 of the file say that it is written by way of a log.
    expect([...readFileSync(path('cosell.db')).subarray(18, 20)]).toEqual([2, 2]);
  });

  it('refuses a group that the disk has no room for, whole, and goes on when there is room again', async () => {
    const exec = vi.spyOn(SqliteDatabase.prototype, 'exec');
    const writer = new SqliteWriter(path('cosell.db'), commands, surroundings);
    const [connection] = new Set(exec.mock.contexts as SqliteDatabase[]);
    exec.mockRestore();
    // The most pages that the file may have: SQLite's own way to run into SQLITE_FULL.
    connection?.exec(`pragma max_page_count = ${connection.number('pragma page_count')}`);
    const order = (id: number) => ({
      id,
      command: changeDirectory.name,
      input: { ...addOrganization(), tenantId: `${long}${id}` },
    });
    const long = 'n'.repeat(9_000);
    expect(await writer.commit([order(1), order(2)])).toEqual({
      outcomes: [1, 2].map((id) => ({ id, failure: { kind: 'storeUnavailable', slots: {}, details: [] } })),
      commit: undefined,
    });
    expect(connection?.number('select count(*) from organizations')).toBe(0);
    connection?.exec('pragma max_page_count = 1000000');
    expect((await writer.commit([order(3)])).outcomes).toEqual([
      { id: 3, output: expect.objectContaining({ done: expect.any(String) }) },
    ]);
    expect(connection?.number('select count(*) from organizations')).toBe(1);
    writer.close();
  });

  it('leaves one file behind that holds everything', async () => {
    const { store, close } = await openAt(place);
    await store.transact(changeDirectory, addOrganization());
    await close();
    expect(statSync(path('cosell.db-wal'), { throwIfNoEntry: false })?.size ?? 0).toBe(0);
    const database = new SqliteDatabase(path('cosell.db'), { readOnly: true });
    expect(database.number('select count(*) from organizations')).toBe(1);
    expect(database.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
    database.close();
  });

  it('refuses what comes after closing', async () => {
    const { store, close } = await openAt(place);
    await close();
    await expect(store.transact(changeDirectory, addOrganization())).rejects.toMatchObject({
      kind: 'storeUnavailable',
    });
    await expect(store.ping()).rejects.toMatchObject({ kind: 'storeUnavailable' });
  });
});
