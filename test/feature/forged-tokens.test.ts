import { createHmac, createPrivateKey, generateKeyPairSync, type JsonWebKey, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EncryptJWT, exportJWK, exportSPKI, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectEnvelope } from '../support/answers.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { subjects } from '../support/sample.ts';
import {
  askWith,
  type Claims,
  issuersSetting,
  makeKey,
  seconds,
  startIssuer,
  type TestIssuer,
} from '../support/test-issuer.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describeOnSqlite('a forged token is 401', (engine) => {
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

  const claims = (more: Claims = {}) => ({
    exp: seconds(3_600),
    iss: issuer.name,
    aud: 'api://cosell',
    ...subjects.admin,
    scp: 'user_impersonation',
    ...more,
  });
  /** A token of the built-in issuer, but for its signature. */
  const builtIn = () =>
    claims({ iss: `${server.origin}/${subjects.admin.tid}/`, aud: 'https://api.partner.microsoft.com' });
  const builtInKid = async () => (await keysOf()).keys[0]?.kid;
  const keysOf = async () => (await server.ask('/discovery/v2.0/keys')).json<{ keys: JWK[] }>();

  it('is good when nothing is forged, or the tests below would prove nothing', async () => {
    expect((await askWith(server, await issuer.sign(claims()))).status).toBe(200);
  });

  it.each(['none', 'None', 'NONE', 'nOnE', ''])('without a signature, alg "%s"', async (alg) => {
    for (const body of [claims(), builtIn()]) {
      for (const header of [{ alg }, { alg, typ: 'JWT', kid: await builtInKid() }]) {
        const unsigned = `${encode(header)}.${encode(body)}.`;
        expectEnvelope(await askWith(server, unsigned), 401, 'algorithmNotAllowed');
      }
    }
  });

  it('signed with HS256 and a public key as the secret', async () => {
    const own = (await keysOf()).keys[0] as JWK;
    for (const [jwk, body] of [
      [issuer.keys[0]?.publicJwk, claims()],
      [own, builtIn()],
    ] as const) {
      const spki = await exportSPKI((await importJWK(jwk as JWK, 'RS256', { extractable: true })) as never);
      for (const secret of [spki, spki.trim(), JSON.stringify(jwk), jwk?.n ?? '', '']) {
        for (const alg of ['HS256', 'RS256']) {
          const signed = `${encode({ alg, typ: 'JWT', kid: jwk?.kid })}.${encode(body)}`;
          const mac = createHmac('sha256', secret).update(signed).digest('base64url');
          const innerCode = alg === 'HS256' ? 'algorithmNotAllowed' : 'signatureInvalid';
          expectEnvelope(await askWith(server, `${signed}.${mac}`), 401, innerCode);
        }
      }
    }
  });

  it.each(['RS384', 'RS512', 'PS256', 'ES384', 'ES512', 'EdDSA'])(
    'signed with %s, though by a published key',
    async (alg) => {
      const key = await makeKey(`of-${alg}`, alg);
      issuer.keys.push(key);
      expectEnvelope(await askWith(server, await issuer.sign(claims(), { key })), 401, 'algorithmNotAllowed');
      issuer.keys.pop();
    },
  );

  it('signed by another key of the same name', async () => {
    const other = await makeKey('first');
    expectEnvelope(await askWith(server, await issuer.sign(claims(), { key: other })), 401, 'signatureInvalid');
    const own = { ...other, kid: (await builtInKid()) ?? '' };
    expectEnvelope(await askWith(server, await issuer.sign(builtIn(), { key: own })), 401, 'signatureInvalid');
  });

  it('signed by a trusted issuer in the name of the built-in one', async () => {
    const kid = await builtInKid();
    for (const header of [{}, { kid }]) {
      const token = await issuer.sign(builtIn(), { header });
      expectEnvelope(await askWith(server, token), 401);
    }
  });

  it('signed by the built-in issuer in the name of a trusted one', async () => {
    const [head, , mac] = (await server.tokenOf('contoso-admin')).split('.');
    expectEnvelope(await askWith(server, `${head}.${encode(claims())}.${mac}`), 401, 'signingKeyUnknown');
  });

  describe('with a key of its own in the header', () => {
    it('jwk, jku, x5u and x5c are never looked at', async () => {
      const fetched: string[] = [];
      const evil = await makeKey('evil');
      const site = createServer((request, response) => {
        fetched.push(request.url ?? '');
        response.end(JSON.stringify({ keys: [evil.publicJwk] }));
      });
      await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
      const address = `http://127.0.0.1:${(site.address() as AddressInfo).port}/keys`;
      for (const body of [claims(), builtIn()]) {
        for (const header of [
          { jwk: evil.publicJwk },
          { jku: address },
          { x5u: address },
          { jku: address, jwk: evil.publicJwk, x5u: address },
          { x5c: ['MIIB'] },
        ]) {
          for (const kid of ['evil', 'first', await builtInKid(), undefined]) {
            const token = await issuer.sign(body, { key: evil, header: { ...header, kid } });
            expectEnvelope(await askWith(server, token), 401);
          }
        }
      }
      expect(fetched).toEqual([]);
      await new Promise((resolve) => site.close(resolve));
    });

    it('they do no harm to a token that is good without them', async () => {
      const header = { jku: 'http://127.0.0.1:1/', x5u: 'http://127.0.0.1:1/', x5t: 'x' };
      expect((await askWith(server, await issuer.sign(claims(), { header }))).status).toBe(200);
    });
  });

  it.each([['exp'], ['b64'], ['x-unknown'], 'exp', [], [1], null, {}])('with a critical header %j', async (crit) => {
    const key = issuer.keys[0];
    if (key === undefined) throw new Error('the issuer has a key');
    const header = encode({ alg: 'RS256', kid: key.kid, typ: 'JWT', crit, exp: 1, b64: false, 'x-unknown': 1 });
    const signed = `${header}.${encode(claims())}`;
    const jwk = (await exportJWK(key.privateKey)) as JsonWebKey;
    const mac = sign('sha256', Buffer.from(signed), createPrivateKey({ key: jwk, format: 'jwk' })).toString(
      'base64url',
    );
    expectEnvelope(await askWith(server, `${signed}.${mac}`), 401, 'tokenMalformed');
  });

  it('with a changed claim, header or signature', async () => {
    const token = await issuer.sign(claims());
    const [head = '', body = '', mac = ''] = token.split('.');
    const grown = encode({ ...claims(), oid: subjects.member.oid });
    for (const forged of [
      `${head}.${grown}.${mac}`,
      `${encode({ alg: 'RS256', kid: 'first' })}.${body}.${mac}`,
      `${head}.${body}.${mac.slice(0, -6)}AAAAAA`,
      `${head}.${body}.AAAA`,
      `${head}.${body}.${[...mac].reverse().join('')}`,
    ]) {
      expectEnvelope(await askWith(server, forged), 401, 'signatureInvalid');
    }
  });

  /** What an issuer has signed, whatever it is. */
  const signed = async (payload: string, more: Claims = {}) => {
    const key = issuer.keys[0];
    if (key === undefined) throw new Error('the issuer has a key');
    const body = Buffer.from(payload).toString('base64url');
    const text = `${encode({ alg: 'RS256', kid: key.kid, typ: 'JWT', ...more })}.${body}`;
    const jwk = (await exportJWK(key.privateKey)) as JsonWebKey;
    const made = sign('sha256', Buffer.from(text), createPrivateKey({ key: jwk, format: 'jwk' }));
    return `${text}.${made.toString('base64url')}`;
  };

  it('that is encrypted, holds another token, or is 100 kB', async () => {
    const { publicKey } = await generateKeyPair('RSA-OAEP-256');
    const encrypted = await new EncryptJWT(claims())
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM' })
      .encrypt(publicKey);
    expectEnvelope(await askWith(server, encrypted), 401);
    const good = await issuer.sign(claims());
    for (const payload of [good, JSON.stringify(good), JSON.stringify([claims()])]) {
      for (const more of [{}, { cty: 'JWT' }]) {
        expectEnvelope(await askWith(server, await signed(payload, more)), 401, 'tokenMalformed');
      }
    }
    // Node ends a request whose headers are longer than 16 kB before anybody looks at the token.
    const huge = await issuer.sign(claims({ filling: 'x'.repeat(75_000) }));
    expect(huge.length).toBeGreaterThan(100_000);
    expect((await askWith(server, huge)).status).toBe(431);
  });

  it('with a claim twice, of which only the last can count: a part before it lets nobody in', async () => {
    const twice = (first: Claims, last: Claims) =>
      `${JSON.stringify({ ...claims(), ...first }).slice(0, -1)},${JSON.stringify(last).slice(1)}`;
    const admin = { oid: subjects.admin.oid };
    const nobody = { oid: subjects.nobody.oid };
    expect((await askWith(server, await signed(twice(nobody, admin)))).status).toBe(200);
    expectEnvelope(await askWith(server, await signed(twice(admin, nobody))), 403, 'roleMissing');
    const past = { exp: seconds(-3_600) };
    expectEnvelope(await askWith(server, await signed(twice({}, past))), 401, 'tokenExpired');
    const foreign = { tid: subjects.tailspin.tid, oid: subjects.tailspin.oid };
    expectEnvelope(await askWith(server, await signed(twice({}, foreign))), 401, 'tenantNotBound');
  });

  it('with an elliptic signature for an RSA key, and the other way round', async () => {
    const key = await makeKey('first', 'ES256');
    expectEnvelope(await askWith(server, await issuer.sign(claims(), { key })), 401);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const rsa = await new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', kid: 'first' }).sign(privateKey);
    expectEnvelope(await askWith(server, rsa), 401, 'signatureInvalid');
  });
});
