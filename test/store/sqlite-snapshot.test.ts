import { randomUUID } from 'node:crypto';
import { changeDirectory } from '@cosell/server/domain/directory';
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
});
