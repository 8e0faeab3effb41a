import { describe, expect, it } from 'vitest';
import { readScenario } from '../../packages/cli/dist/scenario/read-scenario.js';
import type { Scenario } from '../../packages/cli/dist/scenario/scenario.js';

/** A scenario that is in order, or what is wrong with it. */
function scenarioOf(text: string): Scenario {
  const read = readScenario(text);
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  return read.scenario;
}

/** What is wrong with a text, a line each: `2:3 message`. */
function faultsOf(text: string): string[] {
  const read = readScenario(text);
  return 'faults' in read ? read.faults.map(({ line, column, message }) => `${line}:${column} ${message}`) : [];
}

/** A scenario around steps that begin on line 4. */
function around(...steps: readonly string[]): string {
  return ['name: A deal', 'about: It is made.', 'steps:', ...steps].join('\n');
}

const deal = ['  - step: A deal is read.', '    as: contoso-admin'];

describe('a scenario', () => {
  it('is read whole', () => {
    const text = `
name: A deal
about: It is read and read again.
startsAt: 2025-02-01T09:00:00Z
steps:
  - step: It is read.
    as: contoso-admin
    getReferralById: { id: 4111fffc-f9ee-4d53-bba6-569135228642, ifNoneMatch: '"e"', prefer: respond-async }
    save: deal
    expect: { status: 200, body: { status: Active, team: { $count: 1 } } }
  - step: It is listed.
    after: 2 weeks
    as: contoso-user
    getAllReferrals:
      $filter: engagementId eq '\${deal.engagementId}'
      $top: 5
      query: { n: 1 }
      headers: { client-request-id: abc }
    expectError: { status: 400, code: invalidRequest, innerCode: 7, details: [a, b] }
  - step: Microsoft accepts it.
    as: msft
    act: accept
    engagement: \${deal.engagementId}
    team: [{ email: sue@microsoft.example }]
  - step: Anybody asks where things are.
    as: contoso-user
    getIndex:
`;
    const { steps, ...head } = scenarioOf(text);
    expect(head).toEqual({
      name: 'A deal',
      about: 'It is read and read again.',
      startsAt: '2025-02-01T09:00:00Z',
    });
    const [read, listed, accepted, index] = steps;
    expect(read).toMatchObject({
      line: 6,
      sentence: 'It is read.',
      as: 'contoso-admin',
      save: 'deal',
      action: {
        operation: 'getReferralById',
        parameters: { id: '4111fffc-f9ee-4d53-bba6-569135228642' },
        headers: { 'If-None-Match': '"e"', Prefer: 'respond-async' },
        query: {},
      },
      expect: { value: { status: 200, body: { status: 'Active', team: { $count: 1 } } } },
    });
    expect(listed).toMatchObject({
      after: 'P14D',
      action: {
        operation: 'getAllReferrals',
        query: { $filter: `engagementId eq '\${deal.engagementId}'`, $top: '5', n: '1' },
        headers: { 'client-request-id': 'abc' },
      },
      expectError: { value: { status: 400, code: 'invalidRequest', innerCode: '7', details: ['a', 'b'] } },
    });
    expect(accepted?.action).toEqual({
      act: 'accept',
      input: { engagement: `\${deal.engagementId}`, team: [{ email: 'sue@microsoft.example' }] },
    });
    expect(index?.action).toEqual({ operation: 'getIndex', parameters: {}, query: {}, headers: {} });
  });

  it('knows the line of each part of an expectation, also where the part came by an alias or a merge', () => {
    const { steps } = scenarioOf(
      around(
        ...deal,
        '    getReferralById: { id: x }',
        '    expect:',
        '      body: &base',
        '        status: Active',
        '        team:',
        '          - firstName: Sue',
        '            lastName: Smith',
        ...deal,
        '    getReferralById: { id: x }',
        '    expect:',
        '      body:',
        '        <<: *base',
        '        substatus: Accepted',
        ...deal,
        '    getReferralById: { id: x }',
        '    expect: { body: *base }',
      ),
    );
    const [own, merged, alias] = steps.map(({ expect }) => expect);
    expect(own?.lineOf(['body', 'team', 0, 'lastName'])).toBe(12);
    expect(own?.lineOf(['body', 'team', 1])).toBe(11);
    expect(own?.lineOf([])).toBe(8);
    expect(merged?.value.body).toMatchObject({ status: 'Active', substatus: 'Accepted' });
    expect(merged?.lineOf(['body', 'substatus'])).toBe(19);
    expect(merged?.lineOf(['body', 'status'])).toBe(18);
    expect(alias?.lineOf(['body', 'status'])).toBe(9);
  });

  it('keeps dates and versions as the text that they are', () => {
    const [step] = scenarioOf(
      around(...deal, '    getReferralById: { id: x }', '    expect: { body: { at: 2025-11-14T00:00:00Z, on: yes } }'),
    ).steps;
    expect(step?.expect?.value.body).toEqual({ at: '2025-11-14T00:00:00Z', on: 'yes' });
  });
});

describe('a faulty scenario', () => {
  it.each<[string, string[]]>([
    ['', ['1:1 the file is empty']],
    ['just text', ['1:1 a scenario must be an object: lines of "key: value"']],
    ['- a', ['1:1 a scenario must be an object: lines of "key: value"']],
    [
      'nam: x\nsteps: []\ntitle: y',
      [
        '1:1 a scenario does not know "nam"; did you mean "name"?',
        '1:1 a scenario needs "name"',
        '1:1 a scenario needs "about"',
        '2:8 steps must have at least one item',
        '3:1 a scenario does not know "title"; it knows name, about, startsAt, steps',
      ],
    ],
    ['name: x\nabout: y', ['1:1 a scenario needs "steps"']],
    [
      'name: 7\nabout:\nsteps: x',
      ['1:7 name must be a text', '2:7 about must be a text', '3:8 steps must be a list: lines that begin with "- "'],
    ],
    [
      'name: x\nabout: y\nstartsAt: tomorrow\nsteps: [x]',
      [
        '3:11 startsAt must be an instant such as 2025-02-01T09:00:00Z',
        '4:9 a step must be an object: lines of "key: value"',
      ],
    ],
  ])('is told what is wrong with its frame: %j', (text, faults) => {
    expect(faultsOf(text)).toEqual(faults);
  });

  it.each<[string, string[]]>([
    ['name: "x', ['Missing closing "quote']],
    ['name: x\nname: y', ['2:1 Map keys must be unique']],
    ['name: *nobody', ['1:7 there is no &nobody before *nobody']],
    ['name: &a { b: { c: *a } }', ['1:20 *a stands within &a itself']],
    ['name: !party x', ['1:7 Unresolved tag: !party']],
    ['a: [1', ['Flow sequence in block collection']],
    ['name: x\n\tabout: y', ['Tabs are not allowed as indentation']],
  ])('is told where it is no YAML: %j', (text, [part = '']) => {
    const faults = faultsOf(text);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults[0]).toMatch(/^\d+:\d+ /);
    expect(faults.join('\n')).toContain(part);
  });

  const get = '    getReferralById: { id: x }';
  it.each<[string, string[], string[]]>([
    ['an unknown key', [...deal, get, '    expct: 1'], ['7:5 a step does not know "expct"; did you mean "expect"?']],
    [
      'a key like no other',
      [...deal, get, '    frobnicate: 1'],
      [
        '7:5 a step does not know "frobnicate"; it knows step, after, as, act, save, expect, expectError, and the operations of the API',
      ],
    ],
    [
      'a misspelt operation',
      [...deal, '    getReferalById: { id: x }'],
      [
        '4:5 a step needs an action: an operation such as getReferralById, or "act"',
        '6:5 a step does not know "getReferalById"; did you mean "getReferralById"?',
      ],
    ],
    ['no sentence and nobody', [`  - ${get.trim()}`], ['4:5 a step needs "step"', '4:5 a step needs "as"']],
    [
      'two actions',
      [...deal, get, '    getAllReferrals: {}'],
      ['7:5 a step has one action, and this one has "getReferralById" already'],
    ],
    [
      'an act beside a request',
      [...deal, '    act: accept', get],
      ['7:5 a step has one action, and this one has "act" already'],
    ],
    [
      'what goes with an act, beside a request',
      [...deal, get, '    reason: none'],
      ['7:5 "reason" goes with "act"; for getReferralById it stands below it'],
    ],
    ['an unknown act', [...deal, '    act: acept'], ['6:10 act does not know "acept"; did you mean "accept"?']],
    [
      'a missing parameter',
      [...deal, '    getReferralById: {}'],
      ['6:5 getReferralById needs "id": its path is /v1.0/engagements/referrals/{id}'],
    ],
    [
      'an unknown part of a request',
      [...deal, '    getReferralById: { id: x, ifmatch: y, body: 1 }'],
      [
        '6:31 getReferralById does not know "ifmatch"; did you mean "ifMatch"?',
        '6:43 getReferralById does not know "body"; it knows id, query, headers, ifMatch, ifNoneMatch, prefer',
      ],
    ],
    [
      'a parameter that is no text',
      [...deal, '    getReferralById: { id: [x] }'],
      ['6:28 id must be a text, a number, true or false'],
    ],
    ['a time', [...deal, get, '    after: soon'], ['7:12 after must be a time such as 30 minutes, 2 days or 1 week']],
    ['a name', [...deal, get, '    save: my deal'], ['7:11 save must be a name of letters and digits, such as deal']],
    [
      'two ends',
      [...deal, get, '    expect: { status: 200 }', '    expectError: { status: 400 }'],
      ['8:5 a step is expected to succeed or to be refused, not both'],
    ],
    [
      'a status of the referral',
      [...deal, get, '    expect: { status: Active, bdy: {} }'],
      [
        '7:23 status must be a status of HTTP, such as 200; that of the referral stands below "body"',
        '7:31 expect does not know "bdy"; did you mean "body"?',
      ],
    ],
    [
      'a test',
      [
        ...deal,
        get,
        '    expect:',
        '      body:',
        '        team: { $cuont: 1 }',
        '        name: { $matches: "(" }',
        '        tags: [{ $count: many }, { $absent: 1 }]',
      ],
      [
        '9:25 an expectation does not know "$cuont"; did you mean "$count"?',
        '10:27 $matches must be a regular expression: Invalid regular expression: /(/u: Unterminated group',
        '11:26 $count must be a whole number',
        '11:45 $absent must be true or false',
      ],
    ],
    [
      'a reference to what is not saved, or not yet',
      [
        ...deal,
        `    getReferralById: { id: "\${deal.id}" }`,
        '    save: deal',
        ...deal,
        `    getReferralById: { id: "\${del.id} and \${lead.id}" }`,
      ],
      [
        `6:28 \${deal} refers to what no step before has saved; nothing is saved so far`,
        `10:28 \${del} refers to what no step before has saved; did you mean "deal"?`,
        `10:28 \${lead} refers to what no step before has saved; saved so far: deal`,
      ],
    ],
  ])('is told of %s', (_title, steps, faults) => {
    expect(faultsOf(around(...steps))).toEqual(faults);
  });

  it('is told all of its faults at once, in the order of the text', () => {
    const faults = faultsOf(
      around(...deal, get, '    after: soon', ...deal, '    act: fly', '    save: 1 2').replace(
        'name: A deal',
        'nmae: x',
      ),
    );
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['1:1', '1:1', '7:12', '10:10', '11:11']);
  });

  it('cannot be blown up by its aliases', () => {
    const bomb = Array.from(
      { length: 12 },
      (_item, n) => `a${n + 1}: &a${n + 1} [${Array(10).fill(`*a${n}`).join(', ')}]`,
    );
    const text = around(
      ...deal,
      get,
      '    expect:',
      '      body:',
      '        a0: &a0 [x]',
      ...bomb.map((line) => `        ${line}`),
    );
    expect(faultsOf(text)).toEqual([expect.stringContaining('Excessive alias count')]);
  });
});
