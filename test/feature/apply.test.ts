import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { listedIn, listPath } from '../support/listed.ts';
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
});
