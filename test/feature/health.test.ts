import { version } from '@cosell/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collection, documented, expectEnvelope } from '../support/answers.ts';
import { describeOnEachEngine, type Place } from '../support/engines.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

describeOnEachEngine('health', (engine) => {
  let server: TestServer;
  let place: Place;
  beforeEach(async () => {
    place = await engine.makeSamplePlace();
    server = await startTestServer(engine, {}, place);
  });
  // Some tests have closed the store already, and a pool of PostgreSQL does not end twice.
  afterEach(() => server.close().catch(() => place.remove()));

  it('/health/live says that the process runs, without a token', async () => {
    const answer = await server.ask('/health/live');
    expect([answer.status, answer.json()]).toEqual([200, { status: 'live' }]);
  });

  it('/health/ready says that the exchange can answer, with its version and schema number', async () => {
    const answer = await server.ask('/health/ready');
    expect(answer.status).toBe(200);
    const { schemaNumber } = server.exchange.store;
    expect(schemaNumber).toBeGreaterThan(0);
    expect(answer.json()).toMatchObject({ status: 'ready', version, schema: schemaNumber });
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('tells nothing of where the data is, and of nobody in it', async () => {
    for (const path of ['/health/live', '/health/ready', '/']) {
      expect((await server.ask(path)).text).not.toMatch(/postgres|sqlite|cosell-test|\/tmp|password|contoso/i);
    }
  });

  it('answers HEAD, as probes ask', async () => {
    for (const path of ['/health/live', '/health/ready']) {
      const answer = await server.ask(path, { method: 'HEAD' });
      expect([answer.status, answer.text]).toEqual([200, '']);
    }
  });

  describe('when the store is closed', () => {
    it('/health/ready is 503, and /health/live goes on', async () => {
      await server.exchange.store.close();
      const answer = await server.ask('/health/ready');
      const error = expectEnvelope(answer, 503, 'storeUnavailable');
      expect(error.code).toBe('serviceNotAvailable');
      expect(answer.headers['retry-after']).toBe('5');
      expectEnvelope(await server.ask('/health/ready', { method: 'GET' }), 503, 'storeUnavailable');
      expect((await server.ask('/health/live')).status).toBe(200);
    });

    it('a referral is no 200 and nothing of the trouble is told', async () => {
      const token = await server.tokenOf('contoso-admin');
      await server.exchange.store.close();
      const answer = await server.ask(`${collection}/${documented}`, { headers: { authorization: `Bearer ${token}` } });
      expectEnvelope(answer, answer.status);
      expect(answer.status).toBeGreaterThanOrEqual(500);
    });

    it('a referral is 503 as well: the request is not to blame, and may be sent again', async () => {
      const token = await server.tokenOf('contoso-admin');
      await server.exchange.store.close();
      const answer = await server.ask(`${collection}/${documented}`, { headers: { authorization: `Bearer ${token}` } });
      expectEnvelope(answer, 503, 'storeUnavailable');
    });
  });
});
