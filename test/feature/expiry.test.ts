import { importReferrals } from '@cosell/server/domain/import-referrals';
import { setClock } from '@cosell/server/domain/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capturedReferral } from '../support/capture-files.ts';
import { describeOnEachEngine, openAt } from '../support/engines.ts';
import {
  deal,
  engineAt,
  expectLinear,
  invitation,
  moving,
  type Operator,
  operatorOf,
  type Party,
  partyOf,
  type Shown,
  setting,
  targeting,
  targets,
} from '../support/parties.ts';
import { ids, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const day = 86_400_000;
const lead = (name = 'Lead') => deal({ target: targeting(targets.tailspin), name });

describeOnEachEngine('a referral that nobody answers', (engine) => {
  let server: TestServer;
  let contoso: Party;
  let tailspin: Party;
  let operator: Operator;
  beforeAll(async () => {
    server = await startTestServer(engine);
    operator = await operatorOf(server);
    [contoso, tailspin] = await Promise.all([partyOf(server, users.admin), partyOf(server, users.tailspin)]);
    await operator.clock({ now: '2031-03-01T15:30:00Z', freeze: true });
  });
  afterAll(() => server.close());

  /** Moves the clock and lets nothing else happen. */
  const goTo = (instant: string) =>
    server.exchange.store.transact(setClock, { advanceMs: 0, toMs: Date.parse(instant), freeze: undefined });
  const now = async () => (await operator.ask('GET', '/_sandbox/clock')).json<{ now: string }>().now;
  /** A new lead, one millisecond before it is due. */
  async function almostDue(name?: string): Promise<{ id: string; dueAt: string; engagementId: string }> {
    const { id, expirationDateTime, engagementId } = await contoso.create(lead(name));
    const dueAt = String(expirationDateTime);
    await goTo(new Date(Date.parse(dueAt) - 1).toISOString());
    return { id, dueAt, engagementId };
  }

  it('has until midnight UTC, fourteen days after the day on which it came', async () => {
    const { id, dueAt } = await almostDue();
    expect(dueAt).toBe('2031-03-15T00:00:00Z');
    expect(await tailspin.read(id)).toMatchObject({ status: 'New', substatus: 'Pending' });
    await goTo(dueAt);
    expect(await tailspin.read(id)).toMatchObject({
      status: 'Closed',
      substatus: 'Expired',
      closedDateTime: '2031-03-15T00:00:00.0000000Z',
      updatedDateTime: '2031-03-15T00:00:00.0000000Z',
      expirationDateTime: dueAt,
      acceptedDateTime: null,
    });
  });

  it('is closed once, by the exchange, at that instant, in the owner’s log and the sender’s', async () => {
    const { id, dueAt } = await almostDue();
    await goTo(new Date(Date.parse(dueAt) + 3 * day).toISOString());
    await Promise.all([tailspin.get(id), contoso.get(id), tailspin.list(''), contoso.list(''), tailspin.get(id)]);
    for (const [party, kinds] of [
      [tailspin, ['created', 'expired']],
      [contoso, ['relatedCreated', 'relatedChanged']],
    ] as const) {
      const changes = await party.history(id);
      expect(changes.map(({ kind }) => kind)).toEqual(kinds);
      expectLinear(changes, await party.read(id));
      expect(changes[1]).toMatchObject({
        occurredDateTime: `${dueAt.slice(0, 19)}.0000000Z`,
        by: { kind: 'exchange', organizationId: null, user: null },
        via: null,
      });
    }
  });

  describe('is New in no answer after the instant, whichever is the first:', () => {
    const first: readonly [string, (id: string, engagementId: string) => Promise<Shown | undefined>][] = [
      ['by id', (id) => tailspin.read(id)],
      ['the view of its sender', (id) => contoso.read(id)],
      ['the list', async (id) => (await listed(tailspin, '')).find((item) => item.id === id)],
      [
        'the list of the sender',
        async (id, engagementId) =>
          (await listed(contoso, `$filter=engagementId eq ${engagementId}`)).find((item) => item.id === id),
      ],
      ['its history', async (id) => (await tailspin.history(id)).at(-1)?.after ?? undefined],
      ["its sender's history", async (id) => (await contoso.history(id)).at(-1)?.after ?? undefined],
      ['as of now', async (id) => tailspin.read(`${id}?asOf=${await now()}`)],
    ];
    const listed = async (party: Party, query: string) =>
      (await party.list(`$top=1000&${query}`)).json<{ value: Shown[] }>().value;

    it.each(first)('%s', async (_name, read) => {
      const { id, dueAt, engagementId } = await almostDue();
      await goTo(dueAt);
      expect(await read(id, engagementId)).toMatchObject({ id, status: 'Closed', substatus: 'Expired' });
    });

    it('a filter, a count, and a condition', async () => {
      const { id, dueAt } = await almostDue();
      const { eTag } = await tailspin.read(id);
      await goTo(dueAt);
      const answer = await tailspin.list("$filter=status eq 'New'");
      expect(answer.text).not.toContain(id);
      expect(answer.json()['@odata.count']).toBe(answer.json<{ value: [] }>().value.length);
      expect((await tailspin.get(id, { 'if-none-match': eTag })).status).toBe(200);
    });

    it.each([
      ['an acceptance', () => moving('Active/Accepted')],
      ['a change of anything else', () => setting({ '/details/notes': 'late' })],
    ])('%s, which comes too late', async (_name, operations) => {
      const { id, dueAt } = await almostDue();
      const { eTag } = await tailspin.read(id);
      await goTo(dueAt);
      expect((await tailspin.patch(id, operations(), { 'if-match': eTag })).status).toBe(412);
      const answer = await tailspin.patch(id, operations());
      expect([answer.status, answer.json<{ error: { innerError: { code: string } } }>().error.innerError.code]).toEqual(
        [400, 'terminalReferral'],
      );
      expect(await tailspin.history(id)).toHaveLength(2);
    });

    it('a write of another member of the engagement, whose log stays in the order of time', async () => {
      const own = await tailspin.create(deal({ type: 'Shared' }));
      const theirs = await tailspin.create(invitation(own.engagementId, targets.redmond));
      const dueAt = String(theirs.expirationDateTime);
      await goTo(new Date(Date.parse(dueAt) + day).toISOString());
      await tailspin.change(own.id, { '/name': 'Changed a day after' });
      for (const party of [contoso, tailspin]) {
        for (const { id } of [own, theirs]) expectLinear(await party.history(id), await party.read(id));
      }
      expect(await tailspin.read(`${theirs.id}?asOf=${dueAt}`)).toMatchObject({ substatus: 'Expired' });
    });
  });

  it('does not keep a reader waiting where two clocks disagree whether it is due', async () => {
    const { store } = server.exchange;
    const { id, expirationDateTime } = await contoso.create(lead());
    // What is stored goes by the machine's clock, ten minutes before; whoever reads by one that is half an hour ahead.
    const toMs = Date.parse(String(expirationDateTime)) - 600_000;
    await store.transact(setClock, { advanceMs: 0, toMs, freeze: false });
    server.clock.aheadMs = 1_800_000;
    try {
      for (const party of [tailspin, contoso]) expect(await party.read(id)).toMatchObject({ id, status: 'New' });
      expect((await tailspin.list('')).status).toBe(200);
    } finally {
      server.clock.aheadMs = 0;
      await store.transact(setClock, { advanceMs: 0, toMs: undefined, freeze: true });
    }
  });

  it('but is accepted, is New no more and never expires', async () => {
    const { id, dueAt } = await almostDue();
    await tailspin.move(id, 'Active/Accepted');
    await goTo(new Date(Date.parse(dueAt) + 100 * day).toISOString());
    expect(await tailspin.read(id)).toMatchObject({ status: 'Active', expirationDateTime: null, closedDateTime: null });
    expect(await tailspin.history(id)).toHaveLength(2);
  });

  it('though it was acknowledged, expires like the others', async () => {
    const { id, dueAt } = await almostDue();
    await tailspin.move(id, 'New/Received');
    await goTo(dueAt);
    expect(await tailspin.read(id)).toMatchObject({ substatus: 'Expired' });
  });

  it('and has no expirationDateTime never expires: the documented example', async () => {
    await operator.clock({ advance: 'P400D' });
    expect(await contoso.read(ids.lead)).toMatchObject({ status: 'New', expirationDateTime: null });
  });

  describe('and was imported', () => {
    const seconds = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
    const capture = async (dueInDays: number) => {
      const expirationDateTime = seconds(Date.parse(await now()) + dueInDays * day);
      return capturedReferral({ status: 'New', substatus: 'Pending', direction: 'Incoming', expirationDateTime });
    };
    const load = async (referral: Record<string, unknown>, isLive: boolean) =>
      (await server.exchange.store.transact(importReferrals, { texts: [JSON.stringify(referral)], isLive })).outcomes;

    it('is left alone, however long its time is over', async () => {
      for (const dueInDays of [-1_000, 1]) {
        const referral = await capture(dueInDays);
        await load(referral, false);
        await operator.clock({ advance: 'P3D' });
        expect(await contoso.read(String(referral.id))).toMatchObject({ status: 'New', substatus: 'Pending' });
      }
    });

    it('expires like the others where it was imported with --live', async () => {
      const [past, future] = [await capture(-1_000), await capture(1)];
      for (const referral of [past, future]) expect(await load(referral, true)).toEqual(['added']);
      expect(await contoso.read(String(past.id))).toMatchObject({ substatus: 'Expired' });
      expect(await contoso.read(String(future.id))).toMatchObject({ status: 'New' });
      await operator.clock({ advance: 'P1D' });
      expect(await contoso.read(String(future.id))).toMatchObject({ substatus: 'Expired' });
      expect((await contoso.history(String(future.id))).map(({ kind }) => kind)).toEqual(['imported', 'expired']);
    });

    it('expires from when the same file is imported again with --live, and not because it is imported without', async () => {
      const referral = await capture(1);
      expect(await load(referral, false)).toEqual(['added']);
      expect(await load(referral, true)).toEqual(['unchanged']);
      expect(await load(referral, false)).toEqual(['unchanged']);
      await operator.clock({ advance: 'P1D' });
      expect(await contoso.read(String(referral.id))).toMatchObject({ substatus: 'Expired' });
      expect((await contoso.history(String(referral.id))).map(({ kind }) => kind)).toEqual(['imported', 'expired']);
    });
  });
});

describeOnEachEngine('a referral whose time is over while the server is down', (engine) => {
  it('is closed once when it is up again, at the instant at which it was due', async () => {
    const place = await engine.makeSamplePlace();
    const here = engineAt(engine, place);
    let server = await startTestServer(here);
    await (await operatorOf(server)).clock({ now: '2031-03-01T15:30:00Z', freeze: true });
    const sent: Shown[] = [];
    for (const name of ['one', 'two', 'three']) {
      sent.push(await (await partyOf(server, users.admin)).create(lead(name)));
    }
    await server.close();
    const exchange = await openAt(place);
    await exchange.store.transact(setClock, { advanceMs: 30 * day, toMs: undefined, freeze: undefined });
    await exchange.close();
    for (const _start of ['first', 'second']) {
      server = await startTestServer(here);
      const tailspin = await partyOf(server, users.tailspin);
      expect(await tailspin.ids("$filter=status eq 'New'")).toEqual([]);
      for (const { id } of sent) {
        expect(await tailspin.read(id)).toMatchObject({ closedDateTime: '2031-03-15T00:00:00.0000000Z' });
        expect((await tailspin.history(id)).map(({ kind }) => kind)).toEqual(['created', 'expired']);
      }
      await server.close();
    }
    await place.remove();
  });

  // The embedded database has one server at a time.
  if (engine.name === 'PostgreSQL') {
    it('is closed once by two servers at the same time', async () => {
      const place = await engine.makeSamplePlace();
      const here = engineAt(engine, place);
      const servers = [await startTestServer(here), await startTestServer(here)] as const;
      await (await operatorOf(servers[0])).clock({ now: '2031-03-01T15:30:00Z', freeze: true });
      const contoso = await Promise.all(servers.map((server) => partyOf(server, users.admin)));
      const tailspin = await Promise.all(servers.map((server) => partyOf(server, users.tailspin)));
      const sent = await Promise.all(
        Array.from({ length: 60 }, async (_, at) => (await contoso[at % 2]?.create(lead(`Lead ${at}`)))?.id ?? ''),
      );
      await servers[0].exchange.store.transact(setClock, { advanceMs: 30 * day, toMs: undefined, freeze: undefined });
      const answers = await Promise.all(
        tailspin.flatMap((party) => [party.list('$top=1000'), ...sent.slice(0, 8).map((id) => party.get(id))]),
      );
      for (const { status, text } of answers) {
        expect(status, text).toBe(200);
        expect(text).not.toContain('"status":"New"');
      }
      for (const id of sent) {
        expect((await tailspin[0]?.history(id))?.map(({ kind }) => kind)).toEqual(['created', 'expired']);
      }
      await Promise.all(servers.map((server) => server.close()));
      await place.remove();
    });
  }
});
