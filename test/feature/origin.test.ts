import { afterEach, describe, expect, it } from 'vitest';
import { collection, comparable, documented } from '../support/answers.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { readRaw, sendRaw } from '../support/raw-socket.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

describeOnSqlite('the origin in context and links', (engine) => {
  let server: TestServer;
  afterEach(() => server.close());

  const start = async (environment: Readonly<Record<string, string>> = {}) => {
    server = await startTestServer(engine, environment);
    return server;
  };

  /** The one origin that an answer shows, in its context and both of its links. */
  const originSeen = async (headers: Readonly<Record<string, string>>): Promise<string> => {
    const answer = await server.askAs('contoso-admin', `${collection}/${documented}`, { headers });
    expect(answer.status).toBe(200);
    const shown = [...answer.text.matchAll(/"([^"]*)\/v1\.0\/engagements\/referrals[/?$]/g)].map((match) => match[1]);
    expect(shown).toHaveLength(3);
    expect(new Set(shown).size).toBe(1);
    const text = answer.text.toLowerCase();
    const host = (headers.host ?? '').trim().toLowerCase();
    if (host !== '' && !shown[0]?.includes(host)) expect(text).not.toContain(host);
    return shown[0] ?? '';
  };

  it('is PUBLIC_URL whatever the request says', async () => {
    await start({
      PUBLIC_URL: 'https://referrals.example.com',
      ALLOWED_HOSTS: 'other.example.com',
      TRUST_PROXY: '127.0.0.1',
    });
    for (const host of ['localhost:1', 'api.partner.microsoft.com', 'other.example.com', `127.0.0.1:${server.port}`]) {
      expect(await originSeen({ host })).toBe('https://referrals.example.com');
      expect(await originSeen({ host, 'x-forwarded-host': 'other.example.com', 'x-forwarded-proto': 'http' })).toBe(
        'https://referrals.example.com',
      );
    }
  });

  it('is PUBLIC_URL with its port, and without a slash at its end', async () => {
    await start({ PUBLIC_URL: 'http://referrals.example.com:8080/' });
    expect(await originSeen({})).toBe('http://referrals.example.com:8080');
  });

  it('is the host of the request where that is loopback, with any port', async () => {
    await start();
    for (const host of [
      `127.0.0.1:${server.port}`,
      '127.0.0.1',
      '127.0.0.1:1',
      '127.9.9.9:65535',
      'localhost',
      'localhost:8080',
      '[::1]',
      '[::1]:7300',
    ]) {
      expect(await originSeen({ host })).toBe(`http://${host}`);
    }
    expect(await originSeen({ host: 'LocalHost:8080' })).toBe('http://localhost:8080');
  });

  it('is the address that the server listens on for a foreign host, which is answered and not echoed', async () => {
    await start();
    for (const host of [
      'api.partner.microsoft.com',
      'api.partner.microsoft.com:443',
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      'notlocalhost',
      '127.0.0.1.',
      '[::2]',
      '10.0.0.1:80',
      '0.0.0.0',
      '1270.0.0.1',
      '127.0.0.1234',
    ]) {
      expect(await originSeen({ host })).toBe(server.origin);
    }
  });

  it('is a host of ALLOWED_HOSTS, port and all', async () => {
    await start({ ALLOWED_HOSTS: 'referrals.example.com, Other.Example.com:8443' });
    expect(await originSeen({ host: 'referrals.example.com' })).toBe('http://referrals.example.com');
    expect(await originSeen({ host: 'REFERRALS.example.com' })).toBe('http://referrals.example.com');
    expect(await originSeen({ host: 'other.example.com:8443' })).toBe('http://other.example.com:8443');
    for (const host of ['referrals.example.com:81', 'other.example.com', 'x.referrals.example.com', 'example.com']) {
      expect(await originSeen({ host })).toBe(server.origin);
    }
  });

  it('is never made of a malformed Host', async () => {
    await start();
    for (const host of [
      '',
      ' ',
      'a b',
      'localhost"',
      'localhost"},"x":{"',
      "localhost'",
      'localhost\\',
      'localhost/evil',
      'localhost:x',
      'localhost:123456',
      'localhost:',
      'user@localhost',
      'localhost,evil',
      'localhost#',
      'http://localhost',
      '[::1',
      '[localhost]',
      '<localhost>',
      'localhost%00',
      'l\u00f6calhost',
      'a'.repeat(5_000),
    ]) {
      expect(await originSeen({ host })).toBe(server.origin);
    }
  });

  it('is the bound address for HTTP/1.0, which needs no Host', async () => {
    await start();
    const token = await server.tokenOf('contoso-admin');
    const bytes = `GET ${collection}/${documented} HTTP/1.0\r\nAuthorization: Bearer ${token}\r\n\r\n`;
    const answer = readRaw((await sendRaw(server.port, bytes)).received);
    expect(answer?.status).toBe(200);
    expect(answer?.text).toContain(`"@odata.context":"${server.origin}/v1.0/`);
  });

  describe('forwarded headers', () => {
    const forwarded = { 'x-forwarded-host': 'referrals.example.com', 'x-forwarded-proto': 'https' };

    it('are ignored without TRUST_PROXY', async () => {
      await start({ ALLOWED_HOSTS: 'referrals.example.com' });
      const plain = await server.askAs('contoso-admin', `${collection}/${documented}`);
      for (const headers of [
        forwarded,
        { forwarded: 'for=1.2.3.4;host=referrals.example.com;proto=https' },
        { 'x-forwarded-proto': 'https', 'x-forwarded-port': '1', 'x-forwarded-for': '1.2.3.4' },
        { 'x-original-host': 'referrals.example.com' },
        { 'x-forwarded-host': 'localhost:1' },
      ]) {
        const answer = await server.askAs('contoso-admin', `${collection}/${documented}`, {
          headers: headers as Record<string, string>,
        });
        expect(comparable(answer)).toEqual(comparable(plain));
      }
    });

    it('are ignored from a machine that TRUST_PROXY does not name', async () => {
      await start({ TRUST_PROXY: '10.0.0.0/8, 192.168.7.7', ALLOWED_HOSTS: 'referrals.example.com' });
      expect(await originSeen(forwarded)).toBe(`http://127.0.0.1:${server.port}`);
    });

    it.each(['127.0.0.1', '10.0.0.1, 127.0.0.0/8', 'loopback'])('count when TRUST_PROXY=%s', async (trusted) => {
      await start({ TRUST_PROXY: trusted, ALLOWED_HOSTS: 'referrals.example.com' });
      expect(await originSeen(forwarded)).toBe('https://referrals.example.com');
      expect(await originSeen({ ...forwarded, 'x-forwarded-proto': 'http' })).toBe('http://referrals.example.com');
      expect(await originSeen({ ...forwarded, host: 'internal:8080' })).toBe('https://referrals.example.com');
      expect(await originSeen({ 'x-forwarded-proto': 'https' })).toBe(`https://127.0.0.1:${server.port}`);
    });

    it('are no way to a foreign origin, not even from a trusted proxy', async () => {
      await start({ TRUST_PROXY: '127.0.0.1', ALLOWED_HOSTS: 'referrals.example.com' });
      expect(await originSeen({ ...forwarded, 'x-forwarded-host': 'evil.example' })).toBe(server.origin);
    });

    it.each(['javascript', 'https"},"x":{"', 'http:// ', 'ftp', ''])(
      'cannot put the scheme %s into the answer',
      async (scheme) => {
        await start({ TRUST_PROXY: '127.0.0.1' });
        const headers = { 'x-forwarded-proto': scheme, 'x-forwarded-host': 'localhost:9' };
        expect(await originSeen(headers)).toBe('http://localhost:9');
      },
    );
  });

  it('is the same in the other documents that show it', async () => {
    await start();
    const headers = { host: 'localhost:4711' };
    const index = (await server.ask('/', { headers })).json();
    expect(index.referrals).toBe('http://localhost:4711/v1.0/engagements/referrals/{id}');
    const discovery = (await server.ask('/common/v2.0/.well-known/openid-configuration', { headers })).json();
    expect(discovery.issuer).toBe('http://localhost:4711/common/v2.0');
    const foreign = await server.ask('/', { headers: { host: 'evil.example' } });
    expect(foreign.text).toContain(server.origin);
    expect(foreign.text).not.toContain('evil');
  });

  it('is what each of many hosts in turn gets: no answer is kept for another', async () => {
    await start();
    for (let round = 0; round < 3; round += 1) {
      for (const host of ['localhost:1', 'evil.example', '127.0.0.1:2', 'api.partner.microsoft.com']) {
        const isOurs = /^(localhost|127)/.test(host);
        expect(await originSeen({ host })).toBe(isOurs ? `http://${host}` : server.origin);
      }
    }
  });
});
