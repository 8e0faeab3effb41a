import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { collection, documented, expectEnvelope } from '../support/answers.ts';
import { damageFile, leaveUnclean } from '../support/damage.ts';
import { openAt, type Place } from '../support/engines.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

describeOnSqlite('the check of the database file', (engine) => {
  let place: Place;
  let server: TestServer;
  beforeEach(async () => {
    place = await engine.makePlace();
    server = await startTestServer(engine, {}, place);
  });
  afterEach(() => server.close());

  async function restart(meanwhile: () => void): Promise<void> {
    await server.stop();
    meanwhile();
    server = await startTestServer(engine, {}, place);
  }

  const ready = () => server.ask('/health/ready');
  const nothing = () => undefined;

  it('is not made after a clean stop', async () => {
    await restart(nothing);
    expect(server.exchange.checkFile()).toBeUndefined();
    expect((await ready()).json()).not.toHaveProperty('check');
  });

  it('is made in the background after an unclean one, once, and /health/ready says what it has found', async () => {
    await restart(() => leaveUnclean(place));
    const early = (await ready()).json();
    expect(early).toMatchObject({ status: 'ready', check: expect.stringMatching(/^(running|ok)$/) });
    expect(await server.exchange.checkFile()?.ended).toEqual({ state: 'ok', faults: [] });
    expect((await ready()).json()).toMatchObject({ status: 'ready', check: 'ok' });
    await restart(nothing);
    expect(server.exchange.checkFile()).toBeUndefined();
  });

  it('that finds faults makes /health/ready 503 until the file is mended, and referrals go on being answered', async () => {
    await restart(() => {
      damageFile(place);
      leaveUnclean(place);
    });
    for (const _again of ['after the unclean stop', 'after a clean one']) {
      const ended = await server.exchange.checkFile()?.ended;
      expect(ended?.state).toBe('failed');
      expect(ended?.faults.join()).toMatch(/page|malformed/);
      const error = expectEnvelope(await ready(), 503, 'storeDamaged');
      expect(error.message).toContain('restore DATA_DIR from a backup');
      expect((await server.ask('/health/live')).status).toBe(200);
      expect((await server.askAs(users.admin, `${collection}/${documented}`)).status).toBe(200);
      await restart(nothing);
    }
  });

  it('that a stop has broken off is made at the next start', async () => {
    await server.stop();
    leaveUnclean(place);
    const exchange = await openAt(place);
    const check = exchange.checkFile();
    expect(check?.state).toBe('running');
    await exchange.close();
    expect(check?.state).toBe('unfinished');
    expect(existsSync(join(place.at.dataDir, 'holder.json'))).toBe(false);
    server = await startTestServer(engine, {}, place);
    expect((await server.exchange.checkFile()?.ended)?.state).toBe('ok');
  });
});
