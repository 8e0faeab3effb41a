import { type RegistrationFile, readRegistrationData } from '@cosell/model';
import { readExchangeData } from '@cosell/server/exchange-data';
import { describe, expect, it } from 'vitest';

const texts = {
  'exchange-rates.json': '{"rates":[{"currency":"EUR","month":"2025-01","perDollar":0.966}]}',
  'solution-catalogue.json': '{"solutions":[{"id":"SOL-1","name":"One","isAzureIpCoSellEligible":true}]}',
  'managed-customers.json':
    '{"customers":[{"name":"A","country":"US"},{"ids":[{"profileType":"Duns","id":"795986822"}]}]}',
} as const satisfies Record<RegistrationFile, string>;

/** The faults with one file's text instead of the good one. */
function faultsWith(file: RegistrationFile, text: string): string[] {
  const reading = readRegistrationData({ ...texts, [file]: text });
  return 'faults' in reading ? reading.faults.map(({ file: name, place }) => `${name} ${place}`) : [];
}

describe('data of the exchange', () => {
  it('is read exactly', () => {
    expect(readRegistrationData(texts)).toEqual({
      data: {
        rates: [{ currency: 'EUR', month: '2025-01', perDollar: 9_660n }],
        solutions: [{ id: 'SOL-1', name: 'One', isAzureIpCoSellEligible: true }],
        customers: [{ name: 'A', country: 'US' }, { ids: [{ profileType: 'Duns', id: '795986822' }] }],
      },
    });
  });

  const rate = (members: object) =>
    JSON.stringify({ rates: [{ currency: 'EUR', month: '2025-01', perDollar: 1, ...members }] });
  const solution = (members: object) =>
    JSON.stringify({ solutions: [{ id: 'SOL-1', name: 'One', isAzureIpCoSellEligible: true, ...members }] });
  const customers = (...items: unknown[]) => JSON.stringify({ customers: items });
  const duns = { profileType: 'Duns', id: '1' };

  it.each<[string, RegistrationFile, string, string[]]>([
    ['text that is no JSON', 'exchange-rates.json', '{\n"rates": [,]}', ['line 2, column 11']],
    ['an empty file', 'managed-customers.json', '', ['line 1, column 1']],
    ['a name that stands twice', 'exchange-rates.json', '{"rates":[],"rates":[]}', ['line 1, column 13']],
    ['a list instead of an object', 'solution-catalogue.json', '[]', ['']],
    ['another list', 'solution-catalogue.json', '{"customers":[]}', ['']],
    ['an item that is no object', 'exchange-rates.json', '{"rates":[1,null]}', ['/rates/0', '/rates/1']],
    ['a member that is missing', 'exchange-rates.json', rate({ month: undefined }), ['/rates/0/month']],
    ['a member that nobody knows', 'exchange-rates.json', rate({ 'per~dollar': 1 }), ['/rates/0/per~0dollar']],
    ['a currency in small letters', 'exchange-rates.json', rate({ currency: 'eur' }), ['/rates/0/currency']],
    ['a month that there is not', 'exchange-rates.json', rate({ month: '2025-13' }), ['/rates/0/month']],
    ['a rate of nothing', 'exchange-rates.json', rate({ perDollar: 0 }), ['/rates/0/perDollar']],
    ['a rate below nothing', 'exchange-rates.json', rate({ perDollar: -1 }), ['/rates/0/perDollar']],
    ['a rate of too many digits', 'exchange-rates.json', rate({ perDollar: 1.00001 }), ['/rates/0/perDollar']],
    ['a rate in quotes', 'exchange-rates.json', rate({ perDollar: '1' }), ['/rates/0/perDollar']],
    [
      'two rates of one month',
      'exchange-rates.json',
      JSON.stringify({
        rates: [
          { currency: 'EUR', month: '2025-01', perDollar: 1 },
          { currency: 'EUR', month: '2025-02', perDollar: 1 },
          { currency: 'EUR', month: '2025-01', perDollar: 2 },
        ],
      }),
      ['/rates/2'],
    ],
    ['a solution without a name', 'solution-catalogue.json', solution({ name: ' ' }), ['/solutions/0/name']],
    [
      'an eligibility in quotes',
      'solution-catalogue.json',
      solution({ isAzureIpCoSellEligible: 'true' }),
      ['/solutions/0/isAzureIpCoSellEligible'],
    ],
    [
      'a solution that stands twice',
      'solution-catalogue.json',
      JSON.stringify({ solutions: ['SOL-a', 'sol-A'].map((id) => ({ id, name: 'x', isAzureIpCoSellEligible: true })) }),
      ['/solutions/1'],
    ],
    ['a customer with a name alone', 'managed-customers.json', customers({ name: 'A' }), ['/customers/0']],
    ['a customer with a country alone', 'managed-customers.json', customers({ country: 'US' }), ['/customers/0']],
    [
      'a country of three letters',
      'managed-customers.json',
      customers({ ids: [duns], country: 'USA' }),
      ['/customers/0/country'],
    ],
    ['no id in a list', 'managed-customers.json', customers({ ids: [] }), ['/customers/0/ids']],
    [
      'an id of another type',
      'managed-customers.json',
      customers({ ids: [{ ...duns, profileType: 'Tax' }] }),
      ['/customers/0/ids'],
    ],
    [
      'several faults, all of them',
      'exchange-rates.json',
      '{"rates":[{"currency":"E"},{"month":"x"}]}',
      [
        '/rates/0/currency',
        '/rates/0/month',
        '/rates/0/perDollar',
        '/rates/1/currency',
        '/rates/1/month',
        '/rates/1/perDollar',
      ],
    ],
  ])('is refused with %s', (_title, file, text, places) => {
    expect(faultsWith(file, text)).toEqual(places.map((place) => `${file} ${place}`));
  });

  it('is refused for all files at once', () => {
    const reading = readRegistrationData({
      'exchange-rates.json': '{}',
      'solution-catalogue.json': '{}',
      'managed-customers.json': '{',
    });
    const files = 'faults' in reading ? reading.faults.map(({ file }) => file) : [];
    expect(new Set(files)).toEqual(new Set(Object.keys(texts)));
  });
});

describe('the data that comes with the program', () => {
  const { rates, solutions, customers } = readExchangeData();

  it('has rates for the usual currencies', () => {
    const known = rates.map(({ currency }) => currency);
    expect(known).toEqual(expect.arrayContaining('USD EUR GBP TRY CHF JPY INR AUD CAD'.split(' ')));
    expect(rates.find(({ currency }) => currency === 'USD')?.perDollar).toBe(10_000n);
  });

  it('has the documented solutions and customer', () => {
    const eligible = solutions.filter((solution) => solution.isAzureIpCoSellEligible).map(({ id }) => id);
    expect(eligible).toEqual(expect.arrayContaining(['SOL-34104-EBB', 'SOL-15974-MQF']));
    expect(solutions.some((solution) => !solution.isAzureIpCoSellEligible)).toBe(true);
    expect(customers.map(({ name }) => name)).toContain('Contoso Customer Inc');
  });
});
