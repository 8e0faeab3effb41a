import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig, type Surroundings, startServer, surroundings } from '@cosell/server';
import { openCertificate } from '@cosell/server/certificates';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'cosell-tls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const dayMs = 24 * 3_600_000;
const inDays = (days: number): Surroundings['clock'] => ({ now: () => surroundings.clock.now() + days * dayMs });

const open = (name: string, environment: Record<string, string> = {}, days = 0) =>
  openCertificate(readConfig({ TLS: 'local', DATA_DIR: join(folder, name), ...environment }), inDays(days));

describe('a certificate of our own making', () => {
  it('is for this machine by each of its names, and strict clients find all they ask for', async () => {
    const made = await open('names', {
      PUBLIC_URL: 'https://Referrals.example.com',
      ALLOWED_HOSTS: 'crm.example:8443',
    });
    const certificate = new X509Certificate(made?.cert ?? '');
    const names = ['localhost', 'referrals.example.com', 'crm.example'].filter((name) => certificate.checkHost(name));
    expect([...names, ...['127.0.0.1', '::1'].filter((ip) => certificate.checkIP(ip))]).toHaveLength(5);
    expect(certificate.checkHost('example.com')).toBeUndefined();
    const authority = new X509Certificate(readFileSync(made?.trustFile ?? ''));
    expect(certificate.ca).toBe(false);
    expect(authority.ca).toBe(true);
    expect(certificate.checkIssued(authority)).toBe(true);
    expect(certificate.verify(authority.publicKey)).toBe(true);
    // The key of the authority is nowhere: only the server's own is there, for its owner alone.
    expect(made?.key.match(/PRIVATE KEY/g)).toHaveLength(2);
    expect(statSync(join(folder, 'names', 'tls', 'server.key')).mode & 0o777).toBe(0o600);
  });

  it('is kept, until it ends soon, is for other names, or is broken', async () => {
    const first = await open('kept');
    expect(await open('kept')).toEqual(first);
    expect(await open('kept', {}, 366)).toEqual(first);
    const renewed = await open('kept', {}, 368);
    expect(renewed?.cert).not.toBe(first?.cert);
    const elsewhere = await open('kept', { PUBLIC_URL: 'https://referrals.example.com' }, 368);
    expect(elsewhere?.cert).not.toBe(renewed?.cert);
    // What was good for more names is good for fewer.
    expect(await open('kept', {}, 368)).toEqual(elsewhere);
    writeFileSync(join(folder, 'kept', 'tls', 'server.key'), first?.key ?? '');
    expect((await open('kept', {}, 368))?.key).not.toBe(first?.key);
  });

  it('is not made where nobody asks for HTTPS', async () => {
    expect(await open('none', { TLS: 'off' })).toBeUndefined();
    expect(() => statSync(join(folder, 'none'))).toThrow('ENOENT');
  });
});

describe('a certificate that the operator gives', () => {
  it.each([
    ['TLS_CERT and TLS_KEY belong together', { TLS_CERT: 'a.crt' }],
    ['TLS_CERT and TLS_KEY belong together', { TLS_KEY: 'a.key' }],
    ['of TLS_CERT cannot be read (ENOENT)', { TLS_CERT: join(folder, 'missing'), TLS_KEY: join(folder, 'missing') }],
    ['of TLS_CERT cannot be read (EISDIR)', { TLS_CERT: folder, TLS_KEY: folder }],
    ['cannot be used together', { TLS_CERT: join(folder, 'text'), TLS_KEY: join(folder, 'text') }],
    [
      'cannot be used together',
      { TLS_CERT: join(folder, 'one/tls/server.crt'), TLS_KEY: join(folder, 'two/tls/server.key') },
    ],
  ])('is refused at the start: %s', async (sentence, environment) => {
    writeFileSync(join(folder, 'text'), 'no certificate');
    await open('one');
    await open('two');
    await expect(open('refused', environment)).rejects.toThrow(sentence);
  });
});

describe('a server with TLS=local', () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  beforeAll(async () => {
    const config = readConfig({ TLS: 'local', PORT: '0', DATA_DIR: join(folder, 'server'), LOG_LEVEL: 'silent' });
    server = await startServer(config, surroundings, () => undefined);
  });
  afterAll(() => server.stop());

  const ask = (url: string, headers: Record<string, string> = {}, ca = readFileSync(server.trustFile ?? '')) =>
    new Promise<string>((resolve, reject) => {
      const sending = request(url, { headers, ca, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks).toString()));
      });
      sending.on('error', reject);
      sending.end();
    });

  it('answers whoever trusts its certificate, by addresses with https', async () => {
    const { token } = await server.operations.mintToken({ user: 'contoso-admin' });
    const { port } = new URL(server.origin);
    for (const origin of [`https://127.0.0.1:${port}`, `https://localhost:${port}`]) {
      const text = await ask(`${origin}/v1.0/engagements/referrals`, {
        authorization: `Bearer ${token}`,
        prefer: 'odata.maxpagesize=1',
      });
      const { '@odata.context': context, '@odata.nextLink': next } = JSON.parse(text);
      expect([context, next].every((link: string) => link.startsWith(`${origin}/`))).toBe(true);
      const discovery = JSON.parse(await ask(`${origin}/common/v2.0/.well-known/openid-configuration`));
      expect(discovery.token_endpoint).toMatch(new RegExp(`^${origin}/`));
    }
  });

  it('is not trusted by anybody else, and gives nothing to a client without TLS', async () => {
    const other = await open('other');
    await expect(ask(server.origin, {}, readFileSync(other?.trustFile ?? ''))).rejects.toThrow(/certificate/);
    await expect(fetch(server.origin.replace('https', 'http'))).rejects.toThrow('fetch failed');
  });
});
