import { randomUUID } from 'node:crypto';
import { createOperations } from '@cosell/server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alias, collection, comparable, expectEnvelope } from '../support/answers.ts';
import { coSellDeal, leastDeal, microsoftsRecord, privateDeal } from '../support/documented-requests.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { answeredIn, askSandbox, type Writer, writingAs } from '../support/writing.ts';

const hour = 3_600_000;

describeOnEachEngine('a request that is sent again', (engine) => {
  let server: TestServer;
  let contoso: Writer;
  beforeAll(async () => {
    server = await startTestServer(engine, { SANDBOX: 'true' });
  });
  beforeEach(() => {
    contoso = writingAs(server, users.admin);
  });
  afterAll(() => server.close());

  const sentAt = (ms: number) => new Date(ms).toUTCString();
  const repeatable = (id: string = randomUUID(), ms = Date.now()) => ({
    'repeatability-request-id': id,
    'repeatability-first-sent': sentAt(ms),
  });
  const count = async () => (await contoso.send('GET', collection)).json<{ '@odata.count': number }>()['@odata.count'];
  const noted = (value: string) => [{ op: 'replace', path: '/details/notes', value }];

  it('creates one referral, and gets the same answer each time', async () => {
    const before = await count();
    const headers = repeatable();
    const first = await contoso.post(coSellDeal, headers);
    answeredIn(first);
    expect(first.headers['cosell-extension']).toBe('repeatability');
    for (let time = 0; time < 3; time += 1) {
      expect(comparable(await contoso.post(coSellDeal, headers))).toEqual(comparable(first));
    }
    expect(await count()).toBe(before + 1);
  });

  it('has its id in any case of its letters, and its date may differ', async () => {
    const id = 'ABCDEF00-0000-4000-8000-000000000001';
    const first = await contoso.post(leastDeal(), repeatable(id));
    const again = await contoso.post(leastDeal(), repeatable(id.toLowerCase(), Date.now() - hour));
    expect(answeredIn(again).id).toBe(answeredIn(first).id);
  });

  it('changes once, whatever came between, and is answered as it was', async () => {
    const { id } = await contoso.create(privateDeal);
    const headers = repeatable();
    const first = await contoso.patch(id, noted('first'), headers);
    expect(first.status).toBe(204);
    await contoso.patch(id, noted('second'));
    expect(comparable(await contoso.patch(id, noted('first'), headers))).toEqual(comparable(first));
    expect((await contoso.read(id)).details).toMatchObject({ notes: 'second' });
  });

  it('with If-Match succeeds again, though the tag has changed by it', async () => {
    const { id, eTag } = await contoso.create(privateDeal);
    const headers = { ...repeatable(), 'if-match': eTag };
    const first = await contoso.put(id, { campaignId: 'x' }, headers);
    answeredIn(first);
    expect(comparable(await contoso.put(id, { campaignId: 'x' }, headers))).toEqual(comparable(first));
    expectEnvelope(await contoso.put(id, { campaignId: 'x' }, { 'if-match': eTag }), 412, '99918');
  });

  it('with another body is refused', async () => {
    const headers = repeatable();
    const { id } = answeredIn(await contoso.post(privateDeal, headers));
    expectEnvelope(await contoso.post(leastDeal(), headers), 400, 'repeatabilityConflict');
    expectEnvelope(await contoso.post(`${privateDeal} `, headers), 400, 'repeatabilityConflict');
    expect(answeredIn(await contoso.post(privateDeal, headers)).id).toBe(id);
  });

  it('counts within its method and path', async () => {
    const [one, other] = [await contoso.create(privateDeal), await contoso.create(privateDeal)];
    const headers = repeatable();
    const body = { campaignId: 'x' };
    expect((await contoso.put(one.id, body, { ...headers, 'if-match': '*' })).status).toBe(200);
    expect((await contoso.put(other.id, body, { ...headers, 'if-match': '*' })).status).toBe(200);
    expect((await contoso.patch(one.id, noted('y'), headers)).status).toBe(204);
    expect((await contoso.post(leastDeal(), headers)).status).toBe(200);
    expect((await contoso.read(one.id)).campaignId).toBe('x');
    expect((await contoso.read(other.id)).campaignId).toBe('x');
  });

  it('is known again at another form of the path', async () => {
    const { id } = await contoso.create(privateDeal);
    const headers = repeatable();
    await contoso.patch(id, noted('first'), headers);
    await contoso.patch(id, noted('second'));
    for (const path of [`${alias}/${id}`, `${collection}('${id.toUpperCase()}')`, `${collection}/${id}//`]) {
      expect((await contoso.send('PATCH', path, noted('first'), headers)).status).toBe(204);
    }
    expect((await contoso.read(id)).details).toMatchObject({ notes: 'second' });
  });

  it('counts within its user: another one may use the same id', async () => {
    const headers = repeatable();
    const first = answeredIn(await contoso.post(leastDeal(), headers));
    for (const user of [users.member, users.tailspin]) {
      const other = answeredIn(await writingAs(server, user).post({ ...leastDeal(), name: user }, headers));
      expect(other.id).not.toBe(first.id);
    }
  });

  const wrongHeaders: readonly (readonly [title: string, headers: Readonly<Record<string, string>>])[] = [
    ['no date', { 'repeatability-request-id': randomUUID() }],
    ['no id', { 'repeatability-first-sent': sentAt(0) }],
    ['an id that is none', { ...repeatable(), 'repeatability-request-id': 'x' }],
    ['an empty id', { ...repeatable(), 'repeatability-request-id': '' }],
    ...['yesterday', '2026-11-23T08:00:00Z', '0', '', 'Mon, 23 Nov 2026 08:00:00', 'Mon, 33 Nov 2026 08:00:00 GMT'].map(
      (date) => [`the date "${date}"`, { ...repeatable(), 'repeatability-first-sent': date }] as const,
    ),
  ];

  it.each(wrongHeaders)('with %s is refused, and nothing is done', async (_title, headers) => {
    const before = await count();
    expectEnvelope(await contoso.post(privateDeal, headers), 400, 'repeatabilityInvalid');
    expect(await count()).toBe(before);
  });

  it('is refused once answers are not kept so long any more', async () => {
    const before = await count();
    const old = repeatable(randomUUID(), Date.now() - 24 * hour - 60_000);
    expectEnvelope(await contoso.post(privateDeal, old), 412, 'repeatabilityTooOld');
    expect(await count()).toBe(before);
    expect((await contoso.post(privateDeal, repeatable(randomUUID(), Date.now() - 23 * hour))).status).toBe(200);
  });

  it('is authorised again: without the role, or the referral, there is no answer', async () => {
    const { changeDirectory } = createOperations(server.exchange.store, server.exchange.issuer, () => server.origin);
    const { id } = await contoso.create(privateDeal);
    const [creating, changing] = [repeatable(), repeatable()];
    expect((await contoso.post(privateDeal, creating)).status).toBe(200);
    expect((await contoso.patch(id, noted('x'), changing)).status).toBe(204);
    await changeDirectory({ kind: 'addRole', user: users.admin, role: 'ReferralUser' });
    await changeDirectory({ kind: 'removeRole', user: users.admin, role: 'ReferralAdmin' });
    expectEnvelope(await contoso.patch(id, noted('x'), changing), 403, 'notOnTeam');
    await changeDirectory({ kind: 'removeRole', user: users.admin, role: 'ReferralUser' });
    expectEnvelope(await contoso.post(privateDeal, creating), 403, 'roleMissing');
    expectEnvelope(await contoso.patch(id, noted('x'), changing), 403, 'roleMissing');
    await changeDirectory({ kind: 'addRole', user: users.admin, role: 'ReferralAdmin' });
    expect((await contoso.patch(id, noted('x'), changing)).status).toBe(204);
  });

  it('is done once, though many are sent at once', async () => {
    const before = await count();
    const headers = repeatable();
    const answers = await Promise.all(Array.from({ length: 12 }, () => contoso.post(coSellDeal, headers)));
    expect(new Set(answers.map((answer) => answeredIn(answer).id)).size).toBe(1);
    expect(await count()).toBe(before + 1);
  });

  it('makes one record for another party', async () => {
    const { engagementId } = await contoso.create(coSellDeal);
    const headers = repeatable();
    const first = await contoso.post(microsoftsRecord(engagementId), headers);
    answeredIn(first);
    const again = await contoso.post(microsoftsRecord(engagementId), headers);
    expect(comparable(again)).toEqual(comparable(first));
  });

  it('that was refused is tried anew, because nothing of it was done', async () => {
    const { id } = await contoso.create(privateDeal);
    const headers = { ...repeatable(), 'if-match': '"stale"' };
    expectEnvelope(await contoso.patch(id, noted('x'), headers), 412, '99918');
    const right = { ...headers, 'if-match': '*' };
    expect((await contoso.patch(id, noted('x'), right)).status).toBe(204);
    const wrong = repeatable();
    expectEnvelope(await contoso.post('{', wrong), 400, 'invalidBody');
    expect((await contoso.post(leastDeal(), wrong)).status).toBe(200);
  });

  it('that was only tried is not kept', async () => {
    const headers = repeatable();
    const tried = await contoso.post(privateDeal, { ...headers, prefer: 'validate-only' });
    // Nothing was done, so nothing is said of its repetition.
    expect(tried.headers['repeatability-result']).toBeUndefined();
    expect(tried.headers['cosell-extension']).toBe('validate-only');
    const shown = answeredIn(tried);
    const made = answeredIn(await contoso.post(privateDeal, headers));
    expect(made.id).not.toBe(shown.id);
    expect((await contoso.read(made.id)).id).toBe(made.id);
  });

  it('prefers its answer anew', async () => {
    const { id } = await contoso.create(privateDeal);
    const headers = repeatable();
    const first = await contoso.patch(id, noted('x'), headers);
    const whole = await contoso.patch(id, noted('x'), { ...headers, prefer: 'return=representation' });
    expect([first.status, whole.status]).toEqual([204, 200]);
    expect(whole.headers.etag).toBe(first.headers.etag);
  });

  describe('because its answer was lost', () => {
    const lose = (route: string) => askSandbox(server, '/faults', { route, kind: 'answerLost' });

    it('finds the referral that was created, and makes no second one', async () => {
      const before = await count();
      const headers = repeatable();
      await lose('createReferral');
      await expect(contoso.post(coSellDeal, headers)).rejects.toThrow();
      expect(await count()).toBe(before + 1);
      const answer = await contoso.post(coSellDeal, headers);
      const { id } = answeredIn(answer);
      expect(await count()).toBe(before + 1);
      expect((await contoso.send('GET', `${collection}/${id}`)).text).toBe(answer.text);
    });

    it('finds the change that was made', async () => {
      const { id } = await contoso.create(privateDeal);
      const headers = repeatable();
      await lose('patchReferralById');
      await expect(contoso.patch(id, noted('lost'), headers)).rejects.toThrow();
      const changed = await contoso.read(id);
      expect(changed.details).toMatchObject({ notes: 'lost' });
      const again = await contoso.patch(id, noted('lost'), headers);
      expect([again.status, again.headers.etag]).toEqual([204, changed.eTag]);
      expect(await contoso.read(id)).toEqual(changed);
    });
  });

  it('is still known when the server has been started again', async () => {
    const place = await engine.makeSamplePlace();
    const headers = repeatable();
    const environment = { PUBLIC_URL: 'https://referrals.example.com' };
    const before = await startTestServer(engine, environment, place);
    const first = await writingAs(before, users.admin).post(privateDeal, headers);
    answeredIn(first);
    await before.stop();
    const after = await startTestServer(engine, environment, place);
    const again = await writingAs(after, users.admin).post(privateDeal, headers);
    expect(comparable(again)).toEqual(comparable(first));
    expect((await writingAs(after, users.admin).read(answeredIn(first).id)).status).toBe('Active');
    await after.close();
  });
});

describeOnEachEngine('a request that is sent again with EXTENSIONS=off', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine, { EXTENSIONS: 'off' });
  });
  afterAll(() => server.close());

  it('is a new request, and its headers are not looked at', async () => {
    const contoso = writingAs(server, users.admin);
    const headers = { 'repeatability-request-id': 'x' };
    const [first, second] = [await contoso.post(privateDeal, headers), await contoso.post(privateDeal, headers)];
    expect(answeredIn(first).id).not.toBe(answeredIn(second).id);
    expect(first.headers['cosell-extension']).toBeUndefined();
  });
});
