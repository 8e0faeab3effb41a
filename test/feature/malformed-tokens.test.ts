import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { collection, documented, expectEnvelope } from '../support/answers.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { subjects } from '../support/sample.ts';
import { askWith, type Claims, issuersSetting, seconds, startIssuer, type TestIssuer } from '../support/test-issuer.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const header = encode({ alg: 'RS256', typ: 'JWT', kid: 'first' });
const body = encode({ iss: 'http://127.0.0.1:1/x', aud: 'x', exp: 9_999_999_999 });

/** Whole Authorization headers. */
const headers: readonly string[] = [
  '',
  ' ',
  'Bearer',
  'Bearer ',
  'Bearer  ',
  'Bearer\t x',
  'Basic YTpi',
  'Digest x',
  'Negotiate x',
  `${header}.${body}.x`,
  `Token ${header}.${body}.x`,
  `Bearer ${header}.${body}.x ${header}.${body}.x`,
  `Bearer ${header}.${body}.x, Bearer ${header}.${body}.x`,
  `Bearer "${header}.${body}.x"`,
  `Bearer=${header}`,
  `Bearer: ${header}`,
  'bearer null',
  'Bearer undefined',
  'Bearer <token>',
];

/** Tokens of which nothing can be read. */
const unreadable: readonly string[] = [
  'x',
  '.',
  '..',
  '...',
  'a.b',
  'a.b.c',
  'a.b.c.d',
  'a.b.c.d.e',
  `${header}.${body}`,
  `.${body}.x`,
  `${header}..x`,
  `${header}.${body}.x.y`,
  `${header}.!!!.x`,
  `${header}.${body.slice(0, -3)}.x`,
  `${header}.${encode('{')}.x`,
  `${header}.${encode('')}.x`,
  `${header}.${encode('[]')}.x`,
  `${header}.${encode('[1,2]')}.x`,
  `${header}.${encode('"text"')}.x`,
  `${header}.${encode('null')}.x`,
  `${header}.${encode('1')}.x`,
  `${encode('[]')}.${body}.x`,
  `${encode('null')}.${body}.x`,
  `${encode('"RS256"')}.${body}.x`,
  `${encode('{"alg":"RS256"')}.${body}.x`,
  `${Buffer.from([0xff, 0xfe, 0x00]).toString('base64url')}.${body}.x`,
  `${header}.${Buffer.from([0xff, 0xfe, 0x00]).toString('base64url')}.x`,
  'eyJ',
  '%00',
  '\u00e4\u00f6',
  'x'.repeat(8_000),
  `${'a.'.repeat(3_000)}a`,
];

/** Claims that no issuer should sign, signed by one that is trusted. */
const wrongClaims: readonly (readonly [claims: Claims, innerCode: string])[] = [
  [{ exp: 'text' }, 'claimInvalid'],
  [{ exp: '9999999999' }, 'claimInvalid'],
  [{ exp: null }, 'claimInvalid'],
  [{ exp: [1] }, 'claimInvalid'],
  [{ exp: {} }, 'claimInvalid'],
  [{ exp: true }, 'claimInvalid'],
  [{ exp: undefined }, 'claimInvalid'],
  [{ nbf: 'text' }, 'claimInvalid'],
  [{ nbf: null }, 'claimInvalid'],
  [{ iat: 'yesterday' }, 'claimInvalid'],
  [{ aud: undefined }, 'claimInvalid'],
  [{ aud: 1 }, 'audienceWrong'],
  [{ aud: [] }, 'audienceWrong'],
  [{ aud: [1, null, {}, ['api://cosell', 'x']] }, 'audienceWrong'],
  [{ aud: { 'api://cosell': true } }, 'audienceWrong'],
  [{ aud: null }, 'audienceWrong'],
  [{ aud: ['x', 'y'] }, 'audienceWrong'],
  [{ tid: 1 }, 'claimInvalid'],
  [{ tid: ['3f6b1c5e-8f0a-4b52-9d3e-0c1a2b3c4d5e'] }, 'claimInvalid'],
  [{ tid: {} }, 'claimInvalid'],
  [{ tid: '' }, 'claimInvalid'],
  [{ tid: null }, 'claimInvalid'],
  [{ oid: 5 }, 'claimInvalid'],
  [{ oid: undefined }, 'claimInvalid'],
  [{ oid: '' }, 'claimInvalid'],
  [{ oid: null }, 'claimInvalid'],
  [{ scp: 1 }, 'claimInvalid'],
  [{ scp: {} }, 'claimInvalid'],
  [{ appid: {} }, 'claimInvalid'],
  [{ azp: 7, appid: undefined }, 'claimInvalid'],
  [{ iss: undefined }, 'issuerUnknown'],
  [{ iss: 5 }, 'issuerUnknown'],
  [{ iss: ['x'] }, 'issuerUnknown'],
  [{ iss: null }, 'issuerUnknown'],
  [{ iss: '' }, 'issuerUnknown'],
  [{ iss: 'https://sts.windows.net/3f6b1c5e-8f0a-4b52-9d3e-0c1a2b3c4d5e/' }, 'issuerUnknown'],
  [{ iss: 'http:///x/' }, 'issuerUnknown'],
  [{ iss: 'http://[/x/' }, 'issuerUnknown'],
  [{ iss: 'http://a b/x/' }, 'issuerUnknown'],
  [{ iss: 'http://:99999999/x/v2.0' }, 'issuerUnknown'],
  [{ iss: '__proto__' }, 'issuerUnknown'],
];

describeOnSqlite('a malformed token is 401', (engine) => {
  let server: TestServer;
  let issuer: TestIssuer;
  beforeAll(async () => {
    issuer = await startIssuer();
    server = await startTestServer(engine, { ISSUERS: issuersSetting({ issuer, tenants: [subjects.admin.tid] }) });
  });
  afterEach(() => {
    expect(server.observations.filter(({ kind }) => kind === 'requestBroken')).toEqual([]);
  });
  afterAll(() => Promise.all([server.close(), issuer.close()]));
  const path = `${collection}/${documented}`;

  it('and no token at all is told how to send one, with no error code', async () => {
    const answer = await server.ask(path);
    const error = expectEnvelope(answer, 401, 'tokenMissing');
    expect(error).toMatchObject({ code: 'unauthenticated', target: 'Authorization' });
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="cosell"');
  });

  it.each(headers)('the header "%s"', async (authorization) => {
    const answer = await server.ask(path, { headers: { authorization } });
    const error = expectEnvelope(answer, 401, 'tokenMalformed');
    expect(error.code).toBe('unauthenticated');
    expect(answer.headers['www-authenticate']).toBe(
      'Bearer realm="cosell", error="invalid_token", error_description="Access token is malformed"',
    );
  });

  it.each(unreadable)('the token %s', async (token) => {
    const answer = await askWith(server, token);
    const { innerError } = expectEnvelope(answer, 401);
    expect(['tokenMalformed', 'algorithmNotAllowed']).toContain(innerError.code);
    if (token.length > 20) expect(answer.text).not.toContain(token);
  });

  it.each([
    { alg: 5 },
    { alg: null },
    { alg: ['RS256'] },
    { alg: {} },
    {},
    { alg: 'rs256' },
    { alg: 'RS256 ' },
    { alg: 'constructor' },
    { alg: '__proto__' },
  ])('the header %j', async (head) => {
    expectEnvelope(await askWith(server, `${encode(head)}.${body}.x`), 401, 'algorithmNotAllowed');
  });

  it.each([
    { kid: 5 },
    { kid: null },
    { kid: {} },
    { kid: ['first'] },
    { kid: '' },
    { kid: 'x'.repeat(5_000) },
    { kid: '__proto__' },
  ])('a key name such as %j', async (more) => {
    for (const iss of [issuer.name, `${server.origin}/${subjects.admin.tid}/`]) {
      const head = encode({ alg: 'RS256', typ: 'JWT', ...more });
      const token = `${head}.${encode({ iss, aud: 'x', exp: 9_999_999_999 })}.AAAA`;
      expectEnvelope(await askWith(server, token), 401);
    }
  });

  describe('claims of the wrong form, signed by a trusted issuer', () => {
    const good = () => ({
      exp: seconds(3_600),
      iss: issuer.name,
      aud: 'api://cosell',
      ...subjects.admin,
      sub: undefined,
      scp: 'user_impersonation',
      appid: 'client',
    });

    it('are refused one at a time: the same token with right ones is good', async () => {
      expect((await askWith(server, await issuer.sign(good()))).status).toBe(200);
    });

    it.each(wrongClaims)('%j is %s', async (claims, innerCode) => {
      const token = await issuer.sign({ ...good(), ...claims });
      // A token without a tenant is one of an issuer that has none, and then its subject is asked for.
      expectEnvelope(await askWith(server, token), 401, innerCode);
    });
  });

  it('that is huge is 431 where the headers end, and 401 below that', async () => {
    expectEnvelope(await askWith(server, `${header}.${body}.${'A'.repeat(12_000)}`), 401);
    const answer = await askWith(server, `${header}.${body}.${'A'.repeat(20_000)}`);
    expectEnvelope(answer, 431, 'headersTooLarge');
  });

  it('is 401 at every path that wants a token, and none at the public ones', async () => {
    const sent = { headers: { authorization: 'Bearer x' } };
    for (const wanting of [path, collection, '/nothing', '/engagements/v1/referrals/x', `${collection}/$count`]) {
      expectEnvelope(await server.ask(wanting, sent), 401, 'tokenMalformed');
    }
    for (const open of ['/', '/openapi.json', '/health/live', '/v1.0/$metadata', '/common/discovery/v2.0/keys']) {
      expect((await server.ask(open, sent)).status).toBe(200);
    }
  });

  it('sent in a query or a cookie is no token', async () => {
    const token = await server.tokenOf('contoso-admin');
    expectEnvelope(await server.ask(`${path}?access_token=${token}`), 401, 'tokenMissing');
    expectEnvelope(await server.ask(path, { headers: { cookie: `access_token=${token}` } }), 401, 'tokenMissing');
    expectEnvelope(await server.ask(path, { headers: { 'x-authorization': `Bearer ${token}` } }), 401, 'tokenMissing');
  });
});
