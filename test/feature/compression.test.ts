import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, comparable, documented } from '../support/answers.ts';
import { privateDeal } from '../support/documented-requests.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const large = [collection, `${collection}?$select=id,details,customerProfile`, '/v1.0/$metadata', '/openapi.json'];
const unpack = { br: brotliDecompressSync, gzip: gunzipSync } as const;

describeOnSqlite('compression', (engine) => {
  let server: TestServer;
  let authorization: string;
  beforeAll(async () => {
    server = await startTestServer(engine);
    authorization = `Bearer ${await server.tokenOf('contoso-admin')}`;
  });
  afterAll(() => server.close());
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
    server.ask(path, { headers: { authorization, ...headers }, method });

  describe.each(large)('%s', (path) => {
    it.each(['br', 'gzip'] as const)('is the same text by %s, with its own length', async (coding) => {
      const plain = await ask(path);
      expect(plain.headers['content-encoding']).toBeUndefined();
      expect(plain.headers['content-length']).toBe(String(plain.bytes.length));
      expect(plain.headers.vary).toBe('Authorization, Accept-Encoding');
      // Twice: a document that stays is compressed once.
      for (let time = 0; time < 2; time += 1) {
        const packed = await ask(path, { 'accept-encoding': coding });
        expect(packed.status).toBe(200);
        expect(packed.headers['content-encoding']).toBe(coding);
        expect(packed.headers['content-length']).toBe(String(packed.bytes.length));
        expect(unpack[coding](packed.bytes).equals(plain.bytes)).toBe(true);
        expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 2);
        const kept = ['content-type', 'vary', 'odata-version', 'cache-control', 'etag'];
        for (const name of kept) expect(packed.headers[name]).toBe(plain.headers[name]);
        const head = await ask(path, { 'accept-encoding': coding }, 'HEAD');
        expect(head.bytes).toHaveLength(0);
        for (const name of [...kept, 'content-encoding', 'content-length'])
          expect(head.headers[name]).toBe(packed.headers[name]);
      }
    });
  });

  it.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['x-gzip', 'gzip'],
    ['br;q=0.5, gzip;q=0.9', 'gzip'],
    ['br; q=0.9 , gzip ; q=0.5', 'br'],
    ['br;q=0, gzip', 'gzip'],
    ['br;q=0, gzip;q=0.001', 'gzip'],
    ['*', 'br'],
    ['br;q=0, *;q=0.1', 'gzip'],
    ['*;q=0, gzip', 'gzip'],
    ['identity;q=0, gzip', 'gzip'],
    ['identity;q=0.5, gzip;q=1.0', 'gzip'],
    ['identity, gzip;q=0.5', undefined],
    ['gzip;q=0', undefined],
    ['gzip;q=0, br;q=0.000', undefined],
    ['gzip;q=2', undefined],
    ['gzip;q=abc', undefined],
    ['*;q=0', undefined],
    ['identity', undefined],
    ['identity;q=0', undefined],
    ['deflate, zstd, compress', undefined],
    ['', undefined],
    [',;q=1,', undefined],
    ['gzipx', undefined],
  ])('takes by Accept-Encoding "%s" %s', async (accepted, coding) => {
    const answer = await ask(collection, { 'accept-encoding': accepted });
    expect([answer.status, answer.headers['content-encoding']]).toEqual([200, coding]);
    const text = coding === undefined ? answer.bytes : unpack[coding as keyof typeof unpack](answer.bytes);
    expect(text.equals((await ask(collection)).bytes)).toBe(true);
  });

  it('leaves small lists as they are, and says that it might not', async () => {
    for (const path of [`${collection}?$top=0`, `${collection}?$select=id`]) {
      const answer = await ask(path, { 'accept-encoding': 'br' });
      expect(answer.headers['content-encoding']).toBeUndefined();
      expect(answer.headers.vary).toBe('Authorization, Accept-Encoding');
    }
  });

  it.each([
    ['GET', `${collection}/${documented}`],
    ['GET', `${collection}/${documented}/history`],
    ['GET', `${collection}/$count`],
    ['GET', `${collection}/x`],
    ['GET', `${collection}?$filter=${'x'.repeat(3_000)}`],
    ['POST', collection],
    ['DELETE', collection],
    ['GET', '/health/ready'],
    ['GET', '/metrics'],
  ])('never compresses the answer to %s %s', async (method, path) => {
    const body = method === 'POST' ? privateDeal : undefined;
    const headers = { authorization, 'content-type': 'application/json' };
    const packed = await server.ask(path, {
      method,
      headers: { ...headers, 'accept-encoding': 'br, gzip' },
      ...(body === undefined ? {} : { body }),
    });
    expect(packed.headers['content-encoding']).toBeUndefined();
    expect(packed.headers.vary).toBe('Authorization');
    expect(packed.headers['content-length']).toBe(String(Buffer.byteLength(packed.text)));
  });

  it('gives one referral the same bytes and eTag with and without', async () => {
    const path = `${collection}/${documented}`;
    const asked = { authorization, 'accept-encoding': 'br, gzip' };
    expect(comparable(await server.ask(path, { headers: asked }))).toEqual(
      comparable(await server.ask(path, { headers: { authorization } })),
    );
  });

  it('answers many at once, each its own', async () => {
    const paths = Array.from({ length: 40 }, (_, index) => `${collection}?$top=${(index % 7) + 1}`);
    const answers = await Promise.all(paths.map((path) => ask(path, { 'accept-encoding': 'gzip' })));
    for (const [index, { bytes }] of answers.entries()) {
      const { value } = JSON.parse(gunzipSync(bytes).toString()) as { value: unknown[] };
      expect(value).toHaveLength((index % 7) + 1);
    }
    const kinds = server.observations.filter(({ kind }) => kind === 'requestAnswered');
    expect(kinds.length).toBeGreaterThanOrEqual(40);
    expect(server.observations.filter(({ kind }) => kind === 'requestBroken')).toEqual([]);
  });
});
