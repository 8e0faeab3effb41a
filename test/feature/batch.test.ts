import { randomUUID } from 'node:crypto';
import { mostRequests } from '@cosell/server/http/batch/batch-envelope';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alias, collection, documented, expectEnvelope, guid, withoutMinted } from '../support/answers.ts';
import { answersOf, batchPaths, expectItemError, type Item, type ItemAnswer, sendBatch } from '../support/batches.ts';
import { documentedReads, leastDeal, partnerLedDeal, patches, privateDeal } from '../support/documented-requests.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { ids, users } from '../support/sample.ts';
import { startTestServer, type TestServer, type WireAnswer } from '../support/test-server.ts';
import { faultNames, type Writer, writingAs } from '../support/writing.ts';

/** Headers that belong to a connection or to the framing of its messages, or that each answer has its own of. */
const ofItsOwn = new Set(['request-id', 'timestamp', 'date', 'connection', 'keep-alive', 'content-length']);

const comparableHeaders = (pairs: readonly (readonly [string, string])[]) =>
  pairs.map(([name, value]) => [name.toLowerCase(), value]).filter(([name]) => !ofItsOwn.has(name ?? ''));

const single = ({ status, rawHeaders, text }: WireAnswer) => {
  const pairs = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : []));
  return { status, headers: comparableHeaders(pairs), text };
};
const ofBatch = ({ status, headers, text }: ItemAnswer) => ({
  status,
  headers: comparableHeaders(Object.entries(headers)),
  // What is no JSON is a text, or base64url.
  text: text.startsWith('"') ? Buffer.from(String(JSON.parse(text)), 'base64url').toString() : text,
});

describeOnEachEngine('a batch', (engine) => {
  let server: TestServer;
  let contoso: Writer;
  beforeAll(async () => {
    server = await startTestServer(engine);
    contoso = writingAs(server, users.admin);
  });
  afterAll(() => server.close());
  const get = (url: string, id = '1'): Item => ({ id, method: 'GET', url });

  describe('answers each request as it is answered by itself', () => {
    it.each([
      ...documentedReads,
      ['/v1.0/engagements/referrals/$metadata', {}],
      ['/v1.0/$metadata', { accept: 'application/json' }],
    ] as typeof documentedReads)('%s %j', async (path, { host, ...headers }) => {
      const outer: Record<string, string> = host === undefined ? {} : { host };
      for (const method of ['GET', 'DELETE']) {
        const alone = await contoso.send(method, path, undefined, { ...headers, ...outer });
        const [answer] = await sendBatch(contoso, [{ id: '1', method, url: path, headers }], outer);
        expect(answer && ofBatch(answer)).toEqual(single(alone));
      }
    });

    const body = { 'content-type': 'application/json' };
    const made = `${collection}/{made}`;
    it.each<[method: string, url: string, body: string | undefined, headers: Record<string, string>]>([
      ['POST', collection, privateDeal, body],
      ['POST', collection, partnerLedDeal, { ...body, 'x-caller-id': 'crm' }],
      ['POST', collection, '{"type":"Shared","nmae":1}', body],
      ['POST', collection, '[]', body],
      ['POST', collection, privateDeal, { ...body, prefer: 'validate-only' }],
      ['POST', collection, privateDeal, { 'content-type': 'text/html' }],
      ['PATCH', made, patches.valueAndNotes, {}],
      ['PATCH', made, patches.valueAndMember, { 'content-type': 'application/json-patch+json' }],
      ['PATCH', made, patches.valueAndNotes, { ...body, prefer: 'return=representation' }],
      ['PATCH', made, patches.valueAndNotes, { ...body, 'if-match': '"x"' }],
      ['PATCH', made, '{}', body],
      ['PUT', made, '{"externalReferenceId":"CRM-1"}', { ...body, 'if-match': '*' }],
      ['PUT', made, '{}', body],
      ['PATCH', `${collection}/${ids.coSellOfMicrosoft}`, patches.valueAndNotes, body],
      ['PATCH', `${collection}/${ids.won}`, patches.valueAndNotes, body],
      ['POST', `${collection}/${documented}`, '{}', body],
      ['PUT', '/nowhere', '{}', body],
    ])('%s %s %s %j', async (method, url, text, headers) => {
      const make = async () => url.replace('{made}', (await contoso.create(privateDeal)).id);
      const isHtml = headers['content-type'] === 'text/html';
      const alone = await contoso.send(method, await make(), text, headers);
      const inBatch = isHtml ? JSON.stringify(text) : text;
      const item = `"id":"1","method":"${method}","url":"${await make()}","headers":${JSON.stringify(headers)}`;
      const [answer] = await sendBatch(contoso, `{"requests":[{${item},"body":${inBatch}}]}`);
      const masked = (value: unknown) => JSON.parse(withoutMinted(JSON.stringify(value))) as unknown;
      expect(masked(answer && ofBatch(answer))).toEqual(masked(single(alone)));
    });

    it('with its own request id, and observed by itself', async () => {
      server.observations.length = 0;
      const answers = await sendBatch(contoso, [get(`referrals/${documented}`, 'a'), get('/nowhere', 'b')]);
      const requestIds = answers.map(({ headers }) => headers['request-id'] ?? '');
      expect(new Set(requestIds).size).toBe(2);
      for (const requestId of requestIds) expect(requestId).toMatch(guid);
      const seen = server.observations.flatMap((one) => (one.kind === 'requestAnswered' ? [one] : []));
      expect(seen.map(({ route, status, requestId }) => [route, status, requestIds.includes(requestId)])).toEqual([
        [expect.any(String), expect.any(Number), true],
        [expect.any(String), expect.any(Number), true],
        ['/v1.0/engagements/$batch', 200, false],
      ]);
      expect(seen.map(({ route }) => route)).toEqual(expect.arrayContaining(['/v1.0/engagements/referrals/{id}', '-']));
    });

    it('with every digit of a decimal', async () => {
      const value = '12345678901234.5678';
      const deal = JSON.stringify({ ...leastDeal(), details: { dealValue: 'x', currency: 'USD' } }).replace(
        '"x"',
        value,
      );
      const [made] = await sendBatch(
        contoso,
        `{"requests":[{"id":"1","method":"post","url":"referrals","body":${deal}}]}`,
      );
      expect(made?.text).toContain(`"dealValue":${value}`);
      const [read] = await sendBatch(contoso, [get(`referrals/${made?.json().id}`)]);
      expect(read?.text).toContain(`"dealValue":${value}`);
    });

    it('and does a write once that is sent again, within a batch and by itself', async () => {
      const headers = {
        'repeatability-request-id': randomUUID(),
        'repeatability-first-sent': new Date().toUTCString(),
      };
      const text = JSON.stringify(leastDeal());
      const item = { id: '1', method: 'POST', url: 'referrals', headers, body: leastDeal() };
      const [first] = await sendBatch(contoso, [item]);
      const [again] = await sendBatch(contoso, [item]);
      const alone = await contoso.send('POST', collection, text, headers);
      expect(first?.headers['repeatability-result']).toBe('accepted');
      expect(again?.text).toBe(first?.text);
      expect(alone.text).toBe(first?.text);
      const whole = await contoso.send('POST', batchPaths[0], { requests: [item] }, headers);
      expectEnvelope(whole, 501, 'batchNotImplemented');
    });
  });

  describe('is found', () => {
    it.each(['/v1.0/engagements/$batch', '/v1.0/$batch', '/v1.0/engagements/referrals/$batch'])(
      'at %s, and URLs without a slash are below it',
      async (path) => {
        const relative = `${collection}/${documented}`.slice(path.replace('$batch', '').length);
        for (const form of [path, `${path}/`, path.replace('$', '%24'), path.toUpperCase().replace('V1.0', 'v1.0')]) {
          const [answer] = await sendBatch(contoso, [get(relative)], {}, form);
          expect(answer?.json().id).toBe(documented);
        }
        expectEnvelope(await contoso.send('GET', path), 405, 'methodNotAllowed');
        expectEnvelope(await server.ask(path, { method: 'POST', body: '{"requests":[]}' }), 401, 'tokenMissing');
      },
    );

    it('and takes URLs with a host, if it is this one', async () => {
      const answers = await sendBatch(contoso, [
        get(`${server.origin}${collection}/${documented}`, '1'),
        get(`HTTP://127.0.0.1:${server.port}${alias}/${documented}`, '2'),
        get(`https://api.partner.microsoft.com${collection}/${documented}`, '3'),
        get(`//example.com${collection}/${documented}`, '4'),
        get(`${server.origin}`, '5'),
        get(`http://127.0.0.1:1${collection}/${documented}`, '6'),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 421, 404, 200, 421]);
      for (const at of [2, 5]) expectItemError(answers[at], 421, 'foreignHost');
    });

    it('and takes the characters that JSON can hold and a URL cannot', async () => {
      const [answer] = await sendBatch(contoso, [
        get("referrals?$filter=status eq 'New' and name ne 'Zürich 🦊'&$top=1"),
      ]);
      expect(answer?.status).toBe(200);
      expect(answer?.json().value).toHaveLength(1);
    });

    it('and refuses a batch within a batch', async () => {
      const inner = { requests: [get(`referrals/${documented}`)] };
      const answers = await sendBatch(
        contoso,
        batchPaths.map((url, at) => ({ id: String(at), method: 'POST', url, body: inner })),
      );
      for (const answer of answers) expectItemError(answer, 400, 'batchNested');
    });
  });

  describe('says in which form a body is', () => {
    it('as JSON, as text, or in base64url', async () => {
      const answers = await sendBatch(contoso, [
        { ...get('/v1.0/$metadata', 'json'), headers: { accept: 'application/json' } },
        get('/v1.0/$metadata', 'xml'),
        get('/metrics', 'text'),
      ]);
      const [json, xml, text] = answers;
      expect(json?.json()).toHaveProperty('$Version');
      expect(xml && Buffer.from(String(JSON.parse(xml.text)), 'base64url').toString()).toMatch(/^<\?xml/);
      expect(text && String(JSON.parse(text.text))).toContain('# HELP');
    });

    it('and takes it so', async () => {
      const patch = Buffer.from(patches.valueAndNotes).toString('base64url');
      const { id } = await contoso.create(privateDeal);
      const send = (headers: Item['headers'], body: unknown, name: string) => ({
        id: name,
        method: 'PATCH',
        url: `referrals/${id}`,
        ...(headers === undefined ? {} : { headers }),
        body,
      });
      const parsed = JSON.parse(patches.valueAndNotes) as unknown;
      const answers = await sendBatch(contoso, [
        send(undefined, parsed, '1'),
        send({ 'Content-Type': 'application/json; charset=utf-8' }, parsed, '2'),
        send({ 'content-type': 'text/json' }, parsed, '3'),
        send({ 'content-type': 'text/json' }, patches.valueAndNotes, '4'),
        send({ 'content-type': 'application/octet-stream' }, patch, '5'),
        send({ 'content-type': 'text/plain' }, 'hello', '6'),
        send(undefined, null, '7'),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204, 415, 415, 400]);
      expect(answers[0]?.text).toBe('');
    });
  });

  describe('refuses', () => {
    const send = (body: string | object, headers: Record<string, string> = {}) =>
      contoso.send('POST', batchPaths[0], body, headers);
    const refused = async (body: string | object) => faultNames(await send(body));

    it('what is no batch', async () => {
      expect(await refused('[]')).toEqual(['wrongType ']);
      expect(await refused('{}')).toEqual(['missingMember /requests']);
      expect(await refused('')).toEqual(['invalidJson ']);
      expect(await refused('{"requests":{}}')).toEqual(['wrongType /requests']);
      expect(await refused('{"requests":[],"reqests":1}')).toEqual(['unknownMember /reqests']);
      expect(await refused('{"requests":[{"id":"1","id":"2"}]}')).toEqual(['duplicateMember /requests/0/id']);
      expect(answersOf(await send('{"requests":[],"@some.annotation":1}'))).toEqual([]);
    });

    it('every fault of every request at once, with its place', async () => {
      const requests = [
        1,
        {},
        { id: 'a b', method: 'HEAD', url: '' },
        { id: 1, method: 2, url: 3, atomicityGroup: 4, dependsOn: 5, if: 6, headers: 7 },
        { id: 'x', method: 'get', url: '/', body: {}, hedaers: {} },
        { id: 'X', method: 'get', url: '/', dependsOn: ['y', 'x', 'X'] },
        { id: 'y', method: 'get', url: '$x/history', headers: { 'if-match': '$x' }, if: '$x/$succeeded' },
        {
          id: 'z',
          method: 'get',
          url: '/',
          headers: { Authorization: 'Bearer x', 'a b': '', c: 1, d: 'x\ny', e: '', E: '' },
        },
        { id: 'p', method: 'post', url: '/', headers: { 'content-type': 'image/png' }, body: '!' },
        { id: 'q', method: 'post', url: '/', headers: { 'content-type': 'text/plain' }, body: {} },
      ];
      expect(await refused({ requests })).toEqual([
        'wrongType /requests/0',
        'missingMember /requests/1/id',
        'missingMember /requests/1/method',
        'missingMember /requests/1/url',
        'valueNotAllowed /requests/2/id',
        'valueNotAllowed /requests/2/method',
        'valueNotAllowed /requests/2/url',
        ...['id', 'method', 'url', 'atomicityGroup', 'dependsOn', 'if', 'headers'].map(
          (name) => `wrongType /requests/3/${name}`,
        ),
        'unknownMember /requests/4/hedaers',
        'valueNotAllowed /requests/4/body',
        'valueNotAllowed /requests/7/headers/Authorization',
        'valueNotAllowed /requests/7/headers/a b',
        'wrongType /requests/7/headers/c',
        'valueNotAllowed /requests/7/headers/d',
        'duplicateMember /requests/7/headers/E',
        'wrongType /requests/8/body',
        'wrongType /requests/9/body',
        'duplicateId /requests/5/id',
        'dependencyUnknown /requests/5/dependsOn/0',
        'dependencyUnknown /requests/6/url',
        'dependencyUnknown /requests/6/headers/if-match',
        'dependencyUnknown /requests/6/if',
      ]);
    });

    it('groups that are parted, and ids that stand for two things', async () => {
      const item = (id: string, atomicityGroup?: string, dependsOn?: string[]) => ({
        ...get('/', id),
        ...(atomicityGroup === undefined ? {} : { atomicityGroup }),
        ...(dependsOn === undefined ? {} : { dependsOn }),
      });
      expect(
        await refused({ requests: [item('1', 'g'), item('2'), item('3', 'G'), item('g'), item('5', 'h', ['H', 'g'])] }),
      ).toEqual([
        'groupParted /requests/2/atomicityGroup',
        'duplicateId /requests/3/id',
        'dependencyUnknown /requests/4/dependsOn/0',
      ]);
    });

    it('more requests than it may have, and a body that is too large', async () => {
      const requests = Array.from({ length: mostRequests + 1 }, (_, at) => get('/health/live', String(at)));
      expect(await refused({ requests })).toEqual(['tooManyItems /requests']);
      const answers = answersOf(await send({ requests: requests.slice(1) }));
      expect(answers.map(({ id, status }) => `${id} ${status}`)).toEqual(
        requests.slice(1).map(({ id }) => `${id} 200`),
      );
      expectEnvelope(await send(' '.repeat(4 * 1_048_576 + 1)), 413, 'bodyTooLarge');
      const large = { ...leastDeal(), name: 'x'.repeat(1_048_576) };
      const [answer] = await sendBatch(contoso, [{ id: '1', method: 'POST', url: 'referrals', body: large }]);
      expectItemError(answer, 413, 'bodyTooLarge');
      const [long] = await sendBatch(contoso, [get(`referrals?${'x'.repeat(16_384)}`)]);
      expectItemError(long, 431, 'headersTooLarge');
    });

    it('faults without number, and says the first of them', async () => {
      const names = Array.from({ length: 50_000 }, (_, at) => `"x${at}":0`).join(',');
      const answer = await send(
        `{"requests":[{${names}},{"id":"1","method":"get","url":"/","dependsOn":[${'"0",'.repeat(300)}"0"]}]}`,
      );
      expect(faultNames(answer)).toHaveLength(100);
      const [long] = faultNames(await send(`{"requests":[],"${'y'.repeat(1_000_000)}":0}`));
      expect(long?.length).toBeLessThan(200);
      const many = { ...get('/'), dependsOn: Array.from({ length: 201 }, () => '0') };
      expect(await refused({ requests: [many] })).toEqual(['tooManyItems /requests/0/dependsOn']);
    });

    it('the multipart form, and an answer in it', async () => {
      const type = 'multipart/mixed; boundary=batch_1';
      const error = expectEnvelope(await send('--batch_1--', { 'content-type': type }), 415, 'mediaTypeNotSupported');
      expect(error.message).toContain('Send it as application/json');
      expectEnvelope(await send({ requests: [] }, { accept: 'multipart/mixed' }), 406, 'notAcceptable');
    });
  });
});
