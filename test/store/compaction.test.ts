import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { expect, it } from 'vitest';
import { captureText } from '../support/captures.ts';
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

  it.runIf(engine.name === 'SQLite')('leaves no word of what was removed in the file', async () => {
    const secret = 'zyxwvutsrq';
    const ids = Array.from({ length: 60 }, () => randomUUID());
    const captures = (name: string) => ids.map((id) => captureText({ id, name }));
    for (const text of captures(`first ${secret}`)) await opened.import(text);
    for (const text of captures('second')) await opened.import(text);
    const isThere = () => readFileSync(join(opened.place.at.dataDir, 'cosell.db')).includes(secret);
    await opened.store.compact();
    // The log of changes keeps what was; nothing else does.
    await opened.rows('update changes set document_before = null');
    await opened.store.compact();
    expect(isThere()).toBe(false);
    expect(await opened.rows('select text from referral_search')).toHaveLength(60);
    await opened.rows("insert into referral_search_words (referral_search_words, rank) values ('integrity-check', 1)");
  });
});
