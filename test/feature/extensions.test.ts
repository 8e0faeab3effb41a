import { extensions } from '@cosell/server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { alias, collection, comparable, documented, expectEnvelope } from '../support/answers.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { startTestServer, type TestServer, type WireAnswer } from '../support/test-server.ts';

/** What the documentation sends, or real clients do, with its headers (decision 27). */
const documentedRequests: readonly (readonly [path: string, headers: Readonly<Record<string, string>>])[] = [
  [`${collection}/${documented}`, {}],
  [`${collection}/${documented}`, { accept: 'application/json', 'content-type': 'application/json' }],
  [`${collection}/${documented}`, { 'client-request-id': '9f8bed52-e4df-4d0c-9ca6-929a187b0731' }],
  [`${collection}/${documented}`, { host: 'api.partner.microsoft.com' }],
  [`${collection}/${documented}`, { 'if-none-match': '"2500ec5a-0000-0000-0000-5bf4967d0000"' }],
  [`${collection}/${documented}`, { 'X-Caller-Id': '60858c1b-2062-40ad-b42c-996b6b5b047d', 'MS-CorrelationId': 'x' }],
  [`${collection}/${documented}`, { accept: 'application/json;odata=verbose', prefer: 'return=representation' }],
  [`${collection}('${documented}')`, {}],
  [`${collection}/${documented}//`, {}],
  [`${alias}/${documented}`, {}],
  [`${collection}/4111fffc-f9ee-4d53-bba6-569135228642`, {}],
  [`${collection}/49d90c72-3326-4f61-aacc-2cb57970448c`, {}],
  [`${collection}/d3c2b1a0-9f8e-4d7c-8b6a-594837261504`, {}],
  [`${collection}/00000000-0000-4000-8000-000000000000`, {}],
  [`${collection}/6b5a4938-2716-4504-93f2-e1d0c9b8a796`, {}],
  [`${collection}/${documented}?$expand=x`, {}],
  [`${collection}/${documented}`, { accept: 'text/html' }],
  [collection, {}],
  ['/v1.0/engagements/referrals/$metadata', {}],
  ['/v1.0/$metadata', { accept: 'application/json' }],
];

describeOnSqlite('EXTENSIONS', (engine) => {
  let on: TestServer;
  let off: TestServer;
  beforeAll(async () => {
    // Only then are origins, tokens and times alike.
    const environment = { PUBLIC_URL: 'https://referrals.example.com' };
    [on, off] = await Promise.all([
      startTestServer(engine, environment),
      startTestServer(engine, { ...environment, EXTENSIONS: 'off' }),
    ]);
  });
  afterAll(() => Promise.all([on.close(), off.close()]));

  it.each(documentedRequests)('%s %j has the same bytes on and off', async (path, headers) => {
    for (const method of ['GET', 'HEAD', 'PATCH']) {
      const [with_, without] = await Promise.all(
        [on, off].map(async (server) => server.askAs('contoso-admin', path, { method, headers })),
      );
      if (with_ === undefined || without === undefined) throw new Error('two servers answer twice');
      expect(normal(with_, path)).toBe(normal(without, path));
      expect(with_.headers['cosell-extension']).toBeUndefined();
    }
  });

  it.each(Object.keys(extensions))(
    '%s is refused when they are off, as ASP.NET Core OData refuses it',
    async (name) => {
      expect(name).toBe('format');
      for (const path of [`${collection}/${documented}`, `${alias}/${documented}`, '/v1.0/$metadata']) {
        const allowed = await on.askAs('contoso-admin', `${path}?$format=json`);
        expect([allowed.status, allowed.headers['cosell-extension']]).toEqual([200, name]);
        for (const query of ['$format=json', '$FORMAT=json', '%24format=xml', '$format=']) {
          const answer = await off.askAs('contoso-admin', `${path}?${query}`);
          const error = expectEnvelope(answer, 400, 'optionNotAllowed');
          expect(error.message).toContain("The query parameter '$format' is not supported.");
          expect(answer.headers['cosell-extension']).toBeUndefined();
        }
      }
    },
  );
});

/** The view of Microsoft's record has an eTag that was minted when the sample was loaded: each server has its own. */
function normal(answer: WireAnswer, path: string): string {
  const whole = JSON.stringify(comparable(answer));
  const minted = answer.headers.etag?.replaceAll('"', '');
  return path.includes('49d90c72') && minted !== undefined ? whole.replaceAll(minted, 'minted') : whole;
}
