import { createOperations } from '@cosell/server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { alias, collection, documented, guid } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { sendRaw } from '../support/raw-socket.ts';
import { ids, subjects, unknownIds, users } from '../support/sample.ts';
import { askWith, issuersSetting, seconds, startIssuer, type TestIssuer } from '../support/test-issuer.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** What is in no log line: people, tokens, ids, names and whatever stands in a URL. */
const marks = ['markedquery', 'markedpath', 'markedheader', 'markedbody', 'markedtoken', 'markedclaim'];

describeOnEachEngine('what is observed of a day of requests', (engine) => {
  let server: TestServer;
  let issuer: TestIssuer;
  let tokens: string[];
  let told: string;
  let answered: { requestId: string | undefined; status: number }[];
  beforeAll(async () => {
    issuer = await startIssuer();
    server = await startTestServer(engine, { ISSUERS: issuersSetting({ issuer, tenants: [subjects.admin.tid] }) });
    tokens = await Promise.all(Object.values(users).map((user) => server.tokenOf(user)));
    answered = [];
    await live();
    told = server.observations.map((observation) => JSON.stringify(observation, errorsToo)).join('\n');
  });
  afterAll(() => Promise.all([server.close(), issuer.close()]));

  /** Requests of every kind that the other tests know, each with something personal in it. */
  const live = async () => {
    const ask = async (path: string, asking: Parameters<TestServer['ask']>[1] = {}) => {
      const { status, headers } = await server.ask(path, asking);
      answered.push({ requestId: headers['request-id'] as string | undefined, status });
    };
    for (const token of tokens) {
      const headers = {
        authorization: `Bearer ${token}`,
        'client-request-id': 'markedheader',
        'user-agent': 'markedheader',
        'x-caller-id': 'markedheader',
        cookie: 'session=markedheader',
        referer: 'https://example.com/markedheader',
      };
      for (const id of [...Object.values(ids), ...unknownIds, 'markedpath', 'jane.doe@contoso.com']) {
        await ask(`${collection}/${id}?note=markedquery`, { headers });
        await ask(`${alias}('${id}')`, { headers });
      }
      for (const path of [
        `/markedpath/${documented}`,
        `${collection}/$markedpath`,
        `${collection}/%zz-markedpath`,
        collection,
      ]) {
        await ask(path, { headers });
      }
      await ask(`${collection}/${'markedpath'.repeat(200)}`, { headers });
      await ask(`${collection}/${documented}?$expand=markedquery&$format=markedquery`, { headers });
      await ask(`${collection}/${documented}?$format=markedquery`, { headers });
      await ask(`${collection}/${documented}`, { headers: { ...headers, accept: 'markedheader/x' } });
      await ask(`${collection}/${documented}`, {
        method: 'PATCH',
        headers: { ...headers, 'content-type': 'markedheader' },
        body: 'markedbody',
      });
    }
    for (const path of [
      '/',
      '/openapi.json',
      '/health/ready',
      '/metrics',
      '/v1.0/$metadata',
      '/common/discovery/v2.0/keys',
    ]) {
      await ask(`${path}?x=markedquery`);
    }
    await ask(`/${ids.lead}/v2.0/.well-known/openid-configuration`);
    for (const authorization of ['Bearer markedtoken', 'Basic markedtoken', 'Bearer marked.token.markedtoken']) {
      await ask(`${collection}/${documented}`, { headers: { authorization } });
    }
    const claims = { exp: seconds(600), iss: issuer.name, aud: 'api://cosell', ...subjects.admin, scp: 'markedclaim' };
    for (const more of [
      {},
      { name: 'markedclaim' },
      { oid: 'markedclaim' },
      { tid: 'markedclaim' },
      { aud: 'markedclaim' },
    ]) {
      const { headers, status } = await askWith(server, await issuer.sign({ ...claims, ...more }));
      answered.push({ requestId: headers['request-id'] as string | undefined, status });
    }
    await sendRaw(server.port, `GET /markedpath markedquery HTTP/1.1\r\nHost: x\r\n\r\n`);
    await sendRaw(server.port, `GET /${'markedpath'.repeat(3_000)} HTTP/1.1\r\nHost: x\r\n\r\n`);
  };

  it('is one line for each request, under the id that the client was given', () => {
    const lines = server.observations.filter((observation) => observation.kind === 'requestAnswered');
    expect(answered.length).toBeGreaterThan(250);
    for (const { requestId, status } of answered) {
      expect(requestId).toMatch(guid);
      expect(lines.filter((line) => line.requestId === requestId).map((line) => line.status)).toEqual([status]);
    }
    expect(lines).toHaveLength(answered.length + 2);
  });

  it('has templates for paths, statuses, durations and inner codes', () => {
    for (const line of server.observations) {
      if (line.kind !== 'requestAnswered') continue;
      expect(line.route).toMatch(/^(-|\/|(\/[a-zA-Z0-9.$_-]+|\/\{[a-z]+\})+)$/);
      expect(line.durationMs).toBeGreaterThanOrEqual(0);
      expect(line.innerCode === null).toBe(line.status < 400);
    }
  });

  it('holds no e-mail address', () => {
    expect(told).not.toMatch(/[\w.+-]+@[\w-]+\.\w+/);
  });

  it('holds no token and no part of one', () => {
    for (const token of tokens) {
      for (const part of token.split('.')) expect(told).not.toContain(part);
    }
    expect(told).not.toMatch(/eyJ|Bearer/);
  });

  it('holds no id but those of requests', async () => {
    const { organizations, users: people } = await createOperations(
      server.exchange.store,
      server.exchange.issuer,
      () => server.origin,
    ).listDirectory({});
    const known = [
      ...Object.values(ids),
      ...unknownIds,
      ...organizations.flatMap(({ id, tenantIds }) => [id, ...tenantIds]),
      ...people.map(({ subject }) => subject),
    ];
    for (const id of known.filter((text) => text !== 'msft')) expect(told.toLowerCase()).not.toContain(id);
    const requestIds = new Set(
      server.observations.flatMap((observation) => ('requestId' in observation ? [observation.requestId] : [])),
    );
    for (const id of told.match(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi) ?? []) {
      expect(requestIds.has(id)).toBe(true);
    }
  });

  it('holds no name of a person, an organisation, a customer or a deal', () => {
    for (const name of [
      'contoso',
      'tailspin',
      'microsoft',
      'Jane',
      'Doe',
      'Fabrikam',
      'Margie',
      'Proseware',
      'seller',
    ]) {
      expect(told.toLowerCase()).not.toContain(name.toLowerCase());
    }
  });

  it.each(marks)('holds nothing of what a client wrote: %s', (mark) => {
    expect(told).not.toContain(mark);
  });

  it('has no bug in it', () => {
    expect(server.observations.filter(({ kind }) => kind === 'requestBroken')).toEqual([]);
  });
});

/** Errors have no members of their own that JSON would show. */
function errorsToo(_name: string, value: unknown): unknown {
  return value instanceof Error ? { message: value.message, stack: value.stack, cause: value.cause } : value;
}
