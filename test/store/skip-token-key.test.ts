import { addSkipTokenKey, skipTokenKey } from '@cosell/server/domain/skip-token-key';
import { expect, it } from 'vitest';
import { describeOnEachEngine } from '../support/engines.ts';
import { openStoreFor } from './opened-store.ts';

describeOnEachEngine('the key of skip tokens', (engine) => {
  const opened = openStoreFor(engine);

  it('is made when an exchange is opened first, and stays the same', async () => {
    const key = await opened.store.findFact(skipTokenKey);
    expect(key).toMatch(/^[0-9a-f-]{72}$/);
    await opened.reopen();
    expect(await opened.store.findFact(skipTokenKey)).toBe(key);
  });

  it('is the one that was there first, for whoever brings another', async () => {
    const key = await opened.store.findFact(skipTokenKey);
    const given = await Promise.all(['a', 'b'].map((other) => opened.store.transact(addSkipTokenKey, other)));
    expect(given).toEqual([key, key]);
  });
});
