import { METHODS } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { alias, collection, documented, expectEnvelope, expectNoTrace } from '../support/answers.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { readRaw, sendRaw } from '../support/raw-socket.ts';
import { ids, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** A failing run prints its seed; FUZZ_SEED repeats it. */
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const runs = 2_000;

const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', 'then', 'null', 'undefined'];

const segment = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('v1.0', 'engagements', 'referrals', 'v1', ...Object.values(ids), documented),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('$metadata', '$count', '$batch', 'health', 'metrics', 'openapi.json', 'live'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...names, '..', '.', '', '%2e%2e', '%2F', '%5C', '%00', '%', '%zz', '%ff', ';', '*'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(`referrals('${documented}')`, `referrals(${documented})`, "x('", '()', "('')", '('),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }).map(encodeLoosely) },
  { weight: 1, arbitrary: fc.string({ maxLength: 40 }).map((text) => text.replace(/[\s\p{Cc}]/gu, '')) },
);
const known = fc.constantFrom(
  `${collection}/${documented}`,
  `${alias}/${documented}`,
  collection,
  `${collection}/$count`,
  '/v1.0/engagements/',
  '/v1.0/$metadata',
  '/',
);
const path = fc.oneof(
  { weight: 2, arbitrary: fc.array(segment, { maxLength: 6 }).map((segments) => `/${segments.join('/')}`) },
  { weight: 1, arbitrary: known },
);

const option = fc.oneof(
  fc.constantFrom(
    '$select',
    '$filter',
    '$expand',
    '$format',
    '$FORMAT',
    '%24format',
    '$',
    '$top',
    '$orderby',
    '$skip',
    '$count',
    '$skiptoken',
    'a',
    '',
    ...names,
    ...names.map((name) => `$${name}`),
  ),
  fc.string({ unit: 'binary', maxLength: 8 }).map(encodeLoosely),
);
const value = fc.oneof(
  fc.constantFrom('json', 'xml', 'application/json', '%zz', '%', '+', ...names),
  fc.constantFrom(
    "status%20eq%20'New'",
    'true',
    'false',
    '1',
    'createdDateTime',
    "id%20in%20('x',null)",
    'a.b',
    '1%20div%200',
  ),
  // Words of the grammar in any order.
  fc
    .array(
      fc.constantFrom(
        'status',
        'team/any(t:',
        'team/email,',
        'details/dealValue',
        '*',
        'not',
        'eq',
        'and',
        'in',
        '(',
        ')',
        "'x'",
        'null',
        '5',
        '-',
        'name',
        '/',
      ),
      {
        maxLength: 12,
      },
    )
    .map((words) => words.join('%20')),
  fc.string({ unit: 'binary', maxLength: 20 }).map(encodeLoosely),
);
const query = fc.oneof(
  fc.constant(''),
  fc
    .array(fc.tuple(option, value), { maxLength: 4 })
    .map((pairs) => `?${pairs.map((pair) => pair.join('=')).join('&')}`),
);

const headerName = fc.constantFrom('accept', 'content-type', 'if-none-match', 'if-match', 'prefer', 'client-request-id',
  'ms-correlationid', 'ms-requestid', 'x-caller-id', 'validatemfa', 'x-forwarded-host', 'x-forwarded-proto',
  'x-forwarded-for', 'forwarded', 'host', 'content-length', 'transfer-encoding', 'expect', 'upgrade', 'cookie', 'range',
  'odata-version', 'odata-maxversion', 'origin', 'access-control-request-method', 'accept-encoding', 'te', ...names); // biome-ignore format: a list of words
const headerValue = fc.oneof(
  fc.constantFrom('application/json', '*/*', 'text/html', '*', '""', 'W/"x"', 'true', '0', '-1', 'chunked', '100-continue',
    '"2500ec5a-0000-0000-0000-5bf4967d0000"', ';', ',', 'a/b;q=', '*/*;q=1e9', 'gzip', 'br;q=0.5', '4.0', '4.01;x', 'application/json;odata.metadata=full',
    'application/json;metadata=none;IEEE754Compatible=true', 'https://crm.example.com', ...names), // biome-ignore format: a list
  fc.string({ maxLength: 60 }).map((text) => text.replace(/\p{Cc}/gu, '')),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replace(/[\r\n\0]/g, '')),
);
const credentials = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...Object.values(users)).map((user) => ({ user })) },
  { weight: 1, arbitrary: headerValue.map((text) => ({ text })) },
  { weight: 1, arbitrary: fc.constant({ none: true }) },
);
const request = fc.record({
  method: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('GET', 'HEAD') },
    { weight: 2, arbitrary: fc.constantFrom(...METHODS.filter((method) => method !== 'CONNECT')) },
  ),
  path,
  query,
  headers: fc.array(fc.tuple(headerName, headerValue), { maxLength: 5 }),
  credentials,
});

/** Headers that announce a body. */
const framing: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding']);

describeOnSqlite(`random requests (seed ${seed})`, (engine) => {
  let server: TestServer;
  const tokens = new Map<string, string>();
  beforeAll(async () => {
    server = await startTestServer(engine, { CORS_ORIGINS: 'https://crm.example.com' });
    for (const user of Object.values(users)) tokens.set(user, await server.tokenOf(user));
    // The first list waits for its reader to start, on a busy machine longer than a client here is patient.
    await server.askAs(users.admin, collection);
  });
  afterAll(() => server.close());

  it(`${runs} of them never break anything: no 5xx but 501, and always the envelope`, {
    timeout: 300_000,
  }, async () => {
    const statuses = new Map<number, number>();
    const property = fc.asyncProperty(
      request,
      async ({ method, path: at, query: asked, headers, credentials: shown }) => {
        const lines = [`${method} ${at}${asked} HTTP/1.1`, 'Connection: close'];
        if (!headers.some(([name]) => name === 'host')) lines.push('Host: localhost');
        if ('user' in shown) lines.push(`Authorization: Bearer ${tokens.get(shown.user)}`);
        if ('text' in shown) lines.push(`Authorization: ${shown.text}`);
        lines.push(...headers.map(([name, text]) => `${name}: ${text}`));
        // A body is never sent: a request that announces one may wait for it, and then this side closes.
        const { received } = await sendRaw(server.port, Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8'), 1_500);
        const final = received.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
        const answer = readRaw(final);
        const waitsForBody = ['POST', 'PATCH', 'PUT'].includes(method) && headers.some(([name]) => framing.has(name));
        if (answer === undefined && final === '' && waitsForBody) return;
        if (answer === undefined) throw new Error(`no answer but ${JSON.stringify(received)}`);
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        expectNoTrace(final);
        expect(answer.status < 500 || answer.status === 501).toBe(true);
        if (answer.status >= 400 && method !== 'HEAD') expectEnvelope(answer, answer.status);
        else if (answer.status >= 400) expect(answer.headers['request-id']).toBeDefined();
        else expect([200, 204, 304]).toContain(answer.status);
      },
    );
    await fc.assert(property, { numRuns: runs, seed, endOnFailure: true });
    expect(server.observations.filter(({ kind }) => kind === 'requestBroken')).toEqual([]);
    // The requests reach something: a fuzzer that is refused at the door proves nothing.
    for (const status of [200, 400, 401, 403, 404, 405, 406]) expect(statuses.get(status) ?? 0).toBeGreaterThan(5);
  });
});

/** Percent-encodes what a URL may not hold, and leaves the rest: broken encodings are welcome. */
function encodeLoosely(text: string): string {
  return [...text].map((char) => (/[\x21-\x7e]/.test(char) && char !== '#' ? char : safeEncode(char))).join('');
}

function safeEncode(char: string): string {
  return /\p{Surrogate}/u.test(char) ? '%ED%A0%80' : encodeURIComponent(char);
}
