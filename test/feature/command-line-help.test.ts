import { afterAll, describe, expect, it } from 'vitest';
import { cleanUp, runCosell } from '../support/cosell-process.ts';

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
    ['directory'],
    ['directory', 'list'],
    ['directory', 'add'],
    ['directory', 'remove'],
    ...['add', 'remove'].flatMap((verb) =>
      ['organization', 'location', 'user', 'role', 'routing-rule'].map((noun) => ['directory', verb, noun]),
    ),
  ];
  it.each(commands.map((command) => [command.join(' ')]))('cosell %s --help', async (command) => {
    const { code, stdout, stderr } = await runCosell(
      [...command.split(' ').filter((word) => word !== ''), '--help'],
      {},
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Usage: ${`cosell ${command}`.trim()}`);
    if (command === '') for (const name of ['PORT', 'DATA_DIR', 'SANDBOX', 'ISSUERS']) expect(stdout).toContain(name);
  });

  it.each([
    [['fly'], /unknown command 'fly'/],
    [['token'], /give --user <name> or --operator, one of them/],
    [['get'], /missing required argument 'id'/],
    [['erase'], /required option '--person <e-mail>' not specified/],
    [['delete'], /missing required argument 'id'/],
    [['retain'], /required option '--history <time>' not specified/],
    [['import', 'x', '--fast'], /unknown option '--fast'/],
    [['directory', 'add', 'user', 'x'], /required option '--organization <id>' not specified/],
  ])('cosell %j says what is missing, and exits with 1', async (args, text) => {
    const { code, stderr } = await runCosell(args, {});
    expect(stderr).toMatch(text);
    expect(stderr).toContain('Usage: cosell');
    expect(code).toBe(1);
  });
});
