import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { expectEnvelope } from '../support/answers.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { subjects } from '../support/sample.ts';
import { askWith, issuersSetting, makeKey, seconds, startIssuer, type TestIssuer } from '../support/test-issuer.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

describeOnSqlite('the keys of an issuer', (engine) => {
  let server: TestServer;
  let issuer: TestIssuer;
  beforeEach(async () => {
    issuer = await startIssuer();
    server = await startTestServer(engine, { ISSUERS: issuersSetting({ issuer, tenants: [subjects.admin.tid] }) });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await Promise.all([server.close(), issuer.close()]);
  });

  let serial = 0;
  const claims = () => {
    serial += 1;
    const life = { exp: seconds(24 * 3_600), jti: String(serial) };
    return { ...life, iss: issuer.name, aud: 'api://cosell', ...subjects.admin, scp: 'user_impersonation' };
  };
  const ask = async (key = issuer.keys[0]) => askWith(server, await issuer.sign(claims(), key && { key }));
  /** jose measures its cool-down by the machine's clock, so that one is set ahead; timers run on. */
  const wait = (secondsAhead: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + secondsAhead * 1_000 });

  it('are fetched once for many requests, and not at all before the first', async () => {
    expect(issuer.asked).toEqual({ discovery: 0, keys: 0 });
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask()));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    for (let round = 0; round < 10; round += 1) expect((await ask()).status).toBe(200);
    expect(issuer.asked).toEqual({ discovery: 1, keys: 1 });
  });

  it('are not asked for a token that names another issuer, or nonsense', async () => {
    for (const iss of [
      'https://sts.windows.net/x/',
      `${issuer.name}/`,
      issuer.name.toUpperCase(),
      'http://[x/y/',
      '',
    ]) {
      expectEnvelope(await askWith(server, await issuer.sign({ ...claims(), iss })), 401, 'issuerUnknown');
    }
    expect(issuer.asked).toEqual({ discovery: 0, keys: 0 });
  });

  it('may change: a new one is fetched when a token names it', async () => {
    expect((await ask()).status).toBe(200);
    const next = await makeKey('second');
    issuer.keys.unshift(next);
    // Just after a fetch, an unknown key is not worth another one.
    expectEnvelope(await ask(next), 401, 'signingKeyUnknown');
    expect(issuer.asked.keys).toBe(1);
    wait(31);
    expect((await ask(next)).status).toBe(200);
    expect((await ask(issuer.keys[1])).status).toBe(200);
    expect(issuer.asked.keys).toBe(2);
  });

  it('are not fetched for each token with a made-up key', async () => {
    const forged = await makeKey('made-up');
    expect((await ask()).status).toBe(200);
    wait(31);
    for (let round = 0; round < 20; round += 1) {
      const { kid, ...key } = { ...forged, kid: `made-up-${round}` };
      expectEnvelope(await ask({ ...key, kid }), 401, 'signingKeyUnknown');
    }
    expect(issuer.asked).toEqual({ discovery: 1, keys: 2 });
  });

  it('may be withdrawn: after ten minutes a token of a removed key is refused', async () => {
    const first = issuer.keys[0];
    expect((await ask(first)).status).toBe(200);
    issuer.keys.splice(0, 1, await makeKey('second'));
    wait(601);
    expectEnvelope(await ask(first), 401, 'signingKeyUnknown');
    expect((await ask()).status).toBe(200);
  });

  it('may be several without names: a token without one is refused, as none can be picked', async () => {
    issuer.keys.push(await makeKey('second'));
    const token = await issuer.sign(claims(), { header: { kid: undefined } });
    expectEnvelope(await askWith(server, token), 401, 'signingKeyUnknown');
  });

  it('are used for a token without a key name where there is one only', async () => {
    const token = await issuer.sign(claims(), { header: { kid: undefined } });
    expect((await askWith(server, token)).status).toBe(200);
  });

  it('may be RSA and elliptic at once', async () => {
    const elliptic = await makeKey('ec', 'ES256');
    issuer.keys.push(elliptic);
    expect((await ask(elliptic)).status).toBe(200);
    expect((await ask()).status).toBe(200);
  });

  it('are believed for a day, then the discovery document is read again', async () => {
    expect((await ask()).status).toBe(200);
    server.clock.aheadMs = 23 * 3_600_000;
    expect((await ask()).status).toBe(200);
    expect(issuer.asked.discovery).toBe(1);
    server.clock.aheadMs = 24 * 3_600_000 + 1_000;
    expect((await ask()).status).toBe(200);
    expect(issuer.asked.discovery).toBe(2);
  });

  it('are kept when the issuer is away at the time of reading it again', async () => {
    expect((await ask()).status).toBe(200);
    issuer.trouble.discovery = (_request, response) => response.writeHead(500).end();
    server.clock.aheadMs = 24 * 3_600_000 + 1_000;
    for (let round = 0; round < 3; round += 1) expect((await ask()).status).toBe(200);
    expect(issuer.asked.discovery).toBe(2);
  });
});
