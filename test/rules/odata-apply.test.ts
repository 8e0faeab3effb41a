import {
  type BindRules,
  bindApply,
  evaluateApply,
  formatResult,
  type PropertyModel,
  parseApply,
  type Scalar,
} from '@cosell/odata';
import { describe, expect, it } from 'vitest';

const property = (name: string, type: string, more: Partial<PropertyModel> = {}): PropertyModel => ({
  name,
  type,
  isCollection: false,
  isNullable: true,
  isFilterable: true,
  isSortable: true,
  ...more,
});

const rules: BindRules = {
  entityType: 'Order',
  model: {
    namespace: 'Shop',
    container: 'Shop',
    enumerations: [{ name: 'Colour', members: ['Red', 'Green', 'Blue'] }],
    complexTypes: [
      { name: 'Line', properties: [property('sku', 'Edm.String')] },
      {
        name: 'Address',
        properties: [property('city', 'Edm.String'), property('note', 'Edm.String', { isFilterable: false })],
      },
    ],
    entityTypes: [
      {
        name: 'Order',
        key: 'id',
        properties: [
          property('id', 'Edm.String'),
          property('total', 'Edm.Decimal'),
          property('placedAt', 'Edm.DateTimeOffset'),
          property('sentAt', 'Edm.DateTimeOffset'),
          property('colour', 'Colour'),
          property('address', 'Address'),
          property('lines', 'Line', { isCollection: true }),
        ],
      },
    ],
    entitySets: [{ name: 'Orders', type: 'Order' }],
  },
};
const context = { now: '2026-11-23T12:00:00.0000000Z' };

const at = (owner: unknown, path: readonly string[]) =>
  path.reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], owner);
const reader = {
  value: (owner: unknown, { segments }: { readonly segments: readonly string[] }) =>
    (at(owner, segments) ?? null) as Scalar | null,
  items: (entity: unknown, list: readonly string[]) => (at(entity, list) ?? []) as readonly unknown[],
};
const instant = (day: number) => `2026-01-${String(day).padStart(2, '0')}T00:00:00.0000000Z`;
const orders = [
  {
    id: 'a',
    total: 125_000n,
    colour: 'Red',
    address: { city: 'İzmir' },
    placedAt: instant(1),
    sentAt: instant(3),
    lines: [{}, {}],
  },
  { id: 'b', total: 10_001n, colour: 'Red', address: { city: '😀' }, placedAt: instant(2), sentAt: instant(2) },
  { id: 'c', total: null, colour: 'Blue', address: { city: null }, placedAt: instant(3), sentAt: null },
  { id: 'd', total: -1n, colour: 'Blue', address: { city: 'Izmir' }, placedAt: instant(3), sentAt: instant(4) },
];

function resultsOf(text: string): string[] {
  const parsed = parseApply(text);
  if ('kind' in parsed) throw new Error(JSON.stringify(parsed));
  const plan = bindApply(parsed, rules, context);
  if ('kind' in plan) throw new Error(JSON.stringify(plan));
  return evaluateApply(plan, orders, reader).map((row) => formatResult(plan.properties ?? [], row));
}

describe('$apply is parsed', () => {
  /** What the standard has, whether or not it is answered. */
  it.each([
    'identity',
    'filter(total gt 5)',
    "filter(colour eq 'Red)(' and total gt 1)/identity/filter(true)",
    'groupby((colour))',
    'groupby( ( colour , address/city ) , aggregate( total with sum as t , $count as n ) )',
    'GROUPBY((colour),AGGREGATE(total WITH Sum AS t))',
    'groupby((colour),filter(total gt 1)/aggregate($count as n))',
    'groupby((rollup(colour,address/city)),aggregate($count as n))',
    'groupby((rollup($all,colour)))',
    'aggregate(total)',
    'aggregate(total as t)',
    'aggregate(total from colour with average)',
    'aggregate(total with sum from colour with average from address/city with max as t)',
    'aggregate(total with Shop.median as t)',
    'aggregate(lines(sku with countdistinct as n))',
    'aggregate(address/lines(sku with countdistinct as n, $count as m), total with sum as t)',
    'aggregate(lines/$count as n)',
    'aggregate((total mul 2) with sum as t)',
    'aggregate(total mul 2 with sum as t,round(total) with max as r)',
    'compute(total mul 2 as double,year(placedAt) as y)',
    'concat(identity,groupby((colour)),filter(total gt 1)/aggregate($count as n))',
    'nest(groupby((colour)) as byColour,identity as all)',
    'topcount(5,total)',
    'topsum(10,total)/groupby((colour))',
    'toppercent(50,total)/bottomcount(1,total)/bottomsum(1,total)/bottompercent(1,total)',
    'expand(lines,filter(sku eq 1))',
    'join(lines as line)',
    'outerjoin(lines as line,filter(true)/identity)',
    'addnested(lines,groupby((sku)) as bySku)',
    'orderby(total desc,placedAt)/skip(2)/top(1)',
    'search(coffee)',
    'search("a ) b" AND NOT (tea OR x\'y))/groupby((colour))',
    'ancestors($root/Orders,Tree,id,filter(total gt 1),keep start)',
    'Shop.custom()/groupby((colour))',
    'Shop.custom(a=1,b=total)',
  ])('%s', (text) => {
    expect(parseApply(text)).not.toHaveProperty('kind');
  });

  it.each([
    ['', 0, 'the end', 'a transformation such as filter, groupby or aggregate'],
    ['filter', 6, 'the end', '( behind filter'],
    ['filter()', 7, ')', 'a property, a value, a function, not, - or ('],
    ['filter(total gt 5', 17, 'the end', 'an operator or )'],
    ['filtr(total gt 5)', 0, 'filtr', 'a transformation such as filter, groupby or aggregate'],
    ['groupby(colour)', 8, 'colour', '( before the properties to group by'],
    ['groupby(())', 9, ')', 'the name of a property'],
    ['groupby((colour)', 16, 'the end', 'a comma or )'],
    ['groupby((colour,))', 16, ')', 'the name of a property'],
    ['groupby((year(placedAt)))', 13, '(', '/, a comma or )'],
    ['groupby((colour),)', 17, ')', 'a transformation such as filter, groupby or aggregate'],
    ['groupby((colour) aggregate($count as n))', 17, 'aggregate', 'a comma or )'],
    ['groupby((colour))/', 18, 'the end', 'a transformation such as filter, groupby or aggregate'],
    ['groupby((colour)) identity', 18, 'identity', '/ and another transformation, or the end'],
    ['aggregate()', 10, ')', 'a property, a value, a function, not, - or ('],
    ['aggregate(total with sum)', 24, ')', 'as and a name of your own'],
    ['aggregate(total with as t)', 24, 't', 'as and a name of your own'],
    ['aggregate(total with sum as)', 27, ')', 'a name of letters, digits and _'],
    ['aggregate(total with sum as 5)', 28, '5', 'a name of letters, digits and _'],
    ['aggregate(total with sum as a.b)', 28, 'a.b', 'a name of letters, digits and _'],
    ['aggregate(total with sum as @t)', 28, '@t', 'a name of letters, digits and _'],
    [
      'aggregate(total mul 2 as t)',
      22,
      'as',
      'an operator, or with and one of sum, min, max, average and countdistinct',
    ],
    ['aggregate($count)', 16, ')', 'as and a name of your own'],
    ['aggregate(total with sum as t,)', 30, ')', 'a property, a value, a function, not, - or ('],
    ['compute(total mul 2)', 19, ')', 'an operator, or as and a name of your own'],
    ['concat(identity)', 15, ')', 'a comma and another transformation'],
    ['search()', 7, ')', 'a word or a phrase to search for'],
    ['search(tea())', 10, '"("', 'a space, an operator or the end'],
    ['search(tea', 10, 'the end', 'the ) that closes the ( at 6'],
    ['top()', 4, ')', 'a property, a value, a function, not, - or ('],
  ])('%s is malformed at %i', (text, position, found, expected) => {
    expect(parseApply(text)).toEqual({ kind: 'malformed', position, found, expected });
  });

  it('within the limits of expressions', () => {
    const deep = `${'concat(identity,'.repeat(70)}identity${')'.repeat(70)}`;
    expect(parseApply(deep)).toEqual({ kind: 'tooLarge', limit: 'depth', allowed: 60 });
    expect(parseApply(`groupby((${'colour,'.repeat(700)}colour))`)).toMatchObject({ kind: 'tooLarge', limit: 'nodes' });
    expect(parseApply('identity/'.repeat(1_000))).toMatchObject({ kind: 'tooLarge', limit: 'length' });
  });
});

describe('$apply is refused', () => {
  const faultOf = (text: string) => {
    const parsed = parseApply(text);
    return 'kind' in parsed ? parsed : bindApply(parsed, rules, context);
  };

  it.each([
    ['groupby((rollup(colour,address/city)))', 9, 'rollup'],
    ['groupby((colour),filter(total gt 1)/aggregate($count as n))', 17, 'filter within groupby'],
    ['groupby((colour),topcount(1,total))', 17, 'the transformation topcount'],
    [
      'groupby((colour),aggregate($count as n)/identity/aggregate(n with sum as m))',
      49,
      'a second transformation within groupby',
    ],
    ['aggregate(total)', 10, 'the custom aggregate total'],
    ['aggregate(total with sum from colour with average as t)', 25, 'from'],
    ['aggregate(total with Shop.median as t)', 21, 'the method Shop.median'],
    ['aggregate(lines(sku with countdistinct as n))', 10, 'aggregates within lines'],
    ['aggregate(lines/$count as n)', 10, 'a path before $count'],
    ['groupby((lines/sku))', 9, 'the list lines in a path of $apply'],
    ['aggregate(lines/sku with max as x)', 10, 'the list lines in a path of $apply'],
    ['groupby((address))', 9, 'the object address as a value'],
    ['groupby((Shop.Order/id))', 9, 'Shop.Order'],
    ['aggregate(5 with sum as x)', 10, 'a value that is no property'],
    ['compute(total mul 2 as t)', 23, 'compute without groupby or aggregate behind it'],
    ['aggregate((sentAt sub placedAt) with sum as t)', 18, 'the sum of durations; their average is supported'],
    ['groupby((colour),aggregate(total with sum as t))/aggregate(t with average as a)', 59, 'the average of a sum'],
    [
      `groupby((${Array.from({ length: 11 }, () => 'id').join(',')}))`,
      39,
      'more than 10 properties to group by or 20 aggregates',
    ],
    [`${'identity/'.repeat(10)}identity`, 90, 'more than 10 transformations'],
    ['concat(identity,identity)', 0, 'the transformation concat'],
    ['groupby((colour))/search(tea)', 18, 'a search of results'],
    ['groupby((colour),search(tea))', 17, 'the transformation search'],
  ])('%s is not supported, at %i', (text, position, what) => {
    expect(faultOf(text)).toEqual({ kind: 'unsupported', position, what });
  });

  it.each([
    ['groupby((colour,colour))', 16, 'colour stands there twice'],
    ['aggregate(total with sum as t,total with max as T)', 48, 'T stands there twice'],
    ['aggregate(total with sum as Colour)', 28, 'colour is the name of a property already; choose another one'],
    [
      'compute(total mul 2 as d,total mul 3 as d)/groupby((d))',
      40,
      'd is the name of a property already; choose another one',
    ],
    ['aggregate(id with sum as t)', 10, 'sum takes numbers, and not id'],
    ['aggregate(placedAt with average as t)', 10, 'average takes numbers, and not placedAt'],
    [
      'aggregate(total with xxxxxx as t)',
      21,
      'there is no method xxxxxx; the methods are sum, min, max, average, countdistinct',
    ],
    ['aggregate(total with avrage as t)', 21, 'there is no method avrage; did you mean average?'],
    ['filter(total)/groupby((colour))', 7, 'total is not a condition; compare it with a value'],
  ])('%s does not fit, at %i', (text, position, sentence) => {
    expect(faultOf(text)).toEqual({ kind: 'incompatible', position, sentence });
  });

  it.each([
    ['groupby((color))', { kind: 'unknownProperty', position: 9, name: 'color', owner: 'Order', nearest: ['colour'] }],
    [
      'groupby((colour))/groupby((total))',
      { kind: 'unknownProperty', position: 27, name: 'total', owner: 'Result', nearest: [] },
    ],
    ['groupby((address/note))', { kind: 'notAggregatable', position: 17, name: 'address/note' }],
    ["filter(address/note eq 'x')/groupby((id))", { kind: 'notAggregatable', position: 15, name: 'address/note' }],
    ['aggregate(address/note with max as x)', { kind: 'notAggregatable', position: 18, name: 'address/note' }],
  ])('%s', (text, fault) => {
    expect(faultOf(text)).toEqual(fault);
  });
});

describe('$apply in memory', () => {
  it.each([
    ['groupby((colour))', ['{"colour":"Red"}', '{"colour":"Blue"}']],
    [
      'groupby((address/city),aggregate($count as n))/filter(address/city eq null)',
      ['{"address":{"city":null},"n":1}'],
    ],
    [
      'aggregate(total with sum as s,total with average as a,total with min as l,total with max as m,total with countdistinct as d,$count as n)',
      ['{"s":13.5,"a":4.5,"l":-0.0001,"m":12.5,"d":3,"n":4}'],
    ],
    ['filter(false)/aggregate(total with sum as s,total with average as a,$count as n)', ['{"s":null,"a":null,"n":0}']],
    ['filter(false)/groupby((colour),aggregate($count as n))', []],
    // Texts by code point, enumerations by their text.
    [
      'aggregate(address/city with max as last,address/city with min as first,colour with min as c)',
      ['{"last":"😀","first":"Izmir","c":"Blue"}'],
    ],
    ['aggregate(sentAt sub placedAt with average as a,sentAt sub placedAt with max as m)', ['{"a":"P1D","m":"P2D"}']],
    ['aggregate(total mul 0.00001 with sum as s)', ['{"s":0.000135}']],
    ['aggregate(total mul 100000000000000000 with sum as s)', ['{"s":-10000000000000}']],
    ['aggregate(lines/$count with sum as lines_)', ['{"lines_":2}']],
    ['compute(day(placedAt) as day)/groupby((day),aggregate($count as n))/filter(n gt 1)', ['{"day":3,"n":2}']],
    ['groupby((colour),aggregate(total with sum as t))/filter(t lt 1)/groupby((colour))', ['{"colour":"Blue"}']],
    [
      'groupby((colour),aggregate(total with sum as t))/aggregate(t with sum as t2,t with max as m,$count as n)',
      ['{"t2":13.5,"m":13.5001,"n":2}'],
    ],
    [
      'groupby((colour),aggregate($count as n))/filter(n div 4 eq 0.5)',
      ['{"colour":"Red","n":2}', '{"colour":"Blue","n":2}'],
    ],
    ["compute(colour as c)/groupby((c))/filter(c eq 'Red')", ['{"c":"Red"}']],
    ['aggregate(total with sum as constructor,total with max as __proto__)', ['{"constructor":13.5,"__proto__":12.5}']],
  ])('%s', (text, wanted) => {
    expect(resultsOf(text)).toEqual(wanted);
  });
});
