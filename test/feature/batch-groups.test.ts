import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, documented } from '../support/answers.ts';
import { expectItemError, type Item, sendBatch, statusesOf } from '../support/batches.ts';
import { coSellDeal, leastDeal, microsoftsRecord, privateDeal } from '../support/documented-requests.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { ids, unknownIds, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { type Answered, askSandbox, type Writer, writingAs } from '../support/writing.ts';

describeOnEachEngine('an atomicity group', (engine) => {
  let server: TestServer;
  let contoso: Writer;
  beforeAll(async () => {
    server = await startTestServer(engine, { SANDBOX: 'true' });
    contoso = writingAs(server, users.admin);
  });
  afterAll(() => server.close());
  const grouped = (id: string, method: string, url: string, body?: unknown, more: Partial<Item> = {}): Item => ({
    id,
    atomicityGroup: 'group',
    method,
    url,
    ...(body === undefined ? {} : { body }),
    ...more,
  });
  const noting = (value: string) => [{ op: 'replace', path: '/details/notes', value }];
  const count = async () => (await contoso.send('GET', collection)).json<{ '@odata.count': number }>()['@odata.count'];
  /** What is stored of a referral, and how often it was changed. */
  const state = async ({ id }: Pick<Answered, 'id'>) => {
    const history = await contoso.send('GET', `${collection}/${id}/history`);
    return [(await contoso.read(id)).eTag, history.json<{ '@odata.count': number }>()['@odata.count']];
  };

  it('is done whole, in the order of its requests', async () => {
    const deal = await contoso.create(privateDeal);
    const before = await count();
    const answers = await sendBatch(contoso, [
      grouped('1', 'POST', 'referrals', leastDeal()),
      grouped('2', 'PATCH', `referrals/${deal.id}`, noting('first')),
      grouped('3', 'PATCH', `referrals/${deal.id}`, noting('second'), { dependsOn: ['2'] }),
      grouped('4', 'PUT', `referrals/${deal.id}`, { externalReferenceId: 'CRM-1' }, { headers: { 'if-match': '*' } }),
      { id: '5', method: 'GET', url: `referrals/${deal.id}`, dependsOn: ['group'] },
      { id: '6', method: 'GET', url: '$1', dependsOn: ['group'] },
    ]);
    expect(statusesOf(answers)).toEqual({ 1: 200, 2: 204, 3: 204, 4: 200, 5: 200, 6: 200 });
    expect(answers.map(({ atomicityGroup }) => atomicityGroup)).toEqual([
      ...Array(4).fill('group'),
      undefined,
      undefined,
    ]);
    expect(answers[4]?.json()).toMatchObject({ externalReferenceId: 'CRM-1', details: { notes: 'second' } });
    expect(answers[4]?.json().eTag).toBe(answers[3]?.headers.etag);
    expect(answers[5]?.text).toBe(answers[0]?.text);
    expect(await count()).toBe(before + 1);
    expect((await state(deal))[1]).toBe(4);
  });

  describe('is undone whole, whatever fails in it', () => {
    const notFound = `referrals/${unknownIds[0]}`;
    it.each<[title: string, status: number, innerCode: string, bad: (deal: Answered) => Item]>([
      ['a body', 400, 'invalidBody', () => grouped('bad', 'POST', 'referrals', {})],
      ['a text', 400, 'invalidBody', ({ id }) => grouped('bad', 'PATCH', `referrals/${id}`, 1)],
      [
        'a condition',
        412,
        '99918',
        ({ id }) => grouped('bad', 'PATCH', `referrals/${id}`, noting('x'), { headers: { 'if-match': '"x"' } }),
      ],
      ['a rule', 400, 'terminalReferral', () => grouped('bad', 'PATCH', `referrals/${ids.won}`, noting('x'))],
      ['an unknown id', 404, 'referralNotFound', () => grouped('bad', 'PATCH', notFound, noting('x'))],
      [
        "another's record",
        403,
        'notTheOwner',
        () => grouped('bad', 'PATCH', `referrals/${ids.coSellOfMicrosoft}`, noting('x')),
      ],
      ['a path', 404, 'routeNotFound', () => grouped('bad', 'POST', '/nowhere', {})],
      ['a method', 405, 'methodNotAllowed', ({ id }) => grouped('bad', 'DELETE', `referrals/${id}`)],
      ['another server', 421, 'foreignHost', () => grouped('bad', 'POST', 'https://example.com/', {})],
      ['a read', 501, 'batchNotImplemented', ({ id }) => grouped('bad', 'GET', `referrals/${id}`)],
      [
        'an engagement',
        400,
        'invalidBody',
        () => grouped('bad', 'POST', 'referrals', JSON.parse(microsoftsRecord(randomUUID()))),
      ],
      [
        'a reference within it',
        501,
        'batchNotImplemented',
        () => grouped('bad', 'PATCH', '$last', noting('x'), { dependsOn: ['last'] }),
      ],
      ['a batch', 400, 'batchNested', () => grouped('bad', 'POST', '$batch', { requests: [] })],
      [
        'a dependency',
        424,
        'dependencyFailed',
        () => grouped('bad', 'POST', 'referrals', leastDeal(), { dependsOn: ['failed'] }),
      ],
    ])('%s', async (_title, status, innerCode, bad) => {
      const deal = await contoso.create(privateDeal);
      const before = [await count(), await state(deal)];
      const failed = { id: 'failed', method: 'GET', url: notFound };
      const good = [
        grouped('post', 'POST', 'referrals', leastDeal()),
        grouped('last', 'PATCH', `referrals/${deal.id}`, noting('never')),
      ];
      for (const items of [
        [...good, bad(deal)],
        [good[0] as Item, good[1] as Item, bad(deal), grouped('more', 'POST', 'referrals', leastDeal())],
      ]) {
        const answers = await sendBatch(contoso, [
          failed,
          ...items,
          { id: 'after', method: 'GET', url: `referrals/${documented}`, dependsOn: ['group'] },
        ]);
        for (const answer of answers.slice(1)) {
          if (answer.id === 'bad') expectItemError(answer, status, innerCode);
          else expectItemError(answer, 424, 'dependencyFailed');
        }
        expect([await count(), await state(deal)]).toEqual(before);
      }
    });
  });

  it('counts as failed for what depends on one of it, and is not begun where its own dependency failed', async () => {
    const before = await count();
    const answers = await sendBatch(contoso, [
      grouped('1', 'POST', 'referrals', leastDeal()),
      grouped('2', 'POST', 'referrals', {}),
      { id: '3', method: 'GET', url: `referrals/${documented}`, dependsOn: ['1'] },
      { id: '4', atomicityGroup: 'other', method: 'POST', url: 'referrals', body: leastDeal(), dependsOn: ['GROUP'] },
      { id: '5', atomicityGroup: 'Other', method: 'POST', url: 'referrals', body: leastDeal() },
      { id: '6', method: 'GET', url: `referrals/${documented}`, dependsOn: ['other'], if: 'not $4/$succeeded' },
    ]);
    expect(statusesOf(answers)).toEqual({ 1: 424, 2: 400, 3: 424, 4: 424, 5: 424, 6: 200 });
    expect(await count()).toBe(before);
  });

  it('is done once when it is sent again, and not at all when it was undone', async () => {
    const repeatable = () => ({
      headers: { 'repeatability-request-id': randomUUID(), 'repeatability-first-sent': new Date().toUTCString() },
    });
    const items = [
      grouped('1', 'POST', 'referrals', leastDeal(), repeatable()),
      grouped('2', 'POST', 'referrals', leastDeal(), repeatable()),
    ];
    const before = await count();
    const undone = await sendBatch(contoso, [...items, grouped('3', 'POST', 'referrals', {})]);
    expect(statusesOf(undone)).toEqual({ 1: 424, 2: 424, 3: 400 });
    const first = await sendBatch(contoso, items);
    const again = await sendBatch(contoso, items);
    expect(again.map(({ text }) => text)).toEqual(first.map(({ text }) => text));
    expect(await count()).toBe(before + 2);
  });

  it('stores nothing where each of it is only to be validated', async () => {
    const before = await count();
    const headers = { prefer: 'validate-only' };
    const answers = await sendBatch(contoso, [
      grouped('1', 'POST', 'referrals', leastDeal(), { headers }),
      grouped('2', 'POST', 'referrals', leastDeal(), { headers }),
    ]);
    expect(statusesOf(answers)).toEqual({ 1: 200, 2: 200 });
    expect(await count()).toBe(before);
  });

  it('is undone when a rehearsed fault keeps one of it from its write', async () => {
    const before = await count();
    const { id } = await contoso.create(privateDeal);
    await askSandbox(server, '/faults', { route: 'patchReferralById', kind: 'unavailable', count: 1 });
    const answers = await sendBatch(contoso, [
      grouped('1', 'POST', 'referrals', leastDeal()),
      grouped('2', 'PATCH', `referrals/${id}`, noting('x')),
    ]);
    expect(statusesOf(answers)).toEqual({ 1: 424, 2: 503 });
    expect(await count()).toBe(before + 1);
  });

  it('and others at the same time in the opposite order all end, each whole or not at all', async () => {
    const deals = [
      await contoso.create(coSellDeal),
      await contoso.create(coSellDeal),
      await contoso.create(coSellDeal),
    ];
    const send = async (at: number) => {
      const turned = at % 2 === 0 ? deals : [...deals].reverse();
      return sendBatch(
        contoso,
        turned.map(({ id }, place) => grouped(String(place), 'PATCH', `referrals/${id}`, noting(`by ${at}`))),
      );
    };
    const all = await Promise.all(Array.from({ length: 12 }, (_, at) => send(at)));
    for (const answers of all) expect(answers.map(({ status }) => status)).toEqual([204, 204, 204]);
    const notes = await Promise.all(deals.map(async ({ id }) => (await contoso.read(id)).details as { notes: string }));
    expect(new Set(notes.map((details) => details.notes)).size).toBe(1);
  });
});
