import { type FailureKind, failure, failures } from '@cosell/model';
import { createOperations, statusOf } from '@cosell/server';
import { errorAnswer } from '@cosell/server/http/errors';
import { parserFailure } from '@cosell/server/http/parser-refusal';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../store/rows-of.ts';
import { collection, documented, expectEnvelope } from '../support/answers.ts';
import { asAlone, type Item, sendBatch, whileTimeFlies } from '../support/batches.ts';
import { damageFile, leaveUnclean } from '../support/damage.ts';
import { directoryClient, directoryOf } from '../support/directory.ts';
import { type Engine, openAt } from '../support/engines.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { programToken } from '../support/program-token.ts';
import { readRaw, sendRaw } from '../support/raw-socket.ts';
import { ids, organizations, subjects, unknownIds, users } from '../support/sample.ts';
import {
  askWith,
  type Claims,
  issuersSetting,
  makeKey,
  seconds,
  startIssuer,
  type TestIssuer,
} from '../support/test-issuer.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { askSandbox, writingAs } from '../support/writing.ts';

const path = `${collection}/${documented}`;
let sqlite: Engine;
let server: TestServer;
let strict: TestServer;
let sandbox: TestServer;
let issuer: TestIssuer;
let away: TestIssuer;

const signed = (claims: Claims = {}) =>
  issuer.sign({
    exp: seconds(3_600),
    iss: issuer.name,
    aud: 'api://cosell',
    ...subjects.admin,
    scp: 'user_impersonation',
    ...claims,
  });
const withClaims = async (claims: Claims) => askWith(server, await signed(claims));
const as = (user: string, at: string, asking = {}) => server.askAs(user, at, asking);
const patching = (id: string, operations: readonly object[], headers = {}) =>
  writingAs(server, users.admin).patch(id, operations, headers);
const renamed = [{ op: 'replace', path: '/details/notes', value: 'x' }];
const repeatable = (requestId: string, agoMs = 0) => ({
  'repeatability-request-id': requestId,
  'repeatability-first-sent': new Date(Date.now() - agoMs).toUTCString(),
});
/** The answer to a read that meets a fault of the sandbox. */
const rehearsed = async (kind: string) => {
  await askSandbox(sandbox, '/faults', { route: 'getReferralById', kind });
  return sandbox.askAs(users.admin, path);
};
/** The answer to whoever runs the exchange, of the directory. */
const inDirectory = (method: string, at: string, body?: object) =>
  directoryClient(server, undefined)(method, directoryOf(organizations.contoso) + at, { body });
const nothing: Item = { id: '1', method: 'GET', url: '/nowhere' };
/** The answer to the last request of a batch. */
const inBatch = async (requests: readonly Item[]) => {
  const last = (await sendBatch(writingAs(server, users.admin), requests)).at(-1);
  return last && asAlone(last);
};
/** What an administrator is answered when the directory was changed behind the server that was there before. */
const afterwards = async (change: string) => {
  const place = await sqlite.makeSamplePlace();
  await rowsOf(place, change);
  const changed = await startTestServer(sqlite, {}, place);
  const answer = await changed.askAs(users.admin, path);
  await changed.close();
  return answer;
};
const raw = async (bytes: string) => readRaw((await sendRaw(server.port, bytes)).received);

type Answered = Parameters<typeof expectEnvelope>[0] | undefined;

/** How each row of the table of failures comes about, or why no request brings it about. */
const ways: Record<FailureKind, (() => Promise<Answered>) | string> = {
  tokenMissing: () => server.ask(path),
  tokenMalformed: () => askWith(server, 'x'),
  algorithmNotAllowed: async () =>
    askWith(server, await issuer.sign({ iss: issuer.name }, { key: await makeKey('x', 'RS512') })),
  issuerUnknown: () => withClaims({ iss: 'https://sts.windows.net/x/' }),
  signingKeyUnknown: async () =>
    askWith(server, await issuer.sign({ iss: issuer.name, exp: seconds(60) }, { key: await makeKey('unpublished') })),
  signatureInvalid: async () =>
    askWith(server, await issuer.sign({ iss: issuer.name, exp: seconds(60) }, { key: await makeKey('first') })),
  claimInvalid: () => withClaims({ oid: 5 }),
  audienceWrong: () => withClaims({ aud: 'x' }),
  tenantNotBound: () => withClaims({ tid: ids.lead }),
  tokenExpired: () => withClaims({ exp: seconds(-3_600) }),
  tokenNotYetValid: () => withClaims({ nbf: seconds(3_600) }),
  mfaRequired: async () => askWith(strict, await signed({ amr: ['pwd'] })),
  userRequired: () => withClaims({ scp: undefined }),
  userUnknown: () => withClaims({ oid: ids.lead }),
  userInactive: () => afterwards("update users set is_active = 0 where name = 'contoso-admin'"),
  organizationInactive: () => afterwards('update organizations set is_active = 0'),
  roleMissing: () => as(users.nobody, path),
  locationOutOfReach: () => as(users.london, path),
  notOnTeam: () => as(users.member, path),
  consentMissing: async () => askWith(server, await programToken(server, users.admin, unknownIds[0] ?? '')),
  formNotOurs: () => server.ask('/sign-in/x', { method: 'POST' }),
  signInUnknown: () => server.ask('/sign-in/x'),
  metricsNotAllowed: () => server.ask('/metrics', { headers: { 'x-forwarded-for': '1.2.3.4' } }),
  referralNotFound: () => as(users.admin, `${collection}/${unknownIds[0]}`),
  marketplaceLeadNotSupported: () => as(users.admin, `${collection}/${ids.marketplace}`),
  malformedId: () => as(users.admin, `${collection}/x`),
  routeNotFound: () => as(users.admin, '/v1.0/referrals'),
  methodNotAllowed: () => as(users.admin, path, { method: 'DELETE' }),
  notAcceptable: () => as(users.admin, path, { headers: { accept: 'text/html' } }),
  requestTimeout: 'Node looks for slow requests twice a minute; the refusal itself is tried below',
  malformedUrl: () => as(users.admin, `${collection}/%zz`),
  hostNotOurs: () => server.ask('/device', { headers: { host: 'referrals.example.com' } }),
  malformedRequest: () => raw('GET /a b HTTP/1.1\r\nHost: x\r\n\r\n'),
  versionNotSupported: async () =>
    server.ask(path, {
      headers: { authorization: `Bearer ${await server.tokenOf(users.admin)}`, 'odata-version': '3.0' },
    }),
  optionNotAllowed: () => as(users.admin, `${path}?$expand=x`),
  optionRepeated: () => as(users.admin, `${path}?$format=json&$format=json`),
  expressionMalformed: () => as(users.admin, `${collection}?$filter=status%20eq`),
  expressionTooLarge: () => as(users.admin, `${collection}?$filter=${'('.repeat(100)}`),
  expressionNotImplemented: () => as(users.admin, `${collection}?$filter=isof(name,Edm.String)`),
  propertyUnknown: () => as(users.admin, `${collection}?$filter=stats%20eq%20'New'`),
  functionUnknown: () => as(users.admin, `${collection}?$filter=contain(name,'x')`),
  operandsIncompatible: () => as(users.admin, `${collection}?$filter=status%20eq%205`),
  notFilterable: () => as(users.admin, `${collection}?$filter=details/notes%20eq%20'x'`),
  notAggregatable: () => as(users.admin, `${collection}?$apply=groupby((details/notes))`),
  notSortable: () => as(users.admin, `${collection}?$orderby=details/notes`),
  optionValueInvalid: () => as(users.admin, `${collection}?$top=-1`),
  skipTokenInvalid: () => as(users.admin, `${collection}?$skiptoken=x`),
  skipTokenMismatch: async () => {
    const first = await as(users.admin, `${collection}?$top=2`, { headers: { prefer: 'maxpagesize=1' } });
    const next = new URL(first.json<{ '@odata.nextLink': string }>()['@odata.nextLink']);
    return as(users.admin, `${next.pathname}${next.search}&$top=3`);
  },
  deltaTokenInvalid: () => as(users.admin, `${collection}?$deltatoken=x`),
  changesUnknown: async () => {
    const first = await sandbox.askAs(users.tailspin, `${collection}?$deltatoken=latest`);
    await askSandbox(sandbox, '/clock', { advance: 'P31D' });
    const link = new URL(first.json<{ '@odata.deltaLink': string }>()['@odata.deltaLink']);
    return sandbox.askAs(users.tailspin, `${link.pathname}${link.search}`);
  },
  notTracked: () => as(users.admin, `${collection}?$top=2`, { headers: { prefer: 'track-changes' } }),
  bodyTooLarge: () => writingAs(server, users.admin).post(' '.repeat(1_048_577)),
  mediaTypeNotSupported: () => writingAs(server, users.admin).post('{}', { 'content-type': 'text/plain' }),
  invalidBody: () => writingAs(server, users.admin).post('{}'),
  ifMatchMissing: () => writingAs(server, users.admin).put(ids.london, '{}'),
  eTagMismatch: () => patching(ids.london, renamed, { 'if-match': '"x"' }),
  notTheOwner: () => patching(ids.coSellOfMicrosoft, renamed),
  terminalReferral: () => patching(ids.won, renamed),
  changeRefused: () => patching(ids.london, [{ op: 'replace', path: '/status', value: 'Closed' }]),
  repeatabilityInvalid: () => patching(ids.london, renamed, { 'repeatability-request-id': 'x' }),
  repeatabilityTooOld: () => patching(ids.london, renamed, repeatable(ids.lead, 90_000_000)),
  repeatabilityConflict: async () => {
    await patching(ids.london, renamed, repeatable(ids.london));
    return patching(ids.london, [...renamed, ...renamed], repeatable(ids.london));
  },
  malformedInstant: () => as(users.admin, `${path}?asOf=yesterday`),
  pastRemoved: async () => {
    await writingAs(sandbox, users.admin).patch(ids.joint, renamed);
    const history = await sandbox.askAs(users.admin, `${collection}/${ids.joint}/history`);
    const [first] = history.json<{ value: { occurredDateTime: string }[] }>().value;
    await askSandbox(sandbox, '/clock', { advance: 'P3D' });
    const { store, issuer } = sandbox.exchange;
    await createOperations(store, issuer, () => '').retainHistory({ history: '1d', isDryRun: false });
    return sandbox.askAs(users.admin, `${collection}/${ids.joint}?asOf=${first?.occurredDateTime}`);
  },
  operatorRequired: () => sandbox.askAs(users.admin, '/_sandbox/clock'),
  sandboxRefused: () => askSandbox(sandbox, '/clock', { now: '2001-01-01T00:00:00Z' }),
  batchNested: () => inBatch([{ id: '1', method: 'POST', url: '$batch', body: { requests: [] } }]),
  dependencyFailed: () =>
    inBatch([
      { ...nothing, id: '0' },
      { ...nothing, dependsOn: ['0'] },
    ]),
  foreignHost: () => inBatch([{ ...nothing, url: 'https://example.com/' }]),
  referenceUnresolved: () =>
    inBatch([
      { ...nothing, id: '0' },
      { ...nothing, url: '/?x=$0/x', dependsOn: ['0'], if: 'not $0/$succeeded' },
    ]),
  batchNotImplemented: () => inBatch([{ ...nothing, atomicityGroup: 'g' }]),
  batchLimitReached: () => whileTimeFlies(server, 31_000, () => inBatch([nothing])),
  throttled: () => rehearsed('tooManyRequests'),
  sandboxOutage: () => rehearsed('unavailable'),
  cleanUpRefused: 'referrals are cleaned up by the operator and not by HTTP; it is tried below',
  directoryRefused: () =>
    inDirectory('POST', '/role-assignments', { userName: users.admin, role: 'GlobalAdmin', mpnId: '1' }),
  directoryEntryExists: () => inDirectory('POST', '/users', { name: users.admin, email: 'a@b.c' }),
  directoryEntryNotFound: () => inDirectory('GET', '/users/nobody'),
  invitationNotAvailable: 'the page of invitations answers it; it is tried in directory-api.test.ts',
  headersTooLarge: () => raw(`GET /${'a'.repeat(17_000)} HTTP/1.1\r\nHost: x\r\n\r\n`),
  unexpected: 'it is a bug by definition, and one that is known is mended; its answer is tried below',
  issuerUnreachable: async () =>
    askWith(server, await away.sign({ iss: away.name, exp: seconds(60), aud: 'api://cosell' })),
  queryTimeout: async () => {
    // Nothing that a reader's thread must start for is done within a millisecond.
    const hasty = await startTestServer(sqlite, { QUERY_TIMEOUT: '1' });
    const answer = await hasty.askAs(users.admin, collection);
    await hasty.close();
    return answer;
  },
  searchNotReady: async () => {
    const place = await sqlite.makePlace();
    const upgraded = await startTestServer(sqlite, {}, place);
    // As the migration leaves an exchange of an earlier version.
    await rowsOf(place, "delete from exchange_facts where name = 'search-texts'");
    const answer = await upgraded.askAs(users.admin, `${collection}?$search=x`);
    await upgraded.close();
    return answer;
  },
  storeDamaged: async () => {
    const place = await sqlite.makePlace();
    await (await openAt(place)).close();
    damageFile(place);
    leaveUnclean(place);
    const damaged = await startTestServer(sqlite, {}, place);
    await damaged.exchange.checkFile()?.ended;
    const answer = await damaged.ask('/health/ready');
    await damaged.close();
    return answer;
  },
  storeUnavailable: async () => {
    const closed = await startTestServer(sqlite);
    await closed.exchange.store.close();
    const answer = await closed.ask('/health/ready');
    await closed.close();
    return answer;
  },
};

/** The refusals that name several things at once, or give advice. */
const detailed: ReadonlySet<FailureKind> = new Set([
  'invalidBody',
  'eTagMismatch',
  'terminalReferral',
  'changeRefused',
]);

describeOnSqlite('errors', (engine) => {
  beforeAll(async () => {
    sqlite = engine;
    [issuer, away] = await Promise.all([startIssuer(), startIssuer()]);
    away.trouble.discovery = (request) => request.socket.destroy();
    const trusted = [
      { issuer, tenants: [subjects.admin.tid] },
      { issuer: away, tenants: [subjects.tailspin.tid] },
    ];
    const environment = { ISSUERS: issuersSetting(...trusted) };
    [server, strict, sandbox] = await Promise.all([
      startTestServer(engine, environment),
      startTestServer(engine, { ...environment, REQUIRE_MFA: 'true' }),
      startTestServer(engine, { SANDBOX: 'true' }),
    ]);
  });
  afterEach(() => {
    expect(server.observations.filter(({ kind }) => kind === 'requestBroken')).toEqual([]);
  });
  afterAll(() => Promise.all([server.close(), strict.close(), sandbox.close(), issuer.close(), away.close()]));

  it('has a way, or a reason why there is none, for every row of the table', () => {
    expect(Object.keys(ways).sort()).toEqual(Object.keys(failures).sort());
  });

  describe.each(Object.keys(failures) as FailureKind[])('%s', (kind) => {
    const way = ways[kind];
    const row: { code: string; inner: string; target: string | null; innerCode?: string } = failures[kind];

    if (typeof way === 'string') {
      it(`is provoked by no request: ${way}`, () => expect(statusOf[kind]).toBeGreaterThanOrEqual(400));
    } else {
      it('is answered with the envelope, its status and its codes', async () => {
        const answer = await way();
        if (answer === undefined) throw new Error('there was no answer');
        const error = expectEnvelope(answer, statusOf[kind], row.innerCode ?? kind);
        expect(error.code).toBe(row.code);
        if (row.target === '{option}') expect(error.target).toMatch(/^(\$[a-z]+|OData-Version)$/);
        else expect(error.target).toBe(row.target);
        expect(error.innerError.message).toBe(row.inner);
        expect(error.details.length > 0).toBe(detailed.has(kind));
        // Every slot of the message is filled.
        expect(error.message).not.toMatch(/\{\w+\}|undefined|\[object/);
      });
    }

    it('tells what to do next, in English and in sentences', () => {
      const { message } = failures[kind];
      expect(message).toMatch(/^[A-Z{].*[.}]$/s);
      expect(message.length).toBeLessThan(600);
      // The 412 has the observed text (decision 6), which is two sentences.
      expect(row.inner).toMatch(kind === 'eTagMismatch' ? /^One of the .* did not Match$/ : /^[A-Z][^.]*$/);
    });

    it('has the status that its documented code allows', () => {
      const allowed: Readonly<Record<string, readonly number[]>> = {
        invalidRequest: [400, 405, 406, 411, 413, 414, 415, 416, 421, 422, 428, 431, 501],
        unauthenticated: [401],
        accessDenied: [403],
        itemNotFound: [404, 410],
        resourceModified: [409, 423],
        preconditionFailed: [412, 424],
        serviceNotAvailable: [408, 429, 503, 507, 509],
        generalException: [500, 504],
      };
      expect(allowed[row.code]).toContain(statusOf[kind]);
    });
  });

  describe('what no request brings about', () => {
    it('a request that is too slow is 408 with Retry-After', () => {
      const slow = Object.assign(new Error('slow'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
      const answer = errorAnswer(parserFailure(slow));
      expect(answer.status).toBe(408);
      expect(answer.headers).toEqual(['Retry-After', '5']);
      expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'serviceNotAvailable' } });
    });

    it('a change of the directory that is refused says why', async () => {
      const { changeDirectory } = createOperations(server.exchange.store, server.exchange.issuer, () => server.origin);
      const refused = changeDirectory({ kind: 'removeUser', user: 'nobody at all' });
      await expect(refused).rejects.toMatchObject({ kind: 'directoryRefused' });
      await expect(refused).rejects.toThrow('The directory was not changed: there is no user nobody at all.');
    });

    it('a clean-up that is refused says why', async () => {
      const { erasePerson } = createOperations(server.exchange.store, server.exchange.issuer, () => server.origin);
      const refused = erasePerson({ email: 'nobody', isDryRun: true });
      await expect(refused).rejects.toMatchObject({ kind: 'cleanUpRefused' });
      await expect(refused).rejects.toThrow('Nothing was done: "nobody" is not an e-mail address.');
    });

    it.each([new Error('secret /path/to/file.js:1:2'), new TypeError('x'), 'a text', undefined, null, { code: 5 }])(
      'a bug such as %s is 500, and nothing of it is told',
      (thrown) => {
        const answer = errorAnswer(thrown);
        expect(answer.status).toBe(500);
        expect(JSON.parse(answer.body)).toEqual({
          error: {
            code: 'generalException',
            message: failures.unexpected.message,
            target: null,
            innerError: { code: 'unexpected', message: 'Unexpected error', details: null },
            details: [],
          },
        });
      },
    );

    it('a slot that a client fills cannot stretch the message, nor add a slot', () => {
      const { message } = failure('notAcceptable', { accept: `{offered}${'x'.repeat(5_000)}`, offered: 'a' });
      expect(message.length).toBeLessThanOrEqual(1_024);
      expect(message).toContain('{offered}xxx');
    });
  });

  it('all have request ids of their own', async () => {
    const answers = await Promise.all([server.ask(path), server.ask(path), as(users.admin, '/nothing')]);
    expect(new Set(answers.map(({ headers }) => headers['request-id'])).size).toBe(3);
  });
});
