import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentedReferralId } from '@cosell/server';
import { afterAll, describe, expect, inject, it } from 'vitest';
import {
  cleanUp,
  get,
  getReferral,
  newFolder,
  runCosell,
  runShell,
  type ServerProcess,
  startCosell,
  tokenOf,
} from '../support/cosell-process.ts';
import { availableEngines } from '../support/engines.ts';

afterAll(cleanUp);

/** Everything that a user does on the first day, so that whatever calls home has its occasion. */
async function useIt(server: ServerProcess, DATA_DIR: string): Promise<void> {
  expect((await getReferral(server, documentedReferralId)).status).toBe(200);
  expect((await get(server, '/health/ready')).status).toBe(200);
  expect((await get(server, '/metrics')).status).toBe(200);
  // The library of sign-in is loaded when it is first needed.
  expect((await get(server, '/common/oauth2/v2.0/authorize')).status).toBe(400);
  expect((await get(server, '/v1.0/engagements/referrals/$metadata')).status).toBe(200);
  expect((await runCosell(['token', '--user', 'contoso-admin'], { DATA_DIR })).code).toBe(0);
}

/** Loaded before the program: writes down every connection and look-up that JavaScript asks for. */
const recorder = (file: string) => `
import { appendFileSync } from 'node:fs';
import dgram from 'node:dgram';
import dns from 'node:dns';
import net from 'node:net';
import { syncBuiltinESMExports } from 'node:module';
const note = (what, to) => appendFileSync(${JSON.stringify(file)}, what + ' ' + JSON.stringify(to) + '\\n');
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const to = Array.isArray(args[0]) ? args[0][0] : args[0];
  note('connect', typeof to === 'object' ? { host: to.host, port: to.port, path: to.path } : args);
  return connect.apply(this, args);
};
for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) {
  const before = dns[name];
  dns[name] = (host, ...rest) => { note('look-up', host); return before(host, ...rest); };
  const promised = dns.promises[name];
  dns.promises[name] = (host, ...rest) => { note('look-up', host); return promised.call(dns.promises, host, ...rest); };
}
const send = dgram.Socket.prototype.send;
dgram.Socket.prototype.send = function (...args) { note('datagram', args.slice(1)); return send.apply(this, args); };
syncBuiltinESMExports();
note('recording', process.pid);
`;

function hasStrace(): boolean {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('nothing leaves the machine', () => {
  it('as JavaScript asks for it: no connection and no look-up of a name', async () => {
    const folder = newFolder();
    const file = join(folder, 'calls');
    const module = join(folder, 'recorder.mjs');
    writeFileSync(module, recorder(file));
    const DATA_DIR = join(folder, 'data');
    const server = await startCosell({ DATA_DIR, NODE_OPTIONS: `--import=${module}` });
    await useIt(server, DATA_DIR);
    expect((await server.stop()).code).toBe(0);
    const calls = readFileSync(file, 'utf8').trim().split('\n');
    expect(calls[0]).toBe(`recording ${server.pid}`);
    // The server listens on an address, not a name, and asks for nothing else.
    expect(calls.filter((call) => !call.startsWith('recording ') && call !== 'look-up "127.0.0.1"')).toEqual([]);
  });

  it('records what it should: the same recorder sees a request that does leave', async () => {
    const folder = newFolder();
    const file = join(folder, 'calls');
    const module = join(folder, 'recorder.mjs');
    writeFileSync(module, recorder(file));
    const program = "fetch('http://192.0.2.1:65000/', { signal: AbortSignal.timeout(200) }).catch(() => undefined)";
    await runShell(`"${process.execPath}" --import "${module}" -e "${program}"`);
    expect(readFileSync(file, 'utf8')).toContain('"192.0.2.1"');
  });

  it.skipIf(!hasStrace())('as the system sees it (left out where strace is missing)', async () => {
    const folder = newFolder();
    const trace = join(folder, 'trace');
    const DATA_DIR = join(folder, 'data');
    const calls = 'trace=connect,sendto,sendmsg,sendmmsg';
    const server = await startCosell({ DATA_DIR }, ['strace', '-f', '-qq', '-e', calls, '-o', trace]);
    await useIt(server, DATA_DIR);
    // strace passes no signal on; the server's own number is in its holder file.
    const { pid } = JSON.parse(readFileSync(join(DATA_DIR, 'holder.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGTERM');
    await server.stop('SIGCONT');
    const lines = readFileSync(trace, 'utf8').split('\n');
    expect(lines.filter((line) => /AF_INET|AF_NETLINK/.test(line) && /connect\(|send\w+\(/.test(line))).toEqual([]);
  });
});

describe.each(availableEngines().map(({ name }) => name))('the log on %s', (name) => {
  it('has one JSON line for each request, with its id and nothing personal', async () => {
    const engine = availableEngines().find((one) => one.name === name);
    const place = await engine?.makePlace();
    const DATA_DIR = join(newFolder(), 'data');
    const server = await startCosell({ DATA_DIR, DATABASE_URL: place?.at.databaseUrl });
    const token = tokenOf(server);
    const secret = 'q-marker-7391';
    const answers = [
      await getReferral(server, documentedReferralId),
      await getReferral(server, documentedReferralId, 'not-a-token-at-all'),
      await getReferral(server, '00000000-0000-4000-8000-000000000000'),
      await getReferral(server, `${documentedReferralId}?$search=${secret}`),
      await get(server, `/no/such/path/${secret}`, token),
      await get(server, '/health/live'),
    ];
    const { stderr } = await server.stop();
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const requests = lines.filter(({ kind }) => kind === 'requestAnswered');
    expect(requests.map(({ requestId }) => requestId)).toEqual(answers.map(({ headers }) => headers['request-id']));
    expect(requests.map(({ status }) => status)).toEqual(answers.map(({ status }) => status));
    for (const line of lines)
      expect(line).toMatchObject({ level: expect.any(String), time: expect.stringMatching(/Z$/) });
    expect(lines.at(0)).toMatchObject({ kind: 'serverStarted' });
    expect(lines.at(-2)).toMatchObject({ kind: 'serverStopped', signal: 'SIGTERM' });
    // Where the audit stands is said at the start and at the end.
    const heads = lines.filter(({ kind }) => kind === 'auditHead');
    expect(heads).toMatchObject([{ sequence: expect.any(Number), hash: expect.any(String) }, {}]);
    expect(lines.at(-1)).toBe(heads[1]);
    for (const personal of ['@', 'contoso', 'Contoso', 'jane', 'eyJ', documentedReferralId, secret, 'not-a-token']) {
      expect(stderr).not.toContain(personal);
    }
    await place?.remove();
  });

  it('can be silent', async () => {
    const server = await startCosell({ DATA_DIR: join(newFolder(), 'data'), LOG_LEVEL: 'silent' });
    await getReferral(server, documentedReferralId);
    expect((await server.stop()).stderr).toBe('');
  });
});

describe.skipIf(inject('postgresUrl') === '')('PostgreSQL', () => {
  it('starts, answers the printed request, finds its data again and hands out tokens', async () => {
    const place = await availableEngines()
      .find(({ name }) => name === 'PostgreSQL')
      ?.makeEmptyPlace();
    const settings = { DATABASE_URL: place?.at.databaseUrl };
    const first = await startCosell(settings);
    expect(first.greeting).toContain('Started with new data in PostgreSQL');
    const line = first.greeting.split('\n').find((one) => one.trim().startsWith('curl ')) ?? '';
    expect(JSON.parse((await runShell(line)).stdout)).toMatchObject({ id: documentedReferralId });
    const token = (await runCosell(['token', '--user', 'contoso-admin'], settings)).stdout.trim();
    expect((await getReferral(first, documentedReferralId, token)).status).toBe(200);
    // A role that is given beside a running server holds for the next request.
    const idle = (await runCosell(['token', '--user', 'contoso-no-role'], settings)).stdout.trim();
    expect((await getReferral(first, documentedReferralId, idle)).status).toBe(403);
    const given = await runCosell(
      ['directory', 'add', 'role', 'Referral Admin', '--user', 'contoso-no-role'],
      settings,
    );
    expect([given.code, given.stderr]).toEqual([0, '']);
    expect((await getReferral(first, documentedReferralId, idle)).status).toBe(200);
    expect((await first.stop()).code).toBe(0);
    const second = await startCosell(settings);
    expect(second.greeting).toContain('Found the data of an earlier start in PostgreSQL');
    expect((await getReferral(second, documentedReferralId, tokenOf(first))).status).toBe(200);
    expect((await second.stop('SIGINT')).code).toBe(0);
    await place?.remove();
  });
});
