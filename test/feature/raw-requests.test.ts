import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { collection, documented, expectEnvelope } from '../support/answers.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { readRaw, sendRaw } from '../support/raw-socket.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const path = `${collection}/${documented}`;
const end = '\r\n\r\n';

/** Requests that the parser gives up on. */
const refused: readonly (readonly [title: string, bytes: string, status: number, innerCode: string])[] = [
  ['a raw space in the path', `GET /a b HTTP/1.1\r\nHost: x${end}`, 400, 'malformedRequest'],
  ['a raw space in the query', `GET ${path}?$filter=a eq b HTTP/1.1\r\nHost: x${end}`, 400, 'malformedRequest'],
  ['a header of 1 MB', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(1_000_000)}${end}`, 431, 'headersTooLarge'],
  ['a URL of 20 kB', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x${end}`, 431, 'headersTooLarge'],
  ['a header name of 20 kB', `GET / HTTP/1.1\r\nHost: x\r\n${'a'.repeat(20_000)}: x${end}`, 431, 'headersTooLarge'],
  ['many small headers', `GET / HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(20_000)}\r\n`, 431, 'headersTooLarge'],
  ['HTTP/9.9', `GET / HTTP/9.9\r\nHost: x${end}`, 400, 'malformedRequest'],
  ['HTTP/2.0', `PRI * HTTP/2.0${end}SM${end}`, 400, 'malformedRequest'],
  ['an unknown method', `FOO / HTTP/1.1\r\nHost: x${end}`, 400, 'malformedRequest'],
  ['a method in lower case', `get / HTTP/1.1\r\nHost: x${end}`, 400, 'malformedRequest'],
  ['a method with a bad character', `G@T / HTTP/1.1\r\nHost: x${end}`, 400, 'malformedRequest'],
  ['no path', `GET  HTTP/1.1\r\nHost: x${end}`, 400, 'malformedRequest'],
  ['a path without a slash', `GET foo HTTP/1.1\r\nHost: x${end}`, 400, 'malformedRequest'],
  ['bytes of no kind', '\x00\x01\x02\xff\xfegarbage\r\n\r\n', 400, 'malformedRequest'],
  ['the hello of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'malformedRequest'],
  ['the greeting of SSH', 'SSH-2.0-OpenSSH_9.2\r\n', 400, 'malformedRequest'],
  ['a negative Content-Length', `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1${end}`, 400, 'malformedRequest'],
  ['a Content-Length of text', `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x${end}`, 400, 'malformedRequest'],
  [
    'an endless Content-Length',
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${'9'.repeat(40)}${end}`,
    400,
    'malformedRequest',
  ],
  [
    'two lengths',
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2${end}ab`,
    400,
    'malformedRequest',
  ],
  [
    'a length and chunks, as smugglers send them',
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked${end}0${end}GET /metrics HTTP/1.1${end}`,
    400,
    'malformedRequest',
  ],
  [
    'chunks that are not the last encoding',
    `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip${end}0${end}`,
    400,
    'malformedRequest',
  ],
  ['a header without a colon', `GET / HTTP/1.1\r\nHost x${end}`, 400, 'malformedRequest'],
  ['a space before the colon', `GET / HTTP/1.1\r\nHost : x${end}`, 400, 'malformedRequest'],
  ['a folded header', `GET / HTTP/1.1\r\nHost: x\r\n folded${end}`, 400, 'malformedRequest'],
  ['a bare carriage return', `GET / HTTP/1.1\r\nHost: x\r\nX: a\rb${end}`, 400, 'malformedRequest'],
  ['a zero byte in a header', `GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b${end}`, 400, 'malformedRequest'],
  ['no Host', `GET / HTTP/1.1\r\nConnection: close${end}`, 400, 'malformedRequest'],
  ['no Host, at a path that wants a token', `GET ${path} HTTP/1.1\r\nConnection: close${end}`, 400, 'malformedRequest'],
  ['no Host, at no path', `DELETE /nothing HTTP/1.1\r\nConnection: close${end}`, 400, 'malformedRequest'],
];

describeOnSqlite('a request that is none', (engine) => {
  let server: TestServer;
  let token: string;
  beforeAll(async () => {
    server = await startTestServer(engine);
    token = await server.tokenOf('contoso-admin');
  });
  afterEach(async () => {
    // Whatever was sent: the server is alive, and nothing broke in it.
    expect((await server.askAs('contoso-admin', path)).status).toBe(200);
    expect(server.observations.filter(({ kind }) => kind === 'requestBroken')).toEqual([]);
  });
  afterAll(() => server.close());

  it.each(refused)('%s is refused in the envelope', async (_title, bytes, status, innerCode) => {
    const { received } = await sendRaw(server.port, Buffer.from(bytes, 'latin1'));
    const answer = readRaw(received);
    // The peer of a large request may see a reset instead of the answer that was sent before it.
    if (answer === undefined && status === 431 && received === '') return;
    if (answer === undefined) throw new Error(`no answer: ${JSON.stringify(received)}`);
    const error = expectEnvelope(answer, status, innerCode);
    expect(error.code).toBe('invalidRequest');
    expect(answer.headers['x-ms-ags-diagnostic']).toBeDefined();
    expect(answer.headers.timestamp).toMatch(/GMT$/);
    expect(answer.headers['odata-version']).toBe('4.0');
    if (_title.startsWith('a raw space')) expect(error.message).toContain('%20');
    // One answer, and nothing of what was smuggled in behind it.
    expect(received.match(/HTTP\/1\.1 \d{3} /g)).toHaveLength(1);
  });

  it('closes the connection after it', async () => {
    const { isOpen, received } = await sendRaw(server.port, `GET /a b HTTP/1.1\r\nHost: x${end}`);
    expect(isOpen).toBe(false);
    expect(received).toContain('\r\nConnection: close\r\n');
  });

  it('is counted under its inner code', async () => {
    await sendRaw(server.port, `GET /a b HTTP/1.1\r\nHost: x${end}`);
    const seen = server.observations.findLast((observation) => observation.kind === 'requestAnswered');
    expect(seen).toMatchObject({ route: '-', method: '-', status: 400, innerCode: 'malformedRequest' });
  });

  it('a connection that breaks off is forgotten', async () => {
    const { eTag } = (await server.askAs('contoso-admin', path)).json();
    for (const bytes of [
      '',
      'G',
      `GET ${path}`,
      `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token.slice(0, 50)}`,
      `PATCH ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: 100${end}half`,
      `PATCH ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nTransfer-Encoding: chunked${end}5\r\nhal`,
      `POST ${collection} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: 100${end}half`,
    ]) {
      for (const finish of ['end', 'destroy', 'resetAndDestroy'] as const) {
        await new Promise<void>((resolve) => {
          const socket = connect(server.port, '127.0.0.1', () => {
            socket.write(bytes, () => socket[finish]());
          });
          socket.on('error', () => undefined).on('close', () => resolve());
          socket.resume();
        });
      }
    }
    expect((await server.askAs('contoso-admin', path)).json()).toMatchObject({ eTag });
    const statuses = server.observations.flatMap((seen) => (seen.kind === 'requestAnswered' ? [seen.status] : []));
    expect(statuses).toContain(499);
    expect(statuses).not.toContain(500);
  });

  describe('but these are requests', () => {
    const authorized = `Host: x\r\nAuthorization: Bearer ${'{token}'}\r\nConnection: close`;
    it.each([
      ['HTTP/1.0', `GET ${path} HTTP/1.0\r\n${authorized}${end}`],
      ['a leading empty line', `\r\nGET ${path} HTTP/1.1\r\n${authorized}${end}`],
      [
        'header names in any case',
        `GET ${path} HTTP/1.1\r\nhOsT: x\r\nAUTHORIZATION: bearer {token}\r\nconnection: CLOSE${end}`,
      ],
      ['the absolute form', `GET http://x${path} HTTP/1.1\r\n${authorized}${end}`],
      ['an upgrade that is not taken up', `GET ${path} HTTP/1.1\r\n${authorized}, Upgrade\r\nUpgrade: websocket${end}`],
      ['an expectation that is not known', `GET ${path} HTTP/1.1\r\n${authorized}\r\nExpect: the-unexpected${end}`],
    ])('%s', async (_title, bytes) => {
      const { received } = await sendRaw(server.port, bytes.replace('{token}', token));
      const answer = readRaw(received);
      expect(answer?.status).toBe(200);
      expect(JSON.parse(answer?.text ?? '')).toMatchObject({ id: documented });
    });

    it('several on one connection, each with its own answer', async () => {
      const one = (id: string, close = '') =>
        `GET ${collection}/${id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}${close}${end}`;
      const bytes = one(documented) + one('x') + one(documented, '\r\nConnection: close');
      const { received } = await sendRaw(server.port, bytes);
      expect([...received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => match[1])).toEqual(['200', '404', '200']);
    });

    it('a body that announces itself is asked for', async () => {
      const type = 'Content-Type: application/json';
      const bytes = `PATCH ${path} HTTP/1.1\r\n${authorized}\r\n${type}\r\nExpect: 100-continue\r\nContent-Length: 2${end}[]`;
      const { received } = await sendRaw(server.port, bytes.replace('{token}', token));
      expect([...received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => match[1])).toEqual(['100', '204']);
    });
  });

  it('CONNECT asks for a tunnel, and gets a closed connection', async () => {
    const { received, isOpen } = await sendRaw(server.port, `CONNECT example.com:443 HTTP/1.1\r\nHost: x${end}`);
    expect({ received, isOpen }).toEqual({ received: '', isOpen: false });
  });
});
