import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, documented, expectEnvelope } from '../support/answers.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { ids } from '../support/sample.ts';
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
