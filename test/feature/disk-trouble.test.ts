import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { documentedReferralId } from '@cosell/server';
import { afterAll, describe, expect, it } from 'vitest';
import { disagreementsOf } from '../crash/agreement.ts';
import { readTables } from '../crash/tables.ts';
import { expectEnvelope } from '../support/answers.ts';
import {
  cleanUp,
  cosellFile,
  getReferral,
  launch,
  newFolder,
  runCosell,
  type ServerProcess,
  startCosell,
  tokenOf,
} from '../support/cosell-process.ts';
import { deal, type Shown, setting, talk } from '../support/parties.ts';
import { send } from '../support/test-server.ts';
import { hasTool } from '../support/tools.ts';

afterAll(cleanUp);

function contosoAt(server: ServerProcess) {
  const port = Number(new URL(server.origin).port);
  return talk({ ask: (path, asking = {}) => send(port, path, asking) }, tokenOf(server));
}

/** Holds all tables to each other, and counts the referrals. */
async function referralsIn(DATA_DIR: string): Promise<number> {
  const tables = await readTables({ at: { dataDir: DATA_DIR, databaseUrl: undefined } });
  expect(await disagreementsOf(tables)).toEqual([]);
  return tables.referral_documents?.length ?? 0;
}

/**
 * A file that may not grow stands for a full disk: without privileges there is no disk to fill. The system refuses the
 * write with EFBIG instead of ENOSPC, in its middle too, and SQLite takes back what it had begun.
 */
describe.skipIf(!hasTool('prlimit', 'the test of a full disk'))('a disk without room', () => {
  const limit = (server: ServerProcess, bytes: number | 'unlimited') =>
    execFileSync('prlimit', ['--pid', String(server.pid), `--fsize=${bytes}:`]);

  it('refuses writes with 503 and serves reads; when there is room again, writes work', async () => {
    const DATA_DIR = join(newFolder(), 'data');
    const server = await startCosell({ DATA_DIR });
    const contoso = contosoAt(server);
    const log = join(DATA_DIR, 'cosell.db-wal');
    let stored = 11;
    for (let round = 0; round < 3; round += 1) {
      limit(server, statSync(log).size + 10_000 + round);
      let refusals = 0;
      while (refusals < 5) {
        const answers = await Promise.all(
          Array.from({ length: 4 }, () => contoso.post(deal({ name: 'A deal '.repeat(100) }))),
        );
        for (const answer of answers) {
          if (answer.status === 200) {
            stored += 1;
            continue;
          }
          refusals += 1;
          expect(expectEnvelope(answer, 503, 'storeUnavailable').code).toBe('serviceNotAvailable');
          expect(answer.headers['retry-after']).toBe('5');
        }
        expect((await getReferral(server, documentedReferralId)).status).toBe(200);
        expect((await contoso.list('$top=5')).status).toBe(200);
      }
      expect(await referralsIn(DATA_DIR)).toBe(stored);
      limit(server, 'unlimited');
      const shown = await contoso.create(deal());
      await contoso.change(shown.id, { '/details/notes': 'There is room again' });
      stored += 1;
    }
    expect(await referralsIn(DATA_DIR)).toBe(stored);
    await server.stop('SIGKILL');
    await (await startCosell({ DATA_DIR })).stop();
    expect(await referralsIn(DATA_DIR)).toBe(stored);
  });

  it('breaks off a vacuum in one line, and the server goes on', async () => {
    const DATA_DIR = join(newFolder(), 'data');
    const server = await startCosell({ DATA_DIR });
    limit(server, statSync(join(DATA_DIR, 'cosell.db-wal')).size + 10_000);
    const { code, stderr } = await runCosell(['vacuum'], { DATA_DIR });
    expect(stderr).toMatch(/^The vacuum was broken off, and nothing was changed\. .*room.*\n$/);
    expect(code).toBe(1);
    limit(server, 'unlimited');
    expect((await contosoAt(server).post(deal())).status).toBe(200);
    expect((await runCosell(['vacuum'], { DATA_DIR })).code).toBe(0);
    expect(await referralsIn(DATA_DIR)).toBe(12);
  });

  it('leaves no file of a backup that it has no room for', async () => {
    const DATA_DIR = join(newFolder(), 'data');
    await (await startCosell({ DATA_DIR })).stop();
    const folder = newFolder();
    const backup = [process.execPath, cosellFile, 'backup', join(folder, 'copy.db')];
    const { ended } = launch('prlimit', ['--fsize=20000:', ...backup], { DATA_DIR });
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([1, 'The backup could not be made: disk I/O error.\n']);
    expect(readdirSync(folder)).toEqual([]);
  });
});

/** Root may write to any file, unless that right is taken from it. */
const asAnybody = process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-dac_override'] : [];

describe.skipIf(asAnybody.length > 0 && !hasTool('setpriv', 'the test of a file that is read-only'))(
  'a database file that may only be read',
  () => {
    it('serves reads and refuses writes with 503; with the right to write it is as it was', async () => {
      const DATA_DIR = join(newFolder(), 'data');
      await (await startCosell({ DATA_DIR })).stop();
      const path = join(DATA_DIR, 'cosell.db');
      chmodSync(path, 0o400);
      const server = await startCosell({ DATA_DIR }, asAnybody);
      const contoso = contosoAt(server);
      const shown = await contoso.read(documentedReferralId);
      for (const answer of [await contoso.post(deal()), await contoso.patch(shown.id, setting({ '/name': 'Other' }))]) {
        expectEnvelope(answer, 503, 'storeUnavailable');
        expect(answer.headers['retry-after']).toBe('5');
      }
      expect((await contoso.get(documentedReferralId)).json<Shown>().eTag).toBe(shown.eTag);
      expect((await server.stop()).code).toBe(0);
      // SQLite has made its log with the mode of the database.
      for (const name of readdirSync(DATA_DIR)) chmodSync(join(DATA_DIR, name), 0o600);
      const again = await startCosell({ DATA_DIR }, asAnybody);
      expect((await contosoAt(again).post(deal())).status).toBe(200);
      expect(await referralsIn(DATA_DIR)).toBe(12);
    });
  },
);

describe('a database file that is moved away under its server', () => {
  it('is noticed: no write is acknowledged that would be lost with it, and it is well again when it is back', async () => {
    const DATA_DIR = join(newFolder(), 'data');
    const server = await startCosell({ DATA_DIR });
    const contoso = contosoAt(server);
    expect((await contoso.post(deal())).status).toBe(200);
    const ready = () => send(Number(new URL(server.origin).port), '/health/ready', {});
    const [file, elsewhere] = [join(DATA_DIR, 'cosell.db'), join(DATA_DIR, 'elsewhere.db')];
    renameSync(file, elsewhere);
    expectEnvelope(await contoso.post(deal()), 503, 'storeUnavailable');
    expectEnvelope(await ready(), 503, 'storeUnavailable');
    renameSync(elsewhere, file);
    expect((await ready()).status).toBe(200);
    expect((await contoso.post(deal())).status).toBe(200);
    await server.stop();
    expect(await referralsIn(DATA_DIR)).toBe(13);
  });
});
