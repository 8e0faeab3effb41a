import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCosellHere } from '../support/cosell-here.ts';
import {
  cleanUp,
  cosellFile,
  launch,
  newFolder,
  runCosell,
  runShell,
  type ServerProcess,
  startCosell,
} from '../support/cosell-process.ts';
import { describeOnEachEngine } from '../support/engines.ts';

afterAll(cleanUp);

const example = 'examples/scenarios/private-deal-won.yaml';

/** A file with a scenario that needs nothing but the sample. */
function scenarioFile(expectation: string): string {
  const file = join(newFolder(), 'scenario.yaml');
  writeFileSync(
    file,
    `name: A
about: B
startsAt: 2025-02-01T09:00:00Z
steps:
  - step: The documented example is read.
    as: contoso-admin
    getReferralById: { id: c5fbb3b6-be74-4795-9fb5-4324c73fed37 }
    expect: ${expectation}
`,
  );
  return file;
}

const told = `A
B

2025-02-01 09:00  contoso-admin  The documented example is read.
                                 getReferralById: 200, New/Pending
`;

describeOnEachEngine('cosell play --fresh', (engine) => {
  it('plays an example on a server of its own, and leaves nothing behind', async () => {
    const place = await engine.makePlace();
    const { databaseUrl } = place.at;
    const TMPDIR = newFolder();
    const settings = { TMPDIR, ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }) };
    for (const _time of ['first', 'second']) {
      // What npm itself has to say of the machine goes to stderr.
      const { code, stdout, stderr } = await runShell(`npx --no cosell play --fresh ${example}`, settings);
      expect(code, stderr).toBe(0);
      expect(stdout).toMatch(/^A private deal, shown to Microsoft on the way, and won\n/);
      expect(stdout).toMatch(/\n9 steps, all as expected\.\n$/);
      expect(readdirSync(TMPDIR).filter((name) => name.startsWith('cosell-play'))).toEqual([]);
    }
    await place.remove();
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing behind when it is broken off by %s', async (signal) => {
    const place = await engine.makePlace();
    const TMPDIR = newFolder();
    const { child, said, ended } = launch(process.execPath, [cosellFile, 'play', '--fresh', example], {
      TMPDIR,
      DATABASE_URL: place.at.databaseUrl,
    });
    // The first line is told as soon as the server answers. npm tells a program of Ctrl+C a second time.
    child.stdout.once('data', () => {
      child.kill(signal);
      child.kill(signal);
    });
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([1, 'The play was broken off.\n']);
    expect(said.stdout).not.toMatch(/all as expected/);
    expect(readdirSync(TMPDIR)).toEqual([]);
    await place.remove();
  });

  if (engine.name === 'PostgreSQL') {
    it('does not play on a database that holds an exchange of somebody', async () => {
      const place = await engine.makePlace();
      const settings = { DATABASE_URL: place.at.databaseUrl };
      await runCosellHere(['directory', 'add', 'organization', 'msft', '--name', 'Microsoft'], settings);
      const { code, stdout, stderr } = await runCosellHere(['play', '--fresh', example], settings);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toBe('DATABASE_URL holds an exchange that is not the sample. Playing would remove its data.\n');
      await place.remove();
    });
  }
});

describe('cosell play', () => {
  const settings = { DATA_DIR: '', PORT: '' };
  let server: ServerProcess;
  beforeAll(async () => {
    settings.DATA_DIR = join(newFolder(), 'data');
    server = await startCosell({ ...settings, PORT: '0', SANDBOX: 'true' });
    settings.PORT = new URL(server.origin).port;
  });
  afterAll(async () => {
    await server.stop();
  });

  it('plays on the server that runs on the data folder', async () => {
    const { code, stdout, stderr } = await runCosell(['play', scenarioFile('{ status: 200 }')], settings);
    expect([code, stderr, stdout]).toEqual([0, '', `${told}\n1 step, all as expected.\n`]);
  });

  it('ends with 1 where a step is not as expected', async () => {
    const file = scenarioFile('{ body: { status: Active } }');
    const { code, stdout, stderr } = await runCosell(['play', file], settings);
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toBe(
      `${told}  line 8: expected body.status to be "Active", but it is "New"\n\nStep 1 of 1 is not as expected.\n`,
    );
  });

  it('plays on the server that is named, with the tokens that are given', async () => {
    const tokenFor = async (...who: string[]) => (await runCosellHere(['token', ...who], settings)).stdout.trim();
    const tokens = [
      `operator=${await tokenFor('--operator')}`,
      `contoso-admin=${await tokenFor('--user', 'contoso-admin')}`,
    ];
    const args = [
      'play',
      scenarioFile('{}'),
      '--server',
      server.origin,
      ...tokens.flatMap((text) => ['--token', text]),
    ];
    // Nothing is minted: this data folder is nobody's, and stays so.
    const elsewhere = join(newFolder(), 'none');
    const { code, stdout, stderr } = await runCosell(args, { DATA_DIR: elsewhere });
    expect([code, stderr, stdout]).toEqual([0, '', `${told}\n1 step, all as expected.\n`]);
  });

  it('says so where nobody answers, and makes no data folder', async () => {
    const folder = newFolder();
    const { code, stdout, stderr } = await runCosellHere(['play', scenarioFile('{}')], {
      DATA_DIR: join(folder, 'data'),
      PORT: '1',
    });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      'No exchange answers at http://127.0.0.1:1. Start one with npx --no cosell start, name another with --server, or give --fresh.\n',
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says so where the server has no sandbox', async () => {
    const DATA_DIR = join(newFolder(), 'data');
    const plain = await startCosell({ DATA_DIR, SANDBOX: 'false' });
    const { code, stderr } = await runCosellHere(['play', scenarioFile('{}'), '--server', plain.origin], { DATA_DIR });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The sandbox at http:\S+ refused with 404: .* Start it with SANDBOX=true\.\n$/);
    await plain.stop();
  });

  it('plays nothing of a file with faults, and names them all', async () => {
    const file = scenarioFile('{ sttus: 200, body: { $cuont: 1 } }');
    const { code, stdout, stderr } = await runCosellHere(['play', file], settings);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr.split('\n')).toEqual([
      `${file}:8:15: expect does not know "sttus"; did you mean "status"?`,
      `${file}:8:43: an expectation does not know "$cuont"; did you mean "$count"?`,
      '',
    ]);
  });

  it.each([
    [['no-such-file.yaml'], /^The scenario no-such-file\.yaml cannot be read: there is no such file\.\n$/],
    [['x', '--fresh', '--server', 'http://localhost'], /'--fresh' cannot be used with option '--server/],
    [['x', '--server', 'here'], /Write it as http:\/\/127\.0\.0\.1:7300\./],
    [['x', '--token', 'abc'], /Write it as user=token\./],
    [[], /missing required argument 'scenario'/],
  ])('with %j says what is wrong', async (args, text) => {
    const { code, stdout, stderr } = await runCosellHere(['play', ...args], settings);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(text);
  });

  it('cannot read a folder', async () => {
    const folder = join(newFolder(), 'scenario.yaml');
    mkdirSync(folder);
    expect((await runCosellHere(['play', folder], settings)).stderr).toMatch(/cannot be read: it is a folder\.\n$/);
  });
});
