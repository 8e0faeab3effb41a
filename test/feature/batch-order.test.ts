import { createOperations } from '@cosell/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, documented } from '../support/answers.ts';
import { batchPaths, expectItemError, type Item, sendBatch, statusesOf, whileTimeFlies } from '../support/batches.ts';
import { coSellDeal, type Json, leastDeal, microsoftsRecord, privateDeal } from '../support/documented-requests.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { ids, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { askSandbox, type Writer, writingAs } from '../support/writing.ts';

const unknown = '00000000-0000-4000-8000-000000000000';

describeOnEachEngine('the requests of a batch', (engine) => {
  let server: TestServer;
  let contoso: Writer;
  beforeAll(async () => {
    server = await startTestServer(engine, { SANDBOX: 'true' });
    contoso = writingAs(server, users.admin);
  });
  afterAll(() => server.close());
  const get = (id: string, url = `referrals/${documented}`, more: Partial<Item> = {}): Item => ({
    id,
    method: 'get',
    url,
    ...more,
  });
  const fails = (id: string, more: Partial<Item> = {}) => get(id, `referrals/${unknown}`, more);
  const patch = (id: string, url: string, value: unknown, more: Partial<Item> = {}): Item => ({
    id,
    method: 'patch',
    url,
    body: [{ op: 'replace', path: '/details/notes', value }],
    ...more,
  });

  describe('that depend on others', () => {
    it('are done only if those have succeeded, to any depth', async () => {
      const answers = await sendBatch(contoso, [
        get('1'),
        get('2', undefined, { dependsOn: ['1'] }),
        fails('3', { dependsOn: ['1', '2'] }),
        get('4', undefined, { dependsOn: ['2', '3'] }),
        get('5', undefined, { dependsOn: ['4'] }),
        get('6'),
      ]);
      expect(statusesOf(answers)).toEqual({ 1: 200, 2: 200, 3: 404, 4: 424, 5: 424, 6: 200 });
      const { code, message, target } = expectItemError(answers[3], 424, 'dependencyFailed');
      expect([code, target]).toEqual(['preconditionFailed', 'dependsOn']);
      expect(message).toContain('"3" has failed');
    });

    it('are done after them, whatever the others do meanwhile', async () => {
      const { id } = await contoso.create(privateDeal);
      const url = `referrals/${id}`;
      const chain = Array.from({ length: 20 }, (_, at) =>
        patch(`p${at}`, url, `note ${at}`, at === 0 ? {} : { dependsOn: [`P${at - 1}`] }),
      );
      const others = Array.from({ length: 20 }, (_, at) => get(`g${at}`, `${collection}?$top=1`));
      const mixed = chain.flatMap((item, at) => [item, others[at] as Item]);
      const answers = await sendBatch(contoso, mixed);
      expect(answers.map((answer) => answer.id)).toEqual(mixed.map((item) => item.id));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204, 200]));
      expect((await contoso.read(id)).details).toMatchObject({ notes: 'note 19' });
    });

    it('may say otherwise by "if"', async () => {
      const conditions: [condition: string, status: number][] = [
        ['$ok/$succeeded', 200],
        ['$bad/$succeeded', 424],
        ['not $bad/$succeeded', 200],
        ['$OK/$succeeded and not $bad/$succeeded', 200],
        ['$bad/$succeeded or ($ok/$succeeded and not $bad/$succeeded)', 200],
        ['$ok/$succeeded eq false', 424],
        ['$bad/$succeeded ne true', 200],
        ['$bad/status eq 404', 501],
        ['$ok/$succeeded and', 501],
        ["$ok/name eq 'x'", 501],
        ['true', 501],
      ];
      const dependsOn = ['ok', 'bad'];
      const answers = await sendBatch(contoso, [
        get('ok'),
        fails('bad'),
        ...conditions.map(([condition], at) => get(String(at), undefined, { dependsOn, if: condition })),
      ]);
      expect(answers.slice(2).map(({ status }, at) => [conditions[at]?.[0], status])).toEqual(conditions);
      expectItemError(answers[3], 424, 'dependencyFailed');
      expect(expectItemError(answers[9], 501, 'batchNotImplemented').message).toContain('$bad/status eq 404');
    });

    it('end at the first failure if the client prefers so', async () => {
      const items = [get('1'), fails('2'), get('3'), get('4', undefined, { dependsOn: ['1'] })];
      for (const prefer of ['continue-on-error=false', 'odata.continue-on-error=false']) {
        const answer = await contoso.send('POST', batchPaths[0], { requests: items }, { prefer });
        expect(answer.headers['preference-applied']).toBe(prefer);
        const { responses } = answer.json<{ responses: { id: string; status: number }[] }>();
        expect(responses.map(({ status }) => status)).toEqual([200, 404, 424, 424]);
      }
      for (const prefer of ['continue-on-error', 'continue-on-error=true', 'respond-async']) {
        const answers = await sendBatch(contoso, items, { prefer });
        expect(statusesOf(answers)).toEqual({ 1: 200, 2: 404, 3: 200, 4: 200 });
      }
    });

    it('are not begun when the batch has taken too long', async () => {
      const answers = await whileTimeFlies(server, 2_000, () =>
        sendBatch(
          contoso,
          Array.from({ length: 40 }, (_, at) =>
            get(
              String(at),
              '/health/live',
              at === 0 ? {} : { dependsOn: [`${at - 1}`], if: `$${at - 1}/$succeeded or not $${at - 1}/$succeeded` },
            ),
          ),
        ),
      );
      const statuses = answers.map(({ status }) => status);
      const first = statuses.indexOf(503);
      expect(first).toBeGreaterThan(1);
      expect(new Set(statuses.slice(0, first))).toEqual(new Set([200]));
      expect(new Set(statuses.slice(first))).toEqual(new Set([503]));
      expectItemError(answers.at(-1), 503, 'batchLimitReached');
    });
  });

  describe('that refer to others', () => {
    it('make the documented co-sell deal at once', async () => {
      const [own, microsofts, read] = await sendBatch(
        contoso,
        `{"requests":[
          {"id":"1","method":"POST","url":"referrals","body":${coSellDeal}},
          {"id":"2","method":"POST","url":"referrals","dependsOn":["1"],"body":${microsoftsRecord('$1/engagementId')}},
          {"id":"3","method":"GET","url":"$1","dependsOn":["1","2"]}]}`,
      );
      const { id, engagementId } = own?.json() ?? {};
      expect(microsofts?.status, microsofts?.text).toBe(200);
      expect(microsofts?.json()).toMatchObject({ engagementId, organizationId: 'msft', status: 'New' });
      expect(read?.json()).toMatchObject({ id, engagementId, type: 'Shared' });
    });

    it('by the URL of what was created or read, with sub-paths and options', async () => {
      const answers = await sendBatch(contoso, [
        { id: 'new', method: 'POST', url: 'referrals', body: leastDeal() },
        patch('patched', '$NEW', 'x', { dependsOn: ['new'] }),
        get('again', '$patched?$select=id,details', { dependsOn: ['patched'] }),
        get('past', '$new/history', { dependsOn: ['new', 'patched'] }),
        get('metadata', '$metadata'),
        get('alias', `/engagements/v1/referrals/${documented}?$select=id`),
        get('byAlias', '$alias', { dependsOn: ['alias'] }),
        { id: 'bad', method: 'POST', url: 'referrals', body: {} },
        get('none', '$bad', { dependsOn: ['bad'], if: 'not $bad/$succeeded' }),
      ]);
      expect(statusesOf(answers)).toEqual({
        new: 200,
        patched: 204,
        again: 200,
        past: 200,
        metadata: 200,
        alias: 200,
        byAlias: 200,
        bad: 400,
        none: 400,
      });
      const [made, , again, past, , , byAlias, , none] = answers;
      expect(again?.json()).toMatchObject({ id: made?.json().id, details: { notes: 'x' } });
      expect(past?.json()['@odata.count']).toBe(2);
      expect(byAlias?.json().id).toBe(documented);
      expectItemError(none, 400, 'referenceUnresolved');
    });

    it('by values of an answer in a query, and not within its texts', async () => {
      const dependsOn = ['1'];
      const name = "O'Neill & Söhne 100%";
      const made = { ...leastDeal(), name };
      const answers = await sendBatch(contoso, [
        { id: '1', method: 'POST', url: 'referrals', body: made },
        get('2', 'referrals?$filter=engagementId eq $1/engagementId', { dependsOn }),
        get(
          '3',
          'referrals?$filter=name eq $1/name and customerProfile/address/country eq $1/customerProfile/address/country',
          { dependsOn },
        ),
        get('4', "referrals?$filter=name eq '$1/name'", { dependsOn }),
        get('5', 'referrals?%24filter=favorite%20eq%20%241/favorite%20and%20id%20eq%20%241/ID', { dependsOn }),
        get('6', 'referrals?$filter=name eq $1/nothing', { dependsOn }),
        get('7', 'referrals?$filter=name eq $1/details', { dependsOn }),
        get('8', 'referrals?$filter=name eq $1/name'),
        get('9', 'referrals?$filter=details/dealValue eq $1/details/dealValue and id eq $1/id', { dependsOn }),
      ]);
      const found = answers.map(({ status, json }) =>
        status === 200 ? ((json().value as Json[]) ?? []).length : status,
      );
      expect(found.slice(1)).toEqual([1, 1, 0, 1, 400, 400, 400, 1]);
      expectItemError(answers[5], 400, 'referenceUnresolved');
      expectItemError(answers[6], 400, 'referenceUnresolved');
      // Without "dependsOn" it is no reference, and so no legal filter.
      expectItemError(answers[7], 400, 'expressionMalformed');
    });

    it('by values in a body, with every digit, and leave alone what only looks so', async () => {
      const value = '12345678901234.5678';
      const deal = JSON.stringify({ ...leastDeal(), details: { dealValue: 'x', currency: 'USD', notes: '$9/hour' } });
      const copy = {
        ...leastDeal(),
        name: '$1/engagementId',
        details: { dealValue: '$1/details/dealValue', currency: 'USD' },
      };
      const answers = await sendBatch(
        contoso,
        `{"requests":[
          {"id":"1","method":"POST","url":"referrals","body":${deal.replace('"x"', value)}},
          {"id":"9","method":"GET","url":"/health/live"},
          {"id":"2","method":"POST","url":"referrals","dependsOn":["1"],"body":${JSON.stringify(copy)}},
          {"id":"3","method":"POST","url":"referrals","dependsOn":["1"],"body":"$1"},
          {"id":"4","method":"POST","url":"referrals","dependsOn":["1"],"body":{"name":"$1/nothing"}}]}`,
      );
      const [first, , second, third, fourth] = answers;
      expect(first?.json().details).toMatchObject({ notes: '$9/hour' });
      expect(second?.text).toContain(`"dealValue":${value}`);
      expect(second?.json().name).toBe(first?.json().engagementId);
      expect(third?.text).toContain(`"dealValue":${value}`);
      expect(third?.json().id).not.toBe(first?.json().id);
      expectItemError(fourth, 400, 'referenceUnresolved');
    });

    it('by the eTag of what was read', async () => {
      const { id } = await contoso.create(privateDeal);
      const match = { headers: { 'if-match': '$1' } };
      const answers = await sendBatch(contoso, [
        get('1', `referrals/${id}`),
        patch('2', '$1', 'once', { dependsOn: ['1'], ...match }),
        patch('3', '$1', 'twice', { dependsOn: ['1', '2'], ...match }),
        get('4', '$1', { dependsOn: ['1', '2', '3'], headers: { 'if-none-match': '$2' }, if: '$2/$succeeded' }),
        get('5', '/health/live'),
        patch('6', `referrals/${id}`, 'x', { dependsOn: ['5'], headers: { 'if-match': '$5' } }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 204, 412, 304, 200, 400]);
      expect((await contoso.read(id)).details).toMatchObject({ notes: 'once' });
      expectItemError(answers[5], 400, 'referenceUnresolved');
    });

    it('and cannot make much of little', async () => {
      const many = (text: string, count: number) => Array.from({ length: count }, () => text);
      const answers = await sendBatch(contoso, [
        get('1', '/openapi.json'),
        { id: '2', method: 'POST', url: 'referrals', dependsOn: ['1'], body: many('$1', 1_000) },
        { id: '3', method: 'POST', url: 'referrals', body: { ...leastDeal(), details: { notes: 'x'.repeat(20_000) } } },
        get('4', `referrals?$filter=name in (${many('$3/details/notes', 100).join(',')})`, { dependsOn: ['3'] }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 413, 200, 431]);
      const [, quoted, texts] = await sendBatch(contoso, [
        get('1', '/health/live'),
        get('2', `referrals?$filter=name eq '${"''".repeat(500_000)}'`, { dependsOn: ['1'] }),
        { id: '3', method: 'POST', url: 'referrals', dependsOn: ['1'], body: many('$2/x', 100_000) },
      ]);
      expect([quoted?.status, texts?.status]).toEqual([431, 400]);
    });
  });

  describe('meet the faults of the sandbox as they would by themselves', () => {
    it('and one whose answer is lost loses that of the batch', async () => {
      await askSandbox(server, '/faults', { route: 'getReferralById', kind: 'tooManyRequests', count: 1 });
      const answers = await sendBatch(contoso, [
        get('1'),
        get('2', undefined, { dependsOn: ['1'] }),
        get('3', collection),
      ]);
      expect(statusesOf(answers)).toEqual({ 1: 429, 2: 424, 3: 200 });
      expect(answers[0]?.headers['retry-after']).toBe('5');
      await askSandbox(server, '/faults', { route: 'createReferral', kind: 'answerLost', count: 1 });
      const name = 'Done and never heard of';
      const item = { id: '1', method: 'POST', url: 'referrals', body: { ...leastDeal(), name } };
      await expect(sendBatch(contoso, [item, get('2')])).rejects.toThrow(/hang up|ECONNRESET/);
      const [found] = await sendBatch(contoso, [get('1', `referrals?$filter=name eq '${name}'`)]);
      expect(found?.json()['@odata.count']).toBe(1);
    });
  });

  it('have the token of the batch, and reach no more than it', async () => {
    const { store, issuer } = server.exchange;
    const { token } = await createOperations(store, issuer, () => server.origin).mintToken({ operator: true });
    const asOperator = { authorization: `Bearer ${token}` };
    const answers = await sendBatch(contoso, [get('1', '/_sandbox/clock'), get('2', `referrals/${ids.tailspin}`)]);
    expectItemError(answers[0], 403, 'operatorRequired');
    expectItemError(answers[1], 404, 'referralNotFound');
    const whole = await server.ask(batchPaths[0], { method: 'POST', headers: asOperator, body: '{"requests":[]}' });
    expect(whole.status).toBe(403);
    // What a proxy says of the client counts for each request, and no request can say otherwise.
    for (const name of ['x-forwarded-for', 'forwarded']) {
      const outer = await sendBatch(contoso, [get('1', '/metrics', { headers: { [name]: '' } })], {
        [name]: '203.0.113.7',
      });
      expectItemError(outer[0], 403, 'metricsNotAllowed');
    }
  });
});
