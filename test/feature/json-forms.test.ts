import { importReferrals } from '@cosell/server/domain/import-referrals';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, comparable, documented, expectEnvelope } from '../support/answers.ts';
import { leastDeal } from '../support/documented-requests.ts';
import { listPath, pathOf } from '../support/listed.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { ids, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { writingAs } from '../support/writing.ts';

type Json = Record<string, unknown>;

/** Everything but what an annotation says. */
function withoutAnnotations(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutAnnotations);
  if (typeof value !== 'object' || value === null) return value;
  const own = Object.entries(value).filter(([name]) => !name.includes('@'));
  return Object.fromEntries(own.map(([name, member]) => [name, withoutAnnotations(member)]));
}

describeOnSqlite('the form of JSON', (engine) => {
  let server: TestServer;
  let authorization: string;
  beforeAll(async () => {
    server = await startTestServer(engine);
    authorization = `Bearer ${await server.tokenOf('contoso-admin')}`;
  });
  afterAll(() => server.close());
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    server.ask(path, { headers: { authorization, ...headers } });
  const one = `${collection}/${documented}`;
  const page = listPath({ $top: '5' });

  describe.each([
    one,
    page,
    listPath({ $select: 'id,details/dealValue', $top: '3' }),
    `${collection}/${ids.coSellOfMicrosoft}`,
  ])('%s', (path) => {
    it.each([
      'odata.metadata=minimal',
      'metadata=minimal',
      'ODATA.METADATA=Minimal',
      'charset=utf-8; odata.metadata=minimal',
    ])('with %s is what it is without, and says so', async (parameter) => {
      const [asked, plain] = [await ask(path, { accept: `application/json;${parameter}` }), await ask(path)];
      expect(asked.text).toBe(plain.text);
      expect(plain.headers['content-type']).toBe('application/json; charset=utf-8');
      expect(asked.headers['content-type']).toBe('application/json; odata.metadata=minimal; charset=utf-8');
      expect(asked.headers['content-length']).toBe(String(asked.bytes.length));
      expect(asked.headers.etag).toBe(plain.headers.etag);
      expect([asked.headers['cosell-extension'], plain.headers['cosell-extension']]).toEqual(['json-form', undefined]);
    });

    it('has no context with none, and every other byte', async () => {
      const accept = 'application/json;odata.metadata=none';
      const [asked, plain] = [await ask(path, { accept }), await ask(path)];
      expect(asked.text).toBe(plain.text.replace(/"@odata\.context":"[^"]*",/, ''));
      expect(asked.text).not.toBe(plain.text);
      expect(asked.headers['content-type']).toBe('application/json; odata.metadata=none; charset=utf-8');
      expect(asked.headers['content-length']).toBe(String(asked.bytes.length));
      expect((await ask(`${path}${path.includes('?') ? '&' : '?'}$format=${encodeURIComponent(accept)}`)).text).toBe(
        asked.text,
      );
    });

    it('has the same values with full, and says what they are', async () => {
      const [asked, plain] = [await ask(path, { accept: 'application/json;odata.metadata=full' }), await ask(path)];
      expect(withoutAnnotations(asked.json())).toEqual(withoutAnnotations(plain.json()));
      expect(asked.json()['@odata.context']).toBe(plain.json()['@odata.context']);
      const items = (asked.json().value as Json[] | undefined) ?? [asked.json()];
      for (const item of items) {
        expect(item).toMatchObject({
          '@odata.type': '#Cosell.Referral',
          '@odata.id': `${server.origin}${collection}/${String(item.id)}`,
          '@odata.editLink': `${server.origin}${collection}/${String(item.id)}`,
        });
        expect(item['@odata.etag']).toBe(item.eTag);
        const { details } = item as { details: Json };
        expect(details['@odata.type']).toBe('#Cosell.Details');
        expect(details['dealValue@odata.type']).toBe(details.dealValue === null ? undefined : '#Decimal');
      }
    });

    it('has numbers as text where they are asked for so, digit by digit', async () => {
      const [asked, plain] = [await ask(path, { accept: 'application/json;IEEE754Compatible=true' }), await ask(path)];
      expect(asked.text).toBe(
        plain.text.replaceAll(/"(dealValue|value|price|@odata\.count)":(-?[\d.]+)/g, '"$1":"$2"'),
      );
      expect(asked.headers['content-type']).toBe('application/json; IEEE754Compatible=true; charset=utf-8');
    });
  });

  it('tells the types of one referral in full', async () => {
    const referral = (await ask(one, { accept: 'application/json;odata.metadata=full;IEEE754Compatible=true' })).json();
    expect(referral).toMatchObject({
      'status@odata.type': '#Cosell.ReferralStatus',
      'createdDateTime@odata.type': '#DateTimeOffset',
      'team@odata.type': '#Collection(Cosell.Member)',
      customerProfile: { '@odata.type': '#Cosell.CustomerProfile' },
      details: { 'dealValue@odata.type': '#Decimal', dealValue: expect.stringMatching(/^\d+$/) },
    });
    expect(referral).not.toHaveProperty(['name@odata.type']);
    expect(Object.keys(referral).slice(0, 5)).toEqual([
      '@odata.context',
      '@odata.type',
      '@odata.id',
      '@odata.etag',
      '@odata.editLink',
    ]);
  });

  it('keeps next link and count with none, and the link carries on', async () => {
    const accept = 'application/json;odata.metadata=none';
    const first = (await ask(listPath({ $orderby: 'createdDateTime' }), { accept, prefer: 'maxpagesize=3' })).json();
    expect(Object.keys(first)).toEqual(['@odata.count', 'value', '@odata.nextLink']);
    const next = await ask(String(first['@odata.nextLink']).slice(server.origin.length), { accept });
    expect(Object.keys(next.json())).toEqual(['@odata.count', 'value', '@odata.nextLink']);
  });

  it('keeps the annotations of the exchange itself', async () => {
    const headers = { accept: 'application/json;odata.metadata=none', prefer: 'include-annotations="cosell.*"' };
    const answer = await ask(one, headers);
    expect(answer.text).toContain('"@cosell.');
    expect(answer.text).not.toContain('@odata.');
    expect(answer.headers['cosell-extension']).toBe('json-form, annotations');
  });

  it('is the form of what a write answers, too', async () => {
    const accept = 'application/json;odata.metadata=none;IEEE754Compatible=true';
    const deal = { ...leastDeal(), details: { dealValue: 0, currency: 'USD' } };
    const body = JSON.stringify(deal).replace('"dealValue":0', '"dealValue":12345678901234.5678');
    const headers = { authorization, accept, 'content-type': 'application/json;IEEE754Compatible=true' };
    const created = await server.ask(collection, { method: 'POST', headers, body });
    expect(created.status, created.text).toBe(200);
    expect(created.json()).not.toHaveProperty(['@odata.context']);
    expect(created.json()).toMatchObject({ details: { dealValue: '12345678901234.5678' } });
    // And what is read so can be written so.
    const patched = await server.ask(`${collection}/${created.json().id}`, {
      method: 'PATCH',
      headers: { ...headers, prefer: 'return=representation' },
      body: '[{"op":"replace","path":"/details/dealValue","value":"99999999999999.9999"}]',
    });
    expect(patched.json()).toMatchObject({ details: { dealValue: '99999999999999.9999' } });
  });

  it('has no part in errors, in 304 and in other documents', async () => {
    const accept = 'application/json;odata.metadata=full';
    for (const [path, headers] of [
      [`${collection}/x`, {}],
      [one, { 'if-none-match': '*' }],
      ['/v1.0/$metadata', {}],
      ['/openapi.json', {}],
      [`${one}/history`, {}],
    ] as const) {
      expect(comparable(await ask(path, { ...headers, accept }))).toEqual(
        comparable(await ask(path, { ...headers, accept: 'application/json' })),
      );
    }
  });

  it('of what is removed from a list is the same in every form, so that nobody takes it for a change', async () => {
    const writer = writingAs(server, users.admin);
    const { id } = await writer.create(leastDeal());
    const filter = listPath({ $filter: "status eq 'Active' and id ne 'x'", $select: 'id,name' });
    const first = await ask(filter, { prefer: 'odata.track-changes' });
    const link = pathOf(String(first.json()['@odata.deltaLink']));
    const closing = { '/status': 'Closed', '/substatus': 'Lost' };
    const operations = Object.entries(closing).map(([path, value]) => ({ op: 'replace', path, value }));
    expect((await writer.patch(id, operations)).status).toBe(204);
    for (const form of ['', ';odata.metadata=none', ';odata.metadata=full', ';IEEE754Compatible=true']) {
      const { value } = (await ask(link, { accept: `application/json${form}` })).json<{ value: readonly Json[] }>();
      const [removed] = value.filter((item) => item.id === id);
      expect(removed, form).toEqual({
        '@odata.context': expect.stringContaining('#Referrals/$deletedEntity'),
        '@odata.removed': { reason: 'changed' },
        id,
        reason: 'changed',
      });
    }
  });

  it('has every number of a result as text, and no result of $apply is called a referral', async () => {
    const path = listPath({
      $apply: 'groupby((details/dealValue),aggregate(details/dealValue with sum as total,$count as n))',
      $filter: 'details/dealValue eq 84500.5',
    });
    const text = await ask(path, { accept: 'application/json;IEEE754Compatible=true' });
    expect(text.json<{ value: unknown }>().value).toEqual([
      { details: { dealValue: '84500.5' }, total: '84500.5', n: '1' },
    ]);
    const full = await ask(path, { accept: 'application/json;odata.metadata=full' });
    expect(full.json<{ value: unknown }>().value).toEqual([{ details: { dealValue: 84500.5 }, total: 84500.5, n: 1 }]);
  });

  it('can be chosen for a referral that is nested as deep as one may be', async () => {
    const deep = `${'['.repeat(60)}${']'.repeat(60)}`;
    const id = '64646464-0000-4000-8000-000000000064';
    const sample = (await ask(`${collection}/${ids.london}`)).json();
    const document = JSON.stringify({ ...sample, id, engagementId: id, eTag: '"x"' });
    const texts = [`${document.slice(0, -1)},"unknown":${deep}}`];
    await server.exchange.store.transact(importReferrals, { texts });
    const answer = await ask(listPath({ $filter: `id eq ${id}` }), { accept: 'application/json;odata.metadata=full' });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.text).toContain(`"unknown":${deep}`);
  });
});

describeOnSqlite('the versions of OData', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server.close());
  const ask = (headers: Readonly<Record<string, string>>, path = `${collection}/${documented}`) =>
    server.askAs('contoso-admin', path, { headers });

  it.each([
    { 'odata-version': '4.0' },
    { 'odata-version': '4.01' },
    { 'odata-version': ' 4.0 ' },
    { 'odata-version': '4.0;NetFx' },
    { 'odata-maxversion': '4.0' },
    { 'odata-maxversion': '4.01' },
    { 'odata-maxversion': '5.0' },
    { 'odata-maxversion': '10.0' },
    { 'odata-maxversion': '4.0;NetFx', 'odata-version': '4.0' },
    { dataserviceversion: '3.0', maxdataserviceversion: '3.0' },
  ])('%j is answered in 4.0, the same bytes', async (headers) => {
    const answer = await ask(headers);
    expect(comparable(answer)).toEqual(comparable(await ask({})));
    expect(answer.headers['odata-version']).toBe('4.0');
  });

  it.each([
    ['OData-Version', '3.0'],
    ['OData-Version', '4.02'],
    ['OData-Version', '4'],
    ['OData-Version', '5.0'],
    ['OData-Version', '4.0, 4.01'],
    ['OData-Version', ''],
    ['OData-Version', 'x'],
    ['OData-MaxVersion', '3.0'],
    ['OData-MaxVersion', '0.0'],
    ['OData-MaxVersion', '-4.0'],
    ['OData-MaxVersion', '4'],
    ['OData-MaxVersion', 'latest'],
    ['OData-MaxVersion', ''],
  ])('%s: %s is refused, and what is spoken is said', async (name, value) => {
    for (const path of [`${collection}/${documented}`, collection, `${collection}/$count`, '/v1.0/$metadata']) {
      const error = expectEnvelope(await ask({ [name]: value }, path), 400, 'versionNotSupported');
      expect(error.target).toBe(name);
      expect(error.message).toContain('4.0 or 4.01');
    }
  });

  it('is judged behind the token and before the referral', async () => {
    const headers = { 'odata-version': '3.0' };
    expectEnvelope(await server.ask(collection, { headers }), 401, 'tokenMissing');
    expect(comparable(await ask(headers, `${collection}/${ids.tailspin}`))).toEqual(comparable(await ask(headers)));
  });
});
