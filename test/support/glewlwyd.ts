import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteDatabase } from '@cosell/server/store/sqlite/driver';
import { freePort } from './postgres-server.ts';

/** Where Debian's packages keep what makes an empty database, and the modules of the program. */
const schemaFile = '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3';
const modules = '/usr/lib/glewlwyd';

const secret = 'a secret of the client';
const password = 'correct horse';
const redirect = 'http://127.0.0.1/callback';

/** Glewlwyd, an OpenID Connect provider of other people's making, with its data in a temporary folder. */
export interface Glewlwyd {
  /** Its `iss`. */
  readonly issuer: string;
  /** Signs a user in by name and password, and by the code that comes of it, with PKCE. */
  signIn(user: string): Promise<string>;
  /** The access token for a user's name and password. */
  tokenOf(user: string): Promise<string>;
  /** An access token for the client alone. */
  tokenOfClient(): Promise<string>;
  /** Signs with another key from now on, and publishes no other. */
  changeKey(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it with some users, whose tokens have the audience and the scope `cosell`. */
export async function startGlewlwyd(users: readonly string[]): Promise<Glewlwyd> {
  const folder = mkdtempSync(join(tmpdir(), 'cosell-glewlwyd-'));
  const port = await freePort();
  const base = `http://127.0.0.1:${port}/api`;
  const database = new SqliteDatabase(join(folder, 'glewlwyd.db'));
  database.exec(readFileSync(schemaFile, 'utf8'));
  database.close();
  writeFileSync(join(folder, 'glewlwyd.conf'), settings(port, folder));
  const program = spawn('glewlwyd', ['-c', join(folder, 'glewlwyd.conf')], { stdio: 'ignore' });
  await untilAnswering(base, program);
  const admin = await cookieOf(base, 'admin', 'password');
  const manage = (method: string, path: string, body?: unknown) => send(`${base}/${path}`, method, body, admin);
  const issuer = `${base}/oidc`;
  await manage('POST', 'mod/plugin/', plugin(issuer));
  await manage('POST', 'scope/', { name: 'cosell', display_name: 'Cosell', password_required: true });
  for (const username of users) {
    await manage('POST', 'user/', { username, password, enabled: true, scope: ['openid', 'cosell'] });
  }
  await manage('POST', 'client/', {
    client_id: 'crm',
    password: secret,
    confidential: true,
    enabled: true,
    authorization_type: ['code', 'password', 'client_credentials'],
    token_endpoint_auth_method: ['client_secret_basic'],
    redirect_uri: [redirect],
    scope: ['cosell'],
  });
  const tokenFor = async (parameters: Record<string, string>) => {
    const authorization = `Basic ${Buffer.from(`crm:${secret}`).toString('base64')}`;
    const body = new URLSearchParams(parameters);
    const answer = await fetch(`${issuer}/token`, { method: 'POST', headers: { authorization }, body });
    if (!answer.ok) throw new Error(`no token: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { access_token: string }).access_token;
  };
  return {
    issuer,
    async signIn(username) {
      const cookie = await cookieOf(base, username, password);
      await send(`${base}/auth/grant/crm`, 'PUT', { scope: 'cosell' }, cookie);
      const verifier = randomBytes(32).toString('base64url');
      const asked = new URLSearchParams({
        response_type: 'code',
        client_id: 'crm',
        redirect_uri: redirect,
        scope: 'cosell',
        state: 'there and back',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        g_continue: '',
      });
      const answer = await fetch(`${issuer}/auth?${asked}`, { headers: { cookie }, redirect: 'manual' });
      const back = new URL(answer.headers.get('location') ?? 'none:');
      const code = back.searchParams.get('code') ?? '';
      return tokenFor({ grant_type: 'authorization_code', code, redirect_uri: redirect, code_verifier: verifier });
    },
    tokenOf: (username) => tokenFor({ grant_type: 'password', username, password, scope: 'cosell' }),
    tokenOfClient: () => tokenFor({ grant_type: 'client_credentials', scope: 'cosell' }),
    async changeKey() {
      await manage('DELETE', 'mod/plugin/oidc');
      await manage('POST', 'mod/plugin/', plugin(issuer));
    },
    async stop() {
      const ended = new Promise((resolve) => program.once('exit', resolve));
      if (program.exitCode === null && program.signalCode === null && program.kill('SIGKILL')) await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function settings(port: number, folder: string): string {
  return `
port=${port}
bind_address="127.0.0.1"
external_url="http://127.0.0.1:${port}"
login_url="login.html"
api_prefix="api"
log_mode="console"
log_level="NONE"
cookie_secure=0
session_expiration=3600
session_key="GLEWLWYD2_SESSION_ID"
login_api_enabled=true
admin_scope="g_admin"
profile_scope="g_profile"
user_module_path="${modules}/user"
user_middleware_module_path="${modules}/user_middleware"
client_module_path="${modules}/client"
user_auth_scheme_module_path="${modules}/scheme"
plugin_module_path="${modules}/plugin"
hash_algorithm="SHA512"
database = { type = "sqlite3"; path = "${join(folder, 'glewlwyd.db')}"; };
`;
}

/** Its OpenID Connect plugin with a key of its own. */
function plugin(iss: string) {
  const { publicKey: cert, privateKey: key } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const parameters = {
    iss,
    'jwt-type': 'rsa',
    'jwt-key-size': '256',
    key,
    cert,
    'access-token-duration': 3600,
    'refresh-token-duration': 3600,
    'code-duration': 600,
    'refresh-token-rolling': true,
    'auth-type-code-enabled': true,
    'auth-type-password-enabled': true,
    'auth-type-client-enabled': true,
    'allow-non-oidc': true,
    'jwks-show': true,
    'pkce-allowed': true,
    'subject-type': 'public',
    'secret-type': 'pairwise',
    'name-claim': 'no',
    'email-claim': 'no',
    'scope-claim': 'no',
    'address-claim': { type: 'no' },
  };
  return { module: 'oidc', name: 'oidc', display_name: 'OpenID Connect', parameters };
}

async function send(url: string, method: string, body: unknown, cookie: string): Promise<void> {
  const headers = { cookie, 'content-type': 'application/json' };
  const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
}

async function cookieOf(base: string, username: string, word: string): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ username, password: word });
  const answer = await fetch(`${base}/auth/`, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(`${username} was not signed in: ${answer.status}`);
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

async function untilAnswering(base: string, program: ChildProcess): Promise<void> {
  for (;;) {
    if (program.exitCode !== null) throw new Error(`glewlwyd has ended with ${program.exitCode}`);
    if (
      await fetch(`${base}/auth/`).then(
        () => true,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
