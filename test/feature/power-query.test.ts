import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { idsIn, listedIn, pathOf } from '../support/listed.ts';
import { ids, users } from '../support/sample.ts';
import { startTestServer, type TestServer, type WireAnswer } from '../support/test-server.ts';

/** What Excel and Power BI send with every request of a feed whose version they do not know yet. */
const unknownVersion = {
  MaxDataServiceVersion: '3.0',
  'OData-MaxVersion': '4.0',
  Accept:
    'application/json;odata.metadata=minimal;q=1.0,application/json;odata=minimalmetadata;q=0.9,application/atomsvc+xml;q=0.8,application/atom+xml;q=0.8,application/xml;q=0.7,text/plain;q=0.7',
  'User-Agent': 'Microsoft.Data.Mashup (https://go.microsoft.com/fwlink/?LinkID=304225)',
  'Accept-Encoding': 'gzip, deflate',
};

/** And what they send when they have seen `OData-Version: 4.0`. */
const version4 = {
  'OData-MaxVersion': '4.0',
  Accept: 'application/json;odata.metadata=minimal',
  'User-Agent': unknownVersion['User-Agent'],
};

describeOnEachEngine('Excel and Power BI', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server.close());
  const ask = (path: string, headers: Readonly<Record<string, string>> = version4) =>
    server.askAs(users.admin, path, { headers: { ...headers, 'Accept-Encoding': 'identity' } });
  const sent = (answer: WireAnswer, name: string) =>
    answer.rawHeaders.filter((_text, at) => at % 2 === 1 && answer.rawHeaders[at - 1]?.toLowerCase() === name);

  it('find out the version by the collection: one OData-Version, JSON, a context', async () => {
    const answer = await ask(collection, unknownVersion);
    expect(sent(answer, 'odata-version')).toEqual(['4.0']);
    expect(sent(answer, 'content-type')).toHaveLength(1);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(listedIn(answer)['@odata.context']).toMatch(/\/\$metadata#Referrals$/);
  });

  it.each([
    ['as they ask for lists', unknownVersion],
    ['as XML', { ...version4, Accept: 'application/xml' }],
  ])('read what a referral is by the address in the context, asking %s', async (_how, headers) => {
    const [context = ''] = listedIn(await ask(collection))['@odata.context'].split('#');
    const answer = await ask(pathOf(context), headers);
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/xml; charset=utf-8']);
    expect(answer.text).toContain('<EntitySet Name="Referrals"');
    expect(sent(answer, 'odata-version')).toEqual(['4.0']);
  });

  it('show the first thousand', async () => {
    expect(idsIn(await ask(`${collection}?$top=1000`))).toHaveLength(7);
  });

  describe('fold the steps of a query into its options', () => {
    it.each([
      ["$filter=status eq 'Active'&$select=id%2Cstatus&$top=1000", [ids.joint, ids.partnerLed, ids.london, ids.coSell]],
      [
        "$filter=status eq 'Active' and customerProfile/address/country eq 'US'&$select=id%2CcustomerProfile&$top=1000",
        [ids.coSell],
      ],
      ["$filter=startswith(name, 'Joint')&$orderby=createdDateTime desc&$top=1000", [ids.joint]],
      ["$filter=contains(name, 'Margie''s')&$top=1000", [ids.joint]],
      ['$filter=name ne null and createdDateTime ge 2025-05-12T00:00:00Z&$orderby=id', [ids.partnerLed, ids.joint]],
      ['$filter=details/dealValue gt 100000&$orderby=details/dealValue desc,id&$top=1000', [ids.joint, ids.won]],
      ['$orderby=createdDateTime desc&$skip=5&$top=1000', [ids.expired, ids.lead]],
      ['$orderby=createdDateTime desc&$skip=2&$top=2', [ids.london, ids.coSell]],
    ])('%s', async (options, wanted) => {
      for (const query of [options.replaceAll(' ', '%20'), options.replaceAll(' ', '+')]) {
        expect(idsIn(await ask(`${collection}?${query}`))).toEqual(wanted);
      }
    });
  });

  it('count the rows', async () => {
    const counted = listedIn(await ask(`${collection}?$filter=status%20eq%20'Active'&$count=true&$top=0`));
    expect([counted['@odata.count'], counted.value]).toEqual([4, []]);
  });

  it('follow next links, with the headers of the first page', async () => {
    const found: string[] = [];
    const paged = { ...version4, Prefer: 'odata.maxpagesize=3' };
    let path: string | undefined = `${collection}?$select=id%2Cname&$top=1000`;
    while (path !== undefined) {
      const page: ReturnType<typeof listedIn> = listedIn(await ask(path, paged));
      expect(page.value.length).toBeLessThanOrEqual(3);
      found.push(...page.value.map(({ id }) => id));
      path = page['@odata.nextLink'] === undefined ? undefined : pathOf(page['@odata.nextLink']);
    }
    expect(found).toEqual(idsIn(await ask(collection)));
  });

  // They change nothing: neither has a way to write to a feed.
  it('read one referral by its key', async () => {
    const answer = await ask(`${collection}('${ids.london}')`);
    expect([answer.status, answer.json().id]).toEqual([200, ids.london]);
    expect(sent(answer, 'odata-version')).toEqual(['4.0']);
  });
});
