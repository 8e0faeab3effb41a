import { randomUUID } from 'node:crypto';
import type { DirectoryChange } from '@cosell/server';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { describe, expect, it } from 'vitest';
import { describeOnEachEngine } from '../support/engines.ts';
import { openStoreFor } from './opened-store.ts';

describeOnEachEngine('the directory', (engine) => {
  const opened = openStoreFor(engine);
  const change = (input: DirectoryChange) => opened.store.transact(changeDirectory, input);

  /** An organisation with a tenant and a location. */
  async function newOrganization(name: string = randomUUID()) {
    const [id, tenantId] = [randomUUID(), randomUUID()];
    await change({ kind: 'addOrganization', id, name, tenantId });
    await change({ kind: 'addLocation', organization: id, mpnId: '5512345', name: 'Redmond' });
    return { id, name, tenantId };
  }

  it('finds a user by tenant and subject, with his roles', async () => {
    const { id, tenantId } = await newOrganization();
    const user = `user-${id}`;
    await change({ kind: 'addUser', organization: id, name: user, email: 'Jane@x.com', subject: 's-1' });
    expect(await opened.store.findUser(tenantId, 's-1')).toEqual({
      organizationId: id,
      name: user,
      tenantId,
      subject: 's-1',
      email: 'Jane@x.com',
      isActive: true,
      isOrganizationActive: true,
      roles: [],
    });
    await change({ kind: 'addRole', user, role: 'Referral User' });
    await change({ kind: 'addRole', user, role: 'referral-admin', mpnId: '5512345' });
    await change({ kind: 'addRole', user, role: 'REFERRALADMIN' });
    await change({ kind: 'addRole', user, role: 'ReferralAdmin' });
    const { roles = [] } = (await opened.store.findUser(tenantId, 's-1')) ?? {};
    expect(roles).toEqual([
      { role: 'ReferralAdmin', mpnId: null },
      { role: 'ReferralAdmin', mpnId: '5512345' },
      { role: 'ReferralUser', mpnId: null },
    ]);
  });

  it.each([
    ['another subject', (tenantId: string) => [tenantId, 's-2']],
    ['the subject in other letters', (tenantId: string) => [tenantId, 'S-1']],
    ['another tenant', () => [randomUUID(), 's-1']],
    ['no tenant', () => ['', 's-1']],
    ['SQL', (tenantId: string) => [tenantId, "' or 1=1 --"]],
  ])('finds nobody by %s', async (_title, keyOf) => {
    const { id, tenantId } = await newOrganization();
    await change({ kind: 'addUser', organization: id, name: `user-${id}`, email: 'a@x.com', subject: 's-1' });
    const [tenant = '', subject = ''] = keyOf(tenantId);
    expect(await opened.store.findUser(tenant, subject)).toBeUndefined();
  });

  it('does not take the end of a tenant for the beginning of a subject', async () => {
    const { id } = await newOrganization();
    const tenantId = `t ${id}`;
    await change({ kind: 'addOrganization', id, name: id, tenantId });
    await change({ kind: 'addUser', organization: id, name: `user-${id}`, email: 'a@x.com', tenantId, subject: 'b c' });
    expect(await opened.store.findUser(tenantId, 'b c')).toBeDefined();
    expect(await opened.store.findUser('t', `${id} b c`)).toBeUndefined();
    expect(await opened.store.findUser(`${tenantId} b`, 'c')).toBeUndefined();
  });

  it('folds a subject that is a GUID, and keeps any other', async () => {
    const { id, tenantId } = await newOrganization();
    const issuer = `https://login.example/${id}`;
    await change({ kind: 'addOrganization', id, name: id, tenantId: issuer });
    const subject = randomUUID();
    await change({
      kind: 'addUser',
      organization: id,
      name: `one-${id}`,
      email: 'a@x.com',
      tenantId,
      subject: subject.toUpperCase(),
    });
    await change({
      kind: 'addUser',
      organization: id,
      name: `two-${id}`,
      email: 'a@x.com',
      tenantId: issuer,
      subject: 'ABC',
    });
    expect(await opened.store.findUser(tenantId, subject)).toMatchObject({ name: `one-${id}` });
    expect(await opened.store.findUser(issuer, 'ABC')).toMatchObject({ name: `two-${id}` });
    expect(await opened.store.findUser(issuer, 'abc')).toBeUndefined();
  });

  describe('is read anew after every change', () => {
    it('of a role, a user or an address', async () => {
      const { id, tenantId } = await newOrganization();
      const user = `user-${id}`;
      const find = () => opened.store.findUser(tenantId, 's');
      expect(await find()).toBeUndefined();
      await change({ kind: 'addUser', organization: id, name: user, email: 'a@x.com', subject: 's' });
      expect(await find()).toMatchObject({ email: 'a@x.com', roles: [] });
      for (let round = 0; round < 10; round += 1) {
        await change({ kind: 'addRole', user, role: 'ReferralUser' });
        expect((await find())?.roles).toHaveLength(1);
        await change({ kind: 'removeRole', user, role: 'ReferralUser' });
        expect((await find())?.roles).toEqual([]);
      }
      await change({ kind: 'addUser', organization: id, name: user, email: 'b@x.com' });
      expect(await find()).toMatchObject({ email: 'b@x.com' });
      await change({ kind: 'removeUser', user });
      expect(await find()).toBeUndefined();
    });

    it('also while many others read', async () => {
      const { id, tenantId } = await newOrganization();
      const user = `user-${id}`;
      await change({ kind: 'addUser', organization: id, name: user, email: 'a@x.com', subject: 's' });
      let isDone = false;
      const reading = (async () => {
        while (!isDone) await Promise.all([opened.store.findUser(tenantId, 's'), new Promise(setImmediate)]);
      })();
      for (let round = 0; round < 20; round += 1) {
        await change({ kind: 'addRole', user, role: 'GlobalAdmin' });
        expect((await opened.store.findUser(tenantId, 's'))?.roles).toHaveLength(1);
        await change({ kind: 'removeRole', user, role: 'GlobalAdmin' });
        expect((await opened.store.findUser(tenantId, 's'))?.roles).toHaveLength(0);
      }
      isDone = true;
      await reading;
    });
  });

  it('says who is not active', async () => {
    const { id, tenantId } = await newOrganization();
    await change({ kind: 'addUser', organization: id, name: `user-${id}`, email: 'a@x.com', subject: 's' });
    await opened.rows(`update users set is_active = 0 where organization_id = '${id}'`);
    // The change was made from outside, so it is seen when this process has forgotten what it knew.
    await opened.reopen();
    expect(await opened.store.findUser(tenantId, 's')).toMatchObject({ isActive: false, isOrganizationActive: true });
    expect(
      (await opened.store.listDirectory()).users.find(({ organizationId }) => organizationId === id)?.isActive,
    ).toBe(false);
    await opened.rows(`update organizations set is_active = 0 where id = '${id}'`);
    await opened.reopen();
    expect(await opened.store.findUser(tenantId, 's')).toMatchObject({ isActive: false, isOrganizationActive: false });
  });

  it('lists organisations by id, and locations and users by organisation and name', async () => {
    for (const name of ['b', 'B', 'a', 'ä', 'Z']) {
      const { id } = await newOrganization(name);
      await change({ kind: 'addUser', organization: id, name: `${name}2-${id}`, email: 'a@x.com' });
      await change({ kind: 'addUser', organization: id, name: `${name}1-${id}`, email: 'a@x.com' });
      await change({ kind: 'addLocation', organization: id, mpnId: '1', name: 'first' });
    }
    const { organizations, locations, users } = await opened.store.listDirectory();
    const byText = (texts: readonly string[]) => texts.toSorted((one, other) => (one < other ? -1 : 1));
    for (const keys of [
      organizations.map(({ id }) => id),
      locations.map(({ organizationId, mpnId }) => `${organizationId} ${mpnId}`),
      users.map(({ organizationId, name }) => `${organizationId} ${name}`),
    ]) {
      expect(keys).toEqual(byText(keys));
    }
    expect(organizations.every(({ tenantIds }) => tenantIds.length > 0)).toBe(true);
  });

  it('can be taken apart again', async () => {
    const { id, tenantId } = await newOrganization();
    const user = `user-${id}`;
    await change({ kind: 'addUser', organization: id, name: user, email: 'a@x.com', subject: 's' });
    await change({ kind: 'addRole', user, role: 'ReferralUser' });
    await change({ kind: 'removeUser', user });
    await change({ kind: 'removeLocation', organization: id, mpnId: '5512345' });
    await change({ kind: 'removeOrganization', id });
    const { organizations, users, locations } = await opened.store.listDirectory();
    expect(JSON.stringify([organizations, users, locations])).not.toContain(id);
    expect(await opened.rows(`select * from role_assignments where user_name = '${user}'`)).toEqual([]);
    // The tenant is free again.
    await change({ kind: 'addOrganization', id: randomUUID(), name: 'new', tenantId });
  });

  it('takes the same change many times at once', async () => {
    const [id, tenantId] = [randomUUID(), randomUUID()];
    const same = Array.from({ length: 10 }, () => change({ kind: 'addOrganization', id, name: 'one', tenantId }));
    await Promise.all(same);
    const { organizations } = await opened.store.listDirectory();
    expect(organizations.filter((row) => row.id === id)).toEqual([
      { id, name: 'one', isActive: true, tenantIds: [tenantId] },
    ]);
  });
});
