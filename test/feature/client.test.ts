import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTransport, type FetchAnswer, operations, ReferralApiError, type Transport } from '@cosell/client';
import { routes } from '@cosell/server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { collection, documented, guid } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** What a call was refused with. */
async function refusalOf(call: Promise<unknown>): Promise<ReferralApiError> {
  const thrown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(ReferralApiError);
  return thrown as ReferralApiError;
}

describeOnEachEngine('the client, against the exchange', (engine) => {
  let server: TestServer;
  let transport: Transport;
  beforeAll(async () => {
    server = await startTestServer(engine);
    transport = createTransport({ origin: server.origin, token: () => server.tokenOf('contoso-admin') });
  });
  afterAll(() => server.close());

  it('reads a referral with its eTag, and keeps the text as it came', async () => {
    const { text } = await server.askAs('contoso-admin', `${collection}/${documented}`);
    const answer = await transport.getReferralById({ parameters: { id: documented } });
    expect([answer.status, answer.text, answer.body]).toEqual([200, text, JSON.parse(text)]);
    expect(answer.eTag).toBe((answer.body as { eTag: string }).eTag);
    expect(answer.headers['request-id']).toMatch(guid);
  });

  it('sends headers and query options that the caller gives', async () => {
    const { eTag = '' } = await transport.getReferralById({ parameters: { id: documented } });
    const same = await transport.getReferralById({
      parameters: { id: documented },
      headers: { 'If-None-Match': eTag, 'client-request-id': 'of the caller' },
    });
    expect([same.status, same.body, same.headers['client-request-id']]).toEqual([304, undefined, 'of the caller']);
    const { body } = await transport.getMetadata({ query: { $format: 'json' } });
    expect(body).toMatchObject({ $Version: '4.0' });
  });

  it('throws what the envelope says', async () => {
    const refusal = await refusalOf(transport.getReferralById({ parameters: { id: '4711' } }));
    expect(refusal).toMatchObject({
      operation: 'getReferralById',
      status: 404,
      code: 'itemNotFound',
      innerCode: 'malformedId',
      details: [],
    });
    expect(refusal.message).toContain('32 hexadecimal digits');
    expect(refusal.requestId).toMatch(guid);
    expect(JSON.parse(refusal.text)).toMatchObject({ error: { message: refusal.message } });
  });

  it('cannot be led to another resource by what a parameter holds', async () => {
    for (const id of ['../../..', `${documented}/../${documented}`, `${documented}?x=1`, 'a b/ä#']) {
      expect((await refusalOf(transport.getReferralById({ parameters: { id } }))).status).toBe(404);
    }
    for (const id of ['', '.', '..']) {
      await expect(transport.getReferralById({ parameters: { id } })).rejects.toThrow('needs the parameter id');
    }
  });

  it('asks for the token before each request that needs one, and for no other', async () => {
    let asked = 0;
    const counting = createTransport({
      origin: `${server.origin}/`,
      token: () => {
        asked += 1;
        return server.tokenOf('contoso-admin');
      },
    });
    expect((await counting.getIndex()).status).toBe(200);
    expect(asked).toBe(0);
    await counting.getReferralById({ parameters: { id: documented } });
    await counting.getReferralById({ parameters: { id: documented } });
    expect(asked).toBe(2);
  });

  it('walks the pages of the list, each referral once', async () => {
    const first = await transport.getAllReferrals({ headers: { Prefer: 'odata.maxpagesize=2' } });
    const pages: { id: string }[][] = [];
    for await (const { body } of transport.pages(first)) pages.push((body as { value: { id: string }[] }).value);
    const found = pages.flat().map(({ id }) => id);
    expect(pages.length).toBeGreaterThan(2);
    expect(found).toContain(documented);
    expect(new Set(found).size).toBe(found.length);
    expect((first.body as Record<string, unknown>)['@odata.count']).toBe(found.length);
  });

  it('reads what is no JSON as text', async () => {
    const { body, text } = await transport.getMetadata();
    expect(body).toBeUndefined();
    expect(text).toMatch(/^<\?xml/);
  });
});

describe('the client, against whatever answers', () => {
  /** What the next requests are answered with; what they were is kept. */
  const answers: { status?: number; headers?: Record<string, string>; text?: string }[] = [];
  const requests: {
    url: string | undefined;
    method: string | undefined;
    token: string | undefined;
    type: string | undefined;
    text: string;
  }[] = [];
  let origin = '';
  let server: Server;
  beforeAll(async () => {
    server = createServer(async (request, response) => {
      let text = '';
      for await (const piece of request) text += String(piece);
      requests.push({
        url: request.url,
        method: request.method,
        token: request.headers.authorization,
        type: request.headers['content-type'],
        text,
      });
      const { status = 200, headers = {}, text: body = '' } = answers.shift() ?? {};
      response.writeHead(status, headers).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  afterEach(() => {
    answers.length = 0;
    requests.length = 0;
  });

  const json = { 'content-type': 'application/json; charset=utf-8' };
  const client = () => createTransport({ origin, token: async () => 'secret' });

  it('walks the pages of a list, and never takes the token to another host', async () => {
    const page = (ids: number[], next?: string) => ({
      headers: json,
      text: JSON.stringify({ value: ids, ...(next === undefined ? {} : { '@odata.nextLink': next }) }),
    });
    answers.push(
      page([1, 2], `http://elsewhere.example${collection}?$filter=status%20eq%20'New'&$skiptoken=a%2Fb`),
      page([3], `${origin}${collection}?$skiptoken=c`),
      page([4]),
    );
    const found: unknown[] = [];
    const first = await client().getAllReferrals({ query: { $filter: "status eq 'New'", $top: 4, $skip: undefined } });
    for await (const { body } of client().pages(first)) found.push(...(body as { value: unknown[] }).value);
    expect(found).toEqual([1, 2, 3, 4]);
    expect(requests.map(({ url }) => url)).toEqual([
      `${collection}?$filter=status%20eq%20%27New%27&$top=4`,
      `${collection}?$filter=status%20eq%20%27New%27&$skiptoken=a%2Fb`,
      `${collection}?$skiptoken=c`,
    ]);
    expect(new Set(requests.map(({ token }) => token))).toEqual(new Set(['Bearer secret']));
  });

  it('keeps the digits that a JavaScript number cannot hold', async () => {
    answers.push({ headers: json, text: '{"dealValue":12345678901234.5678}' });
    const { text, body } = await client().getReferralById({ parameters: { id: documented } });
    expect(text).toContain('12345678901234.5678');
    expect(body).toEqual({ dealValue: 12345678901234.568 });
  });

  it('sends text as it is and writes everything else as JSON', async () => {
    await client().createReferral({ body: '{"dealValue":12345678901234.5678}' });
    const parameters = { id: documented };
    await client().patchReferralById({ parameters, body: [{ op: 'replace', path: '/name', value: 'x' }] });
    await client().clearSandboxFaults();
    expect(requests.map(({ method, text, type }) => [method, text, type])).toEqual([
      ['POST', '{"dealValue":12345678901234.5678}', 'application/json'],
      ['PATCH', '[{"op":"replace","path":"/name","value":"x"}]', 'application/json'],
      ['DELETE', '', undefined],
    ]);
  });

  it.each([
    [{ 'retry-after': '7' }, 7],
    [{ 'retry-after': 'Sun, 23 Feb 2025 02:05:53 GMT', date: 'Sun, 23 Feb 2025 02:05:23 GMT' }, 30],
    [{ 'retry-after': 'Sun, 23 Feb 2025 02:05:23 GMT', date: 'Sun, 23 Feb 2025 02:05:53 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('reads from %j how long to wait', async (headers, seconds) => {
    answers.push({ status: 503, headers });
    const refusal = await refusalOf(client().getAllReferrals());
    expect(refusal.retryAfterSeconds).toBe(seconds);
  });

  it.each([
    [{ status: 502, headers: { 'content-type': 'text/html' }, text: '<h1>Bad Gateway</h1>' }],
    [{ status: 502, headers: json, text: '<h1>Bad Gateway</h1>' }],
    [{ status: 502, headers: json, text: '{"error":"Bad Gateway"}' }],
    [{ status: 502, headers: json, text: 'null' }],
    [{ status: 502, text: '' }],
  ])('says what it knows of an answer that is not the exchange’s: %j', async (answer) => {
    answers.push(answer);
    const refusal = await refusalOf(client().getAllReferrals());
    expect(refusal).toMatchObject({ status: 502, code: undefined, innerCode: undefined, target: null, details: [] });
    expect(refusal.message).toBe('The answer to getAllReferrals has status 502 and does not say why.');
    expect(refusal.text).toBe(answer.text);
  });

  it('hands on the error of a connection that fails', async () => {
    const nowhere = createTransport({ origin: 'http://127.0.0.1:1', token: async () => 'secret' });
    await expect(nowhere.getIndex()).rejects.toThrow('fetch failed');
  });

  it('asks by another fetch where it is given one', async () => {
    const urls: string[] = [];
    const answer: FetchAnswer = { status: 204, headers: new Headers({ ETag: '"e"' }), text: async () => '' };
    const { getReferralById } = createTransport({
      origin: 'https://referrals.example.com',
      token: async () => 'secret',
      fetch: async (url) => {
        urls.push(url);
        return answer;
      },
    });
    const { eTag, body } = await getReferralById({ parameters: { id: documented } });
    expect([eTag, body, urls]).toEqual([
      '"e"',
      undefined,
      [`https://referrals.example.com${collection}/${documented}`],
    ]);
  });
});

describe('the table of operations', () => {
  it('has each route of the server, and nothing else', () => {
    expect(Object.keys(operations)).toEqual(routes.map(({ name }) => name));
  });
});
