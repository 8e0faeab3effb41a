import { afterAll, describe, expect, it } from 'vitest';
import { runCosellHere } from '../support/cosell-here.ts';
import { cleanUp, type Ended, runCosell } from '../support/cosell-process.ts';

afterAll(cleanUp);

describe('help', () => {
  const commands = [
    [],
    ['start'],
    ['token'],
    ['get'],
    ['import'],
    ['erase'],
    ['delete'],
    ['retain'],
    ['acts'],
    ['reindex'],
    ['play'],
    ['backup'],
    ['restore'],
    ['vacuum'],
    ['password'],
    ['second-factor', 'reset'],
    ['directory'],
    ['directory', 'list'],
    ['directory', 'add'],
    ['directory', 'remove'],
    ...['add', 'remove'].flatMap((verb) =>
      ['organization', 'location', 'user', 'role', 'routing-rule', 'secret'].map((noun) => ['directory', verb, noun]),
    ),
    ['directory', 'add', 'application'],
    ['directory', 'add', 'api-client'],
    ['directory', 'remove', 'invitation'],
    ['directory', 'invite'],
    ...['activate', 'deactivate'].flatMap((verb) =>
      ['organization', 'location', 'user', 'client'].map((noun) => ['directory', verb, noun]),
    ),
  ];
  // Each page is made by the same program; three of them are asked of processes, too.
  const inProcesses = ['', 'start', 'directory add user'];
  it.each(commands.map((command) => [command.join(' ')]))('cosell %s --help', async (command) => {
    const args = [...command.split(' ').filter((word) => word !== ''), '--help'];
    const { code, stdout, stderr } = await runCosellHere(args, {});
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Usage: ${`cosell ${command}`.trim()}`);
    if (command === '') for (const name of ['PORT', 'DATA_DIR', 'SANDBOX', 'ISSUERS']) expect(stdout).toContain(name);
    if (inProcesses.includes(command)) expect(await runCosell(args, {})).toMatchObject({ code, stdout, stderr });
  });

  const mistakes: [string[], RegExp][] = [
    [['fly'], /unknown command 'fly'/],
    [['token'], /give --user <name> or --operator, one of them/],
    [['get'], /missing required argument 'id'/],
    [['erase'], /required option '--person <e-mail>' not specified/],
    [['delete'], /missing required argument 'id'/],
    [['retain'], /required option '--history <time>' not specified/],
    [['import', 'x', '--fast'], /unknown option '--fast'/],
    [['directory', 'add', 'user', 'x'], /required option '--organization <id>' not specified/],
  ];
  const expectMistake = ({ code, stderr }: Ended, text: RegExp) => {
    expect(stderr).toMatch(text);
    expect(stderr).toContain('Usage: cosell');
    expect(code).toBe(1);
  };
  it.each(mistakes)('cosell %j says what is missing, and exits with 1', async (args, text) => {
    expectMistake(await runCosellHere(args, {}), text);
  });
  it('says so from a process, too', async () => {
    for (const [args, text] of mistakes.slice(0, 2)) expectMistake(await runCosell(args, {}), text);
  });
});
