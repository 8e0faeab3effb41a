import { Agent, request } from 'node:http';
import { createOperations, type DirectoryChange } from '@cosell/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collection, comparable, expectEnvelope } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { ids, organizations, subjects, unknownIds, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

describeOnEachEngine('a change of the directory counts on the very next request', (engine) => {
  let server: TestServer;
  const tokens: Record<string, string> = {};
  beforeEach(async () => {
    server = await startTestServer(engine);
    for (const user of Object.values(users)) tokens[user] = await server.tokenOf(user);
  });
  afterEach(() => server.close());

  const change = (input: DirectoryChange) =>
    createOperations(server.exchange.store, server.exchange.issuer, () => server.origin).changeDirectory(input);
  /** Asks with the token that was made at the start, so that it is a remembered one from the second request on. */
  const ask = (user: string, id: string) =>
    server.ask(`${collection}/${id}`, { headers: { authorization: `Bearer ${tokens[user]}` } });

  it('when a role is taken away and given again', async () => {
    expect((await ask(users.admin, ids.lead)).status).toBe(200);
    await change({ kind: 'removeRole', user: users.admin, role: 'ReferralAdmin' });
    expectEnvelope(await ask(users.admin, ids.lead), 403, 'roleMissing');
    await change({ kind: 'addRole', user: users.admin, role: 'ReferralAdmin' });
    expect((await ask(users.admin, ids.lead)).status).toBe(200);
  });

  it('when a role is narrowed from the company to a location, and moved to another', async () => {
    await change({ kind: 'addRole', user: users.admin, role: 'ReferralAdmin', mpnId: '5598765' });
    await change({ kind: 'removeRole', user: users.admin, role: 'ReferralAdmin' });
    expect((await ask(users.admin, ids.london)).status).toBe(200);
    expectEnvelope(await ask(users.admin, ids.coSell), 403, 'locationOutOfReach');
    // The company-wide lead has no location, so no location reaches it (decision 9).
    expectEnvelope(await ask(users.admin, ids.lead), 403, 'locationOutOfReach');
    expectEnvelope(await ask(users.admin, ids.coSellOfMicrosoft), 404, 'referralNotFound');
    await change({ kind: 'addRole', user: users.admin, role: 'ReferralAdmin', mpnId: '5512345' });
    expect((await ask(users.admin, ids.coSell)).status).toBe(200);
    expect((await ask(users.admin, ids.coSellOfMicrosoft)).status).toBe(200);
    await change({ kind: 'removeRole', user: users.admin, role: 'ReferralAdmin', mpnId: '5598765' });
    expectEnvelope(await ask(users.admin, ids.london), 403, 'locationOutOfReach');
  });

  it('when a Global Admin is made', async () => {
    expectEnvelope(await ask(users.nobody, ids.lead), 403, 'roleMissing');
    await change({ kind: 'addRole', user: users.nobody, role: 'GlobalAdmin' });
    for (const id of [ids.lead, ids.coSell, ids.london, ids.jointOfTailspin]) {
      expect((await ask(users.nobody, id)).status).toBe(200);
    }
    expectEnvelope(await ask(users.nobody, ids.tailspin), 404, 'referralNotFound');
  });

  it('when a user is removed', async () => {
    expect((await ask(users.admin, ids.lead)).status).toBe(200);
    await change({ kind: 'removeUser', user: users.admin });
    expectEnvelope(await ask(users.admin, ids.lead), 403, 'userUnknown');
    expectEnvelope(await ask(users.admin, unknownIds[0] ?? ''), 403, 'userUnknown');
  });

  it('when a removed user comes back: he has no role until it is given', async () => {
    await change({ kind: 'removeUser', user: users.admin });
    await change({
      kind: 'addUser',
      organization: organizations.contoso,
      name: users.admin,
      email: 'admin@contoso.com',
      subject: subjects.admin.oid,
    });
    expectEnvelope(await ask(users.admin, ids.lead), 403, 'roleMissing');
    await change({ kind: 'addRole', user: users.admin, role: 'ReferralAdmin' });
    expect((await ask(users.admin, ids.lead)).status).toBe(200);
  });

  it("when a team member's e-mail changes", async () => {
    const mail = (email: string) =>
      change({ kind: 'addUser', organization: organizations.contoso, name: users.member, email });
    expect((await ask(users.member, ids.won)).status).toBe(200);
    await mail('jane.smith@contoso.com');
    expectEnvelope(await ask(users.member, ids.won), 403, 'notOnTeam');
    await mail('JANE.Doe@Contoso.COM');
    expect((await ask(users.member, ids.won)).status).toBe(200);
    await mail('john.doe@contoso.com');
    expect((await ask(users.member, ids.coSell)).status).toBe(200);
    expectEnvelope(await ask(users.member, ids.won), 403, 'notOnTeam');
  });

  it('when he joins the team of the own half of an engagement, he sees the other half, and not before', async () => {
    const nothing = comparable(await ask(users.member, unknownIds[0] ?? ''));
    expect(comparable(await ask(users.member, ids.jointOfTailspin))).toEqual(nothing);
    const email = 'john.doe@contoso.com';
    await change({ kind: 'addUser', organization: organizations.contoso, name: users.member, email });
    expect((await ask(users.member, ids.jointOfTailspin)).status).toBe(200);
    expect((await ask(users.member, ids.coSellOfMicrosoft)).status).toBe(200);
    expect(comparable(await ask(users.member, ids.tailspin))).toEqual(nothing);
  });

  it("but an e-mail on another organisation's team opens nothing", async () => {
    const nothing = comparable(await ask(users.member, unknownIds[0] ?? ''));
    // Tim Toyman of Tailspin has this address, and is on the teams of its deals.
    const email = 'admin@tailspintoys.com';
    await change({ kind: 'addUser', organization: organizations.contoso, name: users.member, email });
    for (const id of [ids.tailspin, ids.jointOfTailspin]) {
      expect(comparable(await ask(users.member, id))).toEqual(nothing);
    }
  });

  it('but a role over a location opens no location of the same number elsewhere', async () => {
    await change({ kind: 'addLocation', organization: organizations.contoso, mpnId: '7700001', name: 'Bern' });
    await change({ kind: 'addRole', user: users.nobody, role: 'ReferralAdmin', mpnId: '7700001' });
    const nothing = comparable(await ask(users.nobody, unknownIds[0] ?? ''));
    expect(nothing.status).toBe(404);
    for (const id of [ids.tailspin, ids.jointOfTailspin]) {
      expect(comparable(await ask(users.nobody, id))).toEqual(nothing);
    }
    expectEnvelope(await ask(users.nobody, ids.joint), 403, 'locationOutOfReach');
  });

  describe('on one connection', () => {
    it('each request is answered for its own token', async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const sockets = new Set<number | undefined>();
      const askKept = (user: string, id: string) =>
        new Promise<number>((resolve, reject) => {
          const headers = { authorization: `Bearer ${tokens[user]}` };
          const sent = request({ host: '127.0.0.1', port: server.port, path: `${collection}/${id}`, headers, agent });
          sent.on('response', (response) => {
            sockets.add(response.socket.localPort);
            response.resume().on('end', () => resolve(response.statusCode ?? 0));
          });
          sent.on('error', reject).end();
        });
      for (let round = 0; round < 3; round += 1) {
        expect(await askKept(users.admin, ids.lead)).toBe(200);
        expect(await askKept(users.tailspin, ids.lead)).toBe(404);
        expect(await askKept(users.nobody, ids.lead)).toBe(403);
        expect(await askKept(users.tailspin, ids.tailspin)).toBe(200);
      }
      await change({ kind: 'removeUser', user: users.tailspin });
      expect(await askKept(users.tailspin, ids.tailspin)).toBe(403);
      expect(sockets.size).toBe(1);
      agent.destroy();
    });
  });

  it('for everybody at once: a hundred requests after the change all see it', async () => {
    const before = await Promise.all(Array.from({ length: 50 }, () => ask(users.admin, ids.lead)));
    expect(new Set(before.map(({ status }) => status))).toEqual(new Set([200]));
    await change({ kind: 'removeUser', user: users.admin });
    const after = await Promise.all(Array.from({ length: 100 }, () => ask(users.admin, ids.lead)));
    expect(new Set(after.map(({ status }) => status))).toEqual(new Set([403]));
  });
});
