import { afterAll, describe, expect, it } from 'vitest';
import { cleanUp, runCosell, startCosell } from '../support/cosell-process.ts';
import { availableEngines } from '../support/engines.ts';

afterAll(cleanUp);

const postgres = availableEngines().find(({ name }) => name === 'PostgreSQL');

describe.runIf(postgres !== undefined)('processes that open a new PostgreSQL at the same time', () => {
  it('are ten, servers among them, and all find one exchange with one key', { timeout: 120_000 }, async () => {
    const place = await postgres?.makeEmptyPlace();
    const settings = { DATABASE_URL: place?.at.databaseUrl ?? '' };
    const servers = Array.from({ length: 3 }, () => startCosell(settings));
    const commands = await Promise.all(
      Array.from({ length: 7 }, () => runCosell(['token', '--operator'], { ...settings, SANDBOX: 'false' })),
    );
    expect(commands.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      commands.map(() => ({ code: 0, stderr: '' })),
    );
    const keys = commands.map(({ stdout }) => {
      const [header = ''] = stdout.split('.');
      return (JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }).kid;
    });
    expect(new Set(keys).size).toBe(1);
    for (const server of await Promise.all(servers)) await server.stop();
    const { stdout } = await runCosell(['directory', 'list'], settings);
    expect(stdout.match(/Contoso Company/g)?.length).toBe(1);
    await place?.remove();
  });
});
