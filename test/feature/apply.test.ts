import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, expectEnvelope } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { listedIn, listPath, pathOf, walk } from '../support/listed.ts';
import { users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** What `$apply` gives the administrator of Contoso from the sample. */
const results: readonly (readonly [apply: string, value: readonly unknown[]])[] = [
  ['groupby((status))', [{ status: 'Active' }, { status: 'Closed' }, { status: 'New' }]],
  [
    'groupby((status),aggregate($count as n,details/dealValue with sum as total))',
    [
      { status: 'Active', n: 4, total: 384500.5 },
      { status: 'Closed', n: 2, total: 125000 },
      { status: 'New', n: 1, total: 10000 },
    ],
  ],
  [
    'aggregate(details/dealValue with sum as total,details/dealValue with average as mean,details/dealValue with min as least,details/dealValue with max as most,customerProfile/address/country with countdistinct as countries,$count as n)',
    [{ total: 519500.5, mean: 86583.4166, least: 10000, most: 220000, countries: 4, n: 7 }],
  ],
  // Nothing has no part in an aggregate.
  [
    'filter(details/dealValue eq null)/aggregate($count as n,details/dealValue with sum as total,details/dealValue with average as mean,name with max as last,details/dealValue with countdistinct as values)',
    [{ n: 1, total: null, mean: null, last: null, values: 0 }],
  ],
  ['filter(false)/aggregate($count as n,details/dealValue with sum as total)', [{ n: 0, total: null }]],
  ['filter(false)/groupby((status),aggregate($count as n))', []],
  [
    'groupby((customerProfile/address/country,status),aggregate($count as n))/filter(n gt 1)',
    [{ customerProfile: { address: { country: 'GB' } }, status: 'Active', n: 2 }],
  ],
  [
    'groupby((status,type),aggregate(details/dealValue with sum as total))/groupby((type),aggregate(total with max as most,$count as n))',
    [
      { type: 'Independent', most: 125000, n: 3 },
      { type: 'Shared', most: 270000, n: 1 },
    ],
  ],
  ['identity/aggregate($count as n)/identity', [{ n: 7 }]],
  ['search(ware OR "ski house" OR margie)/aggregate($count as n)', [{ n: 3 }]],
  ["filter(status eq 'Active')/search(NOT london)/groupby((type))", [{ type: 'Independent' }, { type: 'Shared' }]],
  ['search(nobodyhasthis)/aggregate($count as n)', [{ n: 0 }]],
  [
    'compute(year(createdDateTime) as year)/groupby((year),aggregate($count as n))',
    [
      { year: 2020, n: 1 },
      { year: 2024, n: 1 },
      { year: 2025, n: 5 },
    ],
  ],
  ['aggregate(details/dealValue mul 1.19 with sum as gross)', [{ gross: 618205.595 }]],
  ['aggregate(team/$count with sum as people,favorite with max as anyFavorite)', [{ people: 6, anyFavorite: false }]],
];

describeOnEachEngine('$apply', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server.close());
  const ask = (options: Readonly<Record<string, string>>, headers: Record<string, string> = {}) =>
    server.askAs(users.admin, listPath(options), { headers });

  it.each(results)('%s gives what it says', async ($apply, value) => {
    const answer = await ask({ $apply });
    const listed = listedIn(answer);
    expect(listed.value).toEqual(value);
    expect(listed['@odata.count']).toBe(value.length);
    expect(answer.headers['cosell-extension']).toBe('apply');
  });

  it('has the form of a list, with the properties of its results in the context', async () => {
    const answer = await ask({
      $apply: 'groupby((status,customerProfile/address/country),aggregate(details/dealValue with sum as total))',
    });
    expect(Object.keys(listedIn(answer))).toEqual(['@odata.context', '@odata.count', 'value']);
    expect(listedIn(answer)['@odata.context']).toBe(
      `${server.origin}${collection}/$metadata#Referrals(status,customerProfile/address/country,total)`,
    );
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.text)));
    expect(answer.headers.etag).toBeUndefined();
    expect(listedIn(await ask({ $apply: 'aggregate($count as n)', $count: 'false' }))['@odata.count']).toBeUndefined();
  });

  describe('comes before the other options, which act on its results', () => {
    const $apply =
      'groupby((customerProfile/address/country),aggregate($count as n,details/dealValue with sum as Total))';
    const country = (name: string, n: number, Total: number | null) => ({
      customerProfile: { address: { country: name } },
      n,
      Total,
    });
    const [at, gb, ie, us] = [
      country('AT', 1, 84500.5),
      country('GB', 2, 250000),
      country('IE', 1, null),
      country('US', 3, 185000),
    ];

    it.each([
      [{ $filter: 'Total ge 84500.5' }, 3, [at, gb, us]],
      [{ $filter: "startswith(customerProfile/address/country,'I') or total divby n lt 61666.6667" }, 2, [ie, us]],
      [{ $filter: 'total in (250000,185000) and not (n ne 2)' }, 1, [gb]],
      [{ $filter: 'Total eq null' }, 1, [ie]],
      [{ $filter: 'n gt 1.5 and n lt 2.5' }, 1, [gb]],
      [{ $orderby: 'total desc' }, 4, [gb, us, at, ie]],
      [{ $orderby: 'n desc,customerProfile/address/country desc' }, 4, [us, gb, ie, at]],
      [{ $orderby: 'total divby n' }, 4, [ie, us, at, gb]],
      [{ $orderby: 'Total desc', $top: '2', $skip: '1' }, 4, [us, at]],
      [{ $top: '0' }, 4, []],
      [{ $skip: '9' }, 4, []],
      [{ $filter: 'total gt @least', '@least': '185000' }, 1, [gb]],
    ])('%j counts %i', async (options, count, wanted) => {
      const listed = listedIn(await ask({ $apply, ...options }));
      expect(listed.value).toEqual(wanted);
      expect(listed['@odata.count']).toBe(count);
    });

    it.each([
      ['n', [{ n: 1 }], 'n'],
      [
        'N,customerProfile',
        [{ customerProfile: { address: { country: 'AT' } }, n: 1 }],
        'customerProfile/address/country,n',
      ],
      [
        'customerprofile/address/Country',
        [{ customerProfile: { address: { country: 'AT' } } }],
        'customerProfile/address/country',
      ],
      ['*', [at], 'customerProfile/address/country,n,Total'],
    ])('$select=%s leaves %j', async ($select, wanted, context) => {
      const listed = listedIn(await ask({ $apply, $select, $top: '1' }));
      expect(listed.value).toEqual(wanted);
      expect(listed['@odata.context']).toMatch(new RegExp(`#Referrals\\(${context}\\)$`));
    });

    it('and leaves referrals as they are where it only filters', async () => {
      const filtered = await ask({
        $apply: "filter(status eq 'Active')/identity",
        $orderby: 'name',
        $top: '2',
        $filter: 'favorite eq false',
      });
      const listed = await ask({ $filter: "status eq 'Active' and favorite eq false", $orderby: 'name', $top: '2' });
      expect(listedIn(filtered).value).toEqual(listedIn(listed).value);
      expect(filtered.headers['cosell-extension']).toBe('apply');
    });

    it('warns of a value outside an enumeration in either', async () => {
      const answer = await ask({ $apply: "filter(status ne 'Pink')/groupby((status))", $filter: "status ne 'Blue'" });
      expect(listedIn(answer).value).toHaveLength(3);
      expect(answer.headers['cosell-warning']).toBe('$apply valueNotInEnumeration, $filter valueNotInEnumeration');
    });
  });

  it('finds referrals by a search of its own, and has no text to search in its results', async () => {
    const found = listedIn(await ask({ $apply: 'search(ware)', $select: 'name' })).value;
    expect(found).toEqual([{ name: 'Warehouse migration - London' }]);
    expect(
      listedIn(await ask({ $apply: "filter(status eq 'Active')", $search: 'ware', $select: 'name' })).value,
    ).toEqual(found);
    const refused = await ask({ $apply: 'groupby((status))', $search: 'ware' });
    expect(expectEnvelope(refused, 501, 'expressionNotImplemented').message).toContain('write search(…) in $apply');
  });

  describe('is answered page by page', () => {
    const $apply = 'groupby((id,customerProfile/address/country),aggregate(details/dealValue with sum as total))';

    it.each(['', 'total', 'total desc', 'customerProfile/address/country desc,total', 'id', 'total divby 7'])(
      'in the order of "%s", each result once',
      async ($orderby) => {
        const options = { $apply, ...($orderby === '' ? {} : { $orderby }) };
        const whole = listedIn(await ask(options));
        expect(whole.value).toHaveLength(7);
        const pages = await walk(server, users.admin, listPath(options), { prefer: 'odata.maxpagesize=2' });
        expect(pages.map(({ value }) => value.length)).toEqual([2, 2, 2, 1]);
        expect(pages.flatMap(({ value }) => value)).toEqual(whole.value);
        for (const page of pages) {
          expect(page['@odata.count']).toBe(7);
          expect(page['@odata.context']).toBe(whole['@odata.context']);
        }
      },
    );

    it('with $top, $skip, $filter and $select carried along, and each page is said to be of the extension', async () => {
      const options = {
        $apply,
        $filter: "total ne 50000 or id eq 'x'",
        $select: 'total',
        $orderby: 'total',
        $skip: '1',
        $top: '4',
      };
      const first = await ask(options, { prefer: 'maxpagesize=3' });
      expect(first.headers['preference-applied']).toBe('maxpagesize=3');
      expect(listedIn(first).value).toEqual([{ total: 10000 }, { total: 30000 }, { total: 84500.5 }]);
      const next = await server.askAs(users.admin, pathOf(listedIn(first)['@odata.nextLink'] ?? ''));
      expect(listedIn(next).value).toEqual([{ total: 125000 }]);
      expect(listedIn(next)['@odata.nextLink']).toBeUndefined();
      expect(next.headers['cosell-extension']).toBe('apply');
    });

    it('by a token that belongs to the user and the query', async () => {
      const first = listedIn(await ask({ $apply }, { prefer: 'maxpagesize=2' }));
      const path = pathOf(first['@odata.nextLink'] ?? '');
      expectEnvelope(await server.askAs(users.tailspin, path), 400, 'skipTokenInvalid');
      expectEnvelope(await server.askAs(users.admin, `${path}&$apply=groupby((id))`), 400, 'skipTokenMismatch');
      expect((await server.askAs(users.admin, `${path}&$apply=${encodeURIComponent($apply)}`)).status).toBe(200);
    });
  });

  it.each([
    [
      '',
      400,
      'expressionMalformed',
      'at position 0 stands the end. Write a transformation such as filter, groupby or aggregate there',
    ],
    ['x', 400, 'expressionMalformed', 'at position 0 stands x'],
    ['groupby((status)', 400, 'expressionMalformed', 'at position 16 stands the end. Write a comma or ) there'],
    [
      'groupby(status)',
      400,
      'expressionMalformed',
      'at position 8 stands status. Write ( before the properties to group by there',
    ],
    [
      'groupby((year(createdDateTime)))',
      400,
      'expressionMalformed',
      'at position 13 stands (. Write /, a comma or ) there',
    ],
    [
      'aggregate(details/dealValue with sum)',
      400,
      'expressionMalformed',
      'at position 36 stands ). Write as and a name of your own there',
    ],
    ["filter(name eq 'x)/groupby((status))", 400, 'expressionMalformed', 'at position 36 stands the end'],
    ['groupby((status));drop table referrals', 400, 'expressionMalformed', 'at position 17 stands ;'],
    [
      'groupby((nothing))',
      400,
      'propertyUnknown',
      "Could not find a property named 'nothing' on type 'Referral' (position 9 of $apply)",
    ],
    [
      'groupby((status))/filter(type eq null)',
      400,
      'propertyUnknown',
      "named 'type' on type 'Result' (position 25 of $apply)",
    ],
    ['groupby((email))', 400, 'propertyUnknown', "named 'email'"],
    ['aggregate(foo(name) with max as x)', 400, 'functionUnknown', "name 'foo' was found at position 10"],
    ['groupby((details/notes))', 400, 'notAggregatable', "'details/notes' cannot be used in $apply (position 17)"],
    ['groupby((eTag))', 400, 'notAggregatable', "'eTag' cannot be used"],
    ['groupby((inviteContext/notes))', 400, 'notAggregatable', "'inviteContext/notes' cannot be used"],
    [
      'filter(consent/consentToContact)/groupby((id))',
      400,
      'notAggregatable',
      "'consent/consentToContact' cannot be used",
    ],
    ['aggregate(name with sum as x)', 400, 'operandsIncompatible', 'at position 10, sum takes numbers, and not name'],
    ['aggregate(name with max as status)', 400, 'operandsIncompatible', 'status is the name of a property already'],
    ['groupby((status,STATUS))', 400, 'operandsIncompatible', 'at position 16, status stands there twice'],
    ['aggregate(name with maximum as x)', 400, 'operandsIncompatible', 'there is no method maximum; did you mean max?'],
    [
      `aggregate(${'$count as n,'.repeat(700)}$count as n)`,
      400,
      'expressionTooLarge',
      '$apply is larger than is allowed',
    ],
    [
      'groupby((team/email))',
      501,
      'expressionNotImplemented',
      'at position 9, stands the list team in a path of $apply',
    ],
    ['groupby((customerProfile))', 501, 'expressionNotImplemented', 'the object customerProfile as a value'],
    [
      'groupby((rollup(status,type)),aggregate($count as n))',
      501,
      'expressionNotImplemented',
      'at position 9, stands rollup',
    ],
    ['topcount(3,details/dealValue)', 501, 'expressionNotImplemented', 'the transformation topcount'],
    ['concat(identity,groupby((status)))', 501, 'expressionNotImplemented', 'the transformation concat'],
    ['aggregate(details/dealValue)', 501, 'expressionNotImplemented', 'the custom aggregate details/dealValue'],
    [
      'compute(year(createdDateTime) as y)',
      501,
      'expressionNotImplemented',
      'compute without groupby or aggregate behind it',
    ],
  ])('%s is refused with %i %s', async ($apply, status, kind, words) => {
    const error = expectEnvelope(await ask({ $apply }), status, kind);
    expect(error.target).toBe('$apply');
    expect(error.message).toContain(words);
  });

  it.each([
    [{ $filter: "type eq 'Shared'" }, 400, 'propertyUnknown', '$filter'],
    [{ $orderby: 'createdDateTime' }, 400, 'propertyUnknown', '$orderby'],
    [{ $orderby: 'n,N desc' }, 400, 'operandsIncompatible', '$orderby'],
    [{ $select: 'id' }, 400, 'propertyUnknown', '$select'],
    [{ $select: 'customerProfile' }, 400, 'propertyUnknown', '$select'],
    [{ $select: 'n add 1' }, 400, 'expressionMalformed', '$select'],
    [{ $select: 'n($top=1)' }, 501, 'expressionNotImplemented', '$select'],
    [{ $filter: 'n' }, 400, 'operandsIncompatible', '$filter'],
    [{ $top: '-1' }, 400, 'optionValueInvalid', '$top'],
  ])('what is no part of its results is refused: %j', async (options, status, kind, target) => {
    const $apply = 'groupby((status),aggregate($count as n))';
    expect(expectEnvelope(await ask({ $apply, ...options }), status, kind).target).toBe(target);
  });

  it('takes as many transformations, keys and aggregates as it says', async () => {
    const value = 'details/dealValue';
    const aggregates = Array.from({ length: 20 }, (_one, index) => `${value} add ${index} with sum as a${index}`);
    const keys = [
      'status',
      'type',
      'id',
      'name',
      'mpnId',
      'currency',
      'favorite',
      'quality',
      'createdDateTime',
      'substatus',
    ]
      .map((key) => (key === 'currency' ? 'details/currency' : key))
      .join(',');
    const listed = listedIn(await ask({ $apply: `groupby((${keys}),aggregate(${aggregates.join(',')}))`, $top: '1' }));
    expect(listed['@odata.count']).toBe(7);
    const groups = Array.from({ length: 9 }, (_one, index) => {
      const sum = index === 0 ? value : `a${index - 1}`;
      return `groupby((status),aggregate(${sum} with sum as a${index},${sum} with max as m${index},$count as n${index}))`;
    });
    const chain = listedIn(await ask({ $apply: `${groups.join('/')}/filter(a8 add 1 gt m8)` }));
    expect(chain.value).toEqual([
      { status: 'Active', a8: 384500.5, m8: 384500.5, n8: 1 },
      { status: 'Closed', a8: 125000, m8: 125000, n8: 1 },
      { status: 'New', a8: 10000, m8: 10000, n8: 1 },
    ]);
  });

  it('adds up what each role reaches, and no more', async () => {
    const $apply = 'aggregate($count as n,details/dealValue with sum as total)';
    const seen = async (user: string) => listedIn(await server.askAs(user, listPath({ $apply }))).value;
    for (const user of [users.admin, users.member, users.london, users.seller, users.tailspin]) {
      const whole = listedIn(await server.askAs(user, collection)).value as unknown as readonly Deal[];
      const values = whole.flatMap(({ details }) => details.dealValue ?? []);
      const total = values.length === 0 ? null : values.reduce((one, other) => one + other, 0);
      expect(await seen(user), user).toEqual([{ n: whole.length, total }]);
    }
    expectEnvelope(await server.askAs(users.nobody, listPath({ $apply })), 403, 'roleMissing');
  });
});

interface Deal {
  readonly details: { readonly dealValue: number | null };
}
