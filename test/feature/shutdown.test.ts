import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { documentedReferralId, remoteOperations, socketPathOf } from '@cosell/server';
import { afterAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../store/rows-of.ts';
import { collection } from '../support/answers.ts';
import { cleanUp, newFolder, type ServerProcess, startCosell, tokenOf } from '../support/cosell-process.ts';
import { childrenOf, isRunning, send, until } from '../support/cosell-requests.ts';
import { availableEngines } from '../support/engines.ts';
import { deal } from '../support/parties.ts';

afterAll(cleanUp);

/** A connection to a server that has sent this much. */
function connected({ origin }: ServerProcess, text: string): Socket {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  socket.write(text);
  return socket;
}

/** A create whose body never comes to its end. */
const unfinished = (server: ServerProcess) =>
  connected(
    server,
    `POST ${collection} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${tokenOf(server)}\r\n` +
      'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
  );

const cases = availableEngines().flatMap((engine) => [1, 2].map((workers) => ({ ...engine, workers })));

describe.each(cases)('SIGTERM with WORKERS=$workers on $name', ({ name, makeSamplePlace, workers }) => {
  it('answers what has arrived, stores what was acknowledged and nothing else, and ends in time', async () => {
    const place = await makeSamplePlace();
    const settings = { DATA_DIR: place.at.dataDir || newFolder(), DATABASE_URL: place.at.databaseUrl };
    const server = await startCosell({ ...settings, WORKERS: String(workers) });
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const acknowledged: string[] = [];
    const others: number[] = [];
    const writing = Promise.all(
      Array.from({ length: 8 }, async () => {
        for (;;) {
          const body = deal({ name: 'before the stop' });
          const sending = { method: 'POST', token: tokenOf(server), agent, body };
          const answer = await send(server, collection, sending).catch(() => undefined);
          if (answer === undefined) return;
          if (answer.status === 200) acknowledged.push((JSON.parse(answer.text) as { id: string }).id);
          else others.push(answer.status);
        }
      }),
    );
    // These are waited for for five seconds.
    const isHeldUp = name === 'SQLite' && workers === 2;
    const hanging = isHeldUp ? [unfinished(server), unfinished(server)] : [];
    await until(() => acknowledged.length > 40);
    const begun = performance.now();
    const { code, stderr } = await server.stop('SIGTERM');
    expect(code).toBe(0);
    expect(performance.now() - begun).toBeLessThan(10_000);
    await writing;
    agent.destroy();
    for (const socket of hanging) socket.destroy();
    expect(others).toEqual([]);
    for (const line of stderr.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ level: 'info' });
    const stored = await rowsOf(place, "select id from referrals where name = 'before the stop'");
    expect(stored.map(({ id }) => id).sort()).toEqual(acknowledged.sort());
    await place.remove();
  });
});

describe.each(['1', '2'])('a stop with WORKERS=%s', (WORKERS) => {
  it('closes what is idle, waits for what is under way, and a second signal ends it at once', async () => {
    const settings = { DATA_DIR: join(newFolder(), 'data'), WORKERS };
    const server = await startCosell(settings);
    const { token } = await remoteOperations(socketPathOf(settings.DATA_DIR)).mintToken({ operator: true });
    const fault = { route: 'getReferralById', kind: 'slow', delayMs: 3_000 };
    expect((await send(server, '/_sandbox/faults', { method: 'POST', token, body: fault })).status).toBe(200);
    const idle = connected(server, 'GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    await once(idle, 'data');
    const hanging = unfinished(server);
    const agent = new Agent({ keepAlive: true });
    const path = `${collection}/${documentedReferralId}`;
    const slow = send(server, path, { token: tokenOf(server), agent });
    // The slow request has arrived when its fault is taken.
    await until(async () => (await send(server, '/_sandbox/faults', { token })).text === '{"value":[]}');
    const workers = childrenOf(server.pid);
    expect(workers).toHaveLength(WORKERS === '1' ? 0 : 2);
    const isIdleClosed = once(idle, 'close');
    const ended = server.stop('SIGTERM');
    await isIdleClosed;
    const answer = await slow;
    expect([answer.status, isRunning(server.pid)]).toEqual([200, true]);
    process.kill(server.pid, 'SIGTERM');
    expect(await ended).toMatchObject({ code: null, signal: 'SIGTERM' });
    await until(() => !workers.some(isRunning));
    hanging.destroy();
    agent.destroy();
  });
});
