import { METHODS } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alias, collection, comparable, documented, expectEnvelope } from '../support/answers.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** What each path allows. */
const allowedAt: Readonly<Record<string, readonly string[]>> = {
  [`${collection}/${documented}`]: ['GET', 'HEAD', 'PATCH', 'PUT'],
  [`${alias}/${documented}`]: ['GET', 'HEAD', 'PATCH', 'PUT'],
  [`${collection}('${documented}')`]: ['GET', 'HEAD', 'PATCH', 'PUT'],
  [`${collection}/not-an-id`]: ['GET', 'HEAD', 'PATCH', 'PUT'],
  [collection]: ['GET', 'HEAD', 'POST'],
};
const paths = Object.keys(allowedAt);

/** CONNECT asks for a tunnel: it has no path, and Node closes its connection. */
const all = METHODS.filter((method) => !['GET', 'HEAD', 'CONNECT'].includes(method));
const cells = paths.flatMap((path) => all.map((method) => ({ method, path })));

const bodies = ['application/json', 'application/json-patch+json', 'text/plain', 'garbage', ';;', ''];

describeOnSqlite('methods', (engine) => {
  let server: TestServer;
  let authorization: string;
  beforeAll(async () => {
    server = await startTestServer(engine);
    authorization = `Bearer ${await server.tokenOf('contoso-admin')}`;
  });
  afterAll(() => server.close());

  it('knows every method that Node does', () => {
    expect(all).toEqual(expect.arrayContaining(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']));
  });

  it.each(cells.filter(({ method, path }) => !allowedAt[path]?.includes(method)))(
    '$method $path is 405 with Allow',
    async ({ method, path }) => {
      const answer = await server.ask(path, { method, headers: { authorization } });
      const error = expectEnvelope(answer, 405, 'methodNotAllowed');
      expect(error.message).toContain(method);
      expect(String(answer.headers.allow).split(', ').sort()).toEqual(allowedAt[path]);
    },
  );

  describe.each(all)('%s', (method) => {
    it('without a token is 401, and is not told what is allowed', async () => {
      const answer = await server.ask(`${collection}/${documented}`, { method });
      expectEnvelope(answer, 401, 'tokenMissing');
      expect(answer.headers.allow).toBeUndefined();
    });

    it('is 405 at public documents without a token', async () => {
      for (const path of ['/', '/openapi.json', '/health/live', '/v1.0/$metadata', '/metrics']) {
        expectEnvelope(await server.ask(path, { method }), 405, 'methodNotAllowed');
      }
    });
  });

  it('refuses a method alike for ids of any kind, so that it tells nothing of them', async () => {
    const ask = (id: string) => server.ask(`${collection}/${id}`, { method: 'DELETE', headers: { authorization } });
    const own = comparable(await ask(documented));
    expect(comparable(await ask('d3c2b1a0-9f8e-4d7c-8b6a-594837261504'))).toEqual(own);
    expect(comparable(await ask('00000000-0000-4000-8000-000000000000'))).toEqual(own);
  });

  it.each(bodies)('refuses a body of the type "%s" without reading it', async (type) => {
    for (const method of ['POST', 'DELETE', 'QUERY', 'OPTIONS']) {
      const headers = { authorization, 'content-type': type, 'content-length': '2' };
      const answer = await server.ask(`${collection}/${documented}`, { method, headers, body: '{]' });
      expectEnvelope(answer, 405, 'methodNotAllowed');
    }
  });

  it('refuses a large body at a path that takes none, sent in one piece or in chunks', async () => {
    const body = 'x'.repeat(3_000_000);
    const whole = { authorization, 'content-type': 'application/json', 'content-length': String(body.length) };
    const chunked = { authorization, 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    for (const headers of [whole, chunked]) {
      const answer = await server.ask(`${collection}/${documented}`, { method: 'POST', headers, body });
      expectEnvelope(answer, 405, 'methodNotAllowed');
    }
  });

  it('answers GET and HEAD that have a body, which is ignored', async () => {
    const plain = comparable(await server.ask(`${collection}/${documented}`, { headers: { authorization } }));
    const headers = { authorization, 'content-type': 'application/json', 'content-length': '7' };
    const answer = await server.ask(`${collection}/${documented}`, { headers, body: '{"a":1}' });
    expect(comparable(answer)).toEqual(plain);
    const head = await server.ask(`${collection}/${documented}`, { method: 'HEAD', headers, body: '{"a":1}' });
    expect(comparable(head)).toEqual({ ...plain, text: '' });
  });

  it('answers HEAD of a refusal with the headers of the refusal', async () => {
    for (const path of [`${collection}/00000000-0000-4000-8000-000000000000`, `${collection}/x`, '/nothing']) {
      const get = comparable(await server.ask(path, { headers: { authorization } }));
      expect(get.status).toBe(404);
      const head = comparable(await server.ask(path, { method: 'HEAD', headers: { authorization } }));
      expect(head).toEqual({ ...get, text: '' });
    }
  });
});
