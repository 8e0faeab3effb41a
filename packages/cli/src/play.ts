import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport, ReferralApiError } from '@cosell/client';
import { boundAddress, type Operations, readConfig, StartupProblem, startServer, surroundings } from '@cosell/server';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Environment } from './environment.ts';
import { readFileName } from './file-name.ts';
import { unreadable } from './input-file.ts';
import type { Scenario } from './scenario/scenario.ts';
import { createStage, operator } from './scenario/stage.ts';
import { tellScenario } from './scenario/tell-scenario.ts';
import { withOperations } from './with-operations.ts';

/** Tokens by the name of their user. */
type Tokens = Readonly<Record<string, string>>;

interface PlayOptions {
  readonly server?: string;
  readonly fresh?: boolean;
  readonly token: Tokens;
}

/** `cosell play <scenario>` */
export function addPlay(program: Command, environment: Environment): void {
  program
    .command('play')
    .description('play a scenario on a sandbox and tell what happens; the sandbox is reset first, its data are lost')
    .argument('<scenario>', '', readFileName)
    .addOption(new Option('--fresh', 'play on a server of its own, which is removed afterwards').conflicts('server'))
    .option('--server <origin>', 'the sandbox to play on; else the one that runs on the data folder', readOrigin)
    .option('--token <user=token>', `token of a user or of the ${operator}; can be repeated`, readToken, {})
    .action(async (file: string, options: PlayOptions) => {
      const scenario = await loadScenario(file);
      const isGood = await (options.fresh === true
        ? playFresh(scenario, environment)
        : playOnServer(scenario, options, environment));
      if (!isGood) process.exitCode = 1;
    });
}

/** Plays on a server that is started for it in a temporary folder, or on the database that DATABASE_URL names. */
async function playFresh(scenario: Scenario, environment: Environment): Promise<boolean> {
  const dataDir = mkdtempSync(join(tmpdir(), 'cosell-play-'));
  // Whoever breaks off does not leave a folder with a key in it; a server that is just starting is stopped, too.
  const brokenOff = untilSignal();
  try {
    const own = { DATA_DIR: dataDir, HOST: '127.0.0.1', PORT: '0', SANDBOX: 'true', LOG_LEVEL: 'silent' };
    const { DATABASE_URL } = environment;
    const server = await startServer(readConfig({ DATABASE_URL, ...own }), surroundings, () => undefined);
    try {
      if (!server.hasSample) {
        throw new StartupProblem(
          'DATABASE_URL holds an exchange that is not the sample. Playing would remove its data.',
        );
      }
      const isGood = await Promise.race([play(scenario, server.origin, mintedBy(server.operations)), brokenOff]);
      if (isGood === undefined) throw new StartupProblem('The play was broken off.');
      return isGood;
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Waits until somebody ends the process, which from now on does not end by itself: npm passes Ctrl+C on a second time. */
function untilSignal(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve(undefined));
  });
}

/** Plays on a server that runs, with tokens that were given or are minted for it. */
async function playOnServer(scenario: Scenario, options: PlayOptions, environment: Environment): Promise<boolean> {
  const config = readConfig(environment);
  const origin = options.server ?? boundAddress(config, config.port);
  await checkAnswers(origin);
  const given = options.token;
  const people = [operator, ...scenario.steps.flatMap(({ as, action }) => ('act' in action ? [] : [as]))];
  if (people.every((user) => given[user] !== undefined))
    return play(scenario, origin, async (user) => given[user] ?? '');
  return withOperations(environment, 'play', (operations) => {
    const minted = mintedBy(operations);
    return play(scenario, origin, async (user) => given[user] ?? minted(user));
  });
}

/** Gives the token of a user. */
type TokenOf = (user: string) => Promise<string>;

/** One token for each user: it is good for an hour by the machine's clock, whatever the scenario's own does. */
function mintedBy(operations: Operations): TokenOf {
  const tokens = new Map<string, Promise<string>>();
  return (user) => {
    const mint = async () => (await operations.mintToken(user === operator ? { operator: true } : { user })).token;
    const token = tokens.get(user) ?? mint();
    tokens.set(user, token);
    return token;
  };
}

async function play(scenario: Scenario, origin: string, tokenOf: TokenOf): Promise<boolean> {
  try {
    return await tellScenario(scenario, createStage(origin, tokenOf), (line) => process.stdout.write(`${line}\n`));
  } catch (error) {
    // Of the steps nothing is thrown: it is the sandbox that has refused.
    if (!(error instanceof ReferralApiError)) throw error;
    const advice = error.status === 404 ? ' Start it with SANDBOX=true.' : '';
    throw new StartupProblem(`The sandbox at ${origin} refused with ${error.status}: ${error.message}${advice}`);
  }
}

async function checkAnswers(origin: string): Promise<void> {
  try {
    await createTransport({ origin, token: async () => '' }).getLive();
  } catch (error) {
    if (error instanceof ReferralApiError) return;
    throw new StartupProblem(
      `No exchange answers at ${origin}. Start one with npx --no cosell start, name another with --server, or give --fresh.`,
    );
  }
}

function readOrigin(text: string): string {
  if (!URL.canParse(text)) throw new InvalidArgumentError('Write it as http://127.0.0.1:7300.');
  return new URL(text).origin;
}

function readToken(text: string, before: Tokens): Tokens {
  const [, user, token] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (user === undefined || token === undefined) throw new InvalidArgumentError('Write it as user=token.');
  return { ...before, [user]: token };
}

/** Loads the reader of YAML, too, which no other command waits for. */
async function loadScenario(file: string): Promise<Scenario> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(`The scenario ${file}`, error);
  }
  const { readScenario } = await import('./scenario/read-scenario.ts');
  const read = readScenario(text);
  if ('scenario' in read) return read.scenario;
  const lines = read.faults.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
  throw new StartupProblem(lines.join('\n'));
}
