import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { collection, documented } from '../support/answers.ts';
import { Browser, type Page } from '../support/browser.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { subjects } from '../support/sample.ts';
import { addPrograms, givePassword, makePkce, programs, signInByForms } from '../support/sign-in.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const password = 'three small words';
const name = 'contoso-admin';

/** What the program tells of a token. */
interface Told {
  readonly status: number;
  readonly token: string;
  readonly fromCache: boolean;
  readonly username: string;
  readonly homeAccountId: string;
  readonly tenantId: string;
}

describeOnSqlite('MSAL, over HTTPS', (engine) => {
  let server: TestServer;
  let program: ChildProcess;
  let ca: string;
  let origin: string;
  const folder = mkdtempSync(join(tmpdir(), 'cosell-msal-'));
  const waiting: ((line: Record<string, unknown>) => void)[] = [];
  const hear = () => new Promise<Record<string, unknown>>((resolve) => waiting.push(resolve));
  const order = async <Result>(what: string, input: Record<string, string> = {}): Promise<Result> => {
    const heard = hear();
    program.stdin?.write(`${JSON.stringify({ order: what, ...input })}\n`);
    const { result, error } = (await heard) as { result?: Result; error?: string };
    if (result === undefined) throw new Error(error);
    return result;
  };

  beforeAll(async () => {
    server = await startTestServer(engine, { TLS: 'local', DATA_DIR: folder });
    origin = `https://localhost:${server.port}`;
    const trusted = join(folder, 'tls', 'ca.crt');
    ca = readFileSync(trusted, 'utf8');
    const secrets = await addPrograms(server);
    await givePassword(server, name, password);
    program = spawn(process.execPath, [fileURLToPath(new URL('../support/msal-program.mjs', import.meta.url))], {
      env: {
        PATH: process.env.PATH,
        NODE_EXTRA_CA_CERTS: trusted,
        AUTHORITY: `${origin}/common`,
        TENANT: subjects.admin.tid,
        CLIENT_ID: programs.native,
        ROBOT_ID: programs.robot,
        ROBOT_SECRET: secrets.robot,
        API: `${origin}${collection}/${documented}`,
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (program.stdout === null) throw new Error('the program has no output');
    createInterface({ input: program.stdout }).on('line', (line) => waiting.shift()?.(JSON.parse(line)));
  });
  afterAll(async () => {
    program.kill();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const signIn = (browser: Browser, page: Page) => signInByForms(browser, page, { name, password });

  /** Connects a device, at the page that it names. */
  const connect = async (address: string, userCode: string) => {
    const browser = new Browser(ca);
    let page = await browser.get(address);
    const xsrf = () => /name="xsrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    page = await browser.post(address, { xsrf: xsrf(), user_code: userCode });
    page = await browser.post(address, { xsrf: xsrf(), user_code: userCode, confirm: 'yes' });
    return signIn(browser, page);
  };

  it('signs in by code and PKCE, asks its cache, renews its token, and reads a referral each time', async () => {
    const { verifier, challenge } = makePkce();
    const redirectUri = 'http://localhost:33445';
    const url = await order<string>('authCodeUrl', { challenge, redirectUri });
    expect(url.startsWith(`${origin}/common/oauth2/v2.0/authorize?`)).toBe(true);
    const browser = new Browser(ca);
    const back = await signIn(browser, await browser.get(url));
    const code = new URL(back.location ?? '').searchParams.get('code') ?? '';
    const first = await order<Told>('redeem', { code, verifier, redirectUri });
    expect(first).toMatchObject({
      status: 200,
      fromCache: false,
      username: 'admin@contoso.com',
      tenantId: subjects.admin.tid,
      homeAccountId: `${subjects.admin.oid}.${subjects.admin.tid}`,
    });
    expect(await order<Told>('silent')).toMatchObject({ status: 200, fromCache: true, token: first.token });
    const renewed = await order<Told>('refresh');
    expect(renewed).toMatchObject({ status: 200, fromCache: false });
    expect(await order<Told>('refresh')).toMatchObject({ status: 200, fromCache: false });
    expect(decodeJwt(renewed.token)).toMatchObject({ scp: 'user_impersonation', amr: ['pwd'] });
  });

  it('signs in by device code', async () => {
    const heard = hear();
    const done = order<Told>('device');
    const { device } = (await heard) as { device: { userCode: string; verificationUri: string; message: string } };
    expect(device.message).toContain(device.userCode);
    expect((await connect(device.verificationUri, device.userCode)).text).toContain('Native');
    expect(await done).toMatchObject({ status: 200, username: 'admin@contoso.com' });
  });

  it('is all that the example needs: it signs in by device code and reads a referral', async () => {
    const example = fileURLToPath(new URL('../../examples/msal-sign-in/sign-in.mjs', import.meta.url));
    const running = spawn(process.execPath, [example, origin], {
      env: { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: join(folder, 'tls', 'ca.crt') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said: string[] = [];
    running.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
    const ended = new Promise<number | null>((resolve) => running.once('exit', resolve));
    for await (const line of createInterface({ input: running.stdout })) {
      said.push(line);
      const [, address, userCode] = /page (\S+) in a browser and enter the code (\S+)\./.exec(line) ?? [];
      if (address !== undefined && userCode !== undefined) await connect(address, userCode);
    }
    expect(await ended).toBe(0);
    expect(said.slice(1)).toEqual([
      'You are signed in as admin@contoso.com.',
      expect.stringMatching(/^The referral about .+ is New\.$/),
    ]);
  });

  it('gets a token for a program alone, which opens no referral', async () => {
    const told = await order<Told>('credentials');
    expect(told.status).toBe(403);
    expect(decodeJwt(told.token)).toMatchObject({ idtyp: 'app', appid: programs.robot });
  });
});
