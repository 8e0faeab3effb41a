import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Directory, documentedReferralId, socketPathOf } from '@cosell/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capturedReferral, contoso } from '../support/capture-files.ts';
import { runCosellHere } from '../support/cosell-here.ts';
import {
  cleanUp,
  cosellFile,
  getReferral,
  launch,
  newFolder,
  runCosell,
  runShell,
  type ServerProcess,
  startCosell,
} from '../support/cosell-process.ts';

afterAll(cleanUp);

const owner = '5b0c9c1e-6f5d-4c57-8a5e-2d1f0e9b7a43';

describe.each([
  ['with no server', false],
  ['while a server holds the folder', true],
])('the command line, %s', (_title, isServed) => {
  const settings = { DATA_DIR: '' };
  let server: ServerProcess | undefined;
  beforeAll(async () => {
    settings.DATA_DIR = join(newFolder(), 'data');
    server = await startCosell(settings);
    if (!isServed) await server.stop();
  });
  afterAll(async () => {
    if (isServed) await server?.stop();
  });

  // What is asked many things is run here; a test that asks a few things asks processes.
  let run: typeof runCosell | typeof runCosellHere = runCosell;
  const cosell = (...args: string[]) => run(args, settings);
  const here = (test: () => Promise<void>) => async () => {
    run = runCosellHere;
    try {
      await test();
    } finally {
      run = runCosell;
    }
  };
  // What is said about each change is made by the same code in either process, so it is tried in one.
  const onceOnly: (title: string, test: () => Promise<void>, timeoutMs?: number) => void = isServed
    ? it
    : () => undefined;

  /** One line of answer. */
  async function expectDone(args: readonly string[], text: string | RegExp): Promise<void> {
    const { code, stdout, stderr } = await cosell(...args);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(text);
    expect(stdout).toMatch(/^[^\n]+\n$/);
  }

  /** One line that says why not. */
  async function expectRefused(args: readonly string[], text: string | RegExp): Promise<void> {
    const { code, stdout, stderr } = await cosell(...args);
    expect(stderr).toMatch(text);
    expect(stderr).toMatch(/^[^\n]+\.\n$/);
    expect([code, stdout]).toEqual([1, '']);
  }

  it('is handed over by the socket where it should be', () => {
    expect(existsSync(socketPathOf(settings.DATA_DIR))).toBe(isServed);
  });

  it(
    'gives a user a password for one sign-in, and takes his second factor away',
    here(async () => {
      const given = [await cosell('password', 'contoso-user'), await cosell('password', 'JANE.DOE@contoso.com')];
      const passwords = given.map(({ stdout }) => /^ {2}([a-z2-9]{5}(?:-[a-z2-9]{5}){3})$/m.exec(stdout)?.[1]);
      expect(given.map(({ code, stderr }) => [code, stderr])).toEqual([
        [0, ''],
        [0, ''],
      ]);
      expect(new Set(passwords).size).toBe(2);
      expect(passwords).not.toContain(undefined);
      await expectDone(['second-factor', 'reset', 'contoso-user'], 'contoso-user has no second factor now.\n');
      await expectRefused(['password', 'nobody'], /^Nothing was changed: there is no user nobody; npx --no cosell /);
    }),
  );

  it('mints tokens by name and by e-mail address', async () => {
    for (const user of ['contoso-admin', 'ADMIN@contoso.com']) {
      const { code, stdout, stderr } = await cosell('token', '--user', user);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
      const claims = JSON.parse(Buffer.from(stdout.split('.')[1] ?? '', 'base64url').toString()) as object;
      expect(claims).toMatchObject({ name: 'contoso-admin', scp: 'user_impersonation' });
      if (isServed && server !== undefined) {
        expect((await getReferral(server, documentedReferralId, stdout.trim())).status).toBe(200);
      }
    }
    await expectRefused(
      ['token', '--user', 'nobody'],
      /^No token was made: there is no user nobody; npx --no cosell directory list names those that there are\./,
    );
  });

  it('prints a referral, and says why not', async () => {
    const { code, stdout } = await cosell('get', documentedReferralId.toUpperCase());
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { id: documentedReferralId, status: 'New' }]);
    await expectRefused(['get', randomUUID()], 'No organisation has a referral');
    await expectRefused(['get', '4711'], 'A referral id has 32 hexadecimal digits');
  });

  it('lists the directory, as text and as JSON', async () => {
    const text = (await cosell('directory', 'list')).stdout;
    expect(text).toContain(`Contoso Company (${contoso}), tenant 3f6b1c5e-8f0a-4b52-9d3e-0c1a2b3c4d5e\n`);
    expect(text).toContain('  location 5598765  London\n');
    expect(text).toContain('  user contoso-london-admin  london@contoso.com  Referral Admin of 5598765\n');
    expect(text).toContain('  user contoso-no-role  intern@contoso.com  no role\n');
    const json = JSON.parse((await cosell('directory', 'list', '--json')).stdout) as Directory;
    expect(json.organizations.map(({ id }) => id)).toEqual([owner, contoso, 'msft'].sort());
  });

  onceOnly(
    'adds and removes an organisation with all that belongs to it',
    here(async () => {
      const id = randomUUID();
      await expectDone(
        ['directory', 'add', 'organization', id, '--name', 'Wingtip'],
        `Wingtip (${id}) is in the directory.`,
      );
      await expectDone(
        ['directory', 'add', 'location', '42', '--organization', 'wingtip', '--name', 'Bonn'],
        /Bonn \(42\)/,
      );
      const user = ['user', 'wing', '--organization', id];
      await expectDone(
        ['directory', 'add', ...user, '--email', 'w@wingtip.example'],
        /User wing of Wingtip .*subject [0-9a-f-]{36}/,
      );
      await expectDone(['directory', 'add', ...user, '--email', 'new@wingtip.example'], /User wing of Wingtip/);
      await expectDone(
        ['directory', 'add', 'role', 'referral-admin', '--user', 'wing', '--location', '42'],
        /of location 42\./,
      );
      await expectDone(
        ['directory', 'add', 'role', 'Global Admin', '--user', 'new@wingtip.example'],
        /of the whole company\./,
      );
      expect((await cosell('directory', 'list')).stdout).toContain(
        'user wing  new@wingtip.example  Global Admin, Referral Admin of 42',
      );
      await expectRefused(
        ['directory', 'remove', 'organization', id],
        /Wingtip has users or locations; remove them first/,
      );
      await expectRefused(
        ['directory', 'remove', 'location', '42', '--organization', id],
        /location 42 is named by roles of wing; remove these roles first\./,
      );
      await expectDone(
        ['directory', 'remove', 'role', 'ReferralAdmin', '--user', 'wing', '--location', '42'],
        /no longer/,
      );
      await expectDone(['directory', 'remove', 'location', '42', '--organization', id], /was removed/);
      await expectDone(['directory', 'remove', 'user', 'wing'], /User wing was removed/);
      await expectDone(['directory', 'remove', 'organization', id], /was removed/);
      expect((await cosell('directory', 'list')).stdout).not.toContain('ing');
    }),
  );

  onceOnly(
    'routes what Microsoft sends, by one rule for each solution and market',
    here(async () => {
      const rule = (...more: string[]) => ['routing-rule', '--organization', 'Contoso Company', ...more];
      const add = (...more: string[]) => ['directory', 'add', ...rule(...more)];
      await expectDone(add('--location', '5512345'), /for all solutions in all markets go to location 5512345\./);
      await expectDone(
        add('--solution', 'SOL-34104-EBB', '--country', 'gb', '--location', '5512345'),
        /for SOL-34104-EBB in GB go to location 5512345\./,
      );
      await expectDone(
        add('--country', 'GB', '--solution', 'SOL-34104-EBB', '--location', '5598765'),
        /go to location 5598765, no longer to 5512345\./,
      );
      const { stdout } = await cosell('directory', 'list');
      expect(stdout.match(/ {2}routing .*/g)).toEqual([
        '  routing all solutions in all markets to 5512345',
        '  routing SOL-34104-EBB in GB to 5598765',
      ]);
      const { routingRules } = JSON.parse((await cosell('directory', 'list', '--json')).stdout) as Directory;
      expect(routingRules).toEqual([
        { organizationId: contoso, solutionId: null, country: null, mpnId: '5512345' },
        { organizationId: contoso, solutionId: 'SOL-34104-EBB', country: 'GB', mpnId: '5598765' },
      ]);
      await expectRefused(
        ['directory', 'remove', 'location', '5512345', '--organization', contoso],
        /routing rules send referrals to location 5512345; remove or change them first\./,
      );
      await expectDone(
        ['directory', 'remove', ...rule('--solution', 'SOL-34104-EBB', '--country', 'GB')],
        /was removed/,
      );
      await expectDone(['directory', 'remove', ...rule()], /for all solutions in all markets was removed/);
      expect((await cosell('directory', 'list')).stdout).not.toContain('routing');
    }),
  );

  onceOnly(
    'keeps programs, secrets and invitations, and deactivates and activates',
    here(async () => {
      const add = (...args: string[]) => ['directory', 'add', ...args];
      const by = ['--organization', contoso];
      const uri = ['--redirect-uri', 'https://a.example/x', '--redirect-uri', 'http://localhost'];
      await expectDone(add('application', 'Desk', ...by, ...uri), /Application Desk \(client id [0-9a-f-]{36}\)/);
      await expectDone(add('api-client', 'Robot', ...by), /API client Robot \(client id [0-9a-f-]{36}\)/);
      const secret = await cosell(...add('secret', '--client', 'Robot', '--days', '30'));
      const [sentence = '', text = ''] = secret.stdout.split('\n');
      expect([sentence, text]).toEqual([
        expect.stringMatching(/^API client Robot has a new secret .* It is shown this once:$/),
        expect.stringMatching(/^[\w-]{43}$/),
      ]);
      const invite = ['directory', 'invite', 'joe@contoso.com', ...by, '--role', 'Referral User:5512345'];
      const [, link = ''] = (await cosell(...invite)).stdout.split('\n');
      expect(link).toMatch(new RegExp(`^https?://[^/]+/invitation/${contoso}\\.[0-9a-f-]{36}\\.[\\w-]{43}$`));
      const json = (await cosell('directory', 'list', '--json')).stdout;
      expect(json).not.toContain(text);
      const { clients, invitations } = JSON.parse(json) as Directory;
      const robot = clients.find(({ name }) => name === 'Robot');
      expect(robot?.secrets).toMatchObject([{ hint: text.slice(0, 3) }]);
      expect(invitations).toMatchObject([
        { email: 'joe@contoso.com', roles: [{ role: 'ReferralUser', mpnId: '5512345' }] },
      ]);
      for (const args of [
        ['location', '5598765', ...by],
        ['user', 'contoso-user'],
        ['client', 'Desk'],
        ['organization', owner],
      ]) {
        await expectDone(['directory', 'deactivate', ...args], /not active|no new referrals/);
        expect((await cosell('directory', 'list')).stdout).toContain(', not active\n');
        await expectDone(['directory', 'activate', ...args], /is active|takes referrals/);
        expect((await cosell('directory', 'list')).stdout).not.toContain('not active');
      }
      const remove = (...args: string[]) => ['directory', 'remove', ...args];
      await expectDone(remove('secret', robot?.secrets[0]?.id ?? '', '--client', 'Robot'), /was removed/);
      await expectDone(remove('invitation', invitations[0]?.id ?? '', ...by), /was withdrawn/);
      expect((await cosell('directory', 'list')).stdout).toContain(`api-client ${robot?.clientId}  Robot  no secret\n`);
      await expectRefused(add('secret', '--client', 'Sample native application'), /is public/);
      await expectRefused(add('application', 'X', ...by, '--redirect-uri', 'http://a.example'), /begins with https/);
    }),
    90_000,
  );

  onceOnly(
    'refuses what would make the directory wrong',
    here(async () => {
      const add = (...args: string[]) => ['directory', 'add', ...args];
      const remove = (...args: string[]) => ['directory', 'remove', ...args];
      const by = (organization: string) => ['--organization', organization];
      const email = ['--email', 'a@b.example'];
      const refusals: [string[], RegExp][] = [
        [add('organization', '4711', '--name', 'X'), /the id of an organisation is a GUID, or msft\./],
        [add('organization', randomUUID(), '--name', ' '), /a name is text on one line/],
        [
          add('organization', randomUUID(), '--name', 'X', '--tenant', '3F6B1C5E-8F0A-4B52-9D3E-0C1A2B3C4D5E'),
          /belongs to another/,
        ],
        [add('location', 'Bonn', ...by(contoso), '--name', 'Bonn'), /the id of a location is a number/],
        [add('location', '1', ...by('Nobody Ltd'), '--name', 'Bonn'), /there is no organisation Nobody Ltd; .*list/],
        [add('location', '1', ...by(contoso), '--name', 'Bo\nnn'), /a name is text on one line/],
        [add('user', 'u', ...by('Nobody Ltd'), ...email), /there is no organisation Nobody Ltd; .*list/],
        [add('user', 'u', ...by(contoso), '--email', 'nowhere'), /"nowhere" is not an e-mail address\./],
        [add('user', '', ...by(contoso), ...email), /a name is text on one line/],
        [add('user', 'contoso-admin', ...by(owner), ...email), /another organisation has a user named contoso-admin\./],
        [
          add('user', 'u', ...by(contoso), ...email, '--tenant', randomUUID()),
          /that tenant does not belong to Contoso/,
        ],
        [
          add('user', 'u', ...by(contoso), ...email, '--subject', '00000000-0000-4000-8000-0000000C0001'),
          /the subject .* is the user contoso-admin already\./,
        ],
        [add('role', 'Boss', '--user', 'contoso-admin'), /there is no role Boss; the roles are Global Admin, /],
        [add('role', 'Referral User', '--user', 'nobody'), /there is no user nobody\./],
        [
          add('role', 'Global Admin', '--user', 'contoso-admin', '--location', '5512345'),
          /is a role for the whole company\./,
        ],
        [
          add('role', 'Referral Admin', '--user', 'contoso-admin', '--location', '1'),
          /has no location 1; add it first\./,
        ],
        [add('role', 'Referral Admin', '--user', 'contoso-admin', '--location', '7700001'), /has no location 7700001/],
        [add('routing-rule', ...by(contoso), '--location', '1'), /has no location 1/],
        [add('routing-rule', ...by('msft'), '--location', '1'), /routed to partners, and Microsoft is none\./],
        [add('routing-rule', ...by(contoso), '--location', '5512345', '--country', 'UK'), /UK is no country/],
        [add('routing-rule', ...by(contoso), '--location', '5512345', '--solution', 'a b'), /text without spaces/],
        [remove('routing-rule', ...by(contoso)), /has no routing rule for all solutions in all markets\./],
        [remove('organization', contoso), /Contoso Company owns referrals, so it stays\./],
        [remove('organization', randomUUID()), /there is no organisation/],
        [remove('location', '1', ...by(contoso)), /has no location 1/],
        [remove('location', '5598765', ...by(contoso)), /named by roles of contoso-london-admin/],
        [remove('user', 'nobody'), /there is no user nobody\./],
        [
          remove('role', 'Global Admin', '--user', 'contoso-admin'),
          /contoso-admin is not Global Admin of the whole company\./,
        ],
        [
          remove('role', 'Referral Admin', '--user', 'contoso-london-admin'),
          /is not Referral Admin of the whole company\./,
        ],
      ];
      const before = (await cosell('directory', 'list', '--json')).stdout;
      for (const [args, text] of refusals) await expectRefused(args, text);
      expect((await cosell('directory', 'list', '--json')).stdout).toBe(before);
    }),
    90_000,
  );

  it('finds a user whose oid was given in capital letters by his token', async () => {
    const subject = randomUUID().toUpperCase();
    const args = ['user', 'loud', '--organization', contoso, '--email', 'loud@contoso.com', '--subject', subject];
    await expectDone(['directory', 'add', ...args], subject.toLowerCase());
    await expectDone(['directory', 'add', 'role', 'Referral Admin', '--user', 'loud'], /whole company/);
    const token = (await cosell('token', '--user', 'loud')).stdout.trim();
    if (isServed && server !== undefined)
      expect((await getReferral(server, documentedReferralId, token)).status).toBe(200);
    await expectDone(['directory', 'remove', 'user', 'loud'], /was removed/);
  });

  it.runIf(isServed)('gives and takes a role that holds for the next request', async () => {
    if (server === undefined) return;
    const token = (await cosell('token', '--user', 'contoso-no-role')).stdout.trim();
    const ask = async () => (await getReferral(server as ServerProcess, documentedReferralId, token)).status;
    expect(await ask()).toBe(403);
    await expectDone(['directory', 'add', 'role', 'Global Admin', '--user', 'contoso-no-role'], /is Global Admin/);
    expect(await ask()).toBe(200);
    await expectDone(['directory', 'remove', 'role', 'Global Admin', '--user', 'contoso-no-role'], /no longer/);
    expect(await ask()).toBe(403);
  });

  it('ends quietly when its reader has seen enough', async () => {
    const line = `"${process.execPath}" "${cosellFile}" directory list | head -1`;
    const { stdout, stderr } = await runShell(line, settings);
    expect([stdout.split('\n').length, stderr]).toEqual([2, '']);
  });
});

describe('the socket', () => {
  it('serves a data folder whose path is too long for one, and no other user', async () => {
    const DATA_DIR = join(newFolder(), 'a'.repeat(60), 'b'.repeat(60), 'data');
    const server = await startCosell({ DATA_DIR });
    expect(Buffer.byteLength(DATA_DIR)).toBeGreaterThan(100);
    expect(socketPathOf(DATA_DIR).startsWith(tmpdir())).toBe(true);
    const { code, stdout } = await runCosell(['token', '--user', 'contoso-admin'], { DATA_DIR });
    expect(code).toBe(0);
    expect((await getReferral(server, documentedReferralId, stdout.trim())).status).toBe(200);
    await server.stop();
  });

  it('says so in one line where even the temporary folder has too long a path', async () => {
    const TMPDIR = join(newFolder(), 't'.repeat(90));
    mkdirSync(TMPDIR);
    const DATA_DIR = join(newFolder(), 'd'.repeat(100));
    const { code, stdout, stderr } = await runCosell(['start'], { DATA_DIR, TMPDIR });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^No socket can have so long a path as [^\n]+ Use a shorter DATA_DIR, or a shorter TMPDIR\.\n$/,
    );
  });

  it('that a killed server left behind is in nobody’s way', async () => {
    const settings = { DATA_DIR: join(newFolder(), 'data') };
    await (await startCosell(settings)).stop('SIGKILL');
    expect(existsSync(join(settings.DATA_DIR, 'socket'))).toBe(true);
    expect((await runCosell(['token', '--user', 'contoso-admin'], settings)).code).toBe(0);
    const server = await startCosell(settings);
    expect((await runCosell(['get', documentedReferralId], settings)).code).toBe(0);
    expect((await server.stop()).code).toBe(0);
  });

  it('is missing while another command holds the folder, which is said with its number', async () => {
    const settings = { DATA_DIR: join(newFolder(), 'data') };
    // A capture that is still being written keeps the folder free: it is taken when the loading begins.
    const many = Array.from({ length: 6_000 }, () => JSON.stringify(capturedReferral())).join('\n');
    const { child, ended } = launch(process.execPath, [cosellFile, 'import', '-'], settings);
    child.stdin.end(many);
    const holder = join(settings.DATA_DIR, 'holder.json');
    const database = join(settings.DATA_DIR, 'cosell.db-wal');
    while (!existsSync(holder) || !existsSync(database)) await new Promise((resolve) => setTimeout(resolve, 5));
    const refused = await runCosell(['directory', 'list'], settings);
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toBe(
      `cosell import (process ${child.pid}) holds ${settings.DATA_DIR} and does not answer. Wait until it is done, or stop it.\n`,
    );
    expect((await ended).code).toBe(0);
  });
});
