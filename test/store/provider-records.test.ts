import { surroundings } from '@cosell/server';
import { loadExchange } from '@cosell/server/domain/load-exchange';
import { addProviderKey, findProviderKey } from '@cosell/server/domain/provider-key';
import {
  cleanProviderRecords,
  consumeProviderRecord,
  forgetProviderRecord,
  type KeptRecord,
  keepProviderRecord,
  revokeProviderGrant,
} from '@cosell/server/domain/provider-records';
import { readSampleExchange } from '@cosell/server/sample-exchange';
import { expect, it } from 'vitest';
import { describeOnEachEngine } from '../support/engines.ts';
import { openStoreFor } from './opened-store.ts';

const soon = Math.floor(Date.now() / 1000) + 600;

const record = (others: Partial<KeptRecord>): KeptRecord => ({
  model: 'RefreshToken',
  id: 'a',
  payload: '{}',
  grantId: null,
  userCode: null,
  uid: null,
  expiresAt: soon,
  extends: null,
  ...others,
});

describeOnEachEngine("the built-in provider's records", (engine) => {
  const opened = openStoreFor(engine);
  const keep = (others: Partial<KeptRecord>) => opened.store.transact(keepProviderRecord, record(others));
  const find = (model: string, value: string, by: 'id' | 'uid' | 'userCode' = 'id') =>
    opened.store.provider.findRecord(model, by, value);

  it('are found by their id, uid or user code, each model apart, and replaced', async () => {
    await keep({ model: 'Session', id: 's', uid: 'u', payload: '{"a":1}' });
    await keep({ model: 'DeviceCode', id: 's', userCode: 'WDJB', payload: '{"b":2}', expiresAt: null });
    expect(await find('Session', 's')).toMatchObject({
      payload: '{"a":1}',
      uid: 'u',
      expiresAt: soon,
      consumedAt: null,
    });
    expect(await find('Session', 'u', 'uid')).toMatchObject({ id: 's' });
    expect(await find('DeviceCode', 'WDJB', 'userCode')).toMatchObject({ payload: '{"b":2}', expiresAt: null });
    for (const [model, value] of [
      ['Session', 'WDJB'],
      ['Session', 'x\0y'],
      ['Other', 's'],
    ] as const) {
      expect(await find(model, value, 'userCode')).toBeUndefined();
    }
    await keep({ model: 'Session', id: 's', uid: 'v', payload: '{"a":3}' });
    expect(await find('Session', 's')).toMatchObject({ payload: '{"a":3}', uid: 'v' });
    await opened.store.transact(forgetProviderRecord, { model: 'Session', id: 's' });
    expect(await find('Session', 's')).toBeUndefined();
  });

  it('are used up once: of ten that redeem one at the same time one wins, and the others end its grant', async () => {
    await keep({ model: 'Grant', id: 'g' });
    await keep({ id: 'first', grantId: 'grant' });
    await keep({ id: 'second', grantId: 'grant' });
    await keep({ id: 'other', grantId: 'other' });
    const redeem = { model: 'RefreshToken', id: 'first', grantId: 'grant', grant: 'g' };
    const won = await Promise.all(
      Array.from({ length: 10 }, () => opened.store.transact(consumeProviderRecord, redeem)),
    );
    expect(won.filter((hasWon) => hasWon)).toHaveLength(1);
    expect(await find('RefreshToken', 'first')).toBeUndefined();
    expect(await find('RefreshToken', 'second')).toBeUndefined();
    expect(await find('Grant', 'g')).toBeUndefined();
    expect(await find('RefreshToken', 'other')).toBeDefined();
  });

  it('stay used up when they are kept again, and go with their grant', async () => {
    await keep({ id: 'once', grantId: 'kept' });
    expect(
      await opened.store.transact(consumeProviderRecord, {
        model: 'RefreshToken',
        id: 'once',
        grantId: null,
        grant: null,
      }),
    ).toBe(true);
    await keep({ id: 'once', grantId: 'kept' });
    expect((await find('RefreshToken', 'once'))?.consumedAt).toBeGreaterThan(1_700_000_000);
    await opened.store.transact(revokeProviderGrant, { grantId: 'kept' });
    expect(await find('RefreshToken', 'once')).toBeUndefined();
  });

  it('let their grant last as long as the youngest of them', async () => {
    await keep({ model: 'Grant', id: 'long' });
    await keep({ id: 'later', grantId: 'long', extends: 'long', expiresAt: soon + 1_000 });
    await keep({ id: 'sooner', grantId: 'long', extends: 'long', expiresAt: soon - 1_000 });
    expect((await find('Grant', 'long'))?.expiresAt).toBe(soon + 1_000);
  });

  it('are cleaned up an hour after their end', async () => {
    const now = Math.floor(Date.now() / 1000);
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => keep({ model: 'Old', id: `o${index}`, expiresAt: now - 3_700 })),
    );
    await keep({ model: 'Old', id: 'ended', expiresAt: now - 3_000 });
    await keep({ model: 'Old', id: 'endless', expiresAt: null });
    await cleanProviderRecords(opened.store, surroundings, () => false);
    expect(await find('Old', 'o0')).toBeUndefined();
    expect(await find('Old', 'o19')).toBeUndefined();
    expect(await find('Old', 'ended')).toBeDefined();
    expect(await find('Old', 'endless')).toBeDefined();
    expect(await opened.store.provider.firstEnd()).toBe(now - 3_000);
  });

  it('have one key, which is made when it is first asked for', async () => {
    const keys = await Promise.all(Array.from({ length: 5 }, () => findProviderKey(opened.store, surroundings)));
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f-]{72}$/);
    expect(await opened.store.transact(addProviderKey, 'another')).toBe(keys[0]);
  });

  it('are of tenants that belong to organisations', async () => {
    const { store } = opened;
    await store.transact(loadExchange, { name: 'sample', contents: readSampleExchange() });
    const [organization] = (await store.listDirectory()).organizations;
    const [tenant = ''] = organization?.tenantIds ?? [];
    expect(await store.provider.findTenant(tenant)).toEqual({ organizationId: organization?.id });
    expect(await store.provider.findTenant('x')).toBeUndefined();
    expect(await store.provider.listTenants(organization?.id ?? '')).toEqual(organization?.tenantIds);
  });
});
