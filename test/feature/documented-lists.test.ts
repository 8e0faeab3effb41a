import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, expectEnvelope } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { idsIn, listedIn, pathOf } from '../support/listed.ts';
import { readRaw, sendRaw } from '../support/raw-socket.ts';
import { ids, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const { lead, expired, won, coSell, london, partnerLed, joint } = ids;
const newestFirst = [joint, partnerLed, london, coSell, won, expired, lead];
const oldestFirst = newestFirst.toReversed();

/** Every query that is documented for the list (facts §12), as it is written there, and what it finds on the sample. */
const documented: readonly (readonly [string, readonly string[]])[] = [
  ['', newestFirst],
  // The table of 2019: what may be filtered by, and the order that must be given.
  ["$filter=engagementId eq '65edc0b5-3485-41b7-a17e-dfa9ef4706e2'&$orderby=createdDateTime", [lead]],
  ["$filter=status eq 'Active'&$orderby=createdDateTime desc", [joint, partnerLed, london, coSell]],
  ["$filter=substatus eq 'Accepted'&$orderby=createdDateTime asc", [coSell, london, partnerLed, joint]],
  ["$filter=updatedDateTime eq '2018-11-22T21:49:49.7754838Z'&$orderby=createdDateTime", []],
  ["$filter=updatedDateTime lt '2024-11-18T00:00:00Z'&$orderby=createdDateTime", [lead]],
  [
    '$filter=updatedDateTime ge 2025-01-01T00:00:00Z&$orderby=createdDateTime desc',
    [joint, partnerLed, london, coSell, won],
  ],
  ["$filter=email eq 'jane.doe@contoso.com'&$orderby=createdDateTime", [won, partnerLed]],
  // The examples since 2020.
  ["$filter=engagementId eq '65edc0b5-3485-41b7-a17e-dfa9ef4706e2'", [lead]],
  ["$filter=status eq 'New' and qualification eq 'SalesQualified'", []],
  ["$filter=status eq 'Active' and qualification eq 'SalesQualified'", [joint, partnerLed, london, coSell]],
  ["$filter=customerProfile/address/country eq 'US' and direction eq 'Incoming'", [lead]],
  ["$filter=type eq 'Shared' and direction eq 'Incoming'", []],
  ["$filter=(type eq 'Shared' and direction eq 'Incoming')", []],
  ["$filter=(type eq 'Shared' and direction eq 'Outgoing')", [joint, coSell]],
  ["$filter=direction eq 'Incoming' and substatus eq 'Pending'", [lead]],
  [
    "$filter=status eq 'Active' and direction eq 'Outgoing' and type eq 'Shared' and team/any(t:t/email eq 'r2d2@contoso.com')",
    [],
  ],
  [
    "$filter=status eq 'Active' and direction eq 'Outgoing' and type eq 'Shared' and team/any(t:t/email eq 'john.doe@contoso.com')",
    [joint, coSell],
  ],
  // The link to the related referrals has its id without quotes.
  ['$filter=engagementId eq 65edc0b5-3485-41b7-a17e-dfa9ef4706e2', [lead]],
  // The help of the connector shows eq, OR and lt.
  ["$filter=status eq 'New' OR details/dealValue lt 50000", [london, lead]],
  ['$orderby=createdDateTime', oldestFirst],
  ['$orderby=createdDateTime desc', newestFirst],
  ['$orderby=updatedDateTime', [lead, expired, coSell, won, london, partnerLed, joint]],
  ['$orderby=updatedDateTime desc', [joint, partnerLed, london, won, coSell, expired, lead]],
  ['$select=id,status,customerProfile', newestFirst],
  ['$top=10', newestFirst],
  ['$top=2', [joint, partnerLed]],
  ['$skip=5', [expired, lead]],
  ['$top=2&$skip=1&$orderby=createdDateTime desc', [partnerLed, london]],
  ["$top=200&$orderby=createdDateTime desc&$filter=direction eq 'Incoming' and status eq 'New'", [lead]],
  ['$count=true', newestFirst],
  ['$count=false', newestFirst],
  ['$top=0&$count=true', []],
];

/** The same query as clients encode it. */
const encodings: readonly (readonly [string, (query: string) => string])[] = [
  ['spaces as %20', (query) => query.replaceAll(' ', '%20')],
  ['spaces as +', (query) => query.replaceAll(' ', '+')],
  ['values encoded', (query) => eachValue(query, encodeURIComponent)],
  ['everything encoded', (query) => eachValue(query, encodeAll).replaceAll('$', '%24')],
  ['as forms are', (query) => new URLSearchParams(query).toString()],
];

function eachValue(query: string, encode: (value: string) => string): string {
  return query
    .split('&')
    .map((pair) => pair.replace(/(?<==).*/, encode))
    .join('&');
}

/** Also what may stand in a URL as it is: letters, digits, quotes, brackets. */
function encodeAll(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

describeOnEachEngine('the documented lists', (engine) => {
  let server: TestServer;
  let off: TestServer;
  const authorization = new Map<TestServer, string>();
  beforeAll(async () => {
    server = await startTestServer(engine);
    off = await startTestServer(engine, { EXTENSIONS: 'off' });
    for (const each of [server, off]) authorization.set(each, `Bearer ${await each.tokenOf(users.admin)}`);
  });
  afterAll(async () => {
    await server.close();
    await off.close();
  });
  const ask = (query: string, from = server) =>
    from.ask(`${collection}${query === '' ? '' : `?${query}`}`, {
      headers: { authorization: authorization.get(from) ?? '' },
    });

  describe.each(documented)('%s', (query, wanted) => {
    it.each(encodings)('finds what it says: %s', async (_how, encode) => {
      expect(idsIn(await ask(encode(query)))).toEqual(wanted);
    });

    it('is the same without extensions, byte for byte but for the address', async () => {
      const [on, without] = [await ask(query.replaceAll(' ', '%20')), await ask(query.replaceAll(' ', '%20'), off)];
      expect(without.text.replaceAll(off.origin, server.origin)).toBe(on.text);
      expect(on.headers['cosell-extension']).toBeUndefined();
    });
  });

  it('have their form: context, count, value', async () => {
    for (const [query] of documented) {
      const listed = listedIn(await ask(query.replaceAll(' ', '%20')));
      const members = ['@odata.context', ...(query === '$count=false' ? [] : ['@odata.count']), 'value'];
      expect(Object.keys(listed)).toEqual(members);
    }
  });

  it('go on by a next link whose token is all of its query', async () => {
    const first = listedIn(await server.askAs(users.admin, collection, { headers: { prefer: 'odata.maxpagesize=5' } }));
    const link = first['@odata.nextLink'] ?? '';
    expect(link).toMatch(/\/v1\.0\/engagements\/referrals\?\$skiptoken=[\w.-]+$/);
    expect(idsIn(await server.askAs(users.admin, pathOf(link)))).toEqual([expired, lead]);
  });

  it('have no navigation: $expand is refused', async () => {
    expectEnvelope(await ask('$expand=team'), 400, 'optionNotAllowed');
  });

  it('cannot have a bare space in their URL, and are told what to write', async () => {
    const token = await server.tokenOf(users.admin);
    const path = `${collection}?$filter=status eq 'New'`;
    const lines = [`GET ${path} HTTP/1.1`, 'Host: localhost', `Authorization: Bearer ${token}`, 'Connection: close'];
    const { received } = await sendRaw(server.port, Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), 5_000);
    const answer = readRaw(received);
    if (answer === undefined) throw new Error(`no answer but ${JSON.stringify(received)}`);
    expect(expectEnvelope(answer, 400).message).toContain('%20');
  });
});
