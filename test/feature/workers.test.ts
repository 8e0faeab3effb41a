import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentedReferralId, remoteOperations, socketPathOf } from '@cosell/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection } from '../support/answers.ts';
import { cleanUp, newFolder, runCosell, type ServerProcess, startCosell, tokenOf } from '../support/cosell-process.ts';
import { childrenOf, isRunning, type Sending, send, until } from '../support/cosell-requests.ts';
import { availableEngines, type Place } from '../support/engines.ts';
import { deal, setting } from '../support/parties.ts';
import { organizations, users } from '../support/sample.ts';

afterAll(cleanUp);

/** One request to each worker: connections are dealt out in turns. */
async function sendToEach(server: ServerProcess, path: string, sending: Sending = {}) {
  return [await send(server, path, sending), await send(server, path, sending)];
}

const create = (server: ServerProcess, name: string) =>
  send(server, collection, { method: 'POST', token: tokenOf(server), body: deal({ name }) });

const referral = ({ text }: { text: string }) => JSON.parse(text) as { id: string; eTag: string };

async function readsOf(server: ServerProcess, id: string) {
  const answers = await sendToEach(server, `${collection}/${id}`, { token: tokenOf(server) });
  return answers.map(({ status, headers }) => [status, headers.etag]);
}

describe.each(availableEngines())('two workers on $name', ({ name, makeSamplePlace }) => {
  let place: Place;
  let server: ServerProcess;
  let settings: Record<string, string | undefined>;
  let operator: string;
  beforeAll(async () => {
    place = await makeSamplePlace();
    settings = { DATA_DIR: place.at.dataDir || join(newFolder(), 'data'), DATABASE_URL: place.at.databaseUrl };
    server = await startCosell({ ...settings, METRICS_TOKEN: 'x' }, [], ['--workers', '2']);
    operator = (await runCosell(['token', '--operator'], settings)).stdout.trim();
  });
  afterAll(async () => {
    await server.stop('SIGKILL');
    await place.remove();
  });

  it('answer in two processes on one port, and greet once', async () => {
    expect(childrenOf(server.pid)).toHaveLength(2);
    const listed = `${collection}/${documentedReferralId}`;
    const answers = await sendToEach(server, listed, { token: tokenOf(server) });
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(server.greeting.match(/The Referrals API answers at/g)).toHaveLength(1);
  });

  it('find each write at once, whichever of them has taken it', async () => {
    for (let round = 0; round < 25; round += 1) {
      const created = await create(server, `round ${round}`);
      const { id, eTag } = referral(created);
      expect(await readsOf(server, id)).toEqual([
        [200, eTag],
        [200, eTag],
      ]);
      const body = setting({ '/details/notes': `round ${round}` });
      const changed = await send(server, `${collection}/${id}`, { method: 'PATCH', token: tokenOf(server), body });
      expect(changed.status).toBe(204);
      const newer = changed.headers.etag;
      expect(newer).not.toBe(eTag);
      expect(await readsOf(server, id)).toEqual([
        [200, newer],
        [200, newer],
      ]);
    }
  });

  it('store each of many writes at the same time once', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => create(server, 'together')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const query = `?$filter=${encodeURIComponent("name eq 'together'")}&$count=true&$top=1`;
    const [first, second] = await sendToEach(server, collection + query, { token: tokenOf(server) });
    for (const list of [first, second]) expect(JSON.parse(list?.text ?? '')).toMatchObject({ '@odata.count': 40 });
  });

  it('hold to a change of the directory from the next request on', async () => {
    const home = `/directory/v1/organizations/${organizations.contoso}`;
    const change = async (method: string, path: string, body?: object) => {
      const answer = await send(server, path, { method, token: operator, ...(body === undefined ? {} : { body }) });
      expect([200, 204], answer.text).toContain(answer.status);
      return answer.text === '' ? {} : (JSON.parse(answer.text) as Record<string, unknown>);
    };
    const reads = async () =>
      (await sendToEach(server, `${collection}/${documentedReferralId}`, { token: tokenOf(server) })).map(
        ({ status }) => status,
      );
    const isActive = [{ isActive: false }, { isActive: true }] as const;
    for (const path of [`${home}/users/${users.admin}`, home]) {
      for (const body of isActive) {
        await change('PATCH', path, body);
        expect(await reads()).toEqual(body.isActive ? [200, 200] : [403, 403]);
      }
    }
    const { roles } = (await change('GET', `${home}/users/${users.admin}`)) as { roles: { id: string }[] };
    for (const { id } of roles) await change('DELETE', `${home}/role-assignments/${id}`);
    expect(await reads()).toEqual([403, 403]);
    await change('POST', `${home}/role-assignments`, { userName: users.admin, role: 'ReferralAdmin' });
    expect(await reads()).toEqual([200, 200]);
    const client = `${home}/applications/c05e1100-0000-4000-8000-0000000000a2`;
    for (const body of isActive) {
      await change('PATCH', client, body);
      const answers = await sendToEach(server, client, { token: operator });
      expect(answers.map(({ text }) => JSON.parse(text))).toMatchObject([body, body]);
    }
  });

  it('let a fault hold for the next requests, and for no more than were asked for', async () => {
    const path = `${collection}/${documentedReferralId}`;
    const body = { route: 'getReferralById', kind: 'tooManyRequests', count: 3 };
    for (let round = 0; round < 5; round += 1) {
      expect((await send(server, '/_sandbox/faults', { method: 'POST', token: operator, body })).status).toBe(200);
      const statuses: number[] = [];
      while (statuses.length < 6) statuses.push((await send(server, path, { token: tokenOf(server) })).status);
      expect(statuses).toEqual([429, 429, 429, 200, 200, 200]);
    }
    await send(server, '/_sandbox/faults', { method: 'POST', token: operator, body });
    for (const { text } of await sendToEach(server, '/_sandbox/faults', { token: operator }))
      expect(JSON.parse(text)).toMatchObject({ value: [body] });
    await send(server, '/_sandbox/faults', { method: 'DELETE', token: operator });
    expect((await send(server, path, { token: tokenOf(server) })).status).toBe(200);
  });

  it('count together', async () => {
    const counted = async () => {
      const { text } = await send(server, '/metrics');
      const line = /cosell_http_request_duration_seconds_count\{route="\/health\/live",status="200"\} (\d+)/.exec(text);
      return Number(line?.[1] ?? 0);
    };
    const before = await counted();
    for (let round = 0; round < 5; round += 1) await sendToEach(server, '/health/live');
    expect([await counted(), await counted()]).toEqual([before + 10, before + 10]);
  });

  it('count each commit once, and show what is the same in all of them once', async () => {
    const look = async (sample: string) => {
      const { text } = await send(server, '/metrics');
      const line = text.split('\n').find((one) => one.startsWith(`${sample} `));
      return line && Number(line.slice(sample.length));
    };
    const commits = 'cosell_commit_duration_seconds_count';
    const before = Number(await look(commits));
    for (let round = 0; round < 6; round += 1) await create(server, 'counted');
    expect(await look(commits)).toBe(before + 6);
    expect([await look('cosell_writes_waiting'), await look('cosell_expiry_lag_seconds')]).toEqual([0, 0]);
    expect(Number(await look('cosell_signing_key_age_seconds'))).toBeLessThan(3_600);
    const log = name === 'SQLite' ? statSync(join(place.at.dataDir, 'cosell.db-wal')).size : undefined;
    expect(await look('cosell_sqlite_wal_bytes')).toBe(log);
  });

  it('are replaced when one is killed, and what was acknowledged stays', async () => {
    const acknowledged: string[] = [];
    let isOver = false;
    const writing = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (!isOver) {
          // A connection to the killed worker breaks; that write was not acknowledged.
          const answer = await create(server, 'beside a death').catch(() => undefined);
          if (answer?.status === 200) acknowledged.push(referral(answer).id);
        }
      }),
    );
    await until(() => acknowledged.length > 10);
    const [victim = 0, other = 0] = childrenOf(server.pid);
    process.kill(victim, 'SIGKILL');
    await until(() => childrenOf(server.pid).filter((pid) => pid !== victim).length === 2);
    const soFar = acknowledged.length;
    await until(() => acknowledged.length > soFar + 10);
    isOver = true;
    await writing;
    expect(childrenOf(server.pid)).toContain(other);
    expect(server.stderr()).toContain(`"kind":"workerEnded","pid":${victim},"reason":"SIGKILL"`);
    const answers = await Promise.all(
      acknowledged.map((id) => send(server, `${collection}/${id}`, { token: tokenOf(server) })),
    );
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  });

  it.runIf(name === 'SQLite')('know a role at once that was given or taken beside them', async () => {
    const operations = remoteOperations(socketPathOf(place.at.dataDir));
    const { token } = await operations.mintToken({ user: users.nobody });
    const role = { user: users.nobody, role: 'Referral Admin' };
    const path = `${collection}/${documentedReferralId}`;
    for (let round = 0; round < 20; round += 1) {
      for (const { status } of await sendToEach(server, path, { token })) expect(status).toBe(403);
      await operations.changeDirectory({ kind: 'addRole', ...role });
      for (const { status } of await sendToEach(server, path, { token })) expect(status).toBe(200);
      await operations.changeDirectory({ kind: 'removeRole', ...role });
    }
  });

  it.runIf(name === 'SQLite')('keep a second server from the folder', async () => {
    const second = await runCosell(['start', '--workers', '2'], settings);
    expect([second.code, second.stdout]).toEqual([1, '']);
    expect(second.stderr).toMatch(new RegExp(`^The data folder .* is in use by process ${server.pid}\\.[^\\n]*\\n$`));
  });

  it('end by themselves when the first process is killed, and another start finds everything', async () => {
    const { id, eTag } = referral(await create(server, 'before the end'));
    const workers = childrenOf(server.pid);
    await server.stop('SIGKILL');
    await until(() => !workers.some(isRunning));
    const again = await startCosell({ ...settings, WORKERS: '2' });
    expect(again.greeting).toContain('Found the data of an earlier start');
    expect(await readsOf(again, id)).toEqual([
      [200, eTag],
      [200, eTag],
    ]);
    expect((await again.stop()).code).toBe(0);
  });
});

describe('a start with workers is refused in one line', () => {
  it.each(['0', '-1', '1.5', '65', 'many'])('where their number is %s', async (workers) => {
    const { code, stdout, stderr } = await runCosell(['start', '--workers', workers], { DATA_DIR: newFolder() });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(`WORKERS must be a number from 1 to 64, not "${workers}".\n`);
  });

  it('where the port is in use', async () => {
    const server = await startCosell({ DATA_DIR: join(newFolder(), 'data') });
    const { port } = new URL(server.origin);
    const second = await runCosell(['start', '--workers', '3'], { DATA_DIR: join(newFolder(), 'data'), PORT: port });
    expect([second.code, second.stdout]).toEqual([1, '']);
    expect(second.stderr).toMatch(new RegExp(`^Port ${port} of 127\\.0\\.0\\.1 is in use\\.[^\\n]*\\n$`));
    await server.stop();
  });

  it('where a worker ends as soon as it begins', async () => {
    const folder = newFolder();
    const trap = join(folder, 'trap.cjs');
    writeFileSync(trap, 'if (process.send !== undefined) process.exit(7);');
    const DATA_DIR = join(folder, 'data');
    const ended = await runCosell(['start', '--workers', '2'], { DATA_DIR, NODE_OPTIONS: `--require=${trap}` });
    expect([ended.code, ended.stdout]).toEqual([1, '']);
    expect(ended.stderr).toBe('A worker process has ended while it started: exit code 7.\n');
  });
});
