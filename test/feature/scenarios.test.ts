import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createOperations } from '@cosell/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readScenario } from '../../packages/cli/dist/scenario/read-scenario.js';
import { createStage, operator } from '../../packages/cli/dist/scenario/stage.js';
import { tellScenario } from '../../packages/cli/dist/scenario/tell-scenario.js';
import { readText } from '../guard/source-files.ts';
import { repository } from '../support/cosell-process.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const folder = 'examples/scenarios';
const files = readdirSync(join(repository, folder));

describe('the examples', () => {
  it('are all listed, each with what it shows', () => {
    expect(files.length).toBeGreaterThanOrEqual(6);
    const page = readText('examples/README.md');
    expect(files.filter((file) => !page.includes(`](scenarios/${file})`))).toEqual([]);
  });
});

describeOnEachEngine('a scenario', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine, { SANDBOX: 'true' });
  });
  afterAll(() => server.close());

  async function operatorToken(): Promise<string> {
    const operations = createOperations(server.exchange.store, server.exchange.issuer, () => server.origin);
    return (await operations.mintToken({ operator: true })).token;
  }

  /** Plays a text, and gives what was told. */
  async function play(text: string): Promise<{ isGood: boolean; lines: string[] }> {
    const read = readScenario(text);
    if ('faults' in read) throw new Error(JSON.stringify(read.faults));
    const tokenOf = (user: string) => (user === operator ? operatorToken() : server.tokenOf(user));
    const lines: string[] = [];
    const isGood = await tellScenario(read.scenario, createStage(server.origin, tokenOf), (line) => lines.push(line));
    return { isGood, lines };
  }

  it.each(files)('%s goes as it says', async (file) => {
    const { isGood, lines } = await play(readText(`${folder}/${file}`));
    expect(isGood, lines.join('\n')).toBe(true);
  });

  it('of the documentation goes as it says, and is told as it says', async () => {
    const page = readText('docs/scenarios.md');
    const [, text = ''] = /```yaml\n(name:[^`]*)```/.exec(page) ?? [];
    const [, told = ''] = /```text\n([^`]*)```/.exec(page) ?? [];
    const { isGood, lines } = await play(text);
    expect([isGood, `${lines.join('\n')}\n`]).toEqual([true, told]);
  });

  it('tells the same whenever it is played', async () => {
    const text = readText(`${folder}/co-sell-won.yaml`);
    expect((await play(text)).lines).toEqual((await play(text)).lines);
  });

  const scenario = (...lines: string[]) =>
    ['name: A', 'about: B', 'startsAt: 2025-02-01T09:00:00Z', 'steps:', ...lines].join('\n');
  const read = ['  - step: It is read.', '    as: contoso-admin'];
  const id = 'c5fbb3b6-be74-4795-9fb5-4324c73fed37';

  it.each<[string, string[], string[]]>([
    [
      'an answer that is not as expected',
      [
        ...read,
        `    getReferralById: { id: ${id} }`,
        '    expect:',
        '      status: 204',
        '      body:',
        '        status: Active',
      ],
      [
        '  line 9: expected status to be 204, but it is 200',
        '  line 11: expected body.status to be "Active", but it is "New"',
      ],
    ],
    [
      'a refusal that nobody expected',
      [...read, '    getReferralById: { id: x1 }'],
      ['  line 5: expected the step to succeed, but it was refused with 404 malformedId: '],
    ],
    [
      'an answer where a refusal was expected',
      [...read, `    getReferralById: { id: ${id} }`, '    expectError: { status: 404 }'],
      ['  line 8: expected the step to be refused, but it was answered with 200'],
    ],
    [
      'another refusal than was expected',
      [...read, '    getReferralById: { id: x1 }', '    expectError:', '      innerCode: referralNotFound'],
      ['  line 9: expected innerCode to be "referralNotFound", but it is "malformedId"'],
    ],
    [
      'a reference that leads nowhere',
      [
        ...read,
        `    getReferralById: { id: ${id} }`,
        '    save: deal',
        ...read,
        '    getReferralById: { id: "${deal.ids}" }',
      ],
      ['  line 9: ${deal.ids} refers to "ids" of deal, which has '],
    ],
    [
      'somebody whom nobody knows',
      ['  - step: It is read.', '    as: nobody', `    getReferralById: { id: ${id} }`],
      ['  line 5: The directory was not changed: there is no user nobody.'],
    ],
    [
      'an act that the sandbox refuses',
      ['  - step: It is accepted.', '    as: msft', '    act: accept', `    referral: ${id}`],
      ['  line 5: expected the step to succeed, but it was refused with '],
    ],
  ])('ends at %s, and says which line', async (_title, lines, wrongs) => {
    const told = await play(scenario(...lines, ...read, '    getIndex:'));
    expect(told.isGood).toBe(false);
    const found = told.lines.filter((line) => line.startsWith('  line '));
    expect(found.map((line, index) => line.slice(0, wrongs[index]?.length))).toEqual(wrongs);
    expect(told.lines.at(-1)).toMatch(/^Step (\d) of \d is not as expected; those after it were not played\.$/);
  });

  it('lets the clock go again, also when it has failed', async () => {
    await play(scenario(...read, '    getReferralById: { id: x1 }'));
    const answer = await server.ask('/_sandbox/clock', {
      headers: { authorization: `Bearer ${await operatorToken()}` },
    });
    expect(answer.json()).toMatchObject({ isFrozen: false, now: expect.stringMatching(/^2025-02-01T09:/) });
  });
});
