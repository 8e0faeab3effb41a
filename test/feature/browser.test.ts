import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { setSecondFactor } from '@cosell/server/domain/credentials';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { newSecret } from '@cosell/server/domain/directory/client-secret';
import { codeAt } from '@cosell/server/identity/second-factor';
import { type BrowserContext, type Browser as Chromium, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeOnSqlite } from '../support/one-engine.ts';
import { organizations, users } from '../support/sample.ts';
import { askForTokens } from '../support/sign-in.ts';
import { addTailspinDesk, beginning, givePassword, password, tailspinDesk } from '../support/signing-in.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { hasTool, pathOfTool } from '../support/tools.ts';

/** What axe-core finds by itself; its source is put into the page past the page's policy, which forbids scripts. */
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What a page looks like to axe. */
interface Seen {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
  /** Whether something stands beside the screen. */
  readonly isWide: boolean;
  readonly lang: string;
}

const looks = [
  ['en', 'light', 1_100],
  ['tr', 'dark', 320],
] as const;

/** Titles of the pages, in their order. */
const titles = {
  en: ['Sign in', 'Choose a password', 'Set up a second factor', 'act for you?', 'Enter your code', 'Join Contoso'],
  tr: ['Oturum açın', 'Bir parola seçin', 'İkinci adımı kurun', 'sizin adınıza', 'Kodunuzu girin', 'Contoso'],
};

describe.runIf(hasTool('chromium', 'pages in a browser'))('in a browser', () => {
  describeOnSqlite('a person', (engine) => {
    let server: TestServer;
    let program: Server;
    let chrome: Chromium;
    let back: string;
    /** What came back to the program. */
    const arrived: URL[] = [];
    beforeAll(async () => {
      server = await startTestServer(engine);
      await addTailspinDesk(server);
      program = createServer((request, response) => {
        const url = new URL(request.url ?? '', back);
        if (url.searchParams.size > 0) arrived.push(url);
        response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Program</title><h1>Back</h1>');
      }).listen(0, '127.0.0.1');
      await new Promise((resolve) => program.once('listening', resolve));
      back = `http://localhost:${(program.address() as AddressInfo).port}`;
      chrome = await chromium.launch({ executablePath: pathOfTool('chromium'), chromiumSandbox: false });
    });
    afterAll(async () => {
      await chrome?.close();
      program?.close();
      await server.close();
    });

    /** Faults that axe sees, and whether anything stands beside the screen. */
    async function expectAccessible(page: Page, language: string) {
      await page.evaluate(axe);
      const found = await page.evaluate<Seen>(`axe.run({ resultTypes: ['violations'] }).then(({ violations }) => {
        const { scrollWidth, clientWidth, lang } = document.documentElement;
        return { violations, isWide: scrollWidth > clientWidth, lang };
      })`);
      const faults = found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
      expect([await page.title(), faults, found.isWide, found.lang]).toEqual([await page.title(), [], false, language]);
    }

    /** Types into the field that has the focus, goes to the next by Tab, and sends by Enter. */
    async function type(page: Page, ...texts: string[]) {
      // A page gives the focus when it is drawn, which may be after it is loaded.
      await page.locator('input:focus').waitFor();
      for (const [at, text] of texts.entries()) {
        if (at > 0) await page.keyboard.press('Tab');
        await page.keyboard.type(text);
      }
      await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
    }

    async function newPage(context: BrowserContext) {
      const page = await context.newPage();
      const refusals: string[] = [];
      page.on('console', (message) => {
        if (/Content Security Policy|Refused/.test(message.text())) refusals.push(message.text());
      });
      return { page, refusals };
    }

    it.each(looks)(
      'signs in by keyboard alone: %s, %s, %i pixels wide',
      async (language, colorScheme, width) => {
        await givePassword(server, users.admin, true);
        const holder = { organizationId: organizations.contoso, userName: users.admin, by: undefined };
        const { store } = server.exchange;
        const consentOfAdmin = {
          kind: 'withdrawConsent',
          organization: organizations.contoso,
          userName: users.admin,
          clientId: tailspinDesk,
        } as const;
        await store.transact(setSecondFactor, { ...holder, totpSecret: null, takenStep: null });
        await store.transact(changeDirectory, consentOfAdmin).catch(() => 'none was given yet');
        const context = await chrome.newContext({ colorScheme, locale: language, viewport: { width, height: 800 } });
        const { page, refusals } = await newPage(context);
        const [signIn = '', choose = '', enrol = '', consent = '', code = '', join = ''] = titles[language];
        const heading = (text: string) => page.locator('h1', { hasText: text }).waitFor();
        try {
          const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
          const { url, verifier } = beginning(server.origin, { redirect_uri: back, claims });
          await page.goto(url);
          await heading(signIn);
          await expectAccessible(page, language);
          await type(page, users.admin, 'a wrong password');
          await page.locator('[role=alert]').waitFor();
          expect(await page.locator(':focus').getAttribute('id')).toBe('name');
          await expectAccessible(page, language);
          // What was typed stays, but for the password.
          expect([await page.inputValue('#name'), await page.inputValue('#password')]).toEqual([users.admin, '']);
          await page.keyboard.press('Tab');
          await type(page, password);
          await heading(choose);
          await expectAccessible(page, language);
          await type(page, 'a heron of my own', 'a heron of my own');
          await heading(enrol);
          await expectAccessible(page, language);
          const secret = (await page.locator('code.key').innerText()).replaceAll(' ', '');
          await type(page, codeAt(secret, Date.now()));
          await heading(consent);
          await expectAccessible(page, language);
          await page.locator('button[value=allow]').focus();
          await page.keyboard.press('Enter');
          await heading('Back');
          expect(new URL(page.url()).origin).toBe(back);
          const tokens = await askForTokens(server, {
            client_id: tailspinDesk,
            grant_type: 'authorization_code',
            code: arrived.at(-1)?.searchParams.get('code') ?? '',
            redirect_uri: back,
            code_verifier: verifier,
          });
          expect(tokens).toMatchObject({ status: 200, token_type: 'Bearer' });
          // Nothing that opens anything is where a script of another page could find it.
          await page.goto(`${server.origin}/sign-in/x`);
          const kept = '[document.cookie, localStorage.length, sessionStorage.length]';
          expect(await page.evaluate(kept)).toEqual(['', 0, 0]);
          await expectAccessible(page, language);
          // The next time he is asked for a code; another browser knows nothing of him.
          const other = await chrome.newContext({ colorScheme, locale: language, viewport: { width, height: 800 } });
          const next = await newPage(other);
          await next.page.goto(beginning(server.origin, { redirect_uri: back }).url);
          await type(next.page, users.admin, 'a heron of my own');
          await next.page.locator('h1', { hasText: code }).waitFor();
          await expectAccessible(next.page, language);
          await other.close();
          expect([...refusals, ...next.refusals]).toEqual([]);
          await page.goto(await invitationTo(`${language}@contoso.com`));
          await heading(join);
          await expectAccessible(page, language);
          await type(page, `new-${language}`, password, password);
          await page.locator('form').waitFor({ state: 'detached' });
          await expectAccessible(page, language);
          expect(refusals).toEqual([]);
        } finally {
          await context.close();
        }
      },
      90_000,
    );

    async function invitationTo(email: string): Promise<string> {
      const { text, hash: codeHash } = newSecret();
      const { store } = server.exchange;
      const invitation = {
        kind: 'addInvitation',
        organization: organizations.contoso,
        email,
        codeHash,
        roles: [],
      } as const;
      await store.transact(changeDirectory, invitation);
      const { invitations } = await store.listDirectory();
      const { id = '' } = invitations.find((one) => one.email === email) ?? {};
      return `${server.origin}/invitation/${organizations.contoso}.${id}.${text}`;
    }
  });
});
