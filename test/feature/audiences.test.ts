import { commandLineClient } from '@cosell/server/identity/built-in-issuer';
import { importJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alias, collection, documented, expectEnvelope } from '../support/answers.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { subjects } from '../support/sample.ts';
import { askWith, type Claims, seconds } from '../support/test-issuer.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const partner = [
  'https://api.partner.microsoft.com',
  'https://api.partner.microsoft.com/',
  '4990cffe-04e8-4e8b-808a-1175604b879f',
];
const partnerCenter = [
  'https://api.partnercenter.microsoft.com',
  'https://api.partnercenter.microsoft.com/',
  'fa3d9a0c-3fb0-42cc-9193-47c7ecd2edbd',
];
const neither = [
  'https://graph.microsoft.com',
  'https://graph.windows.net',
  '00000002-0000-0000-c000-000000000000',
  'https://api.partner.microsoft.com//',
  'https://api.partner.microsoft.com/.default',
  'https://api.partner.microsoft.com.evil.example',
  'http://api.partner.microsoft.com',
  'api.partner.microsoft.com',
  'HTTPS://API.PARTNER.MICROSOFT.COM',
  '4990cffe-04e8-4e8b-808a-1175604b879f/',
  'api://4990cffe-04e8-4e8b-808a-1175604b879f',
  'https://other.example',
  '',
];

describeOnSqlite('audiences and factors of tokens of the built-in issuer', (engine) => {
  let server: TestServer;
  let mfaServer: TestServer;
  beforeAll(async () => {
    [server, mfaServer] = await Promise.all([
      startTestServer(engine, { PUBLIC_URL: 'https://referrals.example.com', ALLOWED_HOSTS: 'inside.example.com' }),
      startTestServer(engine, { REQUIRE_MFA: 'true' }),
    ]);
  });
  afterAll(() => Promise.all([server.close(), mfaServer.close()]));

  /** Signs with the exchange's own key, which is in its store. */
  const sign = async (claims: Claims, by = server) => {
    const [key] = await by.exchange.store.listSigningKeys();
    if (key === undefined) throw new Error('an exchange has a key');
    const privateKey = await importJWK(JSON.parse(key.privateJwk) as JWK, key.algorithm);
    const { tid } = subjects.admin;
    const all: Claims = {
      exp: seconds(3_600),
      iss: `${by.origin}/${tid}/`,
      aud: partner[0],
      ...subjects.admin,
      appid: commandLineClient,
      scp: 'user_impersonation',
      amr: ['pwd', 'mfa'],
      ...claims,
    };
    return new SignJWT(all as JWTPayload).setProtectedHeader({ alg: key.algorithm, kid: key.kid }).sign(privateKey);
  };
  const ask = async (claims: Claims, base = collection, by = server) =>
    askWith(by, await sign(claims, by), `${base}/${documented}`);

  it.each(partner)('%s is good at both paths', async (aud) => {
    for (const base of [collection, alias]) expect((await ask({ aud }, base)).status).toBe(200);
  });

  it.each(partnerCenter)('%s is good at the path of webhooks only', async (aud) => {
    expect((await ask({ aud }, alias)).status).toBe(200);
    expectEnvelope(await ask({ aud }), 401, 'audienceWrong');
    // Where nothing is, either may learn so.
    expectEnvelope(await askWith(server, await sign({ aud }), '/nothing'), 404, 'routeNotFound');
  });

  it('is good when it is an origin of this server, with or without a slash', async () => {
    const port = server.port;
    for (const origin of [
      'https://referrals.example.com',
      `http://127.0.0.1:${port}`,
      `http://localhost:${port}`,
      `http://[::1]:${port}`,
      'https://inside.example.com',
    ]) {
      for (const aud of [origin, `${origin}/`]) expect((await ask({ aud })).status).toBe(200);
    }
    for (const aud of [
      `http://localhost:${port + 1}`,
      'http://referrals.example.com',
      'https://x.inside.example.com',
    ]) {
      expectEnvelope(await ask({ aud }), 401, 'audienceWrong');
    }
  });

  it.each(neither)('"%s" is good nowhere', async (aud) => {
    for (const base of [collection, alias]) {
      const answer = await ask({ aud }, base);
      const error = expectEnvelope(answer, 401, 'audienceWrong');
      expect(error.message).toContain('https://api.partner.microsoft.com');
      expect(answer.headers['www-authenticate']).toContain('error_description="Token audience is wrong"');
    }
  });

  it('is good as one of a list', async () => {
    expect((await ask({ aud: [neither[0], partner[0]] })).status).toBe(200);
    expectEnvelope(await ask({ aud: [neither[0], partnerCenter[0]] }), 401, 'audienceWrong');
  });

  it('judges a remembered token anew for each path', async () => {
    const token = await sign({ aud: partnerCenter[0] });
    for (let round = 0; round < 3; round += 1) {
      expect((await askWith(server, token, `${alias}/${documented}`)).status).toBe(200);
      expectEnvelope(await askWith(server, token), 401, 'audienceWrong');
    }
  });

  it.each([
    [{ iss: 'https://referrals.example.com/a4e1b7c2-53d6-4f80-9b1c-6e2d8f7a0c35/' }, 'tenantNotBound'],
    [{ iss: 'https://referrals.example.com/common/v2.0' }, 'tenantNotBound'],
    [{ tid: undefined, sub: subjects.admin.oid }, 'tenantNotBound'],
    [{ iss: 'https://referrals.example.com/' }, 'issuerUnknown'],
    [{ iss: 'https://sts.windows.net/' }, 'issuerUnknown'],
  ])('%j names a tenant that it is not of', async (claims, innerCode) => {
    expectEnvelope(await ask(claims), 401, innerCode);
  });

  it('takes the issuer name of v2.0', async () => {
    const { tid } = subjects.admin;
    const claims = { iss: `https://referrals.example.com/${tid}/v2.0`, ver: '2.0', azp: 'x', aud: partner[2] };
    expect((await ask(claims)).status).toBe(200);
  });

  describe('ValidateMfa', () => {
    const told = async (claims: Claims, value: string, by = server) => {
      const headers = { authorization: `Bearer ${await sign(claims, by)}`, ValidateMfa: value };
      return (await by.ask(`${collection}/${documented}`, { headers })).headers.ismfacompliant;
    };

    it('is answered by isMfaCompliant', async () => {
      expect(await told({}, 'true')).toBe('true');
      expect(await told({ amr: ['mfa'] }, 'true')).toBe('true');
      expect(await told({ amr: ['pwd'] }, 'true')).toBe('false');
      expect(await told({ amr: [] }, 'true')).toBe('false');
      expect(await told({ amr: undefined }, 'true')).toBe('false');
      expect(await told({ amr: 'mfa' }, 'true')).toBe('false');
    });

    it('is answered only when it is asked', async () => {
      expect(await told({}, 'false')).toBeUndefined();
      expect((await ask({})).headers.ismfacompliant).toBeUndefined();
    });
  });

  describe('REQUIRE_MFA', () => {
    it('lets in whoever showed a second factor', async () => {
      expect((await ask({}, collection, mfaServer)).status).toBe(200);
      expect((await askWith(mfaServer, await mfaServer.tokenOf('contoso-admin'))).status).toBe(200);
    });

    it.each([{ amr: ['pwd'] }, { amr: [] }, { amr: undefined }, { amr: 'mfa' }, { amr: ['MFA'] }])(
      'refuses %j with 401 and 900421',
      async (claims) => {
        const answer = await ask(claims, collection, mfaServer);
        const error = expectEnvelope(answer, 401, '900421');
        expect(error.code).toBe('unauthenticated');
        expect(error.message).toContain(Array.isArray(claims.amr) ? 'no "mfa"' : 'no "amr" claim');
        expect(answer.headers['www-authenticate']).toContain('MFA required');
      },
    );

    it('is off unless it is asked for', async () => {
      expect((await ask({ amr: undefined })).status).toBe(200);
    });
  });

  it('publishes nothing that could sign', async () => {
    const [key] = await server.exchange.store.listSigningKeys();
    const { d = '' } = JSON.parse(key?.privateJwk ?? '{}') as JWK;
    expect(d.length).toBeGreaterThan(100);
    for (const path of ['/discovery/v2.0/keys', '/', '/metrics', '/openapi.json']) {
      expect((await server.ask(path)).text).not.toContain(d);
    }
  });
});
