import { setSecondFactor } from '@cosell/server/domain/credentials';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { newSecret } from '@cosell/server/domain/directory/client-secret';
import { codeAt } from '@cosell/server/identity/second-factor';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectEnvelope } from '../support/answers.ts';
import { Browser } from '../support/browser.ts';
import { hostileTexts } from '../support/hostile-texts.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { organizations, subjects, users } from '../support/sample.ts';
import { askForTokens } from '../support/sign-in.ts';
import { addTailspinDesk, beginning, givePassword, password, tailspinDesk, Visit } from '../support/signing-in.ts';
import { askWith } from '../support/test-issuer.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describeOnSqlite('the pages of sign-in', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
    await addTailspinDesk(server);
    await givePassword(server, users.admin);
  });
  afterAll(() => server.close());

  /** A visit that stands before the first page. */
  const begin = async (more?: Readonly<Record<string, string>>) => {
    const { url, verifier } = beginning(server.origin, more);
    return { verifier, visit: await new Visit(server.origin).go(url, html) };
  };
  const redeem = (visit: Visit, verifier: string) =>
    askForTokens(server, {
      client_id: tailspinDesk,
      grant_type: 'authorization_code',
      code: new URL(visit.url).searchParams.get('code') ?? '',
      redirect_uri: 'http://localhost:45678',
      code_verifier: verifier,
    });
  const titleOf = ({ page }: Visit) => /<h1>(.*)<\/h1>/.exec(page?.text ?? '')?.[1];
  const faultsOf = ({ page }: Visit) =>
    [...(page?.text ?? '').matchAll(/class="fault"[^>]*>([^<]*)</g)].map(([, text]) => text);

  it('let a user in whose password is right and who allows the program, until he withdraws that', async () => {
    const { visit, verifier } = await begin({ login_hint: 'admin@contoso.com' });
    expect(titleOf(visit)).toBe('Sign in');
    expect(visit.page?.text).toContain('to continue to Tailspin &quot;Desk&quot; &amp; Co');
    expect(visit.page?.text).toContain('value="admin@contoso.com"');
    const step = { step: 'password', name: users.admin };
    await visit.send({ ...step, name: ' ', password: '' });
    expect(faultsOf(visit)).toEqual(['Enter your user name or e-mail address.', 'Enter your password.']);
    await visit.send({ ...step, password: 'another heron' });
    expect([visit.page?.status, faultsOf(visit).length]).toEqual([400, 1]);
    expect(visit.page?.text).not.toContain('another heron');
    await visit.send({ ...step, password });
    expect(titleOf(visit)).toBe('May Tailspin &quot;Desk&quot; &amp; Co act for you?');
    await visit.send({ decision: 'allow' });
    expect(new URL(visit.url).origin).toBe('http://localhost:45678');
    const tokens = await redeem(visit, verifier);
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      oid: subjects.admin.oid,
      amr: ['pwd'],
      appid: tailspinDesk,
    });
    expect((await askWith(server, tokens.access_token)).status).toBe(200);
    const acts = (await server.exchange.store.listActs({ isNewestFirst: false, most: 1_000 })).map(
      ({ kind, actor, via }) => [kind, actor, via],
    );
    const { oid } = subjects.admin;
    for (const kind of ['signInFailed', 'signedIn', 'consentGranted'])
      expect(acts).toContainEqual([kind, oid, tailspinDesk]);
    const withdrawal = { kind: 'withdrawConsent', organization: organizations.contoso, userName: users.admin } as const;
    await server.exchange.store.transact(changeDirectory, { ...withdrawal, clientId: tailspinDesk });
    expectEnvelope(await askWith(server, tokens.access_token), 403, 'consentMissing');
  });

  it('refuse a program that the user refuses', async () => {
    const { visit } = await begin({ state: 's-1' });
    await visit.send({ step: 'password', name: users.admin, password });
    await visit.send({ decision: 'refuse' });
    const { searchParams } = new URL(visit.url);
    expect([searchParams.get('error'), searchParams.get('state'), searchParams.get('code')]).toEqual([
      'access_denied',
      's-1',
      null,
    ]);
  });

  it('make a user of whoever accepts an invitation, once', async () => {
    const code = newSecret();
    const { store } = server.exchange;
    await store.transact(changeDirectory, {
      ...{ kind: 'addInvitation', organization: organizations.contoso, email: 'new@contoso.com', userName: '' },
      ...{ codeHash: code.hash, roles: [] },
    } as never);
    const [invitation] = (await store.listDirectory()).invitations;
    const url = `${server.origin}/invitation/${organizations.contoso}.${invitation?.id}.${code.text}`;
    const visit = await new Visit(server.origin).go(url, html);
    expect(titleOf(visit)).toBe('Join Contoso Company');
    await visit.send({ name: '', password: 'short', again: '' });
    expect(faultsOf(visit)).toHaveLength(2);
    await visit.send({ name: users.member, password, again: password });
    expect(faultsOf(visit)).toEqual(['This user name cannot be had. Choose another.']);
    await visit.send({ name: 'newcomer', password, again: password });
    expect(titleOf(visit)).toBe('Welcome');
    const again = await server.ask(new URL(url).pathname, { headers: html });
    expect([again.status, again.text.includes('This invitation is no longer good')]).toEqual([404, true]);
    const signingIn = await begin();
    await signingIn.visit.send({ step: 'password', name: 'new@contoso.com', password });
    expect(titleOf(signingIn.visit)).toContain('act for you?');
    expect(await new Browser().get(`${server.origin}/invitation/${organizations.contoso}.x.y`)).toMatchObject({
      status: 404,
    });
  });

  it('have a user choose a password after one that was given out, and set up a second factor where one is asked for', async () => {
    await givePassword(server, users.admin, true);
    const { visit, verifier } = await begin({
      claims: '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}',
      ui_locales: 'tr',
    });
    expect(titleOf(visit)).toBe('Oturum açın');
    await visit.send({ step: 'password', name: users.admin, password });
    expect(titleOf(visit)).toBe('Bir parola seçin');
    const attempts: [Record<string, string>, string[]][] = [
      [{ password: 'short', again: 'short' }, ['Parola 12 karakterden kısa. Daha uzun bir tane seçin.']],
      [
        { password: 'contoso-admincontoso-admin', again: '' },
        ['Parola adınız ya da e-posta adresiniz. Başka bir tane seçin.'],
      ],
      [
        { password: 'a heron of my own', again: 'A heron of my own' },
        ['İki parola aynı değil. Aynı parolayı iki kez girin.'],
      ],
      [{ password, again: password }, ['Bu size verilmiş olan parola. Başka bir tane seçin.']],
    ];
    for (const [fields, faults] of attempts)
      expect(faultsOf(await visit.send({ step: 'newPassword', ...fields }))).toEqual(faults);
    await visit.send({ step: 'newPassword', password: 'a heron of my own', again: 'a heron of my own' });
    const needsFactor = titleOf(visit) === 'İkinci adımı kurun';
    if (needsFactor) {
      const secret = (/<code[^>]*>([A-Z2-7 ]+)<\/code>/.exec(visit.page?.text ?? '')?.[1] ?? '').replaceAll(' ', '');
      expect(secret).toMatch(/^[A-Z2-7]{32}$/);
      await visit.send({ step: 'enrol', code: '12345' });
      // The same secret, so that nothing has to be scanned again.
      expect(visit.page?.text.replaceAll(' ', '')).toContain(secret);
      await visit.send({ step: 'enrol', code: codeAt(secret, Date.now()) });
      await visit.send({ decision: 'allow' });
      expect(decodeJwt((await redeem(visit, verifier)).access_token)).toMatchObject({ amr: ['pwd', 'mfa'] });
      // From now on a code belongs to each sign-in, and none is good twice.
      const next = await begin();
      await next.visit.send({ step: 'password', name: users.admin, password: 'a heron of my own' });
      expect(titleOf(next.visit)).toBe('Enter your code');
      await next.visit.send({ step: 'code', code: codeAt(secret, Date.now()) });
      expect(faultsOf(next.visit)[0]).toContain('used before');
      server.clock.aheadMs = 60_000;
      await next.visit.send({ step: 'code', code: codeAt(secret, Date.now() + 60_000) });
      server.clock.aheadMs = 0;
      expect(next.visit.page?.status).not.toBe(400);
    }
    expect(needsFactor).toBe(true);
    const holder = { organizationId: organizations.contoso, userName: users.admin };
    await server.exchange.store.transact(setSecondFactor, {
      ...holder,
      totpSecret: null,
      takenStep: null,
      by: undefined,
    });
    await givePassword(server, users.admin);
  });

  it('take no step that is not the next one, and none of another sign-in', async () => {
    await givePassword(server, users.admin, true);
    const { visit } = await begin();
    for (const step of ['code', 'enrol', 'newPassword', '', '__proto__']) {
      await visit.send({ step, code: '000000', password: 'a heron of my own', again: 'a heron of my own' });
      expect([visit.page?.status, titleOf(visit)]).toEqual([200, 'Sign in']);
    }
    await visit.send({ step: 'password', name: users.admin, password });
    expect(titleOf(visit)).toBe('Choose a password');
    const proof = visit.browser.cookiesFor(visit.url);
    // What was proved is of no use in a sign-in that has begun elsewhere, nor when it is written anew.
    const other = await begin();
    const stolen = /cosell-proof=[^;]*/.exec(proof)?.[0] ?? '';
    const forged = stolen.replace(/=(.{10})/, '=AAAAAAAAAA');
    for (const cookie of [stolen, forged, 'cosell-proof=.', 'cosell-proof=x.y.z']) {
      const headers = { ...html, cookie: `${other.visit.browser.cookiesFor(other.visit.url)}; ${cookie}` };
      const { text } = await server.ask(new URL(other.visit.url).pathname, { headers });
      expect(text).toContain('<h1>Sign in</h1>');
    }
    await givePassword(server, users.admin);
    // And of none when the password has changed meanwhile.
    await visit.send({ step: 'newPassword', password: 'a heron of my own', again: 'a heron of my own' });
    expect(titleOf(visit)).toBe('Sign in');
  });

  it('protect themselves: no script, no frame, no cache, no referrer, and cookies for this browser alone', async () => {
    const { visit } = await begin();
    const { pathname } = new URL(visit.url);
    const cookie = visit.browser.cookiesFor(visit.url);
    const pages = await Promise.all([
      server.ask(pathname, { headers: { ...html, cookie } }),
      server.ask('/sign-in/x', { headers: html }),
      server.ask('/sign-in/x', { method: 'POST', headers: html }),
      server.ask('/invitation/x.y.z', { headers: html }),
    ]);
    expect(pages.map(({ status }) => status)).toEqual([200, 404, 403, 404]);
    for (const { headers, text } of pages) {
      const nonce = /<style nonce="([\w-]{22})">/.exec(text)?.[1];
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cache-control': 'no-store',
      });
      expect(headers['odata-version']).toBeUndefined();
      expect(text).not.toMatch(/<script| style="| on\w+=|javascript:/);
      expect(text).toMatch(/^<!doctype html>\n<html lang="en">/);
    }
    const nonces = pages.map(({ headers }) => headers['content-security-policy']);
    expect(new Set(nonces).size).toBe(pages.length);
    const fresh = await server.ask(pathname, { headers: { ...html, cookie: cookie.replace(/cosell-form=[^;]*/, '') } });
    expect(fresh.headers['set-cookie']).toEqual([
      expect.stringMatching(/^cosell-form=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
    const head = await server.ask(pathname, { method: 'HEAD', headers: { ...html, cookie } });
    expect([head.status, head.text, head.headers['content-length']]).toEqual([
      200,
      '',
      pages[0]?.headers['content-length'],
    ]);
  });

  it('take no form from elsewhere: of another page, browser or site', async () => {
    const { visit } = await begin();
    const other = await begin();
    const { pathname } = new URL(visit.url);
    const [cookie, foreignCookie] = [visit, other.visit].map((one) => one.browser.cookiesFor(visit.url));
    const form = { ...visit.hidden(), step: 'password', name: users.admin, password };
    const post = (headers: Readonly<Record<string, string>>, fields: Readonly<Record<string, string>> = form) =>
      server.ask(pathname, {
        method: 'POST',
        headers: { ...html, cookie: cookie ?? '', 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: `${new URLSearchParams(fields)}`,
      });
    const own = { origin: server.origin, 'sec-fetch-site': 'same-origin' };
    const refused = [
      await post({}, { ...form, xsrf: '' }),
      await post({}, { ...form, xsrf: other.visit.hidden().xsrf ?? '' }),
      await post({ cookie: (cookie ?? '').replace(/cosell-form=[^;]*/, '') }),
      await post({ origin: 'https://evil.example' }),
      await post({ origin: 'http://localhost:1' }),
      await post({ ...own, 'sec-fetch-site': 'cross-site' }),
      await post({ ...own, 'sec-fetch-site': 'same-site' }),
      await post({ ...own, 'sec-fetch-site': 'none' }),
    ];
    for (const answer of refused) {
      expect([answer.status, answer.text.includes('The form was not accepted')]).toEqual([403, true]);
    }
    expectEnvelope(await post({ origin: 'https://evil.example', accept: '*/*' }), 403, 'formNotOurs');
    // Another browser knows nothing of this sign-in, whatever form it has.
    expect((await post({ cookie: foreignCookie ?? '' }, { ...form, ...other.visit.hidden() })).status).toBe(404);
    const wrong = { ...form, password: 'x' };
    expect((await post({}, wrong)).status).toBe(400);
    expect((await post({ origin: 'null' }, wrong)).status).toBe(400);
    expect((await post(own, wrong)).status).toBe(400);
    await givePassword(server, users.admin);
  });

  it('answer under their own hosts only', async () => {
    for (const host of ['evil.example', `evil.example:${server.port}`, '127.0.0.1.evil.example', '[::ffff', '0x7f.1']) {
      const answer = await server.ask('/sign-in/x', { headers: { ...html, host } });
      expect([host, answer.status]).toEqual([host, 421]);
      expect(answer.text).not.toContain('evil.example');
      expectEnvelope(await server.ask('/sign-in/x', { headers: { host } }), 421, 'hostNotOurs');
    }
    const secure = await startTestServer(engine, {
      PUBLIC_URL: 'https://referrals.example.com',
      ALLOWED_HOSTS: 'other.example.com',
    });
    try {
      await addTailspinDesk(secure);
      const ask = (host: string, path: string) => secure.ask(path, { headers: { ...html, host } });
      expect((await ask('evil.example', '/sign-in/x')).status).toBe(421);
      for (const host of ['referrals.example.com', 'other.example.com', 'localhost:1']) {
        expect((await ask(host, '/sign-in/x')).status).toBe(404);
      }
      const code = newSecret();
      await secure.exchange.store.transact(changeDirectory, {
        ...{
          kind: 'addInvitation',
          organization: organizations.contoso,
          email: 'new@contoso.com',
          userName: 'newcomer',
        },
        ...{ codeHash: code.hash, roles: [] },
      } as never);
      const [invitation] = (await secure.exchange.store.listDirectory()).invitations;
      const path = `/invitation/${organizations.contoso}.${invitation?.id}.${code.text}`;
      const shown = await ask('referrals.example.com', path);
      expect(shown.status).toBe(200);
      expect(shown.headers['set-cookie']).toEqual([
        expect.stringMatching(/^__Host-cosell-form=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/),
      ]);
    } finally {
      await secure.close();
    }
  });

  it('slow down whoever guesses, and say for how long', async () => {
    const { visit } = await begin();
    for (const name of [users.member, 'nobody-of-this-name']) {
      const step = { step: 'password', name, password: 'a wrong guess' };
      const bytes: string[] = [];
      for (let attempt = 0; attempt < 6; attempt += 1) {
        await visit.send(step);
        bytes.push(`${visit.page?.status} ${visit.page?.headers['retry-after']} ${faultsOf(visit)}`);
      }
      expect(bytes.slice(0, 5)).toEqual(Array(5).fill(bytes[0]));
      expect(bytes[5]).toMatch(/^429 1 There were too many attempts\. Wait 1 seconds/);
    }
  });

  it('never break, whatever is sent', async () => {
    const { visit } = await begin();
    for (const text of hostileTexts) {
      await visit.send({ step: 'password', name: text, password: text });
      expect([400, 413, 429], text).toContain(visit.page?.status);
      if (visit.page?.status === 413) await visit.go(visit.url, html);
      await server.ask(`/sign-in/${encodeURIComponent(text.toWellFormed())}`, {
        headers: { cookie: `cosell-form=${'x'.repeat(50)}; =; a` },
      });
      await server.ask(`/invitation/${encodeURIComponent(text.toWellFormed())}`, { headers: html });
    }
    const { pathname } = new URL(visit.url);
    const form = {
      ...html,
      'content-type': 'application/x-www-form-urlencoded',
      cookie: visit.browser.cookiesFor(visit.url),
    };
    const post = (body: string, headers = form) => server.ask(pathname, { method: 'POST', headers, body });
    expect((await post('x'.repeat(16_385))).status).toBe(413);
    expect((await post('{}', { ...form, 'content-type': 'application/json' })).status).toBe(415);
    expect((await post('%zz=%&xsrf=%00&xsrf=1')).status).toBe(403);
    const other = await server.ask(pathname, { method: 'DELETE' });
    expect([other.status, other.headers.allow]).toEqual([405, 'GET, HEAD, POST']);
    expect(server.observations.filter(({ kind }) => kind === 'requestBroken')).toEqual([]);
  });
});
