import { createOperations } from '@cosell/server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { collection, comparable, expectEnvelope } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import {
  contact,
  deal,
  engineAt,
  invitation,
  type Operator,
  operatorOf,
  type Party,
  partyOf,
  type Shown,
  setting,
  targeting,
  targets,
} from '../support/parties.ts';
import { ids, organizations, users } from '../support/sample.ts';
import { startTestServer, type TestServer, type WireAnswer } from '../support/test-server.ts';

/** The faults of a 400, as code and target. */
function faultsOf(answer: WireAnswer): string[] {
  expectEnvelope(answer, 400, 'invalidBody');
  const { error } = answer.json<{ error: { details: { code: string; target: string }[] } }>();
  return error.details.map(({ code, target }) => `${code} ${target}`);
}

interface ClockAnswer {
  readonly now: string;
  readonly isFrozen: boolean;
  readonly offsetSeconds: number;
}

describeOnEachEngine('the sandbox', (engine) => {
  let server: TestServer;
  let operator: Operator;
  let contoso: Party;
  let tailspin: Party;
  beforeAll(async () => {
    server = await startTestServer(engine);
    operator = await operatorOf(server);
  });
  // A reset brings the directory back, too, so tokens are made anew.
  beforeEach(async () => {
    expect((await operator.ask('POST', '/_sandbox/reset', { now: '2030-01-01T00:00:00Z' })).status).toBe(200);
    [contoso, tailspin] = await Promise.all([partyOf(server, users.admin), partyOf(server, users.tailspin)]);
  });
  afterAll(() => server.close());
  const clock = async () => (await operator.ask('GET', '/_sandbox/clock')).json<ClockAnswer>();
  const askClock = (order: unknown) => operator.ask('POST', '/_sandbox/clock', order);
  const near = (one: string, other: string) => Math.abs(Date.parse(one) - Date.parse(other)) < 60_000;

  describe('has a clock', () => {
    it('that goes on from where it was set', async () => {
      const { now, isFrozen, offsetSeconds } = await clock();
      expect([near(now, '2030-01-01T00:00:00Z'), isFrozen]).toEqual([true, false]);
      expect(Math.abs(offsetSeconds - (Date.parse(now) - Date.now()) / 1000)).toBeLessThan(60);
      expect((await clock()).now >= now).toBe(true);
    });

    it.each([
      [{ advance: 'P15D' }, '2030-01-16T00:00:00Z'],
      [{ advance: 'P2W' }, '2030-01-15T00:00:00Z'],
      [{ advance: 'PT2H30M' }, '2030-01-01T02:30:00Z'],
      [{ now: '2031-05-05' }, '2031-05-05T00:00:00Z'],
      [{ now: '2031-05-05T02:00:00+02:00' }, '2031-05-05T00:00:00Z'],
      [{ now: '2031-05-05', advance: 'P1D' }, '2031-05-06T00:00:00Z'],
      [{}, '2030-01-01T00:00:00Z'],
      ['', '2030-01-01T00:00:00Z'],
    ])('that goes forward by %j', async (order, expected) => {
      const answer = await askClock(order);
      expect([answer.status, near(answer.json<ClockAnswer>().now, expected)]).toEqual([200, true]);
    });

    it('that never goes back, but by a reset', async () => {
      const before = await clock();
      for (const order of [
        { now: '2029-12-31T23:59:59Z' },
        { now: '1999-01-01' },
        { now: '2029-01-01', advance: 'P1D' },
      ]) {
        const answer = await askClock(order);
        expectEnvelope(answer, 400, 'sandboxRefused');
        expect(answer.text).toContain('the clock goes forward only');
      }
      expect(near((await clock()).now, before.now)).toBe(true);
    });

    it('that goes no further than a year can be written', async () => {
      for (const order of [{ now: '9999-12-31T23:59:59Z' }, { advance: 'P999999W' }]) {
        expectEnvelope(await askClock(order), 400, 'sandboxRefused');
      }
      expectEnvelope(await operator.ask('POST', '/_sandbox/reset', { now: '9999-12-31' }), 400, 'sandboxRefused');
      expect((await contoso.get(ids.lead)).status).toBe(200);
    });

    it.each([
      [{ advance: 'P1Y' }, ['valueNotAllowed /advance']],
      [{ advance: 'one day' }, ['valueNotAllowed /advance']],
      [{ advance: '-P1D' }, ['valueNotAllowed /advance']],
      [{ advance: 5 }, ['wrongType /advance']],
      [{ now: 'tomorrow' }, ['valueNotAllowed /now']],
      [{ now: 1, freeze: 'yes' }, ['wrongType /now', 'wrongType /freeze']],
      [{ advence: 'P1D' }, ['unknownMember /advence']],
      [[], ['wrongType ']],
    ])('that refuses %j and says why', async (order, faults) => {
      const answer = await askClock(order);
      expect(faultsOf(answer)).toEqual(faults);
      expect(near((await clock()).now, '2030-01-01T00:00:00Z')).toBe(true);
    });

    it('that stands still when it is stopped, goes forward all the same, and goes on from there', async () => {
      const frozen = await operator.clock({ freeze: true });
      expect(frozen.isFrozen).toBe(true);
      const { now } = await clock();
      const created = await Promise.all([contoso.create(deal()), contoso.create(deal())]);
      for (const { createdDateTime } of created) expect(createdDateTime).toBe(`${now.slice(0, 23)}0000Z`);
      expect((await clock()).now).toBe(now);
      const later = await operator.clock({ advance: 'PT1H' });
      expect(Date.parse(later.now) - Date.parse(now)).toBe(3_600_000);
      expect((await operator.clock({})).now).toBe(later.now);
      const going = await operator.clock({ freeze: false });
      expect([going.isFrozen, going.now]).toEqual([false, later.now]);
      while ((await clock()).now === later.now) await new Promise((resolve) => setTimeout(resolve, 2));
      expect(near((await clock()).now, later.now)).toBe(true);
    });

    it('that everything follows: dates, eTags, expiry, history; and not tokens, whose holders have another one', async () => {
      await operator.clock({ now: '2034-06-06T12:00:00Z', freeze: true });
      const lead = await contoso.create(deal({ target: targeting(targets.tailspin) }));
      const own = await tailspin.read(lead.id);
      expect(own).toMatchObject({
        createdDateTime: '2034-06-06T12:00:00.0000000Z',
        updatedDateTime: '2034-06-06T12:00:00.0000000Z',
        expirationDateTime: '2034-06-20T00:00:00Z',
      });
      const seconds = (Date.parse('2034-06-06T12:00:00Z') / 1000).toString(16);
      expect(own.eTag).toMatch(new RegExp(`-0000-${seconds}0000"$`));
      expect((await tailspin.history(lead.id))[0]?.occurredDateTime).toBe('2034-06-06T12:00:00.0000000Z');
      await operator.clock({ advance: 'P2W' });
      // The token was made years ago by this clock, and is good.
      expect(await tailspin.read(lead.id)).toMatchObject({ substatus: 'Expired' });
      expect((await tailspin.history(lead.id))[1]?.occurredDateTime).toBe('2034-06-20T00:00:00.0000000Z');
    });
  });

  describe('is reset', () => {
    const everything = async (party: Party) => {
      const answer = await party.list('$top=1000&$orderby=id');
      // Imported records keep their eTags, so the sample is the same to the byte.
      return { status: answer.status, text: answer.text };
    };

    it('to the sample as it was, whatever has happened', async () => {
      const before = [await everything(contoso), await everything(tailspin)];
      await contoso.move(ids.coSell, 'Closed/Won');
      await tailspin.create(deal());
      await operator.act({ as: 'msft', act: 'accept', referral: ids.coSellOfMicrosoft });
      await operator.clock({ advance: 'P100D' });
      expect([await everything(contoso), await everything(tailspin)]).not.toEqual(before);
      await operator.ask('POST', '/_sandbox/reset', {});
      [contoso, tailspin] = await Promise.all([partyOf(server, users.admin), partyOf(server, users.tailspin)]);
      expect([await everything(contoso), await everything(tailspin)]).toEqual(before);
      expect((await contoso.history(ids.coSell)).map(({ kind, sequence }) => [kind, sequence])).toEqual([
        ['imported', 2],
      ]);
    });

    it('to the machine’s time, or to any other, back as well', async () => {
      await operator.clock({ now: '2040-01-01' });
      await operator.ask('POST', '/_sandbox/reset');
      expect(Math.abs((await clock()).offsetSeconds)).toBeLessThan(60);
      const answer = await operator.ask('POST', '/_sandbox/reset', { now: '2025-03-05T10:00:00Z' });
      expect([answer.status, near(answer.json<ClockAnswer>().now, '2025-03-05T10:00:00Z')]).toEqual([200, true]);
      contoso = await partyOf(server, users.admin);
      expect(String((await contoso.create(deal())).createdDateTime)).toMatch(/^2025-03-05T10:0/);
    });

    it('with its faults and stopped clock', async () => {
      await operator.ask('POST', '/_sandbox/faults', { kind: 'unavailable' });
      await operator.clock({ freeze: true });
      await operator.ask('POST', '/_sandbox/reset');
      expect((await operator.ask('GET', '/_sandbox/faults')).json()).toEqual({ value: [] });
      expect((await clock()).isFrozen).toBe(false);
    });

    it('by nothing that is wrong', async () => {
      const { id } = await contoso.create(deal());
      expect(faultsOf(await operator.ask('POST', '/_sandbox/reset', { now: 'x', to: 1 }))).toEqual([
        'unknownMember /to',
        'valueNotAllowed /now',
      ]);
      expect((await contoso.get(id)).status).toBe(200);
    });
  });

  describe('rehearses faults', () => {
    const add = async (fault: object) => {
      const answer = await operator.ask('POST', '/_sandbox/faults', fault);
      expect(answer.status, answer.text).toBe(200);
      return answer.json<{ value: { count: number }[] }>().value;
    };

    it('on one route, as often as was asked for, and on no other', async () => {
      await add({ route: 'getReferralById', kind: 'tooManyRequests', count: 2, retryAfterSeconds: 7 });
      expect((await contoso.list('')).status).toBe(200);
      for (const _time of ['once', 'twice']) {
        const answer = await contoso.get(ids.lead);
        const error = expectEnvelope(answer, 429, 'throttled');
        expect([error.code, answer.headers['retry-after']]).toEqual(['serviceNotAvailable', '7']);
      }
      expect((await contoso.get(ids.lead)).status).toBe(200);
      expect((await operator.ask('GET', '/_sandbox/faults')).json()).toEqual({ value: [] });
    });

    it('on all routes of partners, and on none of its own', async () => {
      const list = await add({ kind: 'unavailable', count: 3 });
      expect(list).toMatchObject([{ route: '*', kind: 'unavailable', count: 3, probability: 1, seed: 1 }]);
      expect((await clock()).isFrozen).toBe(false);
      expectEnvelope(await contoso.get(ids.lead), 503, 'sandboxOutage');
      expectEnvelope(await contoso.post(deal()), 503, 'sandboxOutage');
      expectEnvelope(await contoso.patch(ids.coSell, []), 503, 'sandboxOutage');
      expect((await contoso.get(ids.lead)).status).toBe(200);
    });

    it('only for those who would have been let in', async () => {
      await add({ kind: 'unavailable', count: 1 });
      expectEnvelope(await server.ask(`${collection}/${ids.lead}`), 401, 'tokenMissing');
      expectEnvelope(await (await partyOf(server, users.nobody)).get(ids.lead), 403, 'roleMissing');
      expectEnvelope(await contoso.get(ids.lead), 503, 'sandboxOutage');
    });

    it('with a chance that the seed alone decides', async () => {
      const draw = async (seed: number) => {
        await operator.ask('DELETE', '/_sandbox/faults');
        await add({ route: 'getReferralById', kind: 'unavailable', probability: 0.5, seed, count: 1_000 });
        const met: boolean[] = [];
        for (let at = 0; at < 24; at += 1) met.push((await contoso.get(ids.lead)).status === 503);
        return met;
      };
      const first = await draw(7);
      expect(await draw(7)).toEqual(first);
      expect(await draw(8)).not.toEqual(first);
      expect(new Set(first)).toEqual(new Set([true, false]));
    });

    it('slowness, after which the answer is the usual one', async () => {
      const usual = comparable(await contoso.get(ids.lead));
      await add({ kind: 'slow', delayMs: 300 });
      const startedAt = performance.now();
      expect(comparable(await contoso.get(ids.lead))).toEqual(usual);
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(299);
    });

    it('an answer that is lost after the work was done, which a safe retry finds', async () => {
      const { id } = await contoso.create(deal());
      await add({ route: 'patchReferralById', kind: 'answerLost' });
      const headers = {
        'repeatability-request-id': '5b0c9c1e-0000-4000-8000-00000000000a',
        'repeatability-first-sent': new Date().toUTCString(),
      };
      const write = () => contoso.patch(id, [{ op: 'add', path: '/team/-', value: contact }], headers);
      await expect(write()).rejects.toThrow(/socket hang up|ECONNRESET/);
      expect((await contoso.read(id)).team).toHaveLength(2);
      const answer = await write();
      const now = await contoso.read(id);
      expect([answer.status, answer.headers.etag, (now.team as unknown[]).length]).toEqual([204, now.eTag, 2]);
    });

    it('of sign-in: a share of calls wants a second factor, and the issuer is away', async () => {
      const operations = createOperations(server.exchange.store, server.exchange.issuer, () => server.origin);
      const { token } = await operations.mintToken({ user: users.admin, withoutMfa: true });
      const ask = () =>
        server.ask(`${collection}/${ids.lead}`, { headers: { authorization: `Bearer ${token}`, validatemfa: 'true' } });
      await add({ kind: 'mfaRequired', count: 1_000, probability: 0.5, seed: 7 });
      const answers: WireAnswer[] = [];
      for (let round = 0; round < 40; round += 1) answers.push(await ask());
      const refused = answers.filter(({ status }) => status === 401);
      expect(refused.length).toBeGreaterThan(5);
      expect(refused.length).toBeLessThan(35);
      for (const answer of refused) expectEnvelope(answer, 401, '900421');
      expect(new Set(answers.map(({ headers }) => headers.ismfacompliant))).toEqual(new Set(['false']));
      // Whoever has shown one is not asked for it.
      for (let round = 0; round < 10; round += 1) expect((await contoso.get(ids.lead)).status).toBe(200);
      await operator.ask('DELETE', '/_sandbox/faults');
      await add({ kind: 'issuerUnreachable' });
      expectEnvelope(await contoso.get(ids.lead), 503, 'issuerUnreachable');
      expect((await contoso.get(ids.lead)).status).toBe(200);
    });

    it('until they are taken back', async () => {
      await add({ kind: 'unavailable', count: 100 });
      await add({ kind: 'slow', count: 100 });
      expect((await operator.ask('DELETE', '/_sandbox/faults')).json()).toEqual({ value: [] });
      expect((await contoso.get(ids.lead)).status).toBe(200);
    });

    it.each([
      [{}, ['missingMember /kind']],
      [{ kind: 'flood' }, ['valueNotAllowed /kind']],
      [{ kind: 'slow', route: 'getReferral' }, ['valueNotAllowed /route']],
      [{ kind: 'slow', count: 0 }, ['valueNotAllowed /count']],
      [{ kind: 'slow', count: '1' }, ['wrongType /count']],
      [{ kind: 'slow', probability: 1.5 }, ['valueNotAllowed /probability']],
      [{ kind: 'slow', delayMs: 60_001 }, ['valueNotAllowed /delayMs']],
      [{ kind: 'slow', every: 2 }, ['unknownMember /every']],
    ])('refuses %j and says why', async (fault, faults) => {
      expect(faultsOf(await operator.ask('POST', '/_sandbox/faults', fault))).toEqual(faults);
      expect((await operator.ask('GET', '/_sandbox/faults')).json()).toEqual({ value: [] });
    });
  });

  describe('acts in another party’s place', () => {
    let own: Shown;
    let ofMicrosoft: Shown;
    beforeEach(async () => {
      own = await contoso.create(deal());
      ofMicrosoft = await contoso.create(invitation(own.engagementId, targets.microsoft));
    });
    const act = (order: object) => operator.ask('POST', '/_sandbox/acts', order);

    it('as Microsoft: accepts, with its people and its id of the deal', async () => {
      const accepted = await operator.act({
        as: 'msft',
        act: 'accept',
        engagement: own.engagementId,
        microsoftMsxId: '7-ABC123',
        team: [{ firstName: 'Ann', lastName: 'Beebe', email: 'ann.beebe@microsoft.example' }],
      });
      expect(accepted).toMatchObject({ id: ofMicrosoft.id, status: 'Active', substatus: 'Accepted' });
      expect(await contoso.read(ofMicrosoft.id)).toMatchObject({
        status: 'Active',
        trackingInfo: { microsoftMsxId: '7-ABC123' },
        team: [{ email: 'ann.beebe@microsoft.example' }],
      });
    });

    it.each([
      ['acknowledge', { status: 'New', substatus: 'Received' }],
      ['decline', { status: 'Closed', substatus: 'Declined', statusReason: 'because' }],
      ['win', { status: 'Closed', substatus: 'Won', salesStage: '100' }],
      ['lose', { status: 'Closed', substatus: 'Lost' }],
      ['closeAsError', { status: 'Closed', substatus: 'Error' }],
    ])('as Microsoft: %s', async (name, expected) => {
      await operator.act({ as: 'MSFT', act: name, referral: ofMicrosoft.id.toUpperCase(), reason: 'because' });
      expect(await contoso.read(ofMicrosoft.id)).toMatchObject(expected);
    });

    it('as Microsoft: edits, and sends a lead', async () => {
      const patch = setting({ '/name': 'Renamed by Microsoft', '/details/notes': 'Seen' });
      await operator.act({ as: 'msft', act: 'edit', referral: ofMicrosoft.id, patch });
      expect(await contoso.read(ofMicrosoft.id)).toMatchObject({
        name: 'Renamed by Microsoft',
        details: { notes: null },
      });
      const sent = await operator.act({ as: 'msft', act: 'send', body: deal({ target: targeting(targets.london) }) });
      expect(await contoso.read(sent.id)).toMatchObject({
        status: 'New',
        direction: 'Incoming',
        inviteContext: { invitedBy: { organizationId: 'msft' } },
      });
    });

    it('as a partner, by the same rules as its own request', async () => {
      const theirs = await contoso.create(invitation(own.engagementId, targets.tailspin));
      await operator.act({ as: organizations.tailspin, act: 'accept', engagement: own.engagementId });
      expect(await contoso.read(theirs.id)).toMatchObject({ status: 'Active' });
      await operator.act({ as: organizations.tailspin, act: 'lose', engagement: own.engagementId });
      expectEnvelope(
        await act({ as: organizations.tailspin, act: 'accept', referral: theirs.id }),
        400,
        'terminalReferral',
      );
      expectEnvelope(await act({ as: 'msft', act: 'accept', referral: theirs.id }), 400, 'sandboxRefused');
    });

    it('and marks it in history', async () => {
      await operator.act({ as: 'msft', act: 'accept', engagement: own.engagementId });
      const seller = await partyOf(server, users.seller);
      const [, ofOwner] = await seller.history(ofMicrosoft.id);
      expect([ofOwner?.by, ofOwner?.via]).toEqual([{ kind: 'sandbox', organizationId: 'msft', user: null }, 'sandbox']);
      const [, ofReader] = await contoso.history(ofMicrosoft.id);
      expect([ofReader?.by, ofReader?.via]).toEqual([{ kind: 'sandbox', organizationId: 'msft', user: null }, null]);
    });

    it('as Microsoft: reviews a registration, by the partner’s record', async () => {
      const review = (decision: string) =>
        act({ as: 'msft', act: 'reviewRegistration', referral: ids.won, decision, reason: 'Send the contract' });
      expect(await contoso.read(ids.won)).toMatchObject({ registrationStatus: 'ReviewPending' });
      expect((await review('requestAction')).status).toBe(200);
      expect(await contoso.read(ids.won)).toMatchObject({
        registrationStatus: 'ActionRequired',
        registrations: [{ status: 'ActionRequired', statusReason: 'Send the contract' }],
      });
      expect(faultsOf(await review('approve'))[0]).toMatch(/^reviewNotAllowed/);
      const changes = await contoso.history(ids.won);
      expect(changes.map(({ by }) => by.kind)).toEqual(['operator', 'sandbox']);
      expect(changes[1]?.by.organizationId).toBe('msft');
    });

    it('as Microsoft: decides on an exception', async () => {
      await contoso.move(own.id, 'Closed/Lost');
      await contoso.change(own.id, { '/exception': { justification: 'Signed late' } });
      await operator.act({ as: 'msft', act: 'reviewException', referral: own.id, decision: 'approved' });
      expect(await contoso.read(own.id)).toMatchObject({ exception: { status: 'Approved' } });
      const again = await act({ as: 'msft', act: 'reviewException', referral: own.id, decision: 'rejected' });
      expect(faultsOf(again)[0]).toMatch(/^reviewNotAllowed/);
    });

    it.each([
      [{}, ['missingMember /act', 'valueNotAllowed /as']],
      [{ as: 'nobody', act: 'accept', referral: ids.lead }, ['valueNotAllowed /as']],
      [{ as: 'msft', act: 'sing', referral: ids.lead }, ['valueNotAllowed /act']],
      [{ as: 'msft', act: 'accept' }, ['valueNotAllowed /referral']],
      [{ as: 'msft', act: 'accept', referral: ids.lead, engagement: ids.lead }, ['valueNotAllowed /referral']],
      [{ as: 'msft', act: 'accept', referal: ids.lead }, ['unknownMember /referal', 'valueNotAllowed /referral']],
      [{ as: 'msft', act: 'send' }, ['valueNotAllowed /body']],
      [{ as: 'msft', act: 'edit', referral: ids.coSellOfMicrosoft }, ['valueNotAllowed /patch']],
      [{ as: 'msft', act: 'accept', referral: 4711 }, ['wrongType /referral', 'valueNotAllowed /referral']],
      [
        { as: organizations.contoso, act: 'reviewRegistration', referral: ids.won, decision: 'approve' },
        ['valueNotAllowed /as'],
      ],
      [{ as: 'msft', act: 'reviewRegistration', referral: ids.won }, ['missingMember /decision']],
      [{ as: 'msft', act: 'reviewException', referral: ids.won, decision: 'perhaps' }, ['valueNotAllowed /decision']],
      [{ as: 'msft', act: 'decline', referral: ids.coSellOfMicrosoft, reason: 5 }, ['wrongType /reason']],
      [{ as: 'msft', act: 'accept', referral: ids.coSellOfMicrosoft, team: 'me' }, ['wrongType /team']],
      [
        { as: 'msft', act: 'edit', referral: ids.coSellOfMicrosoft, patch: [{ op: 'move', path: '/nome', value: 1 }] },
        ['invalidOperation /0/op', 'unknownMember /nome'],
      ],
    ])('refuses %j and says why', async (order, faults) => {
      const found = faultsOf(await act(order));
      for (const fault of faults) expect(found).toContain(fault);
      expect(found.length).toBe(faults.length);
      expect((await contoso.read(ids.coSellOfMicrosoft)).status).toBe('New');
    });

    it('refuses a body and a patch that the party itself could not send', async () => {
      expect(faultsOf(await act({ as: 'msft', act: 'send', body: {} }))).toContain('missingMember /type');
      const stranger = await act({ as: 'msft', act: 'accept', engagement: '00000000-0000-4000-8000-000000000000' });
      expectEnvelope(stranger, 400, 'sandboxRefused');
      const frozen = {
        as: 'msft',
        act: 'edit',
        referral: ofMicrosoft.id,
        patch: setting({ '/customerProfile/name': 'x' }),
      };
      expect(faultsOf(await act(frozen))).toEqual(['frozenMember /customerProfile/name']);
    });
  });

  it('names nobody’s password and takes no cookie, and has no CORS', async () => {
    const answer = await operator.ask('GET', '/_sandbox/clock');
    const names = Object.keys(answer.headers);
    expect(names.filter((name) => name.startsWith('access-control') || name === 'set-cookie')).toEqual([]);
  });
});

describeOnEachEngine('the sandbox after a restart', (engine) => {
  it('has the clock as it was set, going or stopped', async () => {
    const place = await engine.makePlace();
    const here = engineAt(engine, place);
    for (const [order, expected] of [
      [{ now: '2036-06-06T06:06:06.066Z', freeze: true }, '2036-06-06T06:06:06.066Z'],
      [{ advance: 'P1D' }, '2036-06-07T06:06:06.066Z'],
    ] as const) {
      const server = await startTestServer(here);
      await (await operatorOf(server)).clock(order);
      await server.close();
      const again = await startTestServer(here);
      const answer = await (await operatorOf(again)).ask('GET', '/_sandbox/clock');
      expect(answer.json()).toMatchObject({ now: expected, isFrozen: true });
      expect((await (await partyOf(again, users.admin)).create(deal())).createdDateTime).toBe(
        expected.replace('Z', '0000Z'),
      );
      await again.close();
    }
    await place.remove();
  });
});

describe('an exchange that is no sandbox', () => {
  describeOnEachEngine('has no such paths', (engine) => {
    it('for anybody, and nothing of the clock acts', async () => {
      const server = await startTestServer(engine, { SANDBOX: 'false' });
      const operator = await operatorOf(server);
      const contoso = await partyOf(server, users.admin);
      for (const path of ['/_sandbox', '/_sandbox/clock', '/_sandbox/reset', '/_sandbox/faults', '/_sandbox/acts']) {
        for (const method of ['GET', 'POST', 'DELETE']) {
          expectEnvelope(await contoso.ask(method, path), 404, 'routeNotFound');
          const answer = await operator.ask(method, path);
          expect([403, 404]).toContain(answer.status);
        }
      }
      await server.close();
    });
  });
});
