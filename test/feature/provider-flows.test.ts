import { setTimeout as sleep } from 'node:timers/promises';
import { createOperations } from '@cosell/server';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { rotateKeys } from '@cosell/server/identity/rotate-keys';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { organizations, subjects } from '../support/sample.ts';
import {
  addPrograms,
  allow,
  askForTokens,
  givePassword,
  goThrough,
  makePkce,
  programs,
  signInByCode,
  webAddress,
  withdraw,
} from '../support/sign-in.ts';
import { askWith } from '../support/test-issuer.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const tenant = subjects.admin.tid;
const partner = 'https://api.partner.microsoft.com';
const partnerCenter = 'https://api.partnercenter.microsoft.com';

describeOnEachEngine('what comes of a sign-in', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
    await addPrograms(server);
  });
  afterAll(() => server.close());
  const refresh = (refresh_token: string, more: Record<string, string> = {}, path?: string) =>
    askForTokens(server, { client_id: programs.native, grant_type: 'refresh_token', refresh_token, ...more }, path);

  it('signs a user in by code and PKCE, with tokens in the form of every token of ours', async () => {
    const answer = await signInByCode(server, { amr: ['pwd', 'mfa'] }, { client_info: '1' });
    expect(answer).toMatchObject({ status: 200, token_type: 'Bearer', expires_in: 3600, ext_expires_in: 3600 });
    expect(String(answer.scope).split(' ')).toEqual(
      expect.arrayContaining(['openid', 'profile', 'offline_access', `${partner}/.default`]),
    );
    const minted = await server.tokenOf('contoso-admin');
    const claims = decodeJwt(answer.access_token);
    expect(Object.keys(claims).sort()).toEqual(Object.keys(decodeJwt(minted)).sort());
    expect(Object.keys(decodeProtectedHeader(answer.access_token)).sort()).toEqual(['alg', 'kid', 'typ', 'x5t']);
    expect(claims).toMatchObject({
      iss: `${server.origin}/${tenant}/`,
      aud: partner,
      oid: subjects.admin.oid,
      tid: tenant,
      appid: programs.native,
      appidacr: '0',
      amr: ['pwd', 'mfa'],
      scp: 'user_impersonation',
      upn: 'admin@contoso.com',
    });
    const { sub, ...identity } = decodeJwt(answer.id_token);
    expect(identity).toMatchObject({
      iss: `${server.origin}/common/v2.0`,
      aud: programs.native,
      oid: subjects.admin.oid,
      tid: tenant,
      name: 'contoso-admin',
      preferred_username: 'admin@contoso.com',
    });
    expect(sub).toMatch(/^[\w-]{43}$/);
    expect((await askWith(server, answer.access_token)).status).toBe(200);
  });

  it('gives each refresh token once: a second use ends all that came of it', async () => {
    const { refresh_token: first } = await signInByCode(server);
    const second = await refresh(first);
    expect(second.status).toBe(200);
    expect(second.refresh_token).not.toBe(first);
    const third = await refresh(second.refresh_token);
    expect(third.status).toBe(200);
    expect(await refresh(first)).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(await refresh(third.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' });
    // It may be in two hands, so that it came again is on record.
    const asked = { isNewestFirst: true, most: 100, kind: 'refreshTokenReused' };
    const [reuse, ...others] = await server.exchange.store.listActs(asked);
    expect([reuse?.actor, reuse?.via, others]).toEqual([subjects.admin.oid, programs.native, []]);
  });

  it('lets one of many who redeem a code or a refresh token at the same time win', async () => {
    const { redeem, refresh_token } = await signInByCode(server);
    // The code was redeemed by the sign-in; whoever redeems it again ends what came of it.
    const late = await Promise.all([redeem(), redeem()]);
    expect(late.map(({ error }) => error)).toEqual(['invalid_grant', 'invalid_grant']);
    expect(await refresh(refresh_token)).toMatchObject({ error: 'invalid_grant' });
    const { refresh_token: other } = await signInByCode(server);
    const raced = await Promise.all(Array.from({ length: 6 }, () => refresh(other)));
    expect(raced.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(raced.filter(({ error }) => error === 'invalid_grant')).toHaveLength(5);
  });

  it('ends what a user has when he withdraws his consent, has a new password, or is taken away', async () => {
    const { store } = server.exchange;
    await store.transact(changeDirectory, {
      kind: 'addUser',
      organization: 'Tailspin Toys',
      name: 'leaver',
      email: 'leaver@tailspin.com',
    });
    const signedIn = await signInByCode(server, { user: 'leaver' });
    const renewed = await refresh(signedIn.refresh_token);
    expect(renewed.status).toBe(200);
    await withdraw(server, 'leaver', programs.native);
    expect(await refresh(renewed.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' });
    // A new consent, or a user who is let in again, brings nothing of it back.
    await allow(server, 'leaver', programs.native);
    expect(await refresh(renewed.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' });
    const before = await signInByCode(server, { user: 'leaver' });
    for (const isActive of [false, true])
      await store.transact(changeDirectory, { kind: 'changeUser', user: 'leaver', isActive });
    expect(await refresh(before.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' });
    const shut = await signInByCode(server, { user: 'leaver' });
    const tailspin = { kind: 'changeOrganization', organization: 'Tailspin Toys' } as const;
    await store.transact(changeDirectory, { ...tailspin, isActive: false });
    expect(await refresh(shut.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' });
    await store.transact(changeDirectory, { ...tailspin, isActive: true });
    const more = await signInByCode(server, { user: 'leaver' });
    expect(more.status).toBe(200);
    // Sign-ins are told apart from a new password by whole seconds.
    await sleep(1_005 - (Date.now() % 1_000));
    await givePassword(server, 'leaver', 'correct horse battery');
    expect(await refresh(more.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' });
    const { refresh_token: last } = await signInByCode(server, { user: 'leaver' });
    await store.transact(changeDirectory, { kind: 'removeUser', user: 'leaver' });
    expect(await refresh(last)).toMatchObject({ status: 400, error: 'invalid_grant' });
    await store.transact(changeDirectory, { kind: 'changeClient', client: programs.native, isActive: false });
    expect(await refresh(last)).toMatchObject({ status: 401, error: 'invalid_client' });
    await store.transact(changeDirectory, { kind: 'changeClient', client: programs.native, isActive: true });
  });
});

describeOnSqlite('the built-in provider', (engine) => {
  let server: TestServer;
  let secrets: { web: string; robot: string };
  beforeAll(async () => {
    server = await startTestServer(engine);
    secrets = await addPrograms(server);
  });
  afterAll(() => server.close());
  const refresh = (refresh_token: string, more: Record<string, string> = {}, path?: string) =>
    askForTokens(server, { client_id: programs.native, grant_type: 'refresh_token', refresh_token, ...more }, path);

  it('asks a user once whether he allows a program, and says how he has signed in', async () => {
    const refused = new Browser();
    const { challenge } = makePkce();
    const asked = new URLSearchParams({
      client_id: programs.native,
      response_type: 'code',
      redirect_uri: 'http://localhost',
      state: 'kept',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    const page = await refused.get(`${server.origin}/organizations/oauth2/v2.0/authorize?${asked}`);
    const back = await goThrough(server, { browser: refused, page, user: 'tailspin-admin', isAllowed: false });
    expect(Object.fromEntries(new URL(back.location ?? '').searchParams)).toMatchObject({
      error: 'access_denied',
      state: 'kept',
    });
    const browser = new Browser();
    const first = await browser.get(`${server.origin}/${subjects.tailspin.tid}/oauth2/v2.0/authorize?${asked}`);
    expect((await goThrough(server, { browser, page: first, user: 'tailspin-admin' })).location).toContain('code=');
    // A second program of the same browser needs no password, and the same program no consent.
    const again = await browser.get(`${server.origin}/common/oauth2/v2.0/authorize?${asked}`);
    expect(again.location).toContain('code=');
    // Without a second factor there is none in the token; a program that asks for one gets the page again.
    const stronger = await browser.get(`${server.origin}/common/oauth2/v2.0/authorize?${asked}&acr_values=mfa`);
    expect(stronger.location).toContain('/sign-in/');
    const none = await browser.get(`${server.origin}/common/oauth2/v2.0/authorize?${asked}&acr_values=mfa&prompt=none`);
    expect(none.location).toContain('error=login_required');
  });

  it('gives tokens for each audience that is asked for, in both versions of the endpoints', async () => {
    const signedIn = await signInByCode(server, { path: `/${tenant}/oauth2` }, { resource: `${partner}/`, scope: '' });
    expect(signedIn).toMatchObject({
      token_type: 'Bearer',
      scope: 'user_impersonation',
      expires_in: '3600',
      ext_expires_in: '3600',
      resource: `${partner}/`,
    });
    const { aud, nbf = 0, exp } = decodeJwt(signedIn.access_token);
    expect(aud).toBe(`${partner}/`);
    expect(signedIn).toMatchObject({ not_before: String(nbf), expires_on: String(exp) });
    expect(decodeJwt(signedIn.id_token).iss).toBe(`${server.origin}/${tenant}/`);
    const v1 = `/${tenant}/oauth2/token`;
    let next = await refresh(signedIn.refresh_token, { resource: partnerCenter, stray: '1' }, v1);
    expect(decodeJwt(next.access_token).aud).toBe(partnerCenter);
    for (const [asked, audience] of [
      ['4990cffe-04e8-4e8b-808a-1175604b879f/.default', '4990cffe-04e8-4e8b-808a-1175604b879f'],
      [`${server.origin}/user_impersonation`, server.origin],
      [`${partner}//.default openid profile offline_access`, `${partner}/`],
    ] as const) {
      next = await refresh(next.refresh_token, { scope: asked });
      expect(decodeJwt(next.access_token).aud).toBe(audience);
    }
    const graph = await refresh(next.refresh_token, { scope: 'https://graph.microsoft.com/User.Read' });
    expect(graph).toMatchObject({ status: 400, error: 'invalid_target' });
  });

  it('signs a user in on a device, in the form of RFC 8628 and in the one that MSAL has', async () => {
    for (const [version, grantType] of [
      ['v2.0/', 'urn:ietf:params:oauth:grant-type:device_code'],
      ['v2.0/', 'device_code'],
      ['', 'device_code'],
    ] as const) {
      const base = `${server.origin}/${tenant}/oauth2/${version}`;
      const browser = new Browser();
      const asked = {
        client_id: programs.native,
        scope: 'openid offline_access',
        resource: version === '' ? partner : '',
      };
      const device = JSON.parse((await browser.post(`${base}devicecode`, asked)).text) as Record<string, string>;
      expect(device).toMatchObject({ verification_uri: `${server.origin}/device` });
      expect(device.expires_in).toBe(version === '' ? '900' : 900);
      const { device_code = '', user_code = '', verification_uri = '' } = device;
      const code = version === '' ? { code: device_code } : { device_code };
      const path = `/${tenant}/oauth2/${version}token`;
      const poll = () => askForTokens(server, { client_id: programs.native, grant_type: grantType, ...code }, path);
      expect(await poll()).toMatchObject({ status: 400, error: 'authorization_pending' });
      let page = await browser.get(verification_uri);
      const send = async (more: Record<string, string>) => {
        const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
        page = await browser.post(verification_uri, { xsrf, ...more });
      };
      await send({ user_code: 'XXXX-XXXX' });
      expect(page.text).toContain('name="user_code"');
      await send({ user_code: user_code.toLowerCase() });
      expect(page.text).toContain('Native');
      await send({ user_code, confirm: 'yes' });
      page = await goThrough(server, { browser, page });
      expect(page.status).toBe(200);
      const answer = await poll();
      expect(answer.status).toBe(200);
      expect((await askWith(server, answer.access_token)).status).toBe(200);
      expect(await poll()).toMatchObject({ status: 400, error: 'invalid_grant' });
      expect((await refresh(answer.refresh_token)).status).toBe(400);
    }
  });

  it('gives a program a token of its own, which opens no referral', async () => {
    const asked = { grant_type: 'client_credentials', scope: `${partner}/.default`, client_id: programs.robot };
    const answer = await askForTokens(server, { ...asked, client_secret: secrets.robot });
    expect(answer).toMatchObject({ status: 200, expires_in: 3600 });
    expect(answer).not.toHaveProperty('refresh_token');
    const claims = decodeJwt(answer.access_token);
    expect(claims).toMatchObject({ tid: tenant, appid: programs.robot, appidacr: '1', idtyp: 'app', roles: [] });
    expect(claims).not.toHaveProperty('scp');
    expect((await askWith(server, answer.access_token)).status).toBe(403);
    for (const wrong of ['', `${secrets.robot}x`, 'compared by hash', secrets.web]) {
      expect((await askForTokens(server, { ...asked, client_secret: wrong })).status).toBeGreaterThanOrEqual(400);
    }
    const elsewhere = await askForTokens(
      server,
      { ...asked, client_secret: secrets.robot },
      `/${subjects.tailspin.tid}/oauth2/v2.0/token`,
    );
    expect(elsewhere).toMatchObject({ status: 400, error: 'unauthorized_client' });
    const user = await askForTokens(server, { ...asked, client_id: programs.web, client_secret: secrets.web });
    expect(user).toMatchObject({ status: 400, error: 'unauthorized_client' });
  });

  it('posts a code and an ID token to a web application, as the Secure Application Model asks for them', async () => {
    const browser = new Browser();
    const asked = new URLSearchParams({
      client_id: programs.web,
      response_mode: 'form_post',
      response_type: 'code id_token',
      scope: 'openid profile',
      nonce: 'n-1',
      state: 's',
      redirect_uri: webAddress,
    });
    const page = await browser.get(`${server.origin}/common/oauth2/authorize?${asked}`);
    const form = await goThrough(server, { browser, page, amr: ['pwd', 'mfa'] });
    expect(form.status).toBe(200);
    expect(form.headers['content-security-policy']).toMatch(/script-src 'sha256-/);
    expect(form.text).toContain(`action="${webAddress}"`);
    const field = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(form.text)?.[1] ?? '';
    expect(decodeJwt(field('id_token'))).toMatchObject({ nonce: 'n-1', aud: programs.web });
    const redeemed = await askForTokens(
      server,
      {
        client_id: programs.web,
        client_secret: secrets.web,
        grant_type: 'authorization_code',
        code: field('code'),
        redirect_uri: webAddress,
        resource: partnerCenter,
      },
      `/${tenant}/oauth2/token`,
    );
    expect(redeemed).toMatchObject({ status: 200, resource: partnerCenter });
    expect(decodeJwt(redeemed.access_token)).toMatchObject({ aud: partnerCenter, amr: ['pwd', 'mfa'], appidacr: '1' });
  });

  describe('refuses', () => {
    const authorize = (more: Record<string, string>, path = '/common/oauth2/v2.0/authorize') => {
      const { challenge } = makePkce();
      const all = {
        client_id: programs.native,
        response_type: 'code',
        redirect_uri: 'http://localhost',
        code_challenge: challenge,
        code_challenge_method: 'S256',
        ...more,
      };
      return new Browser().get(`${server.origin}${path}?${new URLSearchParams(all)}`);
    };

    it('an address that is not registered letter by letter; of a loopback address the port may be any', async () => {
      for (const redirect_uri of ['http://localhost:1', 'http://localhost:65535', 'http://127.0.0.1:8080/back']) {
        expect((await authorize({ redirect_uri })).status).toBe(303);
      }
      for (const redirect_uri of [
        'http://localhost/other',
        'http://localhost:99999',
        'http://localhost:80@evil.example',
        'http://localhost.evil.example',
        'https://localhost',
        'http://127.0.0.1/back/',
        'http://127.0.0.1/Back',
        'http://127.0.0.1:8080/back?x=1',
        `${webAddress}`,
        'javascript:alert(1)',
        '',
      ]) {
        const page = await authorize({ redirect_uri });
        expect([page.status, page.location]).toEqual([400, undefined]);
        expect(page.headers['content-security-policy']).toContain("default-src 'none'");
        expect(page.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
      }
      expect((await authorize({ client_id: programs.web, redirect_uri: `${webAddress}:8443` })).status).toBe(400);
    });

    it('a public program without PKCE, or with the plain form of it', async () => {
      const missing = await authorize({ code_challenge: '', code_challenge_method: '' });
      expect(missing.location).toContain('error=invalid_request');
      expect((await authorize({ code_challenge_method: 'plain' })).location).toContain('error=invalid_request');
    });

    it('a tenant that is not there, in words of its own', async () => {
      const unknown = '00000000-0000-4000-8000-00000000dead';
      expect((await authorize({}, `/${unknown}/oauth2/v2.0/authorize`)).status).toBe(400);
      const answer = await askForTokens(server, { grant_type: 'refresh_token' }, `/${unknown}/oauth2/v2.0/token`);
      expect(answer).toMatchObject({ status: 400, error: 'invalid_request' });
      expect(answer.error_description).toContain('tenant');
    });

    it('a user of another tenant than the one that is asked for', async () => {
      const { refresh_token } = await signInByCode(server);
      const elsewhere = `/${subjects.tailspin.tid}/oauth2/v2.0/token`;
      expect(await refresh(refresh_token, {}, elsewhere)).toMatchObject({ status: 400, error: 'invalid_grant' });
    });

    it('what is no request for a token, always in the form of OAuth', async () => {
      const path = '/common/oauth2/v2.0/token';
      const url = server.origin + path;
      for (const fields of [
        {},
        { grant_type: 'x' },
        { grant_type: 'authorization_code', client_id: programs.native },
        {
          grant_type: 'authorization_code',
          client_id: programs.native,
          code: 'x',
          redirect_uri: 'y',
          code_verifier: 'z',
        },
        { grant_type: 'refresh_token', client_id: programs.native, refresh_token: '#x\0' },
        { grant_type: 'refresh_token', client_id: 'x\0y', refresh_token: 'x' },
        { grant_type: 'password', client_id: programs.native, username: 'contoso-admin', password: 'x' },
        { grant_type: 'client_credentials', client_id: programs.robot, client_secret: 'é\0' },
        { grant_type: 'device_code', client_id: programs.native, device_code: '#' },
        { grant_type: '__proto__', client_id: '__proto__' },
      ] as Record<string, string>[]) {
        const answer = await askForTokens(server, fields, path);
        expect([400, 401]).toContain(answer.status);
        expect(answer.error).toMatch(/^[a-z_]+$/);
        expect(answer.error).not.toBe('server_error');
        expect(answer).toHaveProperty('trace_id');
      }
      for (const [type, body] of [
        ['application/json', '{"grant_type":"refresh_token"}'],
        ['text/plain', 'x'],
        ['application/x-www-form-urlencoded', '%E0%A4%A&grant_type=a&grant_type=b&client_id=x'],
      ] as const) {
        const answer = await server.ask(path, { method: 'POST', headers: { 'content-type': type }, body });
        expect([400, 401]).toContain(answer.status);
        expect(answer.json<{ error: string }>().error).toMatch(/^invalid_(request|client)$/);
      }
      expect((await server.ask(path, { method: 'POST', body: 'x'.repeat(70_000) })).status).toBe(413);
      expect((await server.ask(path)).status).toBe(405);
      expect((await new Browser().get(`${url}/x`)).status).toBe(401);
      const seen = server.observations.filter(
        (one) => one.kind === 'requestAnswered' && one.route === '/{tenant}/oauth2/v2.0/token',
      );
      expect(seen.some((one) => 'innerCode' in one && one.innerCode === 'invalid_grant')).toBe(true);
      expect(server.observations.filter(({ kind }) => kind === 'requestBroken')).toEqual([]);
    });

    it('a request that names another host', async () => {
      for (const path of ['/common/oauth2/v2.0/authorize', '/device', '/common/oauth2/v2.0/logout']) {
        for (const host of ['evil.example', '127.0.0.1:99999'])
          expect((await server.ask(path, { headers: { host } })).status).toBe(421);
      }
      const ours = await server.ask('/device', { headers: { host: 'localhost:1' } });
      expect(ours.status).toBe(200);
    });

    it('a form or a step that no session of this browser is behind', async () => {
      for (const page of [
        await new Browser().post(`${server.origin}/device`, { user_code: 'x', xsrf: 'y' }),
        await new Browser().get(`${server.origin}/device/x`),
        await new Browser().get(`${server.origin}/common/oauth2/v2.0/authorize/x`),
        await new Browser().post(`${server.origin}/common/oauth2/v2.0/logout/confirm`, { xsrf: 'y', logout: 'yes' }),
      ]) {
        expect(page.status).toBe(400);
        expect(page.text).toContain('<h1>');
      }
    });

    it('to say to a browser what another browser is asked', async () => {
      const page = await authorize({});
      const other = new Browser();
      await expect(goThrough(server, { browser: other, page })).rejects.toThrow('not of this browser');
    });
  });

  it('lets another user sign in at the same browser, and then knows him', async () => {
    const browser = new Browser();
    const asked = new URLSearchParams({
      client_id: programs.web,
      response_type: 'code',
      redirect_uri: webAddress,
      scope: 'openid',
    });
    const url = `${server.origin}/common/oauth2/v2.0/authorize?${asked}`;
    await goThrough(server, { browser, page: await browser.get(url) });
    const chosen = await browser.get(`${url}&prompt=select_account`);
    const between = await goThrough(server, { browser, page: chosen, user: 'contoso-user' });
    // The one who was signed in is signed out first, by a form that sends itself.
    const field = (pattern: RegExp) => pattern.exec(between.text)?.[1] ?? '';
    const action = field(/action="([^"]+)"/);
    const out = await browser.post(action, { xsrf: field(/name="xsrf" value="([^"]+)"/), logout: 'yes' });
    const back = await goThrough(server, { browser, page: await browser.get(out.location ?? '') });
    const code = new URL(back.location ?? '').searchParams.get('code') ?? '';
    const fields = { grant_type: 'authorization_code', code, redirect_uri: webAddress };
    const own = { client_id: programs.web, client_secret: secrets.web };
    const answer = await askForTokens(server, { ...fields, ...own });
    expect(decodeJwt(answer.id_token)).toMatchObject({ name: 'contoso-user' });
  });

  it('leaves nothing in use, after its last answer, that every promise of the process would be followed for', async () => {
    const place: string = 'oidc-provider/lib/helpers/als.js';
    const { default: context } = (await import(place)) as { default: { readonly enabled: boolean } };
    const client = { client_id: programs.robot, client_secret: secrets.robot };
    const scope = `${partner}/.default`;
    const ask = () => askForTokens(server, { grant_type: 'client_credentials', scope, ...client });
    const seen = new Set<boolean>();
    const watching = setInterval(() => seen.add(context.enabled));
    for (const { status } of await Promise.all([ask(), ask(), ask()])) expect(status).toBe(200);
    clearInterval(watching);
    expect([...seen]).toContain(true);
    expect(context.enabled).toBe(false);
  });

  it('ends a sign-in, and goes back to the program', async () => {
    const browser = new Browser();
    const { challenge } = makePkce();
    const asked = new URLSearchParams({
      client_id: programs.native,
      response_type: 'code',
      redirect_uri: 'http://127.0.0.1:9/back',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    });
    const base = `${server.origin}/common/oauth2/v2.0`;
    await goThrough(server, { browser, page: await browser.get(`${base}/authorize?${asked}`) });
    expect((await browser.get(`${base}/authorize?${asked}`)).location).toContain('code=');
    const back = new URLSearchParams({
      client_id: programs.native,
      post_logout_redirect_uri: 'http://127.0.0.1:7/back',
    });
    const page = await browser.get(`${base}/logout?${back}`);
    const field = (pattern: RegExp) => pattern.exec(page.text)?.[1] ?? '';
    const confirmed = await browser.post(field(/action="([^"]+)"/), {
      xsrf: field(/name="xsrf" value="([^"]+)"/),
      logout: 'yes',
    });
    expect(confirmed.location).toBe('http://127.0.0.1:7/back');
    expect((await browser.get(`${base}/authorize?${asked}`)).location).toContain('/sign-in/');
    const acts = await createOperations(server.exchange.store, server.exchange.issuer, () => '').listActs({});
    const ended = { actor: subjects.admin.oid, organizationId: organizations.contoso, via: programs.native };
    expect(acts.at(-1)).toMatchObject({ kind: 'signedOut', ...ended });
  });

  it('says nothing of a sign-out where nobody was signed in', async () => {
    const { store, issuer } = server.exchange;
    const acts = () => createOperations(store, issuer, () => '').listActs({});
    const before = await acts();
    const browser = new Browser();
    const page = await browser.get(`${server.origin}/common/oauth2/v2.0/logout`);
    const field = (pattern: RegExp) => pattern.exec(page.text)?.[1] ?? '';
    const xsrf = field(/name="xsrf" value="([^"]+)"/);
    const answer = await browser.post(`${server.origin}/common/oauth2/v2.0/logout/confirm`, { xsrf, logout: 'yes' });
    expect([303, 400]).toContain(answer.status);
    expect(await acts()).toEqual(before);
  });

  it('writes its public address into whatever it says, marks its cookies as secure, and says when its database is away', async () => {
    const origin = 'https://referrals.example.com';
    const behind = await startTestServer(engine, { PUBLIC_URL: origin });
    try {
      const asked = new URLSearchParams({
        client_id: 'c05e1100-0000-4000-8000-0000000000a1',
        response_type: 'code',
        redirect_uri: 'http://localhost',
        code_challenge: makePkce().challenge,
        code_challenge_method: 'S256',
      });
      const headers = { host: 'referrals.example.com', 'x-forwarded-host': 'evil.example' };
      const page = await behind.ask(`/common/oauth2/v2.0/authorize?${asked}`, { headers });
      expect(page.status).toBe(303);
      for (const cookie of page.headers['set-cookie'] ?? []) {
        expect(cookie).toMatch(/; secure/);
        expect(cookie).toMatch(/; samesite=lax/);
        expect(cookie).toMatch(/; httponly/);
      }
      const body = String(new URLSearchParams({ client_id: 'c05e1100-0000-4000-8000-0000000000a1' }));
      const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
      const device = await behind.ask('/common/oauth2/v2.0/devicecode', { method: 'POST', headers: form, body });
      expect(device.json()).toMatchObject({ verification_uri: `${origin}/device` });
      await behind.exchange.store.close();
      const asking = { method: 'POST', headers: form, body: `${body}&grant_type=refresh_token&refresh_token=x` };
      const away = await behind.ask('/common/oauth2/v2.0/token', asking);
      expect(away.status).toBe(503);
      expect(away.json()).toMatchObject({ error: 'temporarily_unavailable' });
      expect((await behind.ask('/device', { headers })).status).toBe(503);
    } finally {
      await behind.close();
    }
  });

  it('signs with a new key from the moment that there is one', async () => {
    const { id_token: before } = await signInByCode(server);
    await rotateKeys(server.exchange.store, server.exchange.issuer, false);
    const { id_token: after, access_token } = await signInByCode(server);
    expect(decodeProtectedHeader(after).kid).not.toBe(decodeProtectedHeader(before).kid);
    expect(decodeProtectedHeader(access_token).kid).toBe(decodeProtectedHeader(after).kid);
    expect((await askWith(server, access_token)).status).toBe(200);
    const hinted = new URLSearchParams({ id_token_hint: before });
    expect((await new Browser().get(`${server.origin}/common/oauth2/v2.0/logout?${hinted}`)).status).toBe(200);
  });
});
