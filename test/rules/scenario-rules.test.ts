import { ReferralApiError } from '@cosell/client';
import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../packages/cli/dist/scenario/duration.js';
import { compare, compareError } from '../../packages/cli/dist/scenario/expectations.js';
import { fillReferences, namesIn } from '../../packages/cli/dist/scenario/references.js';

describe('a reference of a scenario', () => {
  const saved = new Map<string, unknown>([
    [
      'deal',
      { id: 'd1', eTag: '"e"', details: { dealValue: 50000 }, team: [{ email: 'a@b.example' }], 'a.b': { c: 1 } },
    ],
    ['list', { '@odata.count': 2, value: [{ id: 'x' }, { id: 'y' }] }],
    ['nothing', undefined],
  ]);

  it.each<[unknown, unknown]>([
    ['${deal.id}', 'd1'],
    ['${ deal.id }', 'd1'],
    ['${deal.details.dealValue}', 50000],
    ['${deal.details}', { dealValue: 50000 }],
    ['${deal.team[0].email}', 'a@b.example'],
    ['${deal.team.0.email}', 'a@b.example'],
    ['${list.@odata.count}', 2],
    ['${deal.a.b.c}', 1],
    ["engagementId eq '${deal.id}' or id eq '${list.value[1].id}'", "engagementId eq 'd1' or id eq 'y'"],
    ['worth ${deal.details.dealValue}: ${deal.details}', 'worth 50000: {"dealValue":50000}'],
    ['$${deal.id} is ${deal.id}', '${deal.id} is d1'],
    ['$${deal.id}', '${deal.id}'],
    ['$ {deal.id} {deal.id} $deal.id', '$ {deal.id} {deal.id} $deal.id'],
    [
      { a: ['${deal.id}', 7, null, true], b: { c: '${deal.id}' } },
      { a: ['d1', 7, null, true], b: { c: 'd1' } },
    ],
    ['', ''],
  ])('in %j becomes %j', (given, filled) => {
    expect(fillReferences(given, saved)).toEqual(filled);
  });

  it.each([
    ['${lead.id}', '${lead.id} refers to "lead", which no step before has saved'],
    ['${deal.ids}', '${deal.ids} refers to "ids" of deal, which has id, eTag, details, team, a.b'],
    ['${deal.team[1].email}', '${deal.team[1].email} refers to "1" of deal.team, which is a list of 1'],
    ['${deal.id.length}', '${deal.id.length} refers to "length" of deal.id, which is "d1"'],
    ['${nothing.id}', '${nothing.id} refers to "id" of nothing, which is undefined'],
    [
      '${deal.constructor}',
      '${deal.constructor} refers to "constructor" of deal, which has id, eTag, details, team, a.b',
    ],
    ['${}', '${} refers to "", which no step before has saved'],
  ])('that leads nowhere says so: %s', (given, message) => {
    expect(() => fillReferences({ deep: [given] }, saved)).toThrow(message);
  });

  it('is found by name before anything is played', () => {
    expect(namesIn('${deal.id} $${no.id} ${ list.value[0].id } ${a}')).toEqual(['deal', 'list', 'a']);
  });
});

describe('an expectation of a scenario', () => {
  const deal = {
    status: 'Active',
    closed: null,
    team: [{ firstName: 'John', lastName: 'Doe' }],
    details: { dealValue: 50000 },
    tags: [],
  };

  it.each<[unknown]>([
    [{}],
    [{ status: 'Active', closed: null }],
    [{ details: { dealValue: 50000 }, tags: [] }],
    [{ team: [{ lastName: 'Doe' }] }],
    [{ team: { $count: 1 }, tags: { $count: 0 } }],
    [{ status: { $matches: '^Act' }, won: { $absent: true }, closed: { $absent: false } }],
    [{ status: { $matches: 'e$', $absent: false } }],
  ])('is met by what has at least that: %j', (expected) => {
    expect(compare(expected, deal, ['body'])).toEqual([]);
  });

  it.each<[unknown, string, string]>([
    [{ status: 'Closed' }, 'body.status', 'expected body.status to be "Closed", but it is "Active"'],
    [{ status: null }, 'body.status', 'expected body.status to be null, but it is "Active"'],
    [{ won: true }, 'body.won', 'expected body.won to be true, but it is not there'],
    [{ closed: { at: 1 } }, 'body.closed', 'expected body.closed to be an object, but it is null'],
    [
      { details: { dealValue: '50000' } },
      'body.details.dealValue',
      'expected body.details.dealValue to be "50000", but it is 50000',
    ],
    [
      { team: [] },
      'body.team',
      'expected body.team to be a list of 0, but it is [{"firstName":"John","lastName":"Doe"}]',
    ],
    [
      { team: [{ lastName: 'Roe' }] },
      'body.team.0.lastName',
      'expected body.team.0.lastName to be "Roe", but it is "Doe"',
    ],
    [{ details: [] }, 'body.details', 'expected body.details to be a list of 0, but it is {"dealValue":50000}'],
    [
      { team: { $count: 2 } },
      'body.team.$count',
      'expected body.team to be a list of 2, but it is [{"firstName":"John","lastName":"Doe"}]',
    ],
    [{ status: { $count: 1 } }, 'body.status.$count', 'expected body.status to be a list of 1, but it is "Active"'],
    [{ status: { $absent: true } }, 'body.status.$absent', 'expected body.status not to be there, but it is "Active"'],
    [{ won: { $absent: false } }, 'body.won.$absent', 'expected body.won to be there, but it is not there'],
    [{ status: { $matches: '^C' } }, 'body.status.$matches', 'expected body.status to match ^C, but it is "Active"'],
    [{ closed: { $matches: '.' } }, 'body.closed.$matches', 'expected body.closed to match ., but it is null'],
    [
      { constructor: { $absent: false } },
      'body.constructor.$absent',
      'expected body.constructor to be there, but it is not there',
    ],
  ])('says where it is not met, and by what: %j', (expected, path, message) => {
    const [first, ...others] = compare(expected, deal, ['body']);
    expect([first?.path.join('.'), first?.message, others]).toEqual([path, message, []]);
  });

  it('names everything that is not met, and nothing at length', () => {
    const found = compare({ a: 1, b: 2, c: 3 }, { a: 2, b: 2, c: 'x'.repeat(1000) }, []);
    expect(found.map(({ path }) => path)).toEqual([['a'], ['c']]);
    expect(found[1]?.message.length).toBeLessThan(300);
    expect(compare([], [1, 2, 3, 4], ['list'])[0]?.message).toBe(
      'expected list to be a list of 0, but it is a list of 4',
    );
  });

  const refused = new ReferralApiError({
    operation: 'getReferralById',
    status: 400,
    headers: {},
    text: '',
    body: {
      error: {
        code: 'invalidRequest',
        message: 'No.',
        innerError: { code: 'invalidBody' },
        details: [{ code: 'required', target: '/name', message: 'Name it.' }],
      },
    },
  });

  it.each([
    [{}, []],
    [{ status: 400, code: 'invalidRequest', innerCode: 'invalidBody', details: ['required'] }, []],
    [{ status: 409 }, ['expected status to be 409, but it is 400']],
    [
      { code: 'itemNotFound', innerCode: 'x', details: ['required', 'tooLong'] },
      [
        'expected code to be "itemNotFound", but it is "invalidRequest"',
        'expected innerCode to be "x", but it is "invalidBody"',
        'expected details to have tooLong, but they have required',
      ],
    ],
  ])('of a refusal looks at %j', (expected, messages) => {
    expect(compareError(expected, refused).map(({ message }) => message)).toEqual(messages);
  });
});

describe('a time of a scenario', () => {
  it.each([
    ['1 minute', 'PT1M'],
    ['90 minutes', 'PT90M'],
    ['36 hours', 'PT36H'],
    ['2 days', 'P2D'],
    ['1 day', 'P1D'],
    ['3 weeks', 'P21D'],
    [' 2 days ', 'P2D'],
  ])('%s is %s', (text, duration) => {
    expect(parseDuration(text)).toBe(duration);
  });

  it.each([
    '',
    '2',
    'days',
    '0 days',
    '-1 days',
    '1.5 hours',
    '2  days',
    '2 months',
    '99999 days',
    '2 days ago',
    'P2D',
  ])('is not %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
