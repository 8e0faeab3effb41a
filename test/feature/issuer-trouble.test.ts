import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectEnvelope } from '../support/answers.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { subjects } from '../support/sample.ts';
import {
  askWith,
  issuersSetting,
  makeKey,
  seconds,
  startIssuer,
  type TestIssuer,
  type Trouble,
} from '../support/test-issuer.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const send =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Trouble =>
  (_request, response) =>
    response.writeHead(status, headers).end(body);

const never: Trouble = () => undefined;
const reset: Trouble = (request) => request.socket.destroy();

/** Trouble with the discovery document. `{issuer}` stands for the right name. */
const discoveryTrouble: readonly (readonly [title: string, trouble: Trouble])[] = [
  ['500', send(500, 'broken')],
  ['404', send(404, '')],
  ['401', send(401, '{}')],
  ['a redirect', send(302, '', { location: 'http://127.0.0.1:1/' })],
  ['no JSON', send(200, '<html>')],
  ['nothing', send(200, '')],
  ['null', send(200, 'null')],
  ['a list', send(200, '[]')],
  ['a text', send(200, '"x"')],
  ['the document of another issuer', send(200, '{"issuer":"https://evil.example","jwks_uri":"http://127.0.0.1:1/"}')],
  ['no issuer', send(200, '{"jwks_uri":"http://127.0.0.1:1/"}')],
  ['a connection that breaks', reset],
];

const keysTrouble: readonly (readonly [title: string, trouble: Trouble])[] = [
  ['500', send(500, 'broken')],
  ['a redirect', send(302, '', { location: 'http://127.0.0.1:1/' })],
  ['no JSON', send(200, '<html>')],
  ['null', send(200, 'null')],
  ['no list of keys', send(200, '{}')],
  ['keys that are none', send(200, '{"keys":[1,null]}')],
  ['a connection that breaks', reset],
];

describeOnSqlite('trouble with an issuer is 503 and never the fault of the token', (engine) => {
  let server: TestServer;
  let issuer: TestIssuer;
  beforeEach(async () => {
    issuer = await startIssuer();
    server = await startTestServer(engine, { ISSUERS: issuersSetting({ issuer, tenants: [subjects.admin.tid] }) });
  });
  afterEach(() => Promise.all([server.close(), issuer.close()]));

  let serial = 0;
  const sign = (claims: Readonly<Record<string, unknown>> = {}) => {
    serial += 1;
    const life = { exp: seconds(3_600), jti: String(serial) };
    return issuer.sign({ ...life, iss: issuer.name, aud: 'api://cosell', ...subjects.admin, scp: 'x', ...claims });
  };
  const ask = async () => askWith(server, await sign());

  it.each(discoveryTrouble)('discovery: %s', async (_title, trouble) => {
    issuer.trouble.discovery = trouble;
    const answer = await ask();
    const error = expectEnvelope(answer, 503, 'issuerUnreachable');
    expect(error.code).toBe('serviceNotAvailable');
    expect(answer.headers['retry-after']).toBe('5');
    expect(answer.headers['www-authenticate']).toBeUndefined();
    expect(answer.text).not.toContain(issuer.origin);
    expect(server.observations.filter(({ kind }) => kind === 'issuerUnreachable')).toHaveLength(1);
    expect(server.observations.filter(({ kind }) => kind === 'requestBroken')).toEqual([]);
    // It comes back, and the next request after the pause finds it.
    delete issuer.trouble.discovery;
    server.clock.aheadMs = 5_100;
    expect((await ask()).status).toBe(200);
  });

  it.each(keysTrouble)('keys: %s', async (_title, trouble) => {
    issuer.trouble.keys = trouble;
    expectEnvelope(await ask(), 503, 'issuerUnreachable');
    expect(server.observations.filter(({ kind }) => kind === 'requestBroken')).toEqual([]);
    delete issuer.trouble.keys;
    server.clock.aheadMs = 5_100;
    expect((await ask()).status).toBe(200);
  });

  it.each(['[1]', '1', '""', '"not an address"', '{}', 'null'])('a jwks_uri that is %s', async (uri) => {
    issuer.trouble.discovery = send(200, `{"issuer":${JSON.stringify(issuer.name)},"jwks_uri":${uri}}`);
    expectEnvelope(await ask(), 503, 'issuerUnreachable');
  });

  it.each(['discovery', 'keys'] as const)('leaves it alone for five seconds: %s', async (kind) => {
    issuer.trouble[kind] = send(500, '');
    for (let round = 0; round < 10; round += 1) expectEnvelope(await ask(), 503, 'issuerUnreachable');
    await Promise.all(Array.from({ length: 20 }, ask));
    expect(issuer.asked[kind]).toBe(1);
    server.clock.aheadMs = 5_100;
    expectEnvelope(await ask(), 503, 'issuerUnreachable');
    expect(issuer.asked[kind]).toBe(2);
  });

  it('waits no longer than five seconds for it, and once for all who ask', { timeout: 40_000 }, async () => {
    issuer.trouble.discovery = never;
    const started = Date.now();
    const answers = await Promise.all(Array.from({ length: 10 }, ask));
    const tookMs = Date.now() - started;
    for (const answer of answers) expectEnvelope(answer, 503, 'issuerUnreachable');
    expect(tookMs).toBeGreaterThan(4_000);
    expect(tookMs).toBeLessThan(15_000);
    expect(issuer.asked.discovery).toBe(1);
  });

  it('is 503 where nothing listens any more', async () => {
    const port = await freePort();
    const gone = { ...issuer, name: `http://127.0.0.1:${port}/x`, discovery: `http://127.0.0.1:${port}/d` };
    const other = await startTestServer(engine, {
      ISSUERS: issuersSetting({ issuer: gone, tenants: [subjects.admin.tid] }),
    });
    try {
      expectEnvelope(await askWith(other, await sign({ iss: gone.name })), 503, 'issuerUnreachable');
    } finally {
      await other.close();
    }
  });

  it('does not stop remembered tokens, nor those of other issuers', async () => {
    const known = await sign();
    expect((await askWith(server, known)).status).toBe(200);
    issuer.trouble.discovery = reset;
    issuer.trouble.keys = reset;
    expect((await askWith(server, known)).status).toBe(200);
    // Keys that were fetched a moment ago still prove new tokens.
    expect((await ask()).status).toBe(200);
    expect((await askWith(server, await server.tokenOf('contoso-admin'))).status).toBe(200);
  });

  describe('is not asked', () => {
    it('for a token that could never be good: it is 401 even while the issuer is away', async () => {
      issuer.trouble.discovery = reset;
      const secret = await makeKey('x', 'RS512');
      const rs512 = await issuer.sign({ iss: issuer.name }, { key: secret });
      expectEnvelope(await askWith(server, rs512), 401, 'algorithmNotAllowed');
      expectEnvelope(await askWith(server, 'x.y.z'), 401, 'tokenMalformed');
      expect(issuer.asked.discovery).toBe(0);
    });
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 1));
    });
  });
}
