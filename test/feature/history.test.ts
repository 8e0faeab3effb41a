import { importReferrals } from '@cosell/server/domain/import-referrals';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, comparable, expectEnvelope } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import {
  deal,
  expectLinear,
  invitation,
  type Operator,
  operatorOf,
  type Party,
  partyOf,
  type Shown,
  setting,
  targets,
} from '../support/parties.ts';
import { ids, organizations, unknownIds, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const peopleOf = (shown: Shown | null) => (shown?.team as unknown[] | undefined)?.length;

describeOnEachEngine('a history', (engine) => {
  let server: TestServer;
  let operator: Operator;
  let contoso: Party;
  let tailspin: Party;
  let seller: Party;
  beforeAll(async () => {
    server = await startTestServer(engine);
    operator = await operatorOf(server);
    [contoso, tailspin, seller] = await Promise.all([
      partyOf(server, users.admin),
      partyOf(server, users.tailspin),
      partyOf(server, users.seller),
    ]);
    await operator.clock({ now: '2031-05-05T10:00:00Z', freeze: true });
  });
  afterAll(() => server.close());
  const step = async (duration = 'PT1H') => (await operator.clock({ advance: duration })).now;
  const fixed = (now: string) => `${now.slice(0, 23)}0000Z`;

  it('says who changed it, when, through what, and what it was before and after', async () => {
    const startedAt = (await operator.ask('GET', '/_sandbox/clock')).json<{ now: string }>().now;
    const created = (await contoso.post(deal(), { 'x-caller-id': 'crm-sync' })).json<Shown>();
    const changedAt = await step();
    await contoso.patch(created.id, setting({ '/details/notes': 'Three hundred seats' }), { 'x-caller-id': 'phone' });
    const changed = await contoso.read(created.id);
    const wonAt = await step();
    await contoso.move(created.id, 'Closed/Won', 'Signed');
    const changes = await contoso.history(created.id);
    const user = { kind: 'user', organizationId: organizations.contoso, user: users.admin };
    expect(changes.map(({ before: _before, after: _after, sequence: _sequence, ...change }) => change)).toEqual([
      { occurredDateTime: fixed(startedAt), kind: 'created', by: user, via: 'crm-sync', eTag: created.eTag },
      { occurredDateTime: fixed(changedAt), kind: 'changed', by: user, via: 'phone', eTag: changed.eTag },
      {
        occurredDateTime: fixed(wonAt),
        kind: 'changed',
        by: user,
        via: expect.not.stringMatching(/phone|crm/) as unknown,
        eTag: (await contoso.read(created.id)).eTag,
      },
    ]);
    const { '@odata.context': _context, ...first } = created;
    expect([changes[0]?.before, changes[0]?.after]).toEqual([null, first]);
    expect(first).toMatchObject({ createdVia: 'crm-sync', lastModifiedVia: 'crm-sync' });
    expect(changed.lastModifiedVia).toBe('phone');
    expectLinear(changes, await contoso.read(created.id));
  });

  it('is a list with a count and a context, and is marked as an extension', async () => {
    const answer = await contoso.get(`${ids.coSell}/history`);
    expect(Object.keys(answer.json())).toEqual(['@odata.context', '@odata.count', 'value']);
    expect(answer.json()).toMatchObject({
      '@odata.context': `${server.origin}${collection}/$metadata#Collection(Cosell.Change)`,
      '@odata.count': 1,
      value: [{ kind: 'imported', by: { kind: 'operator', organizationId: null, user: null }, before: null }],
    });
    expect(answer.headers['cosell-extension']).toBe('history');
  });

  it('has nothing for what changed nothing, was refused, or was only tried', async () => {
    const { id, eTag } = await contoso.create(deal());
    await contoso.patch(id, []);
    await contoso.patch(id, setting({ '/details/notes': 'Two hundred seats' }));
    await contoso.patch(id, setting({ '/details/notes': 'x', '/eTag': 'y' }));
    await contoso.patch(id, setting({ '/details/notes': 'x' }), { 'if-match': '"stale"' });
    await contoso.patch(id, setting({ '/details/notes': 'x' }), { prefer: 'validate-only' });
    expect((await contoso.history(id)).map((change) => change.eTag)).toEqual([eTag]);
  });

  it('counts in the owner’s log without a gap, over all of his referrals and of what he reads', async () => {
    const sequenceOf = async (party: Party, id: string) => (await party.history(id)).map(({ sequence }) => sequence);
    const own = await contoso.create(deal());
    const first = (await sequenceOf(contoso, own.id))[0] ?? 0;
    const theirs = await contoso.create(invitation(own.engagementId, targets.tailspin));
    await tailspin.move(theirs.id, 'Active/Accepted');
    await contoso.change(own.id, { '/name': 'Renamed' });
    const all = [...(await sequenceOf(contoso, own.id)), ...(await sequenceOf(contoso, theirs.id))];
    expect(all.toSorted((one, other) => one - other)).toEqual(all.map((_, at) => first + at));
  });

  describe('of another member’s record', () => {
    let own: Shown;
    let theirs: Shown;
    const at: Record<string, string> = {};
    beforeAll(async () => {
      own = await contoso.create(deal({ name: 'Joint' }));
      await step();
      theirs = await contoso.create(invitation(own.engagementId, targets.tailspin));
      at.invited = await step();
      await contoso.change(own.id, { '/details/notes': 'Secret notes', '/details/dealValue': 7654321 });
      await tailspin.move(theirs.id, 'Active/Accepted');
      at.accepted = await step();
      await contoso.change(own.id, { '/name': 'Joint, renamed' });
      at.renamed = await step();
    });

    it('has the states of the view only, and none for what a view does not show', async () => {
      const changes = await tailspin.history(own.id);
      // The second is a change of what is hidden: all that shows is that there was one, and when.
      const related = ['relatedCreated', 'relatedChanged', 'relatedChanged', 'relatedChanged'];
      expect(changes.map(({ kind }) => kind)).toEqual(related);
      const [first, second] = changes.map(({ after }) => after);
      expect(second).toEqual({ ...first, eTag: second?.eTag, updatedDateTime: second?.updatedDateTime });
      expectLinear(changes, await tailspin.read(own.id));
      expect(changes.map(({ after }) => [after?.name, peopleOf(after)])).toEqual([
        ['Joint', 0],
        ['Joint', 0],
        ['Joint', 1],
        ['Joint, renamed', 1],
      ]);
      const { text } = await tailspin.get(`${own.id}/history`);
      for (const secret of ['Secret notes', '7654321', 'Two hundred', '4873125']) expect(text).not.toContain(secret);
    });

    it('says which organisation acted, and not by whom or with which client', async () => {
      for (const [party, id, actor] of [
        [tailspin, own.id, organizations.contoso],
        [contoso, theirs.id, organizations.tailspin],
      ] as const) {
        for (const { by, via } of (await party.history(id)).slice(-1)) {
          expect([by, via]).toEqual([{ kind: 'user', organizationId: actor, user: null }, null]);
        }
      }
    });

    it('says on one’s own record who of others has made it, by the organisation only', async () => {
      const [created, accepted] = await tailspin.history(theirs.id);
      expect(created?.by).toEqual({ kind: 'user', organizationId: organizations.contoso, user: null });
      expect(accepted?.by).toEqual({ kind: 'user', organizationId: organizations.tailspin, user: users.tailspin });
      const { text } = await tailspin.get(`${theirs.id}/history`);
      expect(text).not.toContain(users.admin);
    });

    it('is gone with the reader’s interest: what he was shown is erased, and named', async () => {
      await step();
      await tailspin.move(theirs.id, 'Closed/Declined', 'No capacity');
      const { text } = await tailspin.get(`${own.id}/history`);
      for (const secret of ['John', 'john.doe', 'Sue', 'sue.smith']) expect(text).not.toContain(secret);
      const changes = await tailspin.history(own.id);
      const shown = changes.map(({ after }) => after?.['@cosell.erased']);
      const people = ['/customerProfile/team', '/team'];
      expect(shown).toEqual([undefined, undefined, people, people, undefined]);
      const past = await tailspin.get(`${own.id}?asOf=${at.renamed}`);
      expect(past.json()).toMatchObject({
        name: 'Joint, renamed',
        team: [],
        '@cosell.erased': ['/customerProfile/team', '/team'],
      });
      // The owner sees his own past whole.
      expect((await contoso.read(`${own.id}?asOf=${at.renamed}`)).team).toHaveLength(1);
      expect((await contoso.get(`${own.id}/history`)).text).not.toContain('@cosell.erased');
    });
  });

  describe('as of an instant', () => {
    let id: string;
    const versions: { from: string; document: Shown }[] = [];
    beforeAll(async () => {
      await step();
      for (const name of ['first', 'second', 'third']) {
        const from = await step('PT10M');
        if (name === 'first') id = (await contoso.create(deal({ name }))).id;
        else await contoso.change(id, { '/name': name });
        versions.push({ from, document: await contoso.read(id) });
      }
    });
    const asOf = (instant: string) => contoso.get(`${id}?asOf=${encodeURIComponent(instant)}`);
    const around = (instant: string, ms: number) => new Date(Date.parse(instant) + ms).toISOString();

    it('is the version that counted: from its instant on, and until the next one’s', async () => {
      for (const [at, { from, document }] of versions.entries()) {
        for (const instant of [from, around(from, 1), around(from, 599_999)]) {
          const answer = await asOf(instant);
          expect(answer.json()).toEqual(document);
          expect([answer.headers.etag, answer.headers['cosell-extension']]).toEqual([document.eTag, 'asOf']);
        }
        const former = await asOf(around(from, -1));
        if (at === 0) expectEnvelope(former, 404, 'referralNotFound');
        else expect(former.json()).toEqual(versions[at - 1]?.document);
      }
    });

    it('is read in any form of RFC 3339', async () => {
      const [, second] = versions;
      const day = second?.from.slice(0, 10) ?? '';
      const shifted = new Date(Date.parse(second?.from ?? '') + 7_200_000).toISOString().slice(0, 19);
      expect((await asOf(`${shifted}+02:00`)).json()).toEqual(second?.document);
      expect((await asOf(`${second?.from.slice(0, 23)}0000Z`)).json()).toEqual(second?.document);
      expect((await asOf(new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10))).json()).toEqual(
        versions[2]?.document,
      );
    });

    it('is now for an instant to come', async () => {
      expect((await asOf('2999-01-01')).text).toBe((await contoso.get(id)).text);
    });

    it('before there was anything is the answer for what there never was', async () => {
      const nothing = comparable(await contoso.get(`${unknownIds[0]}?asOf=2000-01-01`));
      expect(comparable(await asOf('2000-01-01'))).toEqual(nothing);
      expect(comparable(await asOf(around(versions[0]?.from ?? '', -1)))).toEqual(nothing);
    });

    it.each(['x', '', '2031', '2031-13-01', '2031-05-05T25:00:00Z', 'now', '1234567890'])(
      'refuses %j',
      async (instant) => {
        expectEnvelope(await asOf(instant), 400, 'malformedInstant');
      },
    );

    it('is answered with 304 to whoever has this very version', async () => {
      const [first] = versions;
      const headers = { 'if-none-match': String(first?.document.eTag) };
      expect((await contoso.get(`${id}?asOf=${first?.from}`, headers)).status).toBe(304);
      expect((await contoso.get(id, headers)).status).toBe(200);
    });

    it('of a view is the view of that time', async () => {
      const own = await contoso.create(deal({ name: 'before the view' }));
      await step('PT1M');
      await contoso.change(own.id, { '/consent/consentToShareReferralWithMicrosoftSellers': true });
      const shown = (await operator.ask('GET', '/_sandbox/clock')).json<{ now: string }>().now;
      await step('PT1M');
      await contoso.change(own.id, { '/name': 'after' });
      expect(await seller.read(`${own.id}?asOf=${shown}`)).toMatchObject({ name: 'before the view', team: [] });
      expectEnvelope(await seller.get(`${own.id}?asOf=${around(shown, -1)}`), 404, 'referralNotFound');
    });
  });

  it('of an import begins with it, and goes on with each that changes something', async () => {
    const capture = {
      id: '0a0a0a0a-0000-4000-8000-000000000001',
      engagementId: '0a0a0a0a-0000-4000-8000-000000000002',
      organizationId: organizations.contoso,
      createdDateTime: '2024-01-01T00:00:00Z',
      updatedDateTime: '2024-01-01T00:00:00Z',
      status: 'Active',
      substatus: 'Accepted',
      type: 'Independent',
      name: 'one',
    };
    const load = (more: object) =>
      server.exchange.store.transact(importReferrals, { texts: [JSON.stringify({ ...capture, ...more })] });
    await load({});
    await load({});
    await load({ name: 'two', updatedDateTime: '2024-01-02T00:00:00Z' });
    const changes = await contoso.history(capture.id);
    expect(changes.map(({ kind, after }) => [kind, after?.name])).toEqual([
      ['imported', 'one'],
      ['reimported', 'two'],
    ]);
    expectLinear(changes, await contoso.read(capture.id));
  });
});
