import { afterAll, beforeAll, expect, it } from 'vitest';
import { alias, collection, comparable, documented } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { startTestServer, type TestServer, type WireAnswer } from '../support/test-server.ts';

const eTag = '"2500ec5a-0000-0000-0000-5bf4967d0000"';
const other = '"00006d10-0000-0700-0000-67ba82630000"';

/** RFC 9110, section 13.1.2: the comparison is weak. */
const matching = [
  eTag,
  `W/${eTag}`,
  '*',
  ' * ',
  `${other}, ${eTag}`,
  `${eTag},${other}`,
  `${other},W/${eTag} , "x"`,
  `"a,b", ${eTag}`,
];
const different = [
  other,
  `W/${other}`,
  eTag.replaceAll('"', ''),
  eTag.toUpperCase(),
  eTag.slice(0, -1),
  eTag.slice(1),
  `"${eTag.slice(1, -1)} "`,
  '""',
  'W/""',
  '',
  ',',
  'garbage',
  `"*"`,
  `${other}, "x"`,
  `w/${eTag.replaceAll('"', '')}`,
];

describeOnEachEngine('If-None-Match', (engine) => {
  let server: TestServer;
  let whole: WireAnswer;
  let authorization: string;
  beforeAll(async () => {
    server = await startTestServer(engine);
    authorization = `Bearer ${await server.tokenOf('contoso-admin')}`;
    whole = await ask(undefined);
    expect(whole.headers.etag).toBe(eTag);
  });
  afterAll(() => server.close());

  const ask = (ifNoneMatch: string | undefined, method = 'GET', base = collection) => {
    const headers = { authorization, ...(ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch }) };
    return server.ask(`${base}/${documented}`, { method, headers });
  };

  it.each(matching)('%s is 304: the headers of the referral, and no body', async (value) => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await ask(value, method);
      expect(answer.status).toBe(304);
      expect(answer.text).toBe('');
      expect(answer.headers.etag).toBe(eTag);
      expect(answer.headers['content-type']).toBeUndefined();
      expect(answer.headers['content-length']).toBeUndefined();
      expect(answer.headers['transfer-encoding']).toBeUndefined();
      for (const name of ['cache-control', 'vary', 'odata-version', 'x-ms-ags-diagnostic']) {
        expect(answer.headers[name]).toBe(whole.headers[name]);
      }
      expect(answer.headers['request-id']).toBeDefined();
      expect(answer.headers.timestamp).toBeDefined();
    }
  });

  it.each(different)('%s is 200 and the whole referral', async (value) => {
    expect(comparable(await ask(value))).toEqual(comparable(whole));
    expect(comparable(await ask(value, 'HEAD'))).toEqual({ ...comparable(whole), text: '' });
  });

  it('works at the path of webhooks too', async () => {
    expect((await ask(eTag, 'GET', alias)).status).toBe(304);
    expect((await ask(other, 'GET', alias)).status).toBe(200);
  });

  it('knows the eTag of a view, which is not the one of the record behind it', async () => {
    const path = `${collection}/49d90c72-3326-4f61-aacc-2cb57970448c`;
    const view = await server.ask(path, { headers: { authorization } });
    expect(view.status).toBe(200);
    const seen = view.headers.etag ?? '';
    const hidden = '"00006d11-0000-0700-0000-67ba82640000"';
    expect(seen).not.toBe(hidden);
    expect((await server.ask(path, { headers: { authorization, 'if-none-match': seen } })).status).toBe(304);
    expect((await server.ask(path, { headers: { authorization, 'if-none-match': hidden } })).status).toBe(200);
  });

  it('never turns a refusal into 304', async () => {
    const headers = { authorization, 'if-none-match': '*' };
    for (const id of ['d3c2b1a0-9f8e-4d7c-8b6a-594837261504', '00000000-0000-4000-8000-000000000000', 'x']) {
      expect((await server.ask(`${collection}/${id}`, { headers })).status).toBe(404);
    }
    expect((await server.ask(`${collection}/${documented}`, { headers: { 'if-none-match': '*' } })).status).toBe(401);
  });

  it('is no condition for If-Match, which is for writes', async () => {
    const headers = { authorization, 'if-match': other };
    expect((await server.ask(`${collection}/${documented}`, { headers })).status).toBe(200);
  });
});
