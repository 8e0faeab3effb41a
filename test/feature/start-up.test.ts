import { readdirSync, statSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { documentedReferralId } from '@cosell/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  cleanUp,
  getReferral,
  newFolder,
  runCosell,
  runShell,
  type ServerProcess,
  startCosell,
  tokenOf,
} from '../support/cosell-process.ts';

afterAll(cleanUp);

function curlLine(greeting: string): string {
  return greeting.split('\n').find((line) => line.trim().startsWith('curl ')) ?? '';
}

describe('a first start', () => {
  const DATA_DIR = join(newFolder(), 'deep', 'data');
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startCosell({ DATA_DIR });
  });

  it('prints the address, a request, how to get another token and how to stop, in this order', () => {
    const places = [
      'The Referrals API answers at',
      'curl ',
      'Get another token:',
      'the password of this folder is',
      'Stop the server:',
      'Started with new',
    ];
    const found = places.map((text) => server.greeting.indexOf(text));
    expect(found.every((place) => place >= 0)).toBe(true);
    expect(found).toEqual([...found].sort((a, b) => a - b));
    expect(server.greeting).toContain(`${server.origin}/v1.0/engagements/referrals`);
    expect(server.greeting).toContain(DATA_DIR);
    expect(new URL(server.origin).hostname).toBe('127.0.0.1');
  });

  it('prints a curl line that gives the documented referral as it stands', async () => {
    const { code, stdout } = await runShell(`${curlLine(server.greeting).trim()} -sS -w '\\n%{http_code}'`);
    expect(code).toBe(0);
    const [body = '', status] = stdout.split('\n');
    expect(status).toBe('200');
    expect(JSON.parse(body)).toMatchObject({ id: documentedReferralId, organizationName: 'Contoso Company' });
    // As it stands, to the letter.
    expect(JSON.parse((await runShell(curlLine(server.greeting))).stdout)).toMatchObject({ id: documentedReferralId });
  });

  it('prints a command that gives another token', async () => {
    const command = /Get another token: +(.+)/.exec(server.greeting)?.[1] ?? '';
    const { code, stdout, stderr } = await runShell(command, { DATA_DIR });
    expect(code, stderr).toBe(0);
    expect((await getReferral(server, documentedReferralId, stdout.trim())).status).toBe(200);
  });

  it('makes a data folder that nobody else can read', async () => {
    await getReferral(server, documentedReferralId);
    const files = readdirSync(DATA_DIR);
    expect(files).toEqual(expect.arrayContaining(['cosell.db', 'holder.json', 'lock', 'socket']));
    expect((statSync(DATA_DIR).mode & 0o777).toString(8)).toBe('700');
    for (const file of files) expect([file, statSync(join(DATA_DIR, file)).mode & 0o077]).toEqual([file, 0]);
  });

  it('leaves nothing behind but its data, all of it in one file', async () => {
    await server.stop();
    const files = readdirSync(DATA_DIR).filter((file) => statSync(join(DATA_DIR, file)).size > 0);
    expect(files.filter((file) => !file.endsWith('-shm'))).toEqual(['cosell.db']);
  });
});

describe('a second start', () => {
  it('finds its data again, says so, and knows the tokens of the first', async () => {
    const settings = { DATA_DIR: join(newFolder(), 'data') };
    const first = await startCosell(settings);
    const before = await getReferral(first, documentedReferralId);
    await first.stop();
    const second = await startCosell(settings);
    expect(second.greeting).toContain(`Found the data of an earlier start in ${settings.DATA_DIR}`);
    const after = await getReferral(second, documentedReferralId, tokenOf(first));
    expect(after.status).toBe(200);
    expect(after.headers.etag).toBe(before.headers.etag);
  });

  it('finds an exchange without the sample again', async () => {
    const settings = { DATA_DIR: join(newFolder(), 'data'), SANDBOX: 'false' };
    const first = await startCosell(settings);
    expect(first.greeting).toContain('Started with new data');
    await first.stop();
    expect((await startCosell(settings)).greeting).toContain('Found the data of an earlier start');
  });

  it('works after kill -9', async () => {
    const settings = { DATA_DIR: join(newFolder(), 'data') };
    const first = await startCosell(settings);
    await first.stop('SIGKILL');
    expect(readdirSync(settings.DATA_DIR)).toContain('socket');
    const second = await startCosell(settings);
    expect((await getReferral(second, documentedReferralId, tokenOf(first))).status).toBe(200);
    const token = await runCosell(['token', '--user', 'contoso-admin'], settings);
    expect([token.code, token.stderr]).toEqual([0, '']);
  });

  it('looks through the database file after kill -9, and the log says what it has found', async () => {
    const settings = { DATA_DIR: join(newFolder(), 'data') };
    await (await startCosell(settings)).stop('SIGKILL');
    const second = await startCosell(settings);
    const check = async () =>
      ((await (await fetch(`${second.origin}/health/ready`)).json()) as { check: string }).check;
    while ((await check()) === 'running') await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await check()).toBe('ok');
    const { stderr } = await second.stop();
    expect(stderr).toMatch(/\{"level":"info",[^\n]*"kind":"fileChecked","state":"ok","faults":\[\]\}/);
  });
});

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it('ends an idle server at once, with code 0', async () => {
    const server = await startCosell({ DATA_DIR: join(newFolder(), 'data') });
    const begun = performance.now();
    const { code, signal: by } = await server.stop(signal);
    expect([code, by]).toEqual([0, null]);
    expect(performance.now() - begun).toBeLessThan(2_000);
    expect(server.stderr()).toContain(`"signal":"${signal}"`);
  });
});

describe('a signal to end', () => {
  it('ends a busy server within 10 s, and answers what has arrived', async () => {
    const server = await startCosell({ DATA_DIR: join(newFolder(), 'data') });
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    const statuses: (number | string)[] = [];
    let isStopping = false;
    const ask = () =>
      new Promise<void>((resolve) => {
        const url = `${server.origin}/v1.0/engagements/referrals/${documentedReferralId}`;
        const asking = request(url, { agent, headers: { authorization: `Bearer ${tokenOf(server)}` } }, (response) => {
          response.resume();
          response.once('close', () => {
            statuses.push(response.complete ? (response.statusCode ?? 0) : 'cut off');
            resolve();
          });
        });
        asking.once('error', () => {
          isStopping = true;
          resolve();
        });
        asking.end();
      });
    const asking = Promise.all(
      Array.from({ length: 16 }, async () => {
        while (!isStopping) await ask();
      }),
    );
    // One who never finishes his request, and one who never begins.
    const half = connect(Number(new URL(server.origin).port), '127.0.0.1');
    half.on('error', () => undefined);
    half.write('GET /v1.0/engagements/referrals/1 HTTP/1.1\r\nHost: 127.0.0.1\r\n');
    const silent = connect(Number(new URL(server.origin).port), '127.0.0.1');
    silent.on('error', () => undefined);
    while (statuses.length < 200) await new Promise((resolve) => setTimeout(resolve, 20));
    const begun = performance.now();
    const { code } = await server.stop('SIGTERM');
    expect(code).toBe(0);
    expect(performance.now() - begun).toBeLessThan(10_000);
    await asking;
    agent.destroy();
    half.destroy();
    silent.destroy();
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});
