import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alias, collection, comparable, documented, expectEnvelope } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { listedIn } from '../support/listed.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const counts = '/v1.0/engagements/referrals/$count';

describeOnEachEngine('/$count', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server.close());
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
    server.askAs('contoso-admin', path, { headers, method });

  it.each([
    ['', '7'],
    ["?$filter=status%20eq%20'Active'", '4'],
    ["?$FILTER=team/any(t:t/email%20eq%20'nobody@contoso.com')", '0'],
    ['?$filter=name%20eq%20@n&@n=null', '2'],
    ["?$filter=engagementId%20eq%20'37ef26aa-1d15-4533-9f93-a69bd33ab1e5'", '2'],
    ['?unknown=1', '7'],
  ])('%s is a number in plain text, that of the list', async (query, count) => {
    const answer = await ask(`${counts}${query}`);
    expect([answer.status, answer.text]).toEqual([200, count]);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.headers['content-length']).toBe(String(count.length));
    expect(answer.headers['cosell-extension']).toBe('count-path');
    expect(listedIn(await ask(`${collection}${query}`))['@odata.count']).toBe(Number(count));
  });

  it.each([`${collection}/%24count`, `${collection}//$COUNT/`, '/V1.0/Engagements/Referrals/$Count'])(
    'is at %s too',
    async (path) => {
      expect(comparable(await ask(path))).toEqual(comparable(await ask(counts)));
    },
  );

  it.each(['text/plain', '*/*', 'application/json', 'application/json;odata.metadata=minimal', 'text/json, text/html'])(
    'is text for Accept: %s',
    async (accept) => {
      expect(comparable(await ask(counts, { accept }))).toEqual(comparable(await ask(counts)));
    },
  );

  it.each(['text/html', 'application/xml', 'application/json;q=0', 'text/plain;q=0'])(
    'is 406 for Accept: %s',
    async (accept) => {
      expectEnvelope(await ask(counts, { accept }), 406, 'notAcceptable');
    },
  );

  it('answers HEAD with the headers of GET', async () => {
    const head = await ask(counts, {}, 'HEAD');
    expect(comparable(head)).toEqual({ ...comparable(await ask(counts)), text: '' });
  });

  it.each(['POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS'])('has no %s', async (method) => {
    const answer = await ask(counts, {}, method);
    expectEnvelope(answer, 405, 'methodNotAllowed');
    expect(answer.headers.allow).toBe('GET, HEAD');
  });

  it('warns of values that no referral has', async () => {
    const answer = await ask(`${counts}?$filter=status%20eq%20'Open'`);
    expect([answer.text, answer.headers['cosell-warning']]).toEqual(['0', '$filter valueNotInEnumeration']);
  });

  describe('refuses', () => {
    it.each(['$top=1', '$skip=1', '$orderby=name', '$select=id', '$count=true', '$skiptoken=x'])(
      '?%s, which is no part of a count',
      async (query) => {
        const error = expectEnvelope(await ask(`${counts}?${query}`), 400, 'optionNotAllowed');
        expect(error.message).toContain('A count takes $filter and $search only');
      },
    );

    it.each([
      ['$filter=', 400, 'expressionMalformed'],
      ['$filter=nothing%20eq%201', 400, 'propertyUnknown'],
      ["$filter=details/notes%20eq%20'x'", 400, 'notFilterable'],
      ['$filter=true&$filter=true', 400, 'optionRepeated'],
      ['$expand=x', 400, 'optionNotAllowed'],
      ["$filter=isof(name,'Edm.String')", 501, 'expressionNotImplemented'],
    ])('?%s as the list does', async (query, status, kind) => {
      const answer = await ask(`${counts}?${query}`);
      expectEnvelope(answer, status, kind);
      expect(comparable(answer)).toEqual(comparable(await ask(`${collection}?${query}`)));
    });

    it('whoever has no token', async () => {
      expectEnvelope(await server.ask(counts), 401, 'tokenMissing');
    });
  });

  it('is not at one referral, nor at the path of webhooks', async () => {
    for (const path of [`${collection}/${documented}/$count`, `${alias}/$count`]) {
      expectEnvelope(await ask(path), 404, 'routeNotFound');
    }
  });
});
