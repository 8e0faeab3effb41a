import { setSecondFactor } from '@cosell/server/domain/credentials';
import { newTotpSecret } from '@cosell/server/identity/second-factor';
import * as client from 'openid-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Browser } from '../support/browser.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { organizations, subjects, users } from '../support/sample.ts';
import { addPrograms, givePassword, goThrough, programs } from '../support/sign-in.ts';
import { askWith } from '../support/test-issuer.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const scope = 'openid profile offline_access https://api.partner.microsoft.com/user_impersonation';

describeOnSqlite('openid-client', (engine) => {
  let server: TestServer;
  let secrets: { robot: string };
  beforeAll(async () => {
    server = await startTestServer(engine, { ALLOW_ROPC: 'true' });
    secrets = await addPrograms(server);
  });
  afterAll(() => server.close());
  /** What is known of the issuer, found by discovery of either version. */
  const discover = (clientId: string, secret?: string, issuer = `/${subjects.admin.tid}/v2.0`) =>
    client.discovery(new URL(server.origin + issuer), clientId, secret, undefined, {
      execute: [client.allowInsecureRequests],
    });

  it.each(['/common/v2.0', `/${subjects.admin.tid}/v2.0`, `/${subjects.admin.tid}/`])(
    'finds the issuer %s, signs in by code and PKCE, renews, and is refused what was used before',
    async (issuer) => {
      const config = await discover(programs.native, undefined, issuer);
      const verifier = client.randomPKCECodeVerifier();
      const [state, nonce] = [client.randomState(), client.randomNonce()];
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: 'http://127.0.0.1:8765/back',
        scope,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      });
      const browser = new Browser();
      const back = await goThrough(server, { browser, page: await browser.get(url.href) });
      const tokens = await client.authorizationCodeGrant(config, new URL(back.location ?? ''), {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      expect(tokens.claims()).toMatchObject({ oid: subjects.admin.oid, tid: subjects.admin.tid });
      expect((await askWith(server, tokens.access_token)).status).toBe(200);
      const renewed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '');
      expect(renewed.claims()?.sub).toBe(tokens.claims()?.sub);
      await expect(client.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toMatchObject({
        error: 'invalid_grant',
      });
      await expect(client.refreshTokenGrant(config, renewed.refresh_token ?? '')).rejects.toMatchObject({
        error: 'invalid_grant',
      });
      const logout = client.buildEndSessionUrl(config, {
        id_token_hint: tokens.id_token ?? '',
        post_logout_redirect_uri: 'http://127.0.0.1:8765/back',
      });
      const page = await browser.get(logout.href);
      expect(page.status).toBe(200);
      expect(page.text).toContain('/logout/confirm');
    },
  );

  it('signs in by device code', async () => {
    const config = await discover(programs.native);
    const device = await client.initiateDeviceAuthorization(config, { scope });
    const browser = new Browser();
    // The address with the code in it sends the form by itself, or by a button where scripts are off.
    let page = await browser.get(device.verification_uri_complete ?? '');
    const fields = () =>
      Object.fromEntries(
        [...page.text.matchAll(/name="(xsrf|user_code)" value="([^"]+)"/g)].map((one) => one.slice(1)),
      );
    page = await browser.post(device.verification_uri, fields());
    page = await browser.post(device.verification_uri, { ...fields(), confirm: 'yes' });
    await goThrough(server, { browser, page });
    const tokens = await client.pollDeviceAuthorizationGrant(config, { ...device, interval: 0.1 });
    expect((await askWith(server, tokens.access_token)).status).toBe(200);
  });

  it('gets a token for a program alone, with its secret in the header or in the form', async () => {
    for (const how of [client.ClientSecretBasic, client.ClientSecretPost]) {
      const config = await client.discovery(
        new URL(`${server.origin}/${subjects.admin.tid}/v2.0`),
        programs.robot,
        undefined,
        how(secrets.robot),
        { execute: [client.allowInsecureRequests] },
      );
      const tokens = await client.clientCredentialsGrant(config, {
        scope: 'https://api.partner.microsoft.com/.default',
      });
      expect((await askWith(server, tokens.access_token)).status).toBe(403);
    }
    const wrong = await discover(programs.robot, 'x');
    await expect(client.clientCredentialsGrant(wrong)).rejects.toMatchObject({ error: 'invalid_client' });
  });

  it('signs a user in by name and password where the operator allows that', async () => {
    const config = await discover(programs.native);
    const ask = (username: string, password: string) =>
      client.genericGrantRequest(config, 'password', { username, password, scope });
    await givePassword(server, 'contoso-user', 'three small words');
    const tokens = await ask('jane.doe@contoso.com', 'three small words');
    expect((await askWith(server, tokens.access_token)).status).toBe(403);
    expect(tokens.claims()).toMatchObject({ amr: ['pwd'] });
    expect((await client.refreshTokenGrant(config, tokens.refresh_token ?? '')).access_token).toBeDefined();
    for (const [name, password] of [
      ['jane.doe@contoso.com', 'wrong'],
      ['nobody@contoso.com', 'three small words'],
    ] as const) {
      await expect(ask(name, password)).rejects.toMatchObject({
        error: 'invalid_grant',
        error_description: expect.stringContaining('the user name or the password is wrong'),
      });
    }
  });

  it('refuses that to a user with a second factor, and with a password that was given out for one time', async () => {
    const config = await discover(programs.native);
    const ask = () =>
      client.genericGrantRequest(config, 'password', { username: users.member, password: 'three small words', scope });
    const { store } = server.exchange;
    const holder = { organizationId: organizations.contoso, userName: users.member, takenStep: null, by: undefined };
    await givePassword(server, users.member, 'three small words');
    await store.transact(setSecondFactor, { ...holder, totpSecret: newTotpSecret() });
    await expect(ask()).rejects.toMatchObject({
      error: 'invalid_grant',
      error_description: expect.stringContaining('the user has a second factor, which this grant cannot ask for'),
    });
    await store.transact(setSecondFactor, { ...holder, totpSecret: null });
    expect((await ask()).access_token).toBeDefined();
    await givePassword(server, users.member, 'three small words', true);
    await expect(ask()).rejects.toMatchObject({
      error: 'invalid_grant',
      error_description: expect.stringContaining('given out for one time'),
    });
  });
});
