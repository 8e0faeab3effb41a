import { randomUUID } from 'node:crypto';
import type { DirectoryChange } from '@cosell/server';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { newSecret } from '@cosell/server/domain/directory/client-secret';
import { beforeAll, expect, it } from 'vitest';
import { describeOnEachEngine } from '../support/engines.ts';
import { openStoreFor } from './opened-store.ts';

describeOnEachEngine('applications and API clients', (engine) => {
  const opened = openStoreFor(engine);
  const change = (input: DirectoryChange) => opened.store.transact(changeDirectory, input);
  const [organization, clientId] = [randomUUID(), randomUUID()];
  beforeAll(async () => void (await change({ kind: 'addOrganization', id: organization, name: 'Contoso' })));
  const add = (more: object = {}) =>
    change({
      ...{ kind: 'addApplication', organization, name: 'App', clientId: clientId.toUpperCase(), isPublic: false },
      ...{ redirectUris: ['http://localhost'] },
      ...more,
    } as DirectoryChange);
  const addSecret = async (more: object = {}) => {
    const { text, hash: secretHash, hint } = newSecret();
    await change({ kind: 'addClientSecret', client: clientId, secretHash, hint, ...more });
    return { text, secretHash, hint };
  };
  const day = 86_400_000;

  it('are found by id, before and after every change', async () => {
    expect(await opened.store.findClient(clientId)).toBeUndefined();
    await add();
    const wanted = { clientId, organizationId: organization, kind: 'application', name: 'App', isPublic: false };
    const all = {
      ...wanted,
      redirectUris: ['http://localhost'],
      isActive: true,
      organizationIsActive: true,
      secrets: [],
    };
    expect(await opened.store.findClient(clientId)).toEqual(all);
    await change({ kind: 'changeClient', client: 'app', name: 'Other', redirectUris: [], isActive: false });
    const changed = { ...all, name: 'Other', redirectUris: [], isActive: false };
    expect(await opened.store.findClient(clientId)).toEqual(changed);
    await change({ kind: 'changeClient', client: clientId, isActive: true });
    expect(await opened.store.findClient(clientId)).toEqual({ ...changed, isActive: true });
    expect(await opened.store.findClient(clientId.toUpperCase())).toEqual({ ...changed, isActive: true });
    expect(await opened.store.findClient('x\0')).toBeUndefined();
  });

  it('have two secrets that are valid, of which no list tells more than its first letters', async () => {
    const first = await addSecret();
    const second = await addSecret({ expiresAtMs: Date.now() + day });
    await expect(addSecret()).rejects.toThrow(/has 2 secrets/);
    const { secrets = [] } = (await opened.store.findClient(clientId)) ?? {};
    expect(secrets.map(({ secretHash }) => secretHash).sort()).toEqual([first.secretHash, second.secretHash].sort());
    const listed = JSON.stringify(await opened.store.listDirectory());
    for (const { text, secretHash, hint } of [first, second]) {
      expect(listed).not.toContain(secretHash);
      expect(listed).not.toContain(text);
      expect(listed).toContain(`"hint":"${hint}"`);
    }
    await expect(change({ kind: 'changeClient', client: clientId, isPublic: true })).rejects.toThrow(/has secrets/);
    await expect(add({ isPublic: true })).rejects.toThrow(/has secrets/);
    const [gone] = secrets;
    await change({ kind: 'removeClientSecret', client: clientId, id: gone?.id ?? '' });
    await expect(change({ kind: 'removeClientSecret', client: clientId, id: gone?.id ?? '' })).rejects.toThrow(
      /no secret/,
    );
    // One that is over makes room for the next.
    await opened.rows(`update client_secrets set expires_at = '2020-01-01T00:00:00.0000000Z'`);
    await opened.reopen();
    await addSecret();
    await addSecret();
    expect((await opened.store.findClient(clientId))?.secrets).toHaveLength(2);
  });

  it.each<[string, object, RegExp]>([
    ['a client id that is none', { clientId: 'x' }, /is a GUID/],
    ['an empty name', { name: ' ' }, /a name is text/],
    ['an unknown organisation', { organization: 'nobody' }, /no organisation/],
    ['a client of another sort by the same id', { kind: 'addApiClient' }, /in use/],
    ...['/x', 'http://app.example', 'javascript:alert(1)', 'https://a.example/#x', 'https://u@a.example', 'data:x'].map(
      (uri): [string, object, RegExp] => [`the address ${uri}`, { redirectUris: [uri] }, /an address|a scheme/],
    ),
    ['a wildcard', { redirectUris: ['https://*.example'] }, /stars/],
    ['too many addresses', { redirectUris: Array.from({ length: 21 }, () => 'http://localhost') }, /at most 20/],
    ['a secret that is over', { kind: 'addClientSecret', client: clientId, expiresAtMs: 1 }, /in the future/],
    ['a secret for ever', { kind: 'addClientSecret', client: clientId, expiresAtMs: 9e15 }, /730 days/],
    ['a secret of nobody', { kind: 'addClientSecret', client: 'nobody' }, /no application or API client/],
  ])('refuse %s and stay as they are', async (_title, more, reason) => {
    const before = JSON.stringify(await opened.store.listDirectory());
    await expect(add(more)).rejects.toMatchObject({
      kind: 'directoryRefused',
      message: expect.stringMatching(reason),
    });
    expect(JSON.stringify(await opened.store.listDirectory())).toBe(before);
  });

  it('are of two sorts: an API client has no address, a public application no secret', async () => {
    const [apiClient, publicClient] = [randomUUID(), randomUUID()];
    await change({ kind: 'addApiClient', organization, name: 'Robot', clientId: apiClient });
    const withAddress = { kind: 'changeClient', client: 'robot', redirectUris: ['https://a.example'] } as const;
    await expect(change(withAddress)).rejects.toThrow(/no redirect/);
    const redirectUris = [
      'http://localhost',
      'com.example.app:/signed-in',
      `msal${publicClient}://auth`,
      'http://[::1]:80/',
    ];
    await add({ name: 'Native', clientId: publicClient, isPublic: true, redirectUris });
    expect((await opened.store.findClient(publicClient))?.redirectUris).toEqual(redirectUris);
    const secret = { kind: 'addClientSecret', client: publicClient, secretHash: 'x', hint: 'x' } as const;
    await expect(change(secret)).rejects.toThrow(/is public/);
    expect(await opened.store.findClient(apiClient)).toMatchObject({ kind: 'apiClient', isPublic: false });
    // They go with their organisation.
    await change({ kind: 'removeOrganization', id: organization });
    for (const id of [apiClient, publicClient, clientId]) expect(await opened.store.findClient(id)).toBeUndefined();
    expect(await opened.rows('select * from client_secrets')).toEqual([]);
  });
});
