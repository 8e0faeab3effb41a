import { afterAll, beforeAll, expect, it } from 'vitest';
import { collection, expectEnvelope } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { listedIn, pathOf } from '../support/listed.ts';
import { users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const times = (count: number, text: (index: number) => string, between: string) =>
  Array.from({ length: count }, (_same, index) => text(index)).join(between);
/** A filter of so many characters. */
const long = (length: number) => `name eq '${'x'.repeat(length - "name eq ''".length)}'`;
const nested = (lists: number) =>
  `${times(lists, (index) => `team/any(m${index}:`, '')}m0/email eq 'x'${')'.repeat(lists)}`;
const orderKeys = (count: number) => times(count, (index) => `length(name) add ${index}`, ',');

/** As much as there may be of everything. */
const most: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['8,000 characters', { $filter: long(8_000) }],
  ['60 levels', { $filter: `${'('.repeat(58)}favorite${')'.repeat(58)}` }],
  ['almost 600 operators, values and properties', { $filter: times(120, (index) => `name eq '${index}'`, ' or ') }],
  ['a list of 590 values', { $filter: `name in (${times(590, (index) => `'${index}'`, ',')})` }],
  ['three lists within each other', { $filter: nested(3) }],
  ['20 uses of aliases', { $filter: times(20, () => 'name eq @n', ' or '), '@n': "'x'" }],
  ['20 keys', { $orderby: orderKeys(20) }],
  ['300 members, named again and again', { $select: times(300, () => 'id', ',') }],
  ['the largest $top', { $top: '9'.repeat(15) }],
  ['the largest $skip', { $skip: '9'.repeat(15) }],
];

/** One more of each, and what is said of it. */
const tooMuch: readonly (readonly [string, Readonly<Record<string, string>>, number, string, string])[] = [
  ['8,001 characters', { $filter: long(8_001) }, 400, 'expressionTooLarge', '8000 characters'],
  ['8,001 characters of keys', { $orderby: `${' '.repeat(8_001)}name` }, 400, 'expressionTooLarge', '8000 characters'],
  ['8,001 characters of names', { $select: `${' '.repeat(8_001)}name` }, 400, 'expressionTooLarge', '8000 characters'],
  [
    '8,001 characters in an alias',
    { $filter: 'name eq @n', '@n': `'${'x'.repeat(8_001)}'` },
    400,
    'expressionTooLarge',
    '8000',
  ],
  ['70 levels', { $filter: `${'('.repeat(70)}favorite${')'.repeat(70)}` }, 400, 'expressionTooLarge', '60 levels'],
  [
    '800 parts',
    { $filter: times(200, (index) => `name eq '${index}'`, ' or ') },
    400,
    'expressionTooLarge',
    '600 operators',
  ],
  [
    'a list of 700 values',
    { $filter: `name in (${times(700, (index) => `'${index}'`, ',')})` },
    400,
    'expressionTooLarge',
    '600',
  ],
  ['four lists within each other', { $filter: nested(4) }, 501, 'expressionNotImplemented', 'lists within'],
  [
    '21 uses of aliases',
    { $filter: times(21, () => 'name eq @n', ' or '), '@n': "'x'" },
    501,
    'expressionNotImplemented',
    'more than 20',
  ],
  ['21 keys', { $orderby: orderKeys(21) }, 400, 'expressionTooLarge', '20 keys'],
  ['700 members', { $select: times(700, () => 'id', ',') }, 400, 'expressionTooLarge', '600'],
  ['a $top of 16 digits', { $top: '9'.repeat(16) }, 400, 'optionValueInvalid', 'whole number'],
  ['a $skip of 16 digits', { $skip: '9'.repeat(16) }, 400, 'optionValueInvalid', 'whole number'],
  ['a long $skiptoken', { $skiptoken: 'x'.repeat(9_000) }, 400, 'skipTokenInvalid', ''],
  ['a pattern that is none', { $filter: `matchesPattern(name,'(a+)+$')` }, 501, 'expressionNotImplemented', 'pattern'],
];

describeOnEachEngine('a query', (engine) => {
  let server: TestServer;
  let authorization: string;
  beforeAll(async () => {
    server = await startTestServer(engine);
    authorization = `Bearer ${await server.tokenOf(users.admin)}`;
  });
  afterAll(() => server.close());
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    server.ask(path, { headers: { authorization, ...headers } });

  it.each(most)('may have %s, and goes on by next links', async (_what, options) => {
    // Every value but letters costs three bytes in a URL; these are written as they may stand there.
    const path = `${collection}?${Object.entries(options)
      .map(([name, value]) => `${name}=${value.replaceAll(' ', '+')}`)
      .join('&')}`;
    const first = listedIn(await ask(path, { prefer: 'odata.maxpagesize=2' }));
    const link = first['@odata.nextLink'];
    if (link !== undefined) expect(listedIn(await ask(pathOf(link))).value.length).toBeGreaterThan(0);
  });

  it.each(tooMuch)('may not have %s', async (_what, options, status, kind, words) => {
    const path = `${collection}?${Object.entries(options)
      .map(([name, value]) => `${name}=${value.replaceAll(' ', '+')}`)
      .join('&')}`;
    expect(expectEnvelope(await ask(path), status, kind).message).toContain(words);
  });

  it('may prefer pages of any size and gets a thousand at most', async () => {
    for (const size of ['1000000', '999999999', '9999999999']) {
      expect(listedIn(await ask(collection, { prefer: `odata.maxpagesize=${size}` })).value).toHaveLength(7);
    }
  });
});
