import { readConfig, routes } from '@cosell/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alias, collection, comparable, documented, expectEnvelope } from '../support/answers.ts';
import { leastDeal } from '../support/documented-requests.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { startTestServer, type TestServer, type WireAnswer } from '../support/test-server.ts';

const crm = 'https://crm.example.com';
const other = 'https://evil.example.com';

/** The headers of sharing that an answer has. */
function sharedBy({ headers }: WireAnswer): string[] {
  return Object.keys(headers).filter((name) => name.startsWith('access-control-'));
}

const itemsOf = (header: unknown) => String(header).toLowerCase().split(', ');

/** Every route with ids in its place. */
const places = [...new Set(routes.flatMap(({ paths }) => paths))].map((template) => ({
  path: template.replaceAll('{id}', documented).replaceAll('{tenant}', 'common'),
  methods: routes
    .filter(({ paths }) => paths.includes(template))
    .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    .sort(),
}));
const isClosed = (path: string) => path.startsWith('/_sandbox') || path === '/metrics';

describe('CORS_ORIGINS', () => {
  it.each([
    ['', []],
    ['*', ['*']],
    ['https://crm.example.com/, http://localhost:5173,https://crm.example.com:443', [crm, 'http://localhost:5173']],
  ])('"%s" is read', (CORS_ORIGINS, origins) => {
    expect(readConfig({ CORS_ORIGINS }).corsOrigins).toEqual(origins);
  });

  it.each(['*,https://crm.example.com', 'crm.example.com', 'null', 'https://crm.example.com/app', 'ftp://x'])(
    '"%s" is refused, and the right form is said',
    (CORS_ORIGINS) => {
      expect(() => readConfig({ CORS_ORIGINS })).toThrow(
        `CORS_ORIGINS must be * alone, or addresses such as https://crm.example.com with commas between them, not "${CORS_ORIGINS}".`,
      );
    },
  );
});

describeOnSqlite('CORS', (engine) => {
  let off: TestServer;
  let on: TestServer;
  let all: TestServer;
  beforeAll(async () => {
    [off, on, all] = await Promise.all([
      startTestServer(engine),
      startTestServer(engine, { CORS_ORIGINS: `http://localhost:5173/, ${crm}:443` }),
      startTestServer(engine, { CORS_ORIGINS: '*' }),
    ]);
  });
  afterAll(() => Promise.all([off.close(), on.close(), all.close()]));
  const preflight = (server: TestServer, path: string, origin: string, method = 'GET') =>
    server.ask(path, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization,if-match',
      },
    });

  describe('is off without CORS_ORIGINS', () => {
    it.each(places)('$path has no header of it, and OPTIONS is what it was', async ({ path, methods }) => {
      const [asked, plain] = [await preflight(off, path, crm), await off.ask(path, { method: 'OPTIONS' })];
      expect(comparable(asked)).toEqual(comparable(plain));
      expect([401, 405]).toContain(asked.status);
      expect(sharedBy(asked)).toEqual([]);
      expect(asked.headers.vary).toBe('Authorization');
      if (asked.status === 405) expect(String(asked.headers.allow).split(', ').sort()).toEqual(methods);
    });

    it('answers a page as it answers anybody', async () => {
      const path = `${collection}/${documented}`;
      const [asked, plain] = [
        await off.askAs('contoso-admin', path, { headers: { origin: crm } }),
        await off.askAs('contoso-admin', path),
      ];
      expect(comparable(asked)).toEqual(comparable(plain));
    });
  });

  describe.each(places.filter(({ path }) => !isClosed(path)))('$path', ({ path, methods }) => {
    it('answers the preflight of a page that is let in, without a token', async () => {
      for (const origin of [crm, 'http://localhost:5173']) {
        const answer = await preflight(on, path, origin, methods[0]);
        expect([answer.status, answer.text]).toEqual([204, '']);
        expect(answer.headers['access-control-allow-origin']).toBe(origin);
        expect(String(answer.headers['access-control-allow-methods']).split(', ').sort()).toEqual(methods);
        expect(itemsOf(answer.headers['access-control-allow-headers'])).toEqual(
          expect.arrayContaining(['authorization', 'if-match', 'if-none-match', 'prefer', 'content-type', 'x-caller-id',
            'odata-version', 'odata-maxversion', 'repeatability-request-id', 'repeatability-first-sent',
            'ms-correlationid', 'ms-requestid', 'client-request-id']), // biome-ignore format: a list of words
        );
        expect(answer.headers['access-control-max-age']).toBe('7200');
        expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
        expect(itemsOf(answer.headers.vary)).toEqual(['authorization', 'origin']);
        expect(answer.headers['request-id']).toBeDefined();
      }
    });

    it('answers no other preflight', async () => {
      for (const origin of [other, 'null', '', `${crm}.evil.example.com`, 'http://crm.example.com', `${crm}:8443`]) {
        const answer = await preflight(on, path, origin);
        expect([401, 405]).toContain(answer.status);
        expect(sharedBy(answer)).toEqual([]);
        expect(itemsOf(answer.headers.vary)).toContain('origin');
      }
      // OPTIONS of a page that asks no leave is a method like another.
      expect([401, 405]).toContain((await on.ask(path, { method: 'OPTIONS', headers: { origin: crm } })).status);
    });
  });

  it.each([
    ['a referral', `${collection}/${documented}`, {}, 200],
    ['the same at the path of webhooks', `${alias}/${documented}`, {}, 200],
    ['a list', collection, {}, 200],
    ['a compressed list', collection, { 'accept-encoding': 'gzip' }, 200],
    ['304', `${collection}/${documented}`, { 'if-none-match': '*' }, 304],
    ['400', `${collection}?$filter=x`, {}, 400],
    ['401', collection, { authorization: '' }, 401],
    ['404', `${collection}/x`, {}, 404],
    ['a path of nothing', '/nothing', {}, 404],
    ['406', collection, { accept: 'text/html' }, 406],
    ['a broken URL', `${collection}/%zz`, {}, 400],
    ['a public document', '/openapi.json', {}, 200],
  ])('lets the page read %s', async (_title, path, headers, status) => {
    const answer = await on.askAs('contoso-admin', path, { headers: { origin: crm, ...headers } });
    expect(answer.status).toBe(status);
    expect(answer.headers['access-control-allow-origin']).toBe(crm);
    expect(itemsOf(answer.headers['access-control-expose-headers'])).toEqual(
      expect.arrayContaining(['etag', 'request-id', 'location', 'odata-version', 'cosell-extension', 'cosell-warning',
        'preference-applied', 'retry-after', 'repeatability-result', 'client-request-id', 'ms-correlationid',
        'ms-requestid', 'allow', 'www-authenticate']), // biome-ignore format: a list of words
    );
    expect(itemsOf(answer.headers.vary)).toContain('origin');
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
    const stranger = await on.askAs('contoso-admin', path, { headers: { origin: other, ...headers } });
    expect(sharedBy(stranger)).toEqual([]);
    // What is answered is the same, whoever may read it.
    expect([stranger.status, stranger.headers.etag]).toEqual([answer.status, answer.headers.etag]);
    expect(stranger.bytes.equals(answer.bytes)).toBe(true);
  });

  it('lets the page read what it wrote', async () => {
    const headers = { origin: crm, 'content-type': 'application/json' };
    const body = JSON.stringify(leastDeal());
    const created = await on.askAs('contoso-admin', collection, { method: 'POST', headers, body });
    expect([created.status, created.headers['access-control-allow-origin']]).toEqual([200, crm]);
    const changed = await on.askAs('contoso-admin', `${collection}/${created.json().id}`, {
      method: 'PATCH',
      headers: { ...headers, 'if-match': String(created.headers.etag) },
      body: '[]',
    });
    expect([changed.status, changed.headers['access-control-allow-origin']]).toEqual([204, crm]);
  });

  it.each(['on', 'all'])('keeps the sandbox and the metrics closed (%s)', async (which) => {
    const server = which === 'on' ? on : all;
    const closed = [
      ...places.map(({ path }) => path).filter(isClosed),
      '/_SANDBOX/clock',
      '//_sandbox/x',
      '/%5fsandbox/clock',
    ];
    expect(closed.length).toBeGreaterThan(6);
    for (const path of closed) {
      for (const method of ['GET', 'POST', 'DELETE'])
        expect(sharedBy(await preflight(server, path, crm, method))).toEqual([]);
      expect(sharedBy(await server.ask(path, { headers: { origin: crm } }))).toEqual([]);
    }
  });

  it('keeps them closed to a batch of such a page, too', async () => {
    const body = JSON.stringify({ requests: [{ id: '1', method: 'GET', url: '/metrics' }] });
    const statusFor = async (headers: Readonly<Record<string, string>>) => {
      const asking = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
      const answer = await on.askAs('contoso-admin', '/v1.0/engagements/$batch', asking);
      return answer.json<{ responses: readonly { status: number }[] }>().responses[0]?.status;
    };
    expect([await statusFor({}), await statusFor({ origin: crm })]).toEqual([200, 404]);
  });

  it('lets every page in by *', async () => {
    for (const origin of [crm, other, 'null']) {
      const answer = await all.askAs('contoso-admin', `${collection}/${documented}`, { headers: { origin } });
      expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, '*']);
      expect((await preflight(all, collection, origin)).status).toBe(204);
    }
    expect(sharedBy(await all.ask('/'))).toEqual([]);
  });

  it('does not take Host, CR or LF from the origin', async () => {
    const answer = await all.ask('/', { headers: { origin: 'x"<script>' } });
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expectEnvelope(await preflight(on, '/', `${crm}, ${other}`), 405, 'methodNotAllowed');
  });
});
