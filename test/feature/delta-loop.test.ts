import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readText } from '../guard/source-files.ts';
import { collection } from '../support/answers.ts';
import { cleanUp, newFolder } from '../support/cosell-process.ts';
import type { Engine } from '../support/engines.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { deal, operatorOf, partyOf } from '../support/parties.ts';
import { ids, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** The two parts of the loop, as docs/delta.md has them. */
const [begin = '', again = ''] = [...readText('docs/delta.md').matchAll(/```sh\n(.*?)```/gs)].map(([, text]) => text);

describeOnSqlite('the loop of docs/delta.md', (engine: Engine) => {
  let server: TestServer;
  const folder = newFolder();
  beforeAll(async () => {
    server = await startTestServer(engine, { SANDBOX: 'true' });
  });
  afterAll(async () => {
    await server.close();
    await cleanUp();
  });

  /** Runs a part, and gives what it prints. */
  async function run(script: string): Promise<string> {
    const { PATH = '' } = process.env;
    const env = { PATH, API: server.origin + collection, TOKEN: await server.tokenOf(users.admin) };
    const helpers = begin.split('\n\n')[0] ?? '';
    const { stdout } = await promisify(execFile)('bash', ['-ec', `${helpers}\n${script}`], { cwd: folder, env });
    return stdout;
  }
  const link = () => readFileSync(join(folder, 'link'), 'utf8').trim();

  it('has its two parts', () => {
    expect([begin, again].map((part) => part.includes('curl') || part.includes('ask'))).toEqual([true, true]);
  });

  it('keeps up, and says when it has to begin again', { timeout: 60_000 }, async () => {
    const [admin, operator] = [await partyOf(server, users.admin), await operatorOf(server)];
    const list = await run(begin);
    expect(list).toContain(ids.london);
    expect(list).not.toContain(ids.won);
    const first = link();
    expect(first).toMatch(/\$deltatoken=[\w.-]+$/);
    const { id } = await admin.create(deal({ name: 'Shop floor' }));
    await admin.move(ids.london, 'Closed/Lost', 'No budget');
    const { value } = JSON.parse(await run(again)) as { value: object[] };
    const context = `${server.origin}${collection}/$metadata#Referrals/$deletedEntity`;
    const gone = {
      '@odata.context': context,
      '@odata.removed': { reason: 'changed' },
      id: ids.london,
      reason: 'changed',
    };
    expect(value).toEqual([{ id, name: 'Shop floor', status: 'Active' }, gone]);
    expect(link()).not.toBe(first);
    expect(JSON.parse(await run(again))).toMatchObject({ value: [] });
    await operator.clock({ advance: 'P31D' });
    expect(await run(again)).toBe('Begin again.\n');
  });
});

describe('the table of docs/delta.md', () => {
  it('has the limits of the code', async () => {
    const { mostChanges, oldestDays } = await import('@cosell/server/domain/list-state');
    const row = `the link is older than ${oldestDays} days, or more than ${mostChanges.toLocaleString('en')} changes came since`;
    expect(readText('docs/delta.md')).toContain(row);
  });
});
