import { changeDirectory } from '@cosell/server/domain/directory';
import { expect, it } from 'vitest';
import { describeOnEachEngine } from '../support/engines.ts';
import { openStoreFor } from './opened-store.ts';

describeOnEachEngine('compacting a store', (engine) => {
  const opened = openStoreFor(engine);
  const organization = (count: number) => ({
    kind: 'addOrganization' as const,
    id: `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`,
    name: `number ${count}`,
  });

  it('keeps every row, and takes its turn among the writes that are asked for at the same time', async () => {
    const { store } = opened;
    const before = Array.from({ length: 20 }, (_one, count) => store.transact(changeDirectory, organization(count)));
    const compacting = store.compact();
    const after = Array.from({ length: 20 }, (_one, count) =>
      store.transact(changeDirectory, organization(count + 20)),
    );
    const reading = store.listDirectory();
    const [done] = await Promise.all([compacting, reading, ...before, ...after]);
    // PostgreSQL does it by itself.
    const sizes = { bytesBefore: expect.any(Number), bytesAfter: expect.any(Number) };
    expect(done).toEqual(engine.name === 'SQLite' ? sizes : undefined);
    expect((await store.listDirectory()).organizations).toHaveLength(40);
    expect(await opened.rows('select id from organizations')).toHaveLength(40);
  });
});
