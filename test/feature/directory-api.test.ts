import { randomUUID } from 'node:crypto';
import { acceptInvitation, findInvitation, parseInvitation } from '@cosell/server/domain/directory/accept-invitation';
import { secretHashOf } from '@cosell/server/domain/directory/client-secret';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../store/rows-of.ts';
import { collection, comparable, expectEnvelope } from '../support/answers.ts';
import { directoryClient, directoryOf, directoryRoutes, pathOf } from '../support/directory.ts';
import { leastDeal } from '../support/documented-requests.ts';
import { describeOnEachEngine, type Place } from '../support/engines.ts';
import { ids, organizations, unknownIds, users } from '../support/sample.ts';
import { startTestServer, type TestServer, type WireAnswer } from '../support/test-server.ts';
import { answeredIn, writingAs } from '../support/writing.ts';

type Entry = Readonly<Record<string, unknown>> & { readonly eTag: string };

describeOnEachEngine('the directory by HTTP', (engine) => {
  let server: TestServer;
  let place: Place;
  let operator: ReturnType<typeof directoryClient>;
  let admin: ReturnType<typeof directoryClient>;
  const home = directoryOf(organizations.contoso);
  const nativeApp = 'c05e1100-0000-4000-8000-0000000000a1';
  const webApp = 'c05e1100-0000-4000-8000-0000000000a2';
  beforeAll(async () => {
    place = await engine.makeSamplePlace();
    server = await startTestServer(engine, {}, place);
    operator = directoryClient(server, undefined);
    admin = directoryClient(server, users.admin);
    const answer = await operator('POST', `${home}/role-assignments`, {
      body: { userName: users.admin, role: 'GlobalAdmin' },
    });
    expect(answer.status, answer.text).toBe(200);
  });
  afterAll(() => server.close());
  const list = async (at: string) => {
    const answer = await admin('GET', `${home}/${at}`);
    expect(answer.status, answer.text).toBe(200);
    return answer.json<{ value: Entry[]; '@odata.count': number }>();
  };
  const done = (answer: WireAnswer) => {
    expect([200, 204], answer.text).toContain(answer.status);
    return answer.text === '' ? undefined : answer.json<Entry>();
  };

  it.each<[string, object, object, object]>([
    ['locations', { mpnId: '31', name: 'Oslo' }, { name: 'Bergen' }, { isActive: false }],
    ['users', { name: 'Ann (Oslo)', email: 'ann@contoso.com' }, { email: 'ann.o@contoso.com' }, { isActive: false }],
    [
      'users',
      { name: 'a/b ?#%', email: 'b@c.d', subject: 'ABCDEF00-0000-4000-8000-00000000000F' },
      { email: 'B@c.d' },
      { isActive: false },
    ],
    ['applications', { name: 'App', redirectUris: ['https://a.example'] }, { isPublic: true }, { isActive: false }],
    ['api-clients', { name: 'Robot' }, { name: 'Robot 2' }, { isActive: false }],
  ])('adds, reads, changes, deactivates and reactivates %s %j', async (segment, body, change, off) => {
    const added = await admin('POST', `${home}/${segment}`, { body });
    expect(done(added)).toMatchObject({
      ...body,
      isActive: true,
      eTag: added.headers.etag,
      ...('subject' in body ? { subject: 'abcdef00-0000-4000-8000-00000000000f' } : {}),
    });
    const path = new URL(String(added.headers.location)).pathname;
    const read = await admin('GET', path);
    expect([read.text, read.headers.etag, read.headers['cosell-extension']]).toEqual([
      added.text,
      added.headers.etag,
      'directory',
    ]);
    const ifMatch = { 'if-match': String(added.headers.etag) };
    const unchanged = await admin('GET', path, { headers: { 'if-none-match': String(added.headers.etag) } });
    expect(unchanged.status).toBe(304);
    const changed = await admin('PATCH', path, { body: change, headers: ifMatch });
    expect(done(changed)).toMatchObject({
      ...body,
      ...change,
      ...('subject' in body ? { subject: 'abcdef00-0000-4000-8000-00000000000f' } : {}),
    });
    expectEnvelope(await admin('PATCH', path, { body: change, headers: ifMatch }), 412, '99918');
    expect(done(await admin('PATCH', path, { body: off }))).toMatchObject({ ...change, isActive: false });
    const back = await admin('PATCH', path, {
      body: '{"isActive":true}',
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect(back.text).toBe(changed.text);
    expect((await list(segment)).value).toContainEqual(JSON.parse(back.text));
    const again = await admin('POST', `${home}/${segment}`, { body });
    if (segment === 'locations' || segment === 'users') expectEnvelope(again, 409, 'directoryEntryExists');
    else done(again);
  });

  it('lists in parts by $top and $skip, and says how many there are', async () => {
    const all = await list('users');
    expect(all['@odata.count']).toBe(all.value.length);
    const part = await list('users?$top=2&$skip=1');
    expect(part).toEqual({ ...all, value: all.value.slice(1, 3) });
    expectEnvelope(await admin('GET', `${home}/users?$top=x`), 400, 'optionValueInvalid');
    expectEnvelope(await admin('GET', `${home}/users?$filter=true`), 400, 'optionNotAllowed');
  });

  it('keeps organisations to the operator, but for the name of the own one', async () => {
    const body = { id: randomUUID().toUpperCase(), name: 'Fabrikam' };
    expectEnvelope(await admin('POST', '/directory/v1/organizations', { body }), 403, 'operatorRequired');
    const added = await operator('POST', '/directory/v1/organizations', { body });
    expect(done(added)).toMatchObject({ id: body.id.toLowerCase(), isActive: true, tenantIds: [expect.any(String)] });
    expectEnvelope(await operator('POST', '/directory/v1/organizations', { body }), 409, 'directoryEntryExists');
    const all = (await operator('GET', '/directory/v1/organizations')).json<{ value: Entry[] }>().value;
    expect(all.map(({ id }) => id)).toContain(body.id.toLowerCase());
    const own = (await admin('GET', '/directory/v1/organizations')).json<{ value: Entry[] }>().value;
    expect(own.map(({ id }) => id)).toEqual([organizations.contoso]);
    expect(done(await admin('PATCH', home, { body: { name: 'Contoso Ltd' } }))).toMatchObject({ name: 'Contoso Ltd' });
    done(await admin('PATCH', home, { body: { name: 'Contoso Company' } }));
    expectEnvelope(await admin('PATCH', home, { body: { isActive: false } }), 403, 'operatorRequired');
    for (const name of ['microsoft', 'Tailspin Toys'])
      expectEnvelope(await admin('PATCH', home, { body: { name } }), 400, 'directoryRefused');
  });

  it('shuts all users of an organisation out while it is not active', async () => {
    const path = directoryOf(organizations.tailspin);
    const ask = () => server.askAs(users.tailspin, `${collection}/${ids.tailspin}`);
    expect((await ask()).status).toBe(200);
    done(await operator('PATCH', path, { body: { isActive: false } }));
    expect((await ask()).status).toBe(403);
    // Nobody sends it anything either.
    const target = [{ type: 'BusinessProfileLocation', id: 'c0ffee00-7700-4001-8000-000000000001' }];
    const lead = await writingAs(server, users.admin).post({ ...leastDeal(), target });
    expect(expectEnvelope(lead, 400, 'invalidBody').details).toMatchObject([{ code: 'targetNotAvailable' }]);
    done(await operator('PATCH', path, { body: { isActive: true } }));
    expect((await ask()).status).toBe(200);
  });

  it('sends nothing new to a location that is not active, and leaves what is there within reach', async () => {
    const path = `${home}/locations/5598765`;
    const london = writingAs(server, users.london);
    const deal = leastDeal();
    const own = answeredIn(await london.post(deal));
    expect(own.mpnId).toBe('5598765');
    done(await admin('PATCH', path, { body: { isActive: false } }));
    expect((await server.askAs(users.london, `${collection}/${ids.london}`)).status).toBe(200);
    expect((await london.patch(own.id, [{ op: 'replace', path: '/details/notes', value: 'x' }])).status).toBe(204);
    for (const [writer, more] of [
      [london, {}],
      [london, { mpnId: '5598765' }],
      [writingAs(server, users.admin), { mpnId: '5598765' }],
    ] as const) {
      const refused = expectEnvelope(await writer.post({ ...deal, ...more }), 400, 'invalidBody');
      expect(refused.details).toMatchObject([{ target: '/mpnId' }]);
    }
    const target = [{ type: 'BusinessProfileLocation', id: 'c0ffee00-5598-4765-8000-000000000001' }];
    const lead = await writingAs(server, users.tailspin).post({ ...leastDeal(), target });
    expect(expectEnvelope(lead, 400, 'invalidBody').details).toMatchObject([{ code: 'targetNotAvailable' }]);
    done(await admin('PATCH', path, { body: { isActive: true } }));
    expect((await london.post(deal)).status).toBe(200);
  });

  it('gives and takes roles, which count on the next request', async () => {
    const ask = () => server.askAs(users.nobody, `${collection}/${ids.lead}`);
    const refusal = expectEnvelope(await ask(), 403, 'roleMissing');
    expect(refusal.message).toContain(`npx --no cosell directory add role "Referral User" --user ${users.nobody}`);
    const added = await admin('POST', `${home}/role-assignments`, {
      body: { userName: users.nobody, role: 'ReferralAdmin' },
    });
    const path = new URL(String(added.headers.location)).pathname;
    expect((await ask()).status).toBe(200);
    expect(done(await admin('GET', path))).toMatchObject({
      userName: users.nobody,
      role: 'ReferralAdmin',
      mpnId: null,
    });
    const user = done(await admin('GET', `${home}/users/${users.nobody}`));
    expect(user?.roles).toEqual([{ id: done(added)?.id, role: 'ReferralAdmin', mpnId: null }]);
    expect(done(await admin('DELETE', path))).toBeUndefined();
    expectEnvelope(await ask(), 403, 'roleMissing');
    expectEnvelope(await admin('DELETE', path), 404, 'directoryEntryNotFound');
    for (const [body, reason] of [
      [{ userName: users.nobody, role: 'GlobalAdmin', mpnId: '5512345' }, /whole company/],
      [{ userName: users.nobody, role: 'ReferralUser', mpnId: '7700001' }, /no location/],
    ] as const) {
      const refused = await admin('POST', `${home}/role-assignments`, { body });
      expect(expectEnvelope(refused, 400, 'directoryRefused').message).toMatch(reason);
    }
  });

  it('leaves an organisation no way to be without a Global Admin but by the operator', async () => {
    const { value } = await list('role-assignments');
    const held = value.find(({ role }) => role === 'GlobalAdmin');
    const remove = () => admin('DELETE', `${home}/role-assignments/${held?.id}`);
    const off = { body: { isActive: false } };
    expect(expectEnvelope(await remove(), 400, 'directoryRefused').message).toContain('no Global Admin');
    expectEnvelope(await admin('PATCH', `${home}/users/${users.admin}`, off), 400, 'directoryRefused');
    done(await admin('POST', `${home}/role-assignments`, { body: { userName: users.london, role: 'GlobalAdmin' } }));
    expect((await remove()).status).toBe(204);
    // He has given it away, and so is not asked any more.
    expectEnvelope(await admin('PATCH', `${home}/users/${users.admin}`, off), 403, 'roleMissing');
    const london = done(await operator('GET', `${home}/users/${users.london}`))?.roles as {
      id: string;
      role: string;
    }[];
    const last = london.find(({ role }) => role === 'GlobalAdmin')?.id;
    expect((await operator('DELETE', `${home}/role-assignments/${last}`)).status).toBe(204);
    done(await operator('POST', `${home}/role-assignments`, { body: { userName: users.admin, role: 'GlobalAdmin' } }));
  });

  it('matches a Referral User to teams by the address of the directory and by no claim', async () => {
    const name = `seller-${randomUUID()}`;
    const { subject, tenantId } = done(
      await admin('POST', `${home}/users`, { body: { name, email: 'new@contoso.com' } }),
    ) as unknown as { subject: string; tenantId: string };
    done(await admin('POST', `${home}/role-assignments`, { body: { userName: name, role: 'ReferralUser' } }));
    // Jane is on this team, and the token says that it is hers.
    const claimed = { organizationId: organizations.contoso, name, tenantId, subject, isActive: true, roles: [] };
    const token = await server.exchange.issuer.mintToken({ ...claimed, email: 'jane.doe@contoso.com' }, server.origin);
    const headers = { authorization: `Bearer ${token}` };
    const ask = () => server.ask(`${collection}/${ids.partnerLed}`, { headers });
    expectEnvelope(await ask(), 403, 'notOnTeam');
    const path = `${home}/users/${name}`;
    const email = { body: JSON.stringify({ email: 'Jane.Doe@contoso.com' }), method: 'PATCH' };
    expectEnvelope(await server.ask(path, { ...email, headers }), 403, 'roleMissing');
    expectEnvelope(await ask(), 403, 'notOnTeam');
    done(await admin('PATCH', path, { body: { email: 'Jane.Doe@contoso.com' } }));
    expect((await ask()).status).toBe(200);
    done(await admin('PATCH', path, { body: { isActive: false } }));
    expect((await ask()).status).toBe(403);
  });

  it('shows a secret once, lets two be valid, and none of a public application', async () => {
    const path = `${home}/applications/${webApp}`;
    const make = (body = {}) => admin('POST', `${path}/secrets`, { body });
    const first = (await make()).json<{ id: string; secret: string }>();
    const second = (await make({ expirationDateTime: '2027-01-01T00:00:00Z' })).json<{ id: string; secret: string }>();
    expectEnvelope(await make(), 400, 'directoryRefused');
    expectEnvelope(await make({ expirationDateTime: 'soon' }), 400, 'invalidBody');
    const { secrets = [] } = (await server.exchange.store.findClient(webApp)) ?? {};
    expect(secrets.map(({ secretHash }) => secretHash).sort()).toEqual(
      [first, second].map(({ secret }) => secretHashOf(secret)).sort(),
    );
    const shown = (await admin('GET', path)).text + (await admin('GET', `${home}/applications`)).text;
    expect(shown).toContain(first.id);
    expect(shown).not.toContain(first.secret.slice(4));
    expect((await admin('DELETE', `${path}/secrets/${first.id}`)).status).toBe(204);
    expectEnvelope(await admin('DELETE', `${path}/secrets/${first.id}`), 404, 'directoryEntryNotFound');
    expect((await server.exchange.store.findClient(webApp))?.secrets).toHaveLength(1);
    expectEnvelope(await admin('POST', `${home}/applications/${nativeApp}/secrets`), 400, 'directoryRefused');
    // It is an application and no API client.
    expectEnvelope(await admin('POST', `${home}/api-clients/${webApp}/secrets`), 404, 'directoryEntryNotFound');
    expectEnvelope(await admin('PATCH', `${home}/api-clients/${webApp}`, { body: {} }), 404, 'directoryEntryNotFound');
  });

  it('invites: the link makes one user, once, with the roles, and is good for seven days', async () => {
    const { store } = server.exchange;
    const roles = [{ role: 'ReferralAdmin', mpnId: '5598765' }, { role: 'ReferralUser' }];
    const invite = async (body: object) => {
      const answer = await admin('POST', `${home}/invitations`, { body });
      const { link, ...invitation } = answer.json<Entry & { id: string; link: string }>();
      expect((await admin('GET', `${home}/invitations/${invitation.id}`)).json()).toEqual(invitation);
      expect(link.startsWith(`${server.origin}/invitation/${organizations.contoso}.${invitation.id}.`)).toBe(true);
      return parseInvitation(link.slice(link.lastIndexOf('/') + 1));
    };
    const link = await invite({ email: 'joe@contoso.com', roles });
    if (link === undefined) throw new Error('the link cannot be read');
    const accept = (userName: string, more = {}) =>
      store.transact(acceptInvitation, { ...link, userName, passwordHash: '$argon2id$x', ...more });
    for (const wrong of [
      { secret: 'x' },
      { id: randomUUID() },
      { organizationId: organizations.tailspin },
      { id: 'x\0' },
      { organizationId: '\0' },
    ]) {
      await expect(accept('joe', wrong)).rejects.toMatchObject({ kind: 'invitationNotAvailable' });
      expect(await findInvitation(store, { ...link, ...wrong }, Date.now())).toBeUndefined();
    }
    await expect(accept(users.tailspin)).rejects.toThrow(/is taken/);
    expect(await findInvitation(store, link, Date.now())).toMatchObject({ email: 'joe@contoso.com', userName: '' });
    expect(await findInvitation(store, link, Date.now() + 8 * 86_400_000)).toBeUndefined();
    const outcomes = await Promise.allSettled(['joe', 'jo', 'joseph', 'j'].map((name) => accept(name)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await findInvitation(store, link, Date.now())).toBeUndefined();
    const joe = (await list('users')).value.filter(({ email }) => email === 'joe@contoso.com');
    expect(joe).toMatchObject([
      {
        roles: [
          { role: 'ReferralAdmin', mpnId: '5598765' },
          { role: 'ReferralUser', mpnId: null },
        ],
      },
    ]);
    const name = String(joe[0]?.name);
    expect(await store.identity.findCredentials(organizations.contoso, name)).toMatchObject({
      passwordHash: '$argon2id$x',
    });
    expectEnvelope(await admin('DELETE', `${home}/invitations/${link.id}`), 400, 'directoryRefused');

    const withdrawn = await invite({ email: 'x@contoso.com', userName: 'xavier' });
    expect((await admin('DELETE', `${home}/invitations/${withdrawn?.id}`)).status).toBe(204);
    await expect(accept('xavier', withdrawn)).rejects.toMatchObject({ kind: 'invitationNotAvailable' });
    expect((await list('invitations')).value.map(({ withdrawnDateTime }) => withdrawnDateTime === null)).toEqual([
      true,
      false,
    ]);

    // Who may invite no more has invited nobody.
    const kept = await invite({ email: 'y@contoso.com', userName: 'yan', roles: [{ role: 'GlobalAdmin' }] });
    const held = (await list('role-assignments')).value.find(({ role }) => role === 'GlobalAdmin');
    expect((await operator('DELETE', `${home}/role-assignments/${held?.id}`)).status).toBe(204);
    await expect(accept('yan', kept)).rejects.toMatchObject({ kind: 'invitationNotAvailable' });
    done(await operator('POST', `${home}/role-assignments`, { body: { userName: users.admin, role: 'GlobalAdmin' } }));
    expect(await accept('yan', kept)).toMatchObject({ userName: 'yan' });

    // A name that was somebody's comes without what he proved himself by.
    const { changeDirectory } = await import('@cosell/server/domain/directory/change-directory');
    await store.transact(changeDirectory, { kind: 'removeUser', user: name });
    expect(await store.identity.findCredentials(organizations.contoso, name)).toBeUndefined();
  });

  it('lists what users have allowed programs, and withdraws it', async () => {
    const insert = (userName: string) =>
      rowsOf(
        place,
        `insert into consents (organization_id, user_name, client_id, scope, granted_at)
          values ('${organizations.contoso}', '${userName}', '${webApp}', 'a b', '2026-01-01T00:00:00.0000000Z')`,
      );
    await insert('');
    await insert(users.member);
    const { value } = await list('consents');
    expect(value).toMatchObject([
      { userName: null, clientId: webApp, scope: 'a b', withdrawnDateTime: null },
      { userName: users.member, clientId: webApp, scope: 'a b', withdrawnDateTime: null },
    ]);
    expect((await admin('DELETE', `${home}/consents/${value[1]?.id}`)).status).toBe(204);
    const after = (await list('consents')).value.map(({ withdrawnDateTime }) => withdrawnDateTime);
    expect(after).toEqual([null, expect.any(String)]);
    expect((await admin('DELETE', `${home}/consents/${value[1]?.id}`)).status).toBe(204);
    expect((await list('consents')).value[1]?.withdrawnDateTime).toBe(after[1]);
    expectEnvelope(await admin('POST', `${home}/consents`, { body: {} }), 405, 'methodNotAllowed');
  });

  it('lists who can be put on a team', async () => {
    const asUser = directoryClient(server, users.member);
    const names = async (query: string, ask = asUser) => {
      const answer = await ask('GET', `${home}/assignable-users${query}`);
      expect(answer.status, answer.text).toBe(200);
      return answer.json<{ value: { name: string; email: string }[] }>().value.map(({ name }) => name);
    };
    const all = await names('');
    expect(all).toEqual(expect.arrayContaining([users.admin, users.member, users.london]));
    expect(all).not.toContain(users.nobody);
    expect(await names('?mpnId=5598765')).toContain(users.london);
    expect(await names('?mpnId=5512345')).not.toContain(users.london);
    expect(await names('?mpnId=5512345', directoryClient(server, users.london))).toContain(users.member);
    expectEnvelope(await asUser('GET', `${home}/assignable-users?mpnId=7700001`), 404, 'directoryEntryNotFound');
  });

  describe('is open to', () => {
    const parameters = (organizationId: string) => ({
      ...{ organizationId, mpnId: '5512345', userName: users.member, clientId: webApp },
      ...{ roleAssignmentId: 'x', secretId: 'x', invitationId: 'x', consentId: 'x' },
    });
    const own: Readonly<Record<string, RegExp>> = {
      member: /^colleague/,
      london: /^colleague/,
      nobody: /^never/,
      admin: /^(colleague|directory|audit)/,
    };

    it.each(Object.keys(own) as (keyof typeof users)[])(
      '%s by his role, before anything is looked at',
      async (user) => {
        const ask = directoryClient(server, users[user]);
        for (const { method, paths, access, name } of directoryRoutes) {
          const answer = await ask(method, pathOf(paths[0] ?? '', parameters(organizations.contoso)), { body: '[' });
          if (own[user]?.test(access) === true) expect([200, 400, 403, 404], name).toContain(answer.status);
          if (own[user]?.test(access) !== true) expectEnvelope(answer, 403, 'roleMissing');
          else if (answer.status === 403) expectEnvelope(answer, 403, 'operatorRequired');
        }
      },
    );

    it('nobody else: what another organisation has is like what nobody has, by every route and method', async () => {
      for (const { method, paths, name } of directoryRoutes.filter(({ paths }) => paths[0]?.includes('{') === true)) {
        const [theirs, unknown] = await Promise.all(
          [organizations.tailspin, randomUUID()].map((id) =>
            admin(method, pathOf(paths[0] ?? '', parameters(id)), { body: '{"x":1}' }),
          ),
        );
        if (theirs === undefined || unknown === undefined) throw new Error('two requests have two answers');
        expect(comparable(theirs), name).toEqual(comparable(unknown));
        expectEnvelope(theirs, 404, 'directoryEntryNotFound');
      }
      for (const id of ['x', '%00', '%2e%2e', "'", unknownIds[0] ?? '']) {
        expect((await operator('GET', `/directory/v1/organizations/${id}`)).status).toBe(404);
        expect((await operator('GET', `${home}/users/${id}`)).status).toBe(404);
      }
    });

    it('no client of another organisation', async () => {
      const foreign = await operator('POST', `${directoryOf(organizations.tailspin)}/api-clients`, {
        body: { name: 'R' },
      });
      const { clientId } = foreign.json<{ clientId: string }>();
      expectEnvelope(await admin('GET', `${home}/api-clients/${clientId}`), 404, 'directoryEntryNotFound');
      const body = { userName: users.tailspin, role: 'ReferralUser' };
      expectEnvelope(await admin('POST', `${home}/role-assignments`, { body }), 404, 'directoryEntryNotFound');
    });
  });

  describe('refuses', () => {
    it('a body with all of its faults, and does nothing of it', async () => {
      const before = (await operator('GET', `${home}/users`)).text;
      const answer = await admin('POST', `${home}/invitations`, {
        body: { email: 'x', userName: ' ', rolse: [], roles: [{ role: 'King', mpnId: 5 }, 7, {}] },
      });
      const { details } = expectEnvelope(answer, 400, 'invalidBody');
      expect((details as { code: string; target: string }[]).map(({ code, target }) => `${code} ${target}`)).toEqual([
        'valueNotAllowed /email',
        'valueNotAllowed /userName',
        'unknownMember /rolse',
        'valueNotAllowed /roles/0/role',
        'wrongType /roles/0/mpnId',
        'wrongType /roles/1',
        'missingMember /roles/2/role',
      ]);
      const faulty = await admin('PATCH', `${home}/users/${users.member}`, { body: { email: null, name: 'x' } });
      expect(expectEnvelope(faulty, 400, 'invalidBody').details).toHaveLength(2);
      expectEnvelope(await admin('POST', `${home}/users`, { body: '{"name":"a","name":"b"}' }), 400, 'invalidBody');
      const xml = { body: '<x/>', headers: { 'content-type': 'text/xml' } };
      expectEnvelope(await admin('POST', `${home}/users`, xml), 415, 'mediaTypeNotSupported');
      const taken = { name: users.tailspin, email: 'a@b.c' };
      expect(
        expectEnvelope(await admin('POST', `${home}/users`, { body: taken }), 400, 'directoryRefused').message,
      ).toContain('has a user named');
      expect((await operator('GET', `${home}/users`)).text).toBe(before);
    });

    it('whatever else is sent, without harm', async () => {
      const text = fc.oneof(
        fc.string({ unit: 'binary', maxLength: 20 }),
        fc.constantFrom(
          'GlobalAdmin',
          '5512345',
          'a@b.c',
          '\0',
          '\ud800',
          '../..',
          users.member,
          'x'.repeat(300),
          '2027-01-01',
          'https://a.example',
        ),
      );
      const value = fc.oneof(
        text,
        fc.boolean(),
        fc.constant(null),
        fc.integer(),
        fc.array(text, { maxLength: 3 }),
        fc.constant([{ role: 'ReferralUser' }]),
      );
      const known = fc.constantFrom(
        'name',
        'email',
        'mpnId',
        'role',
        'userName',
        'isActive',
        'redirectUris',
        'isPublic',
        'roles',
        'subject',
        'tenantId',
        'expirationDateTime',
        'id',
      );
      const body = fc.oneof(
        fc.dictionary(fc.oneof({ arbitrary: known, weight: 9 }, { arbitrary: text, weight: 1 }), value),
        fc.json(),
      );
      const writing = directoryRoutes.filter(({ method }) => method === 'POST' || method === 'PATCH');
      const place = {
        organizationId: organizations.tailspin,
        mpnId: '7700001',
        userName: users.tailspin,
        clientId: webApp,
      };
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...writing), body, async ({ method, paths }, given) => {
          const path = pathOf(paths[0] ?? '', place);
          const answer = await operator(method, path, { body: given });
          expect(answer.status, `${method} ${path} ${JSON.stringify(given)} ${answer.text}`).toBeLessThan(500);
          if (answer.status >= 300) expectEnvelope(answer, answer.status);
        }),
        { numRuns: 60 },
      );
    });
  });

  it('is on record: who, what and where, without names and addresses', async () => {
    const acts = (await server.exchange.store.listActs({ isNewestFirst: false, most: 1_000 })).filter(
      ({ kind }) => kind === 'directoryChanged',
    );
    const kinds = new Set(acts.map(({ details }) => (JSON.parse(details) as { change: string }).change));
    for (const kind of ['addUser', 'changeUser', 'addRole', 'removeRole', 'addClientSecret', 'acceptInvitation']) {
      expect(kinds).toContain(kind);
    }
    expect(acts.filter(({ actedBy }) => actedBy === 'user').map(({ actor }) => actor)).toContain(
      '00000000-0000-4000-8000-0000000c0001',
    );
    // The operator's changes concern the organisation, and its people find them, too.
    const byOperator = acts.filter(({ actedBy }) => actedBy === 'operator');
    expect(new Set(byOperator.map(({ organizationId }) => organizationId))).toContain(organizations.tailspin);
    expect(acts.filter(({ requestId }) => requestId !== null).length).toBeGreaterThan(20);
    const text = acts.map(({ details }) => details).join('\n');
    for (const secret of ['contoso.com', 'joe', users.member, 'Oslo', 'Ann']) expect(text).not.toContain(secret);
  });
});
