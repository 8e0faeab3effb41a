import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alias, collection, comparable, documented, expectEnvelope } from '../support/answers.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { ids } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** Options without `$` are the client's own, whatever they look like. */
const ignored = [
  '?',
  '?&',
  '?&&&=&',
  '?a=b',
  '?api-version=v1.0&x=1&x=2',
  '?select=id&filter=x&expand=y',
  '?format=xml&format=xml',
  '?a=%24select',
  '?=$select',
  '?a=b?$select=id',
  '?constructor=1&__proto__=2&toString',
  '?a=%F0%9F%98%80',
  '?a+b=c+d',
];

const notAllowed = [
  '$filter=status%20eq%20%27New%27',
  '$orderby=id',
  '$top=1',
  '$skip=1',
  '$count=true',
  '$skiptoken=x',
  '$search=x',
  '$apply=aggregate(id)',
  '$deltatoken=x',
  '$expand=team',
  '$expand=*',
  '$expand=',
  '$expand',
  '$bogus=1',
  '$=1',
  '$constructor=1',
  '$__proto__=1',
  '$FILTER=x',
  '%24filter=x',
  '%24%66ilter=x',
  '$Expand=team',
];

describeOnSqlite('query options', (engine) => {
  let server: TestServer;
  let authorization: string;
  let plain: ReturnType<typeof comparable>;
  beforeAll(async () => {
    server = await startTestServer(engine);
    authorization = `Bearer ${await server.tokenOf('contoso-admin')}`;
    plain = comparable(await ask(''));
    expect(plain.status).toBe(200);
  });
  afterAll(() => server.close());
  const ask = (query: string, path = `${collection}/${documented}`) =>
    server.ask(path + query, { headers: { authorization } });

  it.each(ignored)('%s is ignored', async (query) => {
    expect(comparable(await ask(query))).toEqual(plain);
  });

  it.each(notAllowed)('?%s is 400 and names the option', async (query) => {
    for (const path of [`${collection}/${documented}`, `${alias}/${documented}`, `${collection}('${documented}')`]) {
      const error = expectEnvelope(await ask(`?${query}`, path), 400, 'optionNotAllowed');
      const name = decodeURIComponent(query.split('=')[0] ?? '').toLowerCase();
      expect(error.message).toContain(`The query option ${name} is`);
    }
  });

  it.each([
    ['$select=id', ['id']],
    ['$SELECT=Status,ID', ['id', 'status']],
    ['%24select=id%2Cid', ['id']],
    ['$select=id,+customerProfile', ['id', 'customerProfile']],
    ['$select=links', ['links']],
  ])('?%s leaves these members, in the order of the wire', async (query, names) => {
    const answer = await ask(`?${query}`);
    const { '@odata.context': context, ...members } = answer.json<Record<string, unknown>>();
    expect(Object.keys(members)).toEqual(names);
    expect(context).toMatch(/\/\$metadata#Referrals\([a-zA-Z,]+\)\/\$entity$/);
    const whole = (await ask('')).json();
    for (const name of names) expect(members[name]).toEqual(whole[name]);
    expect(answer.headers.etag).toBe(whole.eTag);
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.text)));
  });

  it('?$select with paths leaves parts of objects and of items, in the order of the wire', async () => {
    const $select = 'team/email,details/dealValue,customerProfile/Address/Country,ID,details/Currency';
    const answer = await ask(`?${new URLSearchParams({ $select })}`, `${collection}/${ids.coSell}`);
    const whole = (await ask('', `${collection}/${ids.coSell}`)).json<{
      readonly id: string;
      readonly customerProfile: { readonly address: { readonly country: string } };
      readonly details: { readonly dealValue: number; readonly currency: string };
      readonly team: readonly { readonly email: string }[];
    }>();
    expect(answer.text).toBe(
      JSON.stringify({
        '@odata.context': `${server.origin}${collection}/$metadata#Referrals(team/email,details/dealValue,customerProfile/address/country,id,details/currency)/$entity`,
        id: whole.id,
        customerProfile: { address: { country: whole.customerProfile.address.country } },
        details: { dealValue: whole.details.dealValue, currency: whole.details.currency },
        team: whole.team.map(({ email }) => ({ email })),
      }),
    );
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.text)));
    expect(whole.team.length).toBeGreaterThan(0);
  });

  it('?$select says where it names nothing, and what is near', async () => {
    const error = expectEnvelope(await ask('?$select=id,customerProfile/adress'), 400, 'propertyUnknown');
    expect(error.message).toContain(
      "'adress' on type 'CustomerProfile' (position 19 of $select). Did you mean address?",
    );
  });

  it('?$select=* leaves everything', async () => {
    expect(comparable(await ask('?$select=*'))).toEqual(plain);
  });

  it.each([
    ['$select=', 400, 'expressionMalformed'],
    ['$select=id,', 400, 'expressionMalformed'],
    ['$select=id%20status', 400, 'expressionMalformed'],
    ['$select=nothing', 400, 'propertyUnknown'],
    ['$select=__proto__', 400, 'propertyUnknown'],
    ['$select=customerProfile/nmae', 400, 'propertyUnknown'],
    ['$select=id%20eq%201', 400, 'expressionMalformed'],
    ['$select=customerProfile/Cosell.CustomerProfile/name', 501, 'expressionNotImplemented'],
    ['$select=Cosell.*', 501, 'expressionNotImplemented'],
    ['$select=team/$count', 501, 'expressionNotImplemented'],
    ['$select=customerProfile($select=name)', 501, 'expressionNotImplemented'],
  ])('?%s is %i %s', async (query, status, kind) => {
    expect(expectEnvelope(await ask(`?${query}`), status, kind).target).toBe('$select');
  });

  it.each(['$format=json&$format=json', '$format=json&$FORMAT=xml', '$format=json&%24format=json'])(
    '?%s is repeated and refused',
    async (query) => {
      expectEnvelope(await ask(`?${query}`), 400, 'optionRepeated');
    },
  );

  it.each(['$expand=a&$expand=b', 'a=1&$top=1&$top=2'])('?%s is refused for the first of them', async (query) => {
    expectEnvelope(await ask(`?${query}`), 400, 'optionNotAllowed');
  });

  it.each(['a=%', 'a=%zz', 'a=%2', '%=1', 'a=b&%e4=1', 'a=%C3', 'a=%ED%A0%80', '$format=%zz'])(
    '?%s is a broken encoding',
    async (query) => {
      const error = expectEnvelope(await ask(`?${query}`), 400, 'malformedUrl');
      expect(error.message).toContain('%25');
    },
  );

  it.each(['%', '%zz', `${documented}%`, '%c3', `%c5`])(
    'a broken encoding in the path, %s, is said to be one',
    async (segment) => {
      expectEnvelope(await ask('', `${collection}/${segment}`), 400, 'malformedUrl');
    },
  );

  it('is looked at before the referral, so a refusal tells nothing of it', async () => {
    const own = comparable(await ask('?$expand=x'));
    expect(own.status).toBe(400);
    for (const id of ['d3c2b1a0-9f8e-4d7c-8b6a-594837261504', '00000000-0000-4000-8000-000000000000']) {
      expect(comparable(await ask('?$expand=x', `${collection}/${id}`))).toEqual(own);
    }
  });

  describe('the extension $format', () => {
    it.each([
      '$format=json',
      '$FORMAT=json',
      '$format=JSON',
      '$format=application/json',
      '%24format=application%2Fjson',
      '$format=application/json;odata.streaming=true',
      '$format=text/json',
    ])('?%s answers JSON and says that it is an extension', async (query) => {
      const answer = await ask(`?${query}`);
      expect(answer.headers['cosell-extension']).toBe('format');
      const { headers, ...others } = comparable(answer);
      expect({ ...others, headers: headers.filter((line) => !line.startsWith('Cosell-')) }).toEqual(plain);
    });

    it('decides over Accept', async () => {
      const answer = await server.ask(`${collection}/${documented}?$format=json`, {
        headers: { authorization, accept: 'application/xml' },
      });
      expect(answer.status).toBe(200);
    });

    it.each(['xml', 'atom', 'constructor', '__proto__', 'toString', 'hasOwnProperty', 'json;q=0', 'text/html', '%00'])(
      '?$format=%s is 406',
      async (format) => {
        expectEnvelope(await ask(`?$format=${format}`), 406, 'notAcceptable');
      },
    );

    it('is on no answer that did not use it', async () => {
      for (const path of [`${collection}/${documented}`, '/v1.0/$metadata', '/']) {
        expect((await ask('?x=1', path)).headers['cosell-extension']).toBeUndefined();
      }
    });
  });
});
