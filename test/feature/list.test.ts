import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alias, collection, expectEnvelope } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { idsIn, listedIn, listPath, pathOf } from '../support/listed.ts';
import { ids, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** Contoso's own referrals, the newest first. */
const newestFirst = [ids.joint, ids.partnerLed, ids.london, ids.coSell, ids.won, ids.expired, ids.lead];

/** What documented filters find for Contoso's admin (facts §12.2). */
const documentedFilters: readonly (readonly [string, readonly string[]])[] = [
  ["engagementId eq '65edc0b5-3485-41b7-a17e-dfa9ef4706e2'", [ids.lead]],
  ['engagementId eq 65edc0b5-3485-41b7-a17e-dfa9ef4706e2', [ids.lead]],
  ["status eq 'New' and qualification eq 'SalesQualified'", []],
  ["customerProfile/address/country eq 'US' and direction eq 'Incoming'", [ids.lead]],
  ["type eq 'Shared' and direction eq 'Incoming'", []],
  ["(type eq 'Shared' and direction eq 'Incoming')", []],
  ["direction eq 'Incoming' and substatus eq 'Pending'", [ids.lead]],
  [
    "status eq 'Active' and direction eq 'Outgoing' and type eq 'Shared' and team/any(t:t/email eq 'r2d2@contoso.com')",
    [],
  ],
  [
    "status eq 'Active' and direction eq 'Outgoing' and type eq 'Shared' and team/any(t:t/email eq 'john.doe@contoso.com')",
    [ids.joint, ids.coSell],
  ],
  ["direction eq 'Incoming' and status eq 'Active'", []],
];

const otherFilters: readonly (readonly [string, readonly string[]])[] = [
  ["email eq 'jane.doe@contoso.com'", [ids.partnerLed, ids.won]],
  ["email eq 'Jane.Doe@Contoso.com'", [ids.partnerLed, ids.won]],
  ["team/any(t:t/email eq 'jane.doe@contoso.com' and t/lastName eq 'Doe')", [ids.partnerLed, ids.won]],
  ["team/any(t:t/email eq 'jane.doe@contoso.com' and t/lastName eq 'Smith')", []],
  ['not team/any()', [ids.expired, ids.lead]],
  ["details/requirements/solutions/any(s: s/id eq 'SOL-Microsoft365')", [ids.lead]],
  ["id eq '9A1D2C3B-5E6F-4A7B-8C9D-0E1F2A3B4C5D'", [ids.london]],
  ['id in (9a1d2c3b-5e6f-4a7b-8c9d-0e1f2a3b4c5d, c5fbb3b6-be74-4795-9fb5-4324c73fed37)', [ids.london, ids.lead]],
  ["STATUS eq 'closed' and SubStatus ne 'won'", [ids.expired]],
  ["customerprofile/ADDRESS/country in ('GB','IE')", [ids.joint, ids.london, ids.expired]],
  ['createdDateTime ge 2025-05-12T13:40:21Z', [ids.joint, ids.partnerLed]],
  ["createdDateTime ge '2025-05-12T15:40:21.0000000+02:00'", [ids.joint, ids.partnerLed]],
  ['updatedDateTime lt 2024-11-18', [ids.lead]],
  ['details/dealValue gt 84500.4999 and details/dealValue le 125000', [ids.partnerLed, ids.won]],
  ['details/dealValue eq null', [ids.expired]],
  ["name eq 'Joint roll-out for Margie''s Travel'", [ids.joint]],
  ["organizationId eq '7d23e5ca-19dc-4eaa-aac8-5e6b559f0d1d' and mpnId eq '5598765'", [ids.london, ids.expired]],
  ["salesStage eq 'Developed'", [ids.partnerLed]],
  ['salesStage eq 60', [ids.joint]],
  ["salesStage eq 'Won'", [ids.won]],
  ['favorite eq false and externalReferenceId ne null and not isSpam', [ids.london]],
  ['favorite', []],
];

describeOnEachEngine('the list', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server.close());
  const ask = (path: string, headers: Record<string, string> = {}, user: string = users.admin) =>
    server.askAs(user, path, { headers });
  const filtered = (filter: string) => ask(listPath({ $filter: filter }));

  it('has the documented form: context, count, value, and no next link on the last page', async () => {
    const answer = await ask(collection);
    const listed = listedIn(answer);
    expect(Object.keys(listed)).toEqual(['@odata.context', '@odata.count', 'value']);
    expect(listed['@odata.context']).toBe(`${server.origin}${collection}/$metadata#Referrals`);
    expect(listed['@odata.count']).toBe(7);
    expect(listed.value.map(({ id }) => id)).toEqual(newestFirst);
    expect(answer.headers.etag).toBeUndefined();
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.text)));
  });

  it('has each referral as it is by id, but for the context', async () => {
    for (const item of listedIn(await ask(collection)).value) {
      const alone = (await ask(`${collection}/${item.id}`)).json<Record<string, unknown>>();
      const { '@odata.context': _context, ...members } = alone;
      expect(JSON.stringify(item)).toBe(JSON.stringify(members));
    }
  });

  it('answers HEAD with the headers of GET, and no referral has a body', async () => {
    const [got, head] = [await ask(collection), await server.askAs(users.admin, collection, { method: 'HEAD' })];
    expect(head.text).toBe('');
    expect([head.status, head.headers['content-length']]).toEqual([200, got.headers['content-length']]);
  });

  it('is at one path, in every spelling of it', async () => {
    const wanted = (await ask(collection)).text;
    for (const path of [`${collection}/`, '/V1.0//engagements/Referrals', `${collection}?`, `${collection}?&`]) {
      expect((await ask(path)).text).toBe(wanted);
    }
    expectEnvelope(await ask(alias), 404, 'routeNotFound');
    expectEnvelope(await ask(`${collection}/$value`), 404, 'routeNotFound');
  });

  it('names the address that the request came to, and no foreign one', async () => {
    const foreign = listedIn(await ask(`${collection}?$top=1`, { host: 'api.partner.microsoft.com' }));
    expect(foreign['@odata.context']).toBe(`${server.origin}${collection}/$metadata#Referrals`);
    const paged = listedIn(await ask(collection, { prefer: 'maxpagesize=1', host: 'api.partner.microsoft.com' }));
    expect(paged['@odata.nextLink']).toMatch(new RegExp(`^${server.origin}${collection}\\?\\$skiptoken=[\\w.-]+$`));
  });

  describe.each([...documentedFilters, ...otherFilters])('$filter=%s', (filter, wanted) => {
    it('finds what it says, percent-encoded or with + for spaces', async () => {
      expect(idsIn(await filtered(filter))).toEqual(wanted);
      for (const space of ['%20', '+']) {
        const raw = filter.replaceAll('+', '%2B').replaceAll(' ', space);
        expect(idsIn(await ask(`${collection}?$filter=${raw}`))).toEqual(wanted);
        expect(idsIn(await ask(`${collection}?%24filter=${raw}`))).toEqual(wanted);
      }
    });

    it('counts all that it finds', async () => {
      const counted = listedIn(await ask(listPath({ $filter: filter, $top: '0', $count: 'true' })));
      expect([counted.value, counted['@odata.count']]).toEqual([[], wanted.length]);
      expect(counted['@odata.nextLink']).toBeUndefined();
    });
  });

  it('follows the link to the related referrals as it stands', async () => {
    const lead = (await ask(`${collection}/${ids.lead}`)).json<{ links: { relatedReferrals: { uri: string } } }>();
    const path = pathOf(lead.links.relatedReferrals.uri);
    expect(path).toContain(' eq ');
    expect(idsIn(await ask(path.replaceAll(' ', '%20')))).toEqual([ids.lead]);
  });

  it('says when a value is in no enumeration, and finds nothing', async () => {
    const answer = await filtered("status eq 'Nwe' or substatus in ('Pending', 'Waiting')");
    expect(idsIn(answer)).toEqual([ids.lead]);
    expect(answer.headers['cosell-warning']).toBe('$filter valueNotInEnumeration');
    expect((await ask(collection)).headers['cosell-warning']).toBeUndefined();
  });

  describe('in another order', () => {
    it.each([
      ['createdDateTime', newestFirst.toReversed()],
      ['createdDateTime asc', newestFirst.toReversed()],
      ['createdDateTime desc', newestFirst],
      ['CREATEDDATETIME DESC', newestFirst],
      ['updatedDateTime desc', [ids.joint, ids.partnerLed, ids.london, ids.won, ids.coSell, ids.expired, ids.lead]],
      // Nothing is lower than every value.
      ['details/dealValue', [ids.expired, ids.lead, ids.london, ids.coSell, ids.partnerLed, ids.won, ids.joint]],
      ['details/dealValue desc', [ids.joint, ids.won, ids.partnerLed, ids.coSell, ids.london, ids.lead, ids.expired]],
      [
        'status,createdDateTime desc',
        [ids.joint, ids.partnerLed, ids.london, ids.coSell, ids.won, ids.expired, ids.lead],
      ],
      [
        'status desc, createdDateTime',
        [ids.lead, ids.expired, ids.won, ids.coSell, ids.london, ids.partnerLed, ids.joint],
      ],
    ])('$orderby=%s', async (order, wanted) => {
      expect(idsIn(await ask(listPath({ $orderby: order })))).toEqual(wanted);
    });
  });

  it('has the members that $select names, and says which in its context', async () => {
    const answer = await ask(listPath({ $select: 'status, ID', $top: '2' }));
    const listed = listedIn(answer);
    expect(listed['@odata.context']).toBe(`${server.origin}${collection}/$metadata#Referrals(status,id)`);
    expect(listed.value).toEqual([
      { id: ids.joint, status: 'Active' },
      { id: ids.partnerLed, status: 'Active' },
    ]);
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.text)));
    const documented = listedIn(await ask(`${collection}?$select=id,status,customerProfile`));
    expect(Object.keys(documented.value[0] ?? {})).toEqual(['id', 'status', 'customerProfile']);
    const nested = listedIn(await ask(listPath({ $select: 'id,Details/DealValue,team/email', $top: '1' })));
    expect(nested['@odata.context']).toBe(
      `${server.origin}${collection}/$metadata#Referrals(id,details/dealValue,team/email)`,
    );
    const whole = await ask(`${collection}/${ids.joint}`);
    const { details, team } = whole.json<{ details: { dealValue: unknown }; team: { email: unknown }[] }>();
    expect(nested.value).toEqual([
      { id: ids.joint, details: { dealValue: details.dealValue }, team: team.map(({ email }) => ({ email })) },
    ]);
    const paged = listedIn(await ask(`${collection}?$select=id`, { prefer: 'maxpagesize=3' }));
    const next = listedIn(await ask(pathOf(paged['@odata.nextLink'] ?? '')));
    expect(next.value.map((item) => Object.keys(item))).toEqual([['id'], ['id'], ['id']]);
  });

  describe('refuses', () => {
    it.each([
      ['$filter', "status = 'New'", 'expressionMalformed', ['position 7', '=', 'an operator']],
      ['$filter', "status eq 'New", 'expressionMalformed', ["the closing '"]],
      ['$filter', '', 'expressionMalformed', ['position 0']],
      ['$filter', "name eq '\0'", 'expressionMalformed', ['U+0000']],
      ['$filter', '('.repeat(7_000), 'expressionTooLarge', ['levels']],
      ['$filter', "stauts eq 'New'", 'propertyUnknown', ["'stauts'", 'Did you mean status?']],
      ['$filter', "customerProfile/adress/country eq 'US'", 'propertyUnknown', ['CustomerProfile', 'address']],
      ['$filter', "contain(name,'x')", 'functionUnknown', ['contains']],
      ['$filter', "details/notes eq 'x'", 'notFilterable', ["'details/notes' cannot be used in the $filter"]],
      ['$filter', 'status eq 5', 'operandsIncompatible', ['position 10']],
      ['$filter', "details/dealValue eq '5'", 'operandsIncompatible', ['a number']],
      ['$filter', "not status eq 'New'", 'operandsIncompatible', ['compare it']],
      ['$filter', "createdDateTime gt 'yesterday'", 'operandsIncompatible', ['2026-11-30T00:00:00Z']],
      ['$orderby', 'details/notes', 'notSortable', ["'details/notes' cannot be used in the $orderby"]],
      ['$orderby', 'createdDateTime up', 'expressionMalformed', ['up', 'asc, desc']],
      ['$orderby', 'created', 'propertyUnknown', ['createdDateTime']],
      ['$top', '-1', 'optionValueInvalid', ['-1', '$top']],
      ['$top', '1.5', 'optionValueInvalid', []],
      ['$top', '', 'optionValueInvalid', []],
      ['$top', '1'.repeat(400), 'optionValueInvalid', []],
      ['$skip', 'x', 'optionValueInvalid', ['$skip']],
      ['$count', 'yes', 'optionValueInvalid', ['true or false']],
      ['$skiptoken', 'x', 'skipTokenInvalid', []],
      ['$expand', 'team', 'optionNotAllowed', ['no navigation']],
      ['$compute', 'x', 'optionNotAllowed', []],
      ['$deltatoken', 'x', 'deltaTokenInvalid', ['$deltatoken', '@odata.deltaLink']],
      ['$bogus', 'x', 'optionNotAllowed', []],
    ])('%s=%s with 400 %s', async (option, value, kind, words) => {
      const error = expectEnvelope(await ask(listPath({ [option]: value })), 400, kind);
      expect(error.code).toBe('invalidRequest');
      for (const word of words) expect(error.message).toContain(word);
      if (kind !== 'optionNotAllowed') expect(error.target).toBe(option);
    });

    it.each([
      ['$filter', "cast(name,Edm.String) eq 'x'", 'expressionNotImplemented', 'the function cast'],
      ['$filter', 'geo.length(name) gt 5', 'expressionNotImplemented', 'the function geo.length'],
      ['$filter', 'name in ["x"]', 'expressionNotImplemented', 'in with anything but'],
      ['$filter', 'team/$count($search=x) gt 1', 'expressionNotImplemented', '$search within $count'],
      ['$orderby', "contains(name,'x')", 'expressionNotImplemented', 'a condition to sort by'],
    ])('%s=%s with 501, and names it', async (option, value, kind, words) => {
      const error = expectEnvelope(await ask(listPath({ [option]: value })), 501, kind);
      expect(error.message).toContain(words);
    });

    it('an option that stands there twice', async () => {
      for (const query of ['$top=1&$top=1', '$top=1&$TOP=2', '$filter=true&%24filter=true']) {
        expectEnvelope(await ask(`${collection}?${query}`), 400, 'optionRepeated');
      }
    });
  });

  it('ignores options without $, which are not of the documented API', async () => {
    const wanted = (await ask(collection)).text;
    for (const query of ['filter=x&top=0&orderby=nothing', 'api-version=1&api-version=2', '=$top']) {
      expect((await ask(`${collection}?${query}`)).text).toBe(wanted);
    }
  });

  it('is refused before its filter is looked at, to somebody without a role or a token', async () => {
    expectEnvelope(await ask(listPath({ $filter: 'x y z' }), {}, users.nobody), 403, 'roleMissing');
    expectEnvelope(await server.ask(listPath({ $filter: 'x y z' })), 401, 'tokenMissing');
  });
});
