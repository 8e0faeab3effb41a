import { createHash, randomBytes } from 'node:crypto';
import { surroundings } from '@cosell/server';
import { grantConsent } from '@cosell/server/domain/consents';
import { setPassword } from '@cosell/server/domain/credentials';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { newSecret } from '@cosell/server/domain/directory/client-secret';
import type { DirectoryChange } from '@cosell/server/domain/directory/directory-change';
import { createInteractions } from '@cosell/server/http/provider/provider-interactions';
import { createPasswordHasher } from '@cosell/server/identity/password-hasher';
import { Browser, type Page } from './browser.ts';
import type { TestServer } from './test-server.ts';

/** Programs of the sample's Contoso, made for a test. */
export const programs = {
  native: 'c05e1100-0000-4000-8000-0000000000b1',
  web: 'c05e1100-0000-4000-8000-0000000000b2',
  robot: 'c05e1100-0000-4000-8000-0000000000b3',
};

/** Where users of the web application come back. */
export const webAddress = 'https://crm.example.com/signed-in';

/** Adds the programs. Gives the secrets of the web application and of the robot. */
export async function addPrograms(server: TestServer): Promise<{ web: string; robot: string }> {
  const { store } = server.exchange;
  const organization = (await store.listDirectory()).users.find(({ name }) => name === 'contoso-admin')?.organizationId;
  if (organization === undefined) throw new Error('the sample has no Contoso');
  const secrets = { web: newSecret(), robot: newSecret() };
  const changes: DirectoryChange[] = [
    {
      kind: 'addApplication',
      organization,
      name: 'Native',
      clientId: programs.native,
      redirectUris: ['http://localhost', 'http://127.0.0.1/back'],
      isPublic: true,
    },
    {
      kind: 'addApplication',
      organization,
      name: 'Web',
      clientId: programs.web,
      redirectUris: [webAddress],
      isPublic: false,
    },
    { kind: 'addApiClient', organization, name: 'Robot', clientId: programs.robot },
  ];
  for (const change of changes) await store.transact(changeDirectory, change);
  for (const name of ['web', 'robot'] as const) {
    const { hash: secretHash, hint } = secrets[name];
    await store.transact(changeDirectory, { kind: 'addClientSecret', client: programs[name], secretHash, hint });
  }
  return { web: secrets.web.text, robot: secrets.robot.text };
}

/** A verifier and its challenge (RFC 7636). */
export function makePkce(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** Who signs in, and how. */
export interface SigningIn {
  readonly user?: string;
  readonly amr?: readonly string[];
  readonly isAllowed?: boolean;
}

/** Goes from page to page, as a person would, until the browser leaves the pages of sign-in. */
export async function goThrough(
  server: TestServer,
  { browser, page, ...signingIn }: { browser: Browser; page: Page } & SigningIn,
): Promise<Page> {
  const { user: userName = 'contoso-admin', amr = ['pwd'], isAllowed = true } = signingIn;
  const { store } = server.exchange;
  const interactions = createInteractions(store, surroundings);
  const { organizationId = '' } = (await store.listDirectory()).users.find(({ name }) => name === userName) ?? {};
  let current = page;
  for (let steps = 0; steps < 5; steps += 1) {
    const uid = /\/sign-in\/([^/?]+)$/.exec(current.location ?? '')?.[1];
    if (uid === undefined) return current;
    const asked = await interactions.find(uid, browser.cookiesFor(current.location ?? ''));
    if (asked === undefined) throw new Error('the interaction is not of this browser');
    if (asked.prompt === 'signIn') {
      current = await browser.get(await interactions.signIn(uid, { organizationId, userName, amr }));
      continue;
    }
    if (isAllowed) await allow(server, userName, asked.client.clientId);
    current = await browser.get(await interactions.consent(uid, isAllowed));
  }
  throw new Error('the sign-in does not end');
}

/** Stores what a user has allowed. */
export async function allow(server: TestServer, userName: string, clientId: string): Promise<void> {
  const scopes = ['openid', 'profile', 'offline_access', 'user_impersonation'];
  await server.exchange.store.transact(grantConsent, { ...(await consentOf(server, userName, clientId)), scopes });
}

/** Takes it back. */
export async function withdraw(server: TestServer, userName: string, clientId: string): Promise<void> {
  const { organizationId: organization } = await consentOf(server, userName, clientId);
  const change = { kind: 'withdrawConsent', organization, userName, clientId } as const;
  await server.exchange.store.transact(changeDirectory, change);
}

async function consentOf(server: TestServer, userName: string, clientId: string) {
  const { users } = await server.exchange.store.listDirectory();
  const { organizationId = '' } = users.find(({ name }) => name === userName) ?? {};
  return { organizationId, userName, clientId, nowMs: Date.now(), by: undefined };
}

/** Gives a user a password, which may be good for one sign-in only. */
export async function givePassword(
  server: TestServer,
  userName: string,
  password: string,
  isTemporary = false,
): Promise<void> {
  const { organizationId = '' } =
    (await server.exchange.store.listDirectory()).users.find(({ name }) => name === userName) ?? {};
  await server.exchange.store.transact(setPassword, {
    organizationId,
    userName,
    passwordHash: await createPasswordHasher().hash(password),
    isTemporary,
    nowMs: Date.now(),
    by: undefined,
  });
}

/** Signs in by the pages themselves, form by form, and gives what the browser is sent to at last. */
export async function signInByForms(
  browser: Browser,
  page: Page,
  { name, password }: { name: string; password: string },
): Promise<Page> {
  let [current, at] = [page, ''];
  for (let steps = 0; steps < 8; steps += 1) {
    const next = current.location ?? /http-equiv="refresh" content="0; url=([^"]+)"/.exec(current.text)?.[1];
    if (next !== undefined) {
      at = new URL(next.replaceAll('&amp;', '&'), at === '' ? undefined : at).href;
      if (!/\/(sign-in|authorize|device)\b/.test(new URL(at).pathname)) return { ...current, location: at };
      current = await browser.get(at);
      continue;
    }
    if (!/\/sign-in\//.test(at)) return current;
    const fields = Object.fromEntries(
      [...current.text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map((found) => [
        found[1],
        found[2],
      ]),
    ) as Record<string, string>;
    const isConsent = current.text.includes('name="decision"');
    const entered = isConsent ? { decision: 'allow' } : { name, password };
    current = await browser.post(at, { ...fields, ...entered });
  }
  throw new Error(`the sign-in does not end: ${current.text}`);
}

/** What a token endpoint answers. */
export interface TokenAnswer extends Record<string, unknown> {
  readonly status: number;
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: string;
  readonly error?: string;
  readonly error_description?: string;
}

/** Asks for tokens. */
export async function askForTokens(
  server: TestServer,
  fields: Readonly<Record<string, string>>,
  path = '/common/oauth2/v2.0/token',
): Promise<TokenAnswer> {
  const { status, text } = await new Browser().post(server.origin + path, fields);
  return { ...(JSON.parse(text) as TokenAnswer), status };
}

/** Signs in by code and PKCE, in a browser of its own, and redeems the code. */
export async function signInByCode(
  server: TestServer,
  { path = '/common/oauth2/v2.0', ...signingIn }: SigningIn & { path?: string } = {},
  parameters: Readonly<Record<string, string>> = {},
): Promise<TokenAnswer & { readonly redeem: () => Promise<TokenAnswer> }> {
  const browser = new Browser();
  const { verifier, challenge } = makePkce();
  const address = 'http://localhost:45678';
  const asked = {
    client_id: programs.native,
    response_type: 'code',
    redirect_uri: address,
    scope: 'openid profile offline_access https://api.partner.microsoft.com/.default',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...parameters,
  };
  const first = await browser.get(`${server.origin}${path}/authorize?${new URLSearchParams(asked)}`);
  const last = await goThrough(server, { browser, page: first, ...signingIn });
  const code = new URL(last.location ?? '').searchParams.get('code') ?? '';
  const fields = {
    client_id: programs.native,
    grant_type: 'authorization_code',
    code,
    redirect_uri: address,
    code_verifier: verifier,
  };
  const redeem = () => askForTokens(server, fields, `${path}/token`);
  return { ...(await redeem()), redeem };
}
