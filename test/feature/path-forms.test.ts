import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comparable, expectEnvelope } from '../support/answers.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { startTestServer, type TestServer, type WireAnswer } from '../support/test-server.ts';

const id = 'c5fbb3b6-be74-4795-9fb5-4324c73fed37';
const upper = id.toUpperCase();

/** Below `…/engagements` or `/engagements/v1`: all of these are the documented example. */
const forms = [
  `/referrals/${id}`,
  `/referrals/${id}/`,
  `/referrals/${id}//`,
  `//referrals/${id}`,
  `/referrals//${id}`,
  `/referrals///${id}///`,
  `/Referrals/${id}`,
  `/REFERRALS/${upper}`,
  `/referrals/${upper}`,
  `/referrals('${id}')`,
  `/referrals(${id})`,
  `/referrals('${upper}')`,
  `/Referrals(${upper})/`,
  `/referrals%28%27${id}%27%29`,
  `/referrals(%27${id}%27)`,
  `/referrals(id='${id}')`,
  `/Referrals(Id=${upper})`,
  `/referrals%28id%3D%27${id}%27%29/`,
  `/referrals%28${id}%29//`,
  `/%72eferrals/${id}`,
  `/referrals/%63${id.slice(1)}`,
];

const paths = [
  ...forms.map((form) => `/v1.0/engagements${form}`),
  ...forms.map((form) => `/engagements/v1${form}`),
  `/V1.0/Engagements/Referrals/${id}`,
  `//v1.0//engagements//referrals//${id}`,
  `/v1%2E0/engagements/referrals/${id}`,
  `/ENGAGEMENTS/V1/REFERRALS('${id}')`,
];

describeOnSqlite('the forms of the path', (engine) => {
  let server: TestServer;
  let wanted: WireAnswer;
  let authorization: string;
  beforeAll(async () => {
    server = await startTestServer(engine);
    authorization = `Bearer ${await server.tokenOf('contoso-admin')}`;
    wanted = await server.ask(`/v1.0/engagements/referrals/${id}`, { headers: { authorization } });
    expect(wanted.status).toBe(200);
  });
  afterAll(() => server.close());
  const ask = (path: string, method = 'GET') => server.ask(path, { method, headers: { authorization } });

  it.each(paths)('GET %s is the same referral, byte for byte', async (path) => {
    expect(comparable(await ask(path))).toEqual(comparable(wanted));
  });

  it.each(paths)('HEAD %s has its headers and nothing else', async (path) => {
    expect(comparable(await ask(path, 'HEAD'))).toEqual({ ...comparable(wanted), text: '' });
  });

  it.each(paths)('PATCH and PUT %s find the referral, and DELETE is refused', async (path) => {
    const headers = { authorization, 'content-type': 'application/json' };
    const patched = await server.ask(path, { method: 'PATCH', headers, body: '[]' });
    expect([patched.status, patched.headers.etag]).toEqual([204, wanted.headers.etag]);
    const tagged = { ...headers, 'if-match': String(wanted.headers.etag) };
    const put = await server.ask(path, { method: 'PUT', headers: tagged, body: '{}' });
    expect([put.status, put.text]).toEqual([200, wanted.text]);
    expectEnvelope(await ask(path, 'DELETE'), 405, 'methodNotAllowed');
  });

  it.each([`/referrals/${id}`, `/referrals('${id}')`, `/%72eferrals/${id}`])(
    'takes the absolute form of %s, as proxies send it',
    async (form) => {
      const answer = await ask(`http://api.partner.microsoft.com/v1.0/engagements${form}`);
      expect(answer.text).toBe(wanted.text);
    },
  );

  it.each(['$metadata', '$metadata/', '%24metadata', '$metadata?x=%20', '$metadata?$format=application%2Fxml'])(
    'finds %s, which is no id',
    async (segment) => {
      for (const base of ['/v1.0', '/v1.0/engagements', '/v1.0/engagements/referrals']) {
        const answer = await server.ask(`${base}/${segment}`);
        expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/xml; charset=utf-8']);
      }
    },
  );

  describe('a segment that begins with $', () => {
    it.each(['$value', '$foo', '$', `$${id}`, '%24value', `('$value')`])('%s is never an id', async (segment) => {
      const path = segment.startsWith('(') ? segment : `/${segment}`;
      for (const base of ['/v1.0/engagements/referrals', '/engagements/v1/referrals']) {
        for (const method of ['GET', 'PUT']) {
          const error = expectEnvelope(await ask(`${base}${path}`, method), 404, 'routeNotFound');
          expect(error.message).toContain('/v1.0/engagements/referrals');
        }
      }
    });
  });

  it('has the list at /referrals and at /referrals/', async () => {
    for (const path of [
      '/v1.0/engagements/referrals',
      '/v1.0/engagements/referrals/',
      '/v1.0/engagements/Referrals//',
    ]) {
      const answer = await ask(path);
      expect(answer.status).toBe(200);
      expect(answer.json()).toMatchObject({ '@odata.count': 7 });
    }
  });

  describe('an id of another form', () => {
    it.each([
      id.replaceAll('-', ''),
      `{${id}}`,
      id.slice(1),
      `${id}0`,
      `${id}%20`,
      `%20${id}`,
      `${id}%00`,
      'c5fbb3b6-be74-4795-9fb5-4324c73fed3g',
      'abc',
      '42',
      `'${id}'`,
      `%22${id}%22`,
      `${id}%2Fx`,
      // A full-width c.
      '%EF%BD%835fbb3b6-be74-4795-9fb5-4324c73fed37',
      'a'.repeat(299),
      'a'.repeat(301),
      'a'.repeat(8_000),
    ])('%s is 404, and the message shows the form', async (segment) => {
      const error = expectEnvelope(await ask(`/v1.0/engagements/referrals/${segment}`), 404, 'malformedId');
      expect(error.message).toContain('8-4-4-4-12');
    });

    it('a key of another name is 404 likewise', async () => {
      for (const key of [`(name='${id}')`, `(id='${id}',name='x')`, `(id=id='${id}')`]) {
        expectEnvelope(await ask(`/v1.0/engagements/referrals${key}`), 404, 'malformedId');
      }
    });
  });

  describe('near misses', () => {
    const missed = [
      `/v1/referrals/${id}`,
      `/v1.0/referrals/${id}`,
      `/v1.0/referrals`,
      `/v1/referrals`,
      `/referrals/${id}`,
      `/referrals('${id}')`,
      `/v1.0/referral/${id}`,
      `/v1.0/engagement/referrals/${id}`,
      `/v1/engagements/referrals/${id}`,
      `/engagements/v1.0/referrals/${id}`,
      `/engagements/referrals/${id}`,
      `/api/v1.0/engagements/referrals/${id}`,
      `/partner/v1/referrals/${id}`,
      `/v1.0/engagements/referrals/${id}/team`,
    ];

    it.each(missed)('GET %s names the right path', async (path) => {
      const error = expectEnvelope(await ask(path), 404, 'routeNotFound');
      expect(error.message).toContain('/v1.0/engagements/referrals');
    });

    it.each(missed)('GET %s without a token says nothing but 401', async (path) => {
      const error = expectEnvelope(await server.ask(path), 401, 'tokenMissing');
      expect(error.message).not.toContain('/v1.0');
    });

    it('every other method is 404 there too', async () => {
      for (const method of ['HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS']) {
        const answer = await ask(`/v1.0/referrals/${id}`, method);
        expect(answer.status).toBe(404);
      }
    });

    it('a path that resembles nothing is 404 as well', async () => {
      const error = expectEnvelope(await ask('/no/such/thing'), 404, 'routeNotFound');
      expect(error.message).toContain('/openapi.json');
    });
  });
});
