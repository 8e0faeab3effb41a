import { randomUUID } from 'node:crypto';
import type { DirectoryChange } from '@cosell/server';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { userOf } from '@cosell/server/domain/directory/named-entries';
import { operatorTenant } from '@cosell/server/domain/tenant-names';
import { describe, expect, it } from 'vitest';
import { captureText } from '../support/captures.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { openStoreFor } from './opened-store.ts';

describeOnEachEngine('changing the directory', (engine) => {
  const opened = openStoreFor(engine);
  const change = (input: DirectoryChange) => opened.store.transact(changeDirectory, input);

  /** An organisation with a tenant and a location. */
  async function newOrganization(name: string = randomUUID()) {
    const [id, tenantId] = [randomUUID(), randomUUID()];
    await change({ kind: 'addOrganization', id, name, tenantId });
    await change({ kind: 'addLocation', organization: id, mpnId: '5512345', name: 'Redmond' });
    return { id, name, tenantId };
  }

  describe('refuses', () => {
    const refusals: [string, (own: { id: string; name: string; tenantId: string }) => DirectoryChange, RegExp][] = [
      ['an organisation without an id', () => ({ kind: 'addOrganization', id: 'x', name: 'x' }), /is a GUID, or msft/],
      [
        "another organisation's tenant",
        ({ tenantId }) => ({ kind: 'addOrganization', id: randomUUID(), name: 'x', tenantId: tenantId.toUpperCase() }),
        /belongs to another organisation/,
      ],
      [
        'the tenant that stands for all',
        () => ({ kind: 'addOrganization', id: randomUUID(), name: 'x', tenantId: 'Common' }),
        /a meaning of its own/,
      ],
      [
        'the tenant of whoever runs the exchange',
        () => ({ kind: 'addOrganization', id: randomUUID(), name: 'x', tenantId: operatorTenant }),
        /a meaning of its own/,
      ],
      [
        'a name whose letters run backwards',
        ({ id }) => ({ kind: 'changeOrganization', organization: id, name: 'tfosorciM\u202e' }),
        /a name is text/,
      ],
      ['an unknown organisation', () => ({ kind: 'removeOrganization', id: 'nobody' }), /no organisation nobody/],
      ['to remove one with locations', ({ id }) => ({ kind: 'removeOrganization', id }), /remove them first/],
      [
        'a location that is no number',
        ({ id }) => ({ kind: 'addLocation', organization: id, mpnId: 'a', name: 'x' }),
        /is a number/,
      ],
      [
        'to remove an unknown location',
        ({ id }) => ({ kind: 'removeLocation', organization: id, mpnId: '9' }),
        /no location 9/,
      ],
      [
        'an organisation without a name',
        () => ({ kind: 'addOrganization', id: randomUUID(), name: '' }),
        /a name is text/,
      ],
      [
        'a name of two lines',
        ({ id }) => ({ kind: 'addUser', organization: id, name: 'a\nb', email: 'a@x.com' }),
        /a name is text/,
      ],
      [
        'a name with space at its end',
        ({ id }) => ({ kind: 'addLocation', organization: id, mpnId: '1', name: 'x ' }),
        /a name is text/,
      ],
      [
        'an address that is none',
        ({ id }) => ({ kind: 'addUser', organization: id, name: 'x', email: 'x' }),
        /not an e-mail/,
      ],
      [
        'a tenant of another organisation',
        ({ id }) => ({ kind: 'addUser', organization: id, name: 'x', email: 'x@x.com', tenantId: randomUUID() }),
        /does not belong/,
      ],
      ['an unknown user', () => ({ kind: 'addRole', user: 'nobody', role: 'ReferralUser' }), /no user nobody/],
      ['an unknown role', ({ id }) => ({ kind: 'addRole', user: `user-${id}`, role: 'King' }), /no role King/],
      [
        'a Global Admin of a location',
        ({ id }) => ({ kind: 'addRole', user: `user-${id}`, role: 'GlobalAdmin', mpnId: '5512345' }),
        /whole company/,
      ],
      [
        'a role for an unknown location',
        ({ id }) => ({ kind: 'addRole', user: `user-${id}`, role: 'ReferralAdmin', mpnId: '9' }),
        /no location 9/,
      ],
      [
        'to take a role that he has not',
        ({ id }) => ({ kind: 'removeRole', user: `user-${id}`, role: 'ReferralUser' }),
        /is not/,
      ],
      [
        'a second user with the same subject',
        ({ id }) => ({ kind: 'addUser', organization: id, name: `other-${id}`, email: 'x@x.com', subject: `s-${id}` }),
        /already/,
      ],
    ];

    it.each(refusals)('%s', async (_title, refusedFor, reason) => {
      const own = await newOrganization();
      await change({
        kind: 'addUser',
        organization: own.id,
        name: `user-${own.id}`,
        email: 'a@x.com',
        subject: `s-${own.id}`,
      });
      const before = JSON.stringify(await opened.store.listDirectory());
      await expect(change(refusedFor(own))).rejects.toMatchObject({
        kind: 'directoryRefused',
        message: expect.stringMatching(reason),
      });
      expect(JSON.stringify(await opened.store.listDirectory())).toBe(before);
    });

    it('to remove a location that roles name', async () => {
      const { id } = await newOrganization();
      const user = `user-${id}`;
      await change({ kind: 'addUser', organization: id, name: user, email: 'a@x.com' });
      await change({ kind: 'addRole', user, role: 'ReferralAdmin', mpnId: '5512345' });
      const removal = { kind: 'removeLocation', organization: id, mpnId: '5512345' } as const;
      await expect(change(removal)).rejects.toThrow(/remove these roles first/);
      await change({ kind: 'removeRole', user, role: 'ReferralAdmin', mpnId: '5512345' });
      await change(removal);
    });

    it('to remove an organisation that owns referrals', async () => {
      const id = randomUUID();
      await opened.import(captureText({ id: randomUUID(), organizationId: id }));
      await expect(change({ kind: 'removeOrganization', id })).rejects.toThrow(/owns referrals/);
    });

    it('a name that a user of another organisation has', async () => {
      const [one, other] = [await newOrganization(), await newOrganization()];
      const name = `user-${one.id}`;
      await change({ kind: 'addUser', organization: one.id, name, email: 'a@x.com' });
      await expect(change({ kind: 'addUser', organization: other.id, name, email: 'b@x.com' })).rejects.toThrow(
        /another organisation/,
      );
    });
  });

  describe('means one user', () => {
    it('by name or address in any case, and says so where several could be meant', async () => {
      const { id } = await newOrganization();
      const other = await newOrganization();
      const email = `jane-${id}@x.com`;
      await change({ kind: 'addUser', organization: id, name: `Bob-${id}`, email });
      await change({ kind: 'addUser', organization: id, name: `bob-${id}`, email: `b-${email}` });
      await change({ kind: 'addUser', organization: other.id, name: `jim-${id}`, email: email.toUpperCase() });
      const directory = await opened.store.listDirectory();
      expect(userOf(directory, `Bob-${id}`).name).toBe(`Bob-${id}`);
      expect(userOf(directory, `bob-${id}`).name).toBe(`bob-${id}`);
      expect(userOf(directory, `JIM-${id}`).name).toBe(`jim-${id}`);
      expect(userOf(directory, `B-JANE-${id}@x.com`).name).toBe(`bob-${id}`);
      expect(() => userOf(directory, `BOB-${id}`)).toThrow(/several users/);
      expect(() => userOf(directory, email)).toThrow(/several users/);
      expect(() => userOf(directory, 'nobody')).toThrow(/no user nobody/);
    });
  });
});
