import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { openSqliteStore } from '@cosell/server/store/sqlite/sqlite-store';
import { startWriterThread } from '@cosell/server/store/sqlite/thread-link';
import { surroundings } from '@cosell/server/surroundings';
import { expect, it } from 'vitest';
import { openAt } from '../support/engines.ts';
import { describeOnSqlite } from '../support/one-engine.ts';

describeOnSqlite('reads that share a transaction', (engine) => {
  it('see every write that was acknowledged before them, also within the same turn', async () => {
    const place = await engine.makePlace();
    const { store, close } = await openAt(place);
    for (let round = 0; round < 200; round += 1) {
      const id = randomUUID();
      // The first read opens the transaction of this turn; the write is acknowledged while others go on reading.
      const reads = [store.listDirectory(), store.listDirectory()];
      const written = store.transact(changeDirectory, { kind: 'addOrganization', id, name: `Organisation ${round}` });
      const seen = written.then(() => store.listDirectory());
      await Promise.all(reads);
      expect((await seen).organizations.map((organization) => organization.id)).toContain(id);
    }
    await close();
    await place.remove();
  });

  it('see what another process has written, also a directory entry that was remembered', async () => {
    const place = await engine.makePlace();
    await (await openAt(place)).close();
    const path = join(place.at.dataDir, 'cosell.db');
    const entryOf = (name: string) => pathToFileURL(createRequire(import.meta.url).resolve(`@cosell/server/${name}`));
    const writer = await startWriterThread(path, entryOf('writer-thread'));
    // Two stores know no more of each other than two processes do.
    const readers = {
      path,
      entry: entryOf('reader-thread'),
      most: 1,
      timeoutMs: 10_000,
      stopwatch: surroundings.stopwatch,
    };
    const [one, other] = [openSqliteStore(writer, readers, true), openSqliteStore(writer, readers, true)];
    const organization = randomUUID();
    const [tenantId, subject] = [randomUUID(), randomUUID()];
    await one.transact(changeDirectory, { kind: 'addOrganization', id: organization, name: 'One', tenantId });
    const user = { kind: 'addUser', organization, name: 'someone', subject } as const;
    for (let round = 0; round < 50; round += 1) {
      const email = `someone-${round}@example.com`;
      const before = other.findUser(tenantId, subject);
      await one.transact(changeDirectory, { ...user, email });
      expect((await other.findUser(tenantId, subject))?.email).toBe(email);
      expect((await before)?.email).not.toBe(email);
    }
    await other.ping();
    await one.close();
    await place.remove();
  });
});
