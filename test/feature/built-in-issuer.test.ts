import { createOperations, surroundings } from '@cosell/server';
import { createBuiltInIssuer, generateSigningKey } from '@cosell/server/identity/built-in-issuer';
import { SigningKeys } from '@cosell/server/identity/signing-keys';
import { sql } from '@cosell/server/store/sql';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../store/rows-of.ts';
import { expectEnvelope } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { subjects } from '../support/sample.ts';
import { askWith } from '../support/test-issuer.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const tenant = subjects.admin.tid;

describeOnEachEngine('the built-in issuer', (engine) => {
  let server: TestServer;
  let token: string;
  beforeAll(async () => {
    server = await startTestServer(engine);
    token = await server.tokenOf('contoso-admin');
  });
  afterAll(() => server.close());

  it.each([tenant, tenant.toUpperCase(), 'common', 'organizations', 'Common'])(
    'has a discovery document for the tenant %s, without a token',
    async (name) => {
      const answer = await server.ask(`/${name}/v2.0/.well-known/openid-configuration`);
      expect(answer.status).toBe(200);
      const base = `${server.origin}/${name.toLowerCase()}`;
      expect(answer.json()).toMatchObject({
        issuer: `${base}/v2.0`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        token_endpoint: `${base}/oauth2/v2.0/token`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
        response_types_supported: ['code', 'code id_token'],
        device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
        code_challenge_methods_supported: ['S256'],
        id_token_signing_alg_values_supported: ['RS256'],
      });
    },
  );

  it('has one in the form of version 1, too', async () => {
    const base = `${server.origin}/${tenant}`;
    expect((await server.ask(`/${tenant}/.well-known/openid-configuration`)).json()).toMatchObject({
      issuer: `${base}/`,
      authorization_endpoint: `${base}/oauth2/authorize`,
      token_endpoint: `${base}/oauth2/token`,
    });
  });

  it.each(['consumers', 'x', '..', '$metadata', tenant.slice(1), '00000000-0000-4000-8000-000000000000'])(
    'has none for %s',
    async (name) => {
      for (const path of [
        `/${name}/v2.0/.well-known/openid-configuration`,
        `/${name}/.well-known/openid-configuration`,
      ]) {
        const answer = await server.ask(path);
        expect([401, 404]).toContain(answer.status);
        expectEnvelope(answer, answer.status);
      }
    },
  );

  it.each(['/discovery/v2.0/keys', '/common/discovery/v2.0/keys', `/${tenant}/discovery/v2.0/keys`])(
    'publishes its keys at %s, and nothing private',
    async (path) => {
      const { keys } = (await server.ask(path)).json<{ keys: Record<string, string>[] }>();
      expect(keys).toHaveLength(1);
      expect(Object.keys(keys[0] ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
      expect(keys[0]).toMatchObject({ kty: 'RSA', use: 'sig', alg: 'RS256' });
      expect(decodeProtectedHeader(token).kid).toBe(keys[0]?.kid);
    },
  );

  it('signs tokens that any client can prove by its discovery document', async () => {
    const discovery = (await server.ask(`/${tenant}/v2.0/.well-known/openid-configuration`)).json<{
      jwks_uri: string;
    }>();
    const keys = createRemoteJWKSet(new URL(discovery.jwks_uri));
    const { payload } = await jwtVerify(token, keys, { algorithms: ['RS256'] });
    expect(payload).toMatchObject({
      ver: '1.0',
      tid: tenant,
      oid: subjects.admin.oid,
      scp: 'user_impersonation',
      aud: 'https://api.partner.microsoft.com',
      iss: `${server.origin}/${tenant}/`,
      upn: 'admin@contoso.com',
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3_600);
  });

  it('puts no role into a token', () => {
    expect(Object.keys(decodeJwt(token))).not.toEqual(expect.arrayContaining(['roles']));
    expect(JSON.stringify(decodeJwt(token))).not.toMatch(/wids|ReferralAdmin|organi[sz]ation/i);
  });

  it('has a token for each user of the sample, by name or e-mail address in any case', async () => {
    for (const user of ['contoso-admin', 'CONTOSO-ADMIN', 'admin@contoso.com', 'Admin@Contoso.com']) {
      expect((await askWith(server, await server.tokenOf(user))).status).toBe(200);
    }
  });

  describe('with a token of its own', () => {
    it.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('takes the scheme %s', async (scheme) => {
      const path = '/v1.0/engagements/referrals/c5fbb3b6-be74-4795-9fb5-4324c73fed37';
      for (const authorization of [`${scheme} ${token}`, `${scheme}   ${token}`, `${scheme} ${token} `]) {
        expect((await server.ask(path, { headers: { authorization } })).status).toBe(200);
      }
    });

    it('is valid until a minute after its hour, also when it is remembered', async () => {
      const aged = await server.tokenOf('contoso-admin');
      const { exp = 0 } = decodeJwt(aged);
      const at = async (offset: number, text: string) => {
        server.clock.aheadMs = (exp + offset) * 1000 - Date.now();
        return askWith(server, text);
      };
      expect((await at(-3_600, aged)).status).toBe(200);
      expect((await at(55, aged)).status).toBe(200);
      const error = expectEnvelope(await at(61, aged), 401, 'tokenExpired');
      expect(error.message).toContain(new Date(exp * 1000).toISOString());
      expectEnvelope(await at(60, aged), 401, 'tokenExpired');
      // It is refused in the same way where it was never seen before.
      server.clock.aheadMs = 0;
      const fresh = await server.tokenOf('contoso-user');
      expectEnvelope(await at(65, fresh), 401, 'tokenExpired');
      server.clock.aheadMs = 0;
    });

    it('is not valid more than a minute before it was made', async () => {
      const { nbf = 0 } = decodeJwt(token);
      server.clock.aheadMs = (nbf - 64) * 1000 - Date.now();
      // Seen for the first time at this moment.
      const early = await server.tokenOf('tailspin-admin');
      server.clock.aheadMs = 0;
      const { nbf: start = 0 } = decodeJwt(early);
      server.clock.aheadMs = (start - 65) * 1000 - Date.now();
      const error = expectEnvelope(await askWith(server, early), 401, 'tokenNotYetValid');
      expect(error.message).toContain(new Date(start * 1000).toISOString());
      server.clock.aheadMs = (start - 55) * 1000 - Date.now();
      expectEnvelope(await askWith(server, early), 404, 'referralNotFound');
      server.clock.aheadMs = 0;
    });

    it('stays good at every address of the exchange', async () => {
      const path = '/v1.0/engagements/referrals/c5fbb3b6-be74-4795-9fb5-4324c73fed37';
      for (const host of ['localhost:1', 'api.partner.microsoft.com', '[::1]:7300']) {
        const headers = { host, authorization: `Bearer ${token}` };
        expect((await server.ask(path, { headers })).status).toBe(200);
      }
    });
  });

  it('signs with the newest key and knows every key that another process has added, without a restart', async () => {
    const place = await engine.makeSamplePlace();
    const here = await startTestServer(engine, {}, place);
    const elsewhere = createBuiltInIssuer(
      // A second issuer over the same store is what another process has.
      new SigningKeys(here.exchange.store, await here.exchange.store.listSigningKeys(), surroundings.stopwatch),
      surroundings.clock,
    );
    try {
      const old = await here.tokenOf('contoso-admin');
      const { kid, algorithm, privateJwk } = await generateSigningKey();
      await rowsOf(
        place,
        sql`insert into signing_keys (kid, algorithm, private_jwk, created_at)
          values (${kid}, ${algorithm}, ${privateJwk}, ${'2999-01-01T00:00:00.0000000Z'})`,
      );
      await elsewhere.signingKeys.refresh();
      const [admin] = (await here.exchange.store.listDirectory()).users.filter(({ name }) => name === 'contoso-admin');
      if (admin === undefined) throw new Error('the sample has no admin');
      const theirs = await elsewhere.mintToken(admin, 'https://elsewhere.example.com');
      expect(decodeProtectedHeader(theirs)).toMatchObject({ kid, x5t: kid });
      expect((await askWith(here, theirs)).status).toBe(200);
      expect((await askWith(here, old)).status).toBe(200);
      const { keys } = (await here.ask('/common/discovery/v2.0/keys')).json<{ keys: { kid: string }[] }>();
      expect(keys.map((key) => key.kid)).toEqual([kid, decodeProtectedHeader(old).kid]);
      expect(decodeProtectedHeader(await here.tokenOf('contoso-admin')).kid).toBe(kid);
    } finally {
      await here.close();
    }
  });

  it('signs with a new key when it is rotated, and refuses what retired ones have signed, remembered or not', async () => {
    const place = await engine.makeSamplePlace();
    const here = await startTestServer(engine, {}, place);
    const { store, issuer } = here.exchange;
    const operations = createOperations(store, issuer, () => here.origin);
    const kidOf = (text: string) => decodeProtectedHeader(text).kid;
    let wait = 0;
    const elsewhere = new SigningKeys(store, await store.listSigningKeys(), () => wait);
    try {
      const first = await here.tokenOf('contoso-admin');
      expect((await askWith(here, first)).status).toBe(200);
      // Of the two that are years old, one was still the newest until the first of today's came.
      for (const year of ['2020', '2021']) {
        const { kid, algorithm, privateJwk } = await generateSigningKey();
        await rowsOf(
          place,
          sql`insert into signing_keys (kid, algorithm, private_jwk, created_at)
            values (${kid + year}, ${algorithm}, ${privateJwk}, ${`${year}-01-01T00:00:00.0000000Z`})`,
        );
      }
      const rotated = await operations.rotateKeys({ retiresOthers: false });
      expect(rotated.kids).toEqual([rotated.kids[0], kidOf(first), expect.stringMatching(/2021$/)]);
      expect(rotated.retired).toEqual([expect.stringMatching(/2020$/)]);
      const second = await here.tokenOf('contoso-admin');
      expect(kidOf(second)).toBe(rotated.kids[0]);
      for (const good of [first, second]) expect((await askWith(here, good)).status).toBe(200);
      const last = await operations.rotateKeys({ retiresOthers: true });
      expect(last.retired).toEqual(rotated.kids);
      for (const bad of [first, second]) expectEnvelope(await askWith(here, bad), 401, 'signingKeyUnknown');
      expect((await askWith(here, await here.tokenOf('contoso-admin'))).status).toBe(200);
      // Another process learns of it beside the requests that it answers, and where it had none, before the next one.
      const known = async () => (await elsewhere.watch()).keys.map(({ kid }) => kid);
      wait = 2_000;
      expect(await known()).toContain(kidOf(first));
      await expect.poll(known).toEqual(last.kids);
      const after = await operations.rotateKeys({ retiresOthers: true });
      wait = 7_000;
      expect(await known()).toEqual(after.kids);
      const acts = await operations.listActs({});
      expect(acts.map(({ kind, details }) => [kind, JSON.parse(details).kid])).toEqual([
        ['signingKeyAdded', rotated.kids[0]],
        ['signingKeyAdded', last.kids[0]],
        ['signingKeyAdded', after.kids[0]],
      ]);
    } finally {
      await here.close();
    }
  });

  it('refuses the token of another exchange, whose key it does not have', async () => {
    const other = await startTestServer(engine, {}, await engine.makePlace());
    try {
      const theirs = await other.tokenOf('contoso-admin');
      const answer = await askWith(server, theirs);
      expectEnvelope(answer, 401, 'issuerUnknown');
      expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    } finally {
      await other.close();
    }
  });
});
