import { statSync } from 'node:fs';
import { join } from 'node:path';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { expireDue } from '@cosell/server/domain/expiry';
import { setClock } from '@cosell/server/domain/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readText } from '../guard/source-files.ts';
import { collection, documented, expectEnvelope } from '../support/answers.ts';
import { describeOnEachEngine, type Place } from '../support/engines.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { deal, operatorOf, type Party, partyOf, targeting, targets } from '../support/parties.ts';
import { ids, organizations, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const secret = 'correct-horse-battery-staple';

describeOnSqlite('metrics', (engine) => {
  let open: TestServer;
  let guarded: TestServer;
  beforeAll(async () => {
    [open, guarded] = await Promise.all([startTestServer(engine), startTestServer(engine, { METRICS_TOKEN: secret })]);
  });
  afterAll(() => Promise.all([open.close(), guarded.close()]));

  it('are in the form of Prometheus, for this machine', async () => {
    await open.askAs('contoso-admin', `${collection}/${documented}`);
    for (const server of [open, guarded]) {
      const answer = await server.ask('/metrics');
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
      for (const line of answer.text.split('\n').filter((text) => text !== '')) {
        expect(line).toMatch(/^(# (HELP|TYPE) [a-zA-Z0-9_:]+ .+|[a-zA-Z_:][a-zA-Z0-9_:]*(\{.*\})? \S+)$/);
      }
    }
  });

  it('count requests by template and status, refusals by inner code, and tokens', async () => {
    const readValue = async (pattern: RegExp) => Number(pattern.exec((await open.ask('/metrics')).text)?.[1] ?? 0);
    const found =
      /cosell_http_request_duration_seconds_count\{route="\/v1\.0\/engagements\/referrals\/\{id\}",status="200"\} (\d+)/;
    const refused = /cosell_refusals_total\{code="malformedId"\} (\d+)/;
    const proved = /cosell_tokens_proved_total (\d+)/;
    const before = await Promise.all([found, refused, proved].map(readValue));
    // Another user than above: two tokens of one user are the same within a second.
    const headers = { authorization: `Bearer ${await open.tokenOf('contoso-user')}` };
    for (let round = 0; round < 3; round += 1) await open.ask(`${collection}/${ids.won}`, { headers });
    await open.ask(`${collection}/x`, { headers });
    expect(await readValue(found)).toBe((before[0] ?? 0) + 3);
    expect(await readValue(refused)).toBe((before[1] ?? 0) + 1);
    // Four requests with one token: it is proved once, then remembered.
    expect(await readValue(proved)).toBe((before[2] ?? 0) + 1);
  });

  it('are each explained in the documentation', async () => {
    const { text } = await open.ask('/metrics');
    const shown = [...text.matchAll(/^# HELP (cosell_\S+)/gm)].map(([, name]) => name);
    const explained = [...readText('docs/operations.md').matchAll(/^\| `(cosell_\w+)/gm)].map(([, name]) => name);
    expect(shown.length).toBeGreaterThan(10);
    expect(explained.sort()).toEqual(shown.sort());
  });

  it('name nobody and no referral', async () => {
    await open.askAs('contoso-admin', `${collection}/${documented}?secret=1`);
    await open.askAs('contoso-admin', '/secret/path');
    const { text } = await open.ask('/metrics');
    for (const word of [documented, 'secret', 'contoso', 'Bearer', '@']) expect(text).not.toContain(word);
  });

  describe('for a request that comes from elsewhere', () => {
    it.each([
      { 'x-forwarded-for': '203.0.113.9' },
      { 'x-forwarded-for': '127.0.0.1' },
      { 'x-forwarded-for': '' },
      { forwarded: 'for=203.0.113.9' },
    ] as Record<string, string>[])('by a proxy on this machine (%j) are 403', async (headers) => {
      for (const server of [open, guarded]) {
        const error = expectEnvelope(await server.ask('/metrics', { headers }), 403, 'metricsNotAllowed');
        expect(error.message).toContain('METRICS_TOKEN');
        expect(error.message).not.toContain(secret);
      }
    });

    const ask = (authorization: string, server = guarded) =>
      server.ask('/metrics', { headers: { 'x-forwarded-for': '203.0.113.9', authorization } });

    it('are open to whoever has METRICS_TOKEN', async () => {
      expect((await ask(`Bearer ${secret}`)).status).toBe(200);
    });

    it.each([
      'Bearer x',
      `bearer ${secret}x`,
      `Bearer ${secret} `.trimEnd().slice(0, -1),
      `Basic ${secret}`,
      secret,
      'Bearer undefined',
      'Bearer ',
    ])('are closed to "%s"', async (authorization) => {
      expectEnvelope(await ask(authorization), 403, 'metricsNotAllowed');
      expectEnvelope(await ask(authorization, open), 403, 'metricsNotAllowed');
    });

    it('are closed to users of the exchange', async () => {
      expectEnvelope(await ask(`Bearer ${await guarded.tokenOf('contoso-admin')}`), 403, 'metricsNotAllowed');
    });
  });

  it('and METRICS_TOKEN opens nothing else', async () => {
    const headers = { authorization: `Bearer ${secret}` };
    expectEnvelope(await guarded.ask(`${collection}/${documented}`, { headers }), 401, 'tokenMalformed');
  });
});

describeOnEachEngine('signs of trouble', (engine) => {
  const isSqlite = engine.name === 'SQLite';
  let place: Place;
  let server: TestServer;
  let contoso: Party;
  beforeAll(async () => {
    place = await engine.makeSamplePlace();
    server = await startTestServer(engine, { READERS: '2' }, place);
    contoso = await partyOf(server, users.admin);
  });
  afterAll(async () => {
    await server.close();
    await place.remove();
  });

  /** The value of a sample, written with its labels; undefined where there is none. */
  async function look(...samples: readonly string[]): Promise<(number | undefined)[]> {
    const { status, text } = await server.ask('/metrics');
    expect(status).toBe(200);
    const values = new Map(text.split('\n').map((line) => line.split(/ (?=\S+$)/) as [string, string | undefined]));
    return samples.map((sample) => (values.has(sample) ? Number(values.get(sample)) : undefined));
  }
  const commits = ['cosell_commit_duration_seconds_count', 'cosell_commit_writes_count', 'cosell_commit_writes_sum'];

  it('count each commit, and the writes in it', async () => {
    const before = await look(...commits);
    for (let round = 0; round < 5; round += 1) await contoso.create(deal());
    const after = before.map((count = 0) => count + 5);
    expect(await look(...commits)).toEqual(after);
    const refused = server.exchange.store.transact(changeDirectory, { kind: 'removeUser', user: 'nobody here' });
    await expect(refused).rejects.toThrow();
    expect(await look(...commits)).toEqual(after);
  });

  it('show the writes that wait, as long as they do', async () => {
    expect(await look('cosell_writes_waiting')).toEqual([0]);
    const [, before = 0, writesBefore = 0] = await look(...commits);
    let isOver = false;
    let written = 0;
    // Each is followed by the next before anything else happens in this process, so there are 20 at every look.
    const writers = Array.from({ length: 20 }, async () => {
      for (; !isOver; written += 1) await server.exchange.store.transact(expireDue, {});
    });
    for (let round = 0; round < 5; round += 1) expect(await look('cosell_writes_waiting')).toEqual([20]);
    isOver = true;
    await Promise.all(writers);
    expect(await look('cosell_writes_waiting')).toEqual([0]);
    const [, after = 0, writesAfter = 0] = await look(...commits);
    expect(writesAfter - writesBefore).toBe(written);
    if (isSqlite) expect(after - before).toBeLessThan(written);
    else expect(after - before).toBe(written);
  });

  it('show who reads and who waits for it, and do not wait themselves', async () => {
    const most = isSqlite ? 2 : 10;
    const [busy, idle, waiting] = isSqlite
      ? ['cosell_readers{state="busy"}', 'cosell_readers{state="idle"}', 'cosell_readings_waiting']
      : ['busy', 'idle', 'waiting'].map((state) => `cosell_postgres_connections{state="${state}"}`);
    const samples = [busy, idle, waiting].map(String);
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    /** Reads until the end, and tells when it has begun to. */
    const read = (begun: () => void) =>
      server.exchange.store.scan(async (scans) => {
        await scans.listChanges(organizations.contoso, ids.won);
        begun();
        await ended;
      });
    const readings: Promise<void>[] = [];
    const begun = Array.from({ length: most + 3 }, () => new Promise<void>((resolve) => readings.push(read(resolve))));
    await Promise.all(begun.slice(0, most));
    // What a connection is needed for is left out; SQLite needs none.
    const lag = isSqlite ? 0 : undefined;
    expect(await look(...samples, 'cosell_expiry_lag_seconds')).toEqual([most, 0, 3, lag]);
    end();
    await Promise.all(readings);
    // On PostgreSQL the question about the lag waited, too, and is answered now.
    await expect.poll(() => look(...samples)).toEqual([0, expect.any(Number), 0]);
  });

  it('show the sizes of the files, where there are files', async () => {
    const sizes = ['cosell_database_bytes', 'cosell_sqlite_wal_bytes'];
    if (!isSqlite) return expect(await look(...sizes)).toEqual([undefined, undefined]);
    const { dataDir } = place.at;
    const sizeOf = (name: string) => statSync(join(dataDir, name)).size;
    const before = [sizeOf('cosell.db'), sizeOf('cosell.db-wal')];
    expect(await look(...sizes)).toEqual(before);
    await contoso.create(deal({ details: { notes: 'n'.repeat(4_000), dealValue: 1, currency: 'USD' } }));
    const [, logBytes = 0] = await look(...sizes);
    expect(logBytes).toBe(sizeOf('cosell.db-wal'));
    expect(logBytes).toBeGreaterThan(Number(before[1]));
  });

  it('show for how long something is overdue, by the clock of the exchange, until it is closed', async () => {
    const operator = await operatorOf(server);
    await operator.clock({ now: '2031-03-01T15:30:00Z', freeze: true });
    const { id } = await contoso.create(deal({ target: targeting(targets.tailspin) }));
    const goTo = (instant: string) =>
      server.exchange.store.transact(setClock, { advanceMs: 0, toMs: Date.parse(instant), freeze: undefined });
    await goTo('2031-03-14T23:59:59.999Z');
    expect(await look('cosell_expiry_lag_seconds')).toEqual([0]);
    await goTo('2031-03-15T00:01:30Z');
    expect(await look('cosell_expiry_lag_seconds')).toEqual([90]);
    expect((await contoso.read(id)).status).toBe('Closed');
    expect(await look('cosell_expiry_lag_seconds')).toEqual([0]);
  });

  it('show how old the key is that signs, by the clock of the machine', async () => {
    const [young = -1] = await look('cosell_signing_key_age_seconds');
    expect(young).toBeGreaterThanOrEqual(0);
    expect(young).toBeLessThan(3_600);
    server.clock.aheadMs = 86_400_000;
    const [old = 0] = await look('cosell_signing_key_age_seconds');
    server.clock.aheadMs = 0;
    expect(old).toBeGreaterThanOrEqual(young + 86_400);
  });

  it('leave out what cannot be read when the store has failed, and show the rest', async () => {
    await server.exchange.store.close();
    const asked = ['cosell_expiry_lag_seconds', 'cosell_signing_key_age_seconds', 'cosell_writes_waiting'];
    expect(await look(...asked)).toEqual([undefined, undefined, 0]);
  });
});
