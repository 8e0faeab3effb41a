import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alias, collection, documented, guid } from '../support/answers.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const echoed = [
  ['client-request-id', 'client-request-id'],
  ['MS-CorrelationId', 'MS-CorrelationId'],
  ['MS-RequestId', 'MS-RequestId'],
] as const;

/** Answers of every kind: found, not modified, refused, public. */
const kinds = [
  ['a referral', `${collection}/${documented}`, {}, 200],
  ['a referral by the path of webhooks', `${alias}/${documented}`, {}, 200],
  ['304', `${collection}/${documented}`, { 'if-none-match': '*' }, 304],
  ['a refusal', `${collection}/x`, {}, 404],
  ['no token', `${collection}/${documented}`, { authorization: '' }, 401],
  ['a near miss', '/v1/referrals', {}, 404],
  ['406', `${collection}/${documented}`, { accept: 'text/html' }, 406],
  ['a broken URL', `${collection}/%zz`, {}, 400],
  ['a public document', '/openapi.json', {}, 200],
  ['$metadata', '/v1.0/$metadata', {}, 200],
  ['health', '/health/ready', {}, 200],
] as const;

describeOnSqlite('headers of the answer', (engine) => {
  let server: TestServer;
  let authorization: string;
  beforeAll(async () => {
    server = await startTestServer(engine);
    authorization = `Bearer ${await server.tokenOf('contoso-admin')}`;
  });
  afterAll(() => server.close());
  const ask = (headers: Readonly<Record<string, string>> = {}, path = `${collection}/${documented}`) =>
    server.ask(path, { headers: { authorization, ...headers } });

  describe.each(kinds)('%s', (_kind, path, sent, status) => {
    it('has the headers that every answer has', async () => {
      const { headers, status: answered } = await ask({ 'client-request-id': 'a-1', ...sent }, path);
      expect(answered).toBe(status);
      expect(headers['request-id']).toMatch(guid);
      expect(headers.timestamp).toMatch(
        /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/,
      );
      expect(headers['odata-version']).toBe('4.0');
      expect(headers['cache-control']).toBe('private, no-cache');
      const isCompressible = path === '/openapi.json' || path.endsWith('$metadata');
      expect(headers.vary).toBe(isCompressible ? 'Authorization, Accept-Encoding' : 'Authorization');
      expect(headers['client-request-id']).toBe('a-1');
      const diagnostic: unknown = JSON.parse(String(headers['x-ms-ags-diagnostic']));
      expect(Object.keys(diagnostic as object)).toEqual(['ServerInfo']);
      if (status === 200 && path.includes(documented)) {
        expect(headers['content-type']).toBe('application/json; charset=utf-8');
        expect(headers.etag).toBe('"2500ec5a-0000-0000-0000-5bf4967d0000"');
      }
    });
  });

  it('tells nothing of the software behind it', async () => {
    const { headers } = await ask();
    expect(headers.server).toBeUndefined();
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['set-cookie']).toBeUndefined();
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it('sends no header twice', async () => {
    for (const path of [`${collection}/${documented}`, `${collection}/x`, '/']) {
      const names = (await ask({ 'client-request-id': 'a' }, path)).rawHeaders.filter((_, at) => at % 2 === 0);
      expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
    }
  });

  it('has a new request-id each time', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, async () => (await ask()).headers['request-id']));
    expect(new Set(ids).size).toBe(20);
  });

  it('has the time at which the request came as timestamp', async () => {
    server.clock.aheadMs = Date.parse('2025-02-03T04:05:06.789Z') - Date.now();
    try {
      const { headers } = await server.ask('/health/live');
      expect(headers.timestamp).toMatch(/^Mon, 03 Feb 2025 04:05:0[67] GMT$/);
    } finally {
      server.clock.aheadMs = 0;
    }
  });

  it('has one diagnostic for all', async () => {
    const seen = await Promise.all(
      [`${collection}/${documented}`, '/nothing', '/'].map(
        async (path) => (await ask({}, path)).headers['x-ms-ags-diagnostic'],
      ),
    );
    expect(new Set(seen).size).toBe(1);
  });

  describe.each(echoed)('%s', (name, spelling) => {
    it('is not demanded, and not made up', async () => {
      const answer = await ask();
      expect(answer.status).toBe(200);
      expect(answer.headers[name.toLowerCase()]).toBeUndefined();
    });

    it.each([
      '9f8bed52-e4df-4d0c-9ca6-929a187b0731',
      'x',
      '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
      'with spaces inside',
      'a'.repeat(128),
    ])('"%s" is echoed as it is', async (value) => {
      const answer = await ask({ [name.toUpperCase()]: value });
      expect(answer.headers[name.toLowerCase()]).toBe(value);
      expect(answer.rawHeaders).toContain(spelling);
    });

    it.each(['', 'a'.repeat(129), 'a'.repeat(5_000), 'tab\tinside', 'gr\u00fcn', '\u0080', 'a\u00a0b', '\u00ff'])(
      '"%s" is answered and not echoed',
      async (value) => {
        const answer = await ask({ [name]: value });
        expect(answer.status).toBe(200);
        expect(answer.headers[name.toLowerCase()]).toBeUndefined();
      },
    );
  });

  it('echoes all three, and only these', async () => {
    const answer = await ask({
      'client-request-id': '1',
      'ms-correlationid': '2',
      'ms-requestid': '3',
      'x-request-id': '4',
      'X-Caller-Id': '60858c1b-2062-40ad-b42c-996b6b5b047d',
    });
    expect(answer.headers['client-request-id']).toBe('1');
    expect(answer.headers['ms-correlationid']).toBe('2');
    expect(answer.headers['ms-requestid']).toBe('3');
    expect(answer.headers['x-request-id']).toBeUndefined();
    expect(answer.headers['x-caller-id']).toBeUndefined();
  });

  it('is no reason for another answer: X-Caller-Id, Prefer, ValidateMfa and strangers are taken as they come', async () => {
    const { text } = await ask();
    for (const headers of [
      { 'X-Caller-Id': 'garbage'.repeat(50) },
      { Prefer: 'return=minimal, odata.maxpagesize=1' },
      { 'OData-MaxVersion': '4.0', 'OData-Version': '4.0' },
      { 'User-Agent': '' },
      { Origin: 'https://example.com' },
      { 'X-HTTP-Method-Override': 'DELETE' },
      { Cookie: 'a=b' },
      { Range: 'bytes=0-1' },
    ]) {
      const answer = await ask(headers as unknown as Record<string, string>);
      expect([answer.status, answer.text]).toEqual([200, text]);
    }
  });
});
