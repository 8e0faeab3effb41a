import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { restore } from '@cosell/server';
import { SqliteDatabase } from '@cosell/server/store/sqlite/driver';
import { afterAll, describe, expect, it } from 'vitest';
import { cleanUp, cosellFile, launch, newFolder, runCosell, startCosell } from '../support/cosell-process.ts';
import { hasTool } from '../support/tools.ts';

afterAll(cleanUp);

/** The calls by which a restore changes what is in the folder. */
const calls = 'fsync,fdatasync,link,linkat,rename,renameat,renameat2,unlink,unlinkat,rmdir';

describe.skipIf(!hasTool('strace', 'the test of restores that are broken off'))('a restore that is killed', () => {
  it('at any of its steps leaves the former exchange or the restored one, whole, and can be done again', async () => {
    const made = newFolder();
    const backup = join(made, 'backup.db');
    await (await startCosell({ DATA_DIR: join(made, 'data') })).stop();
    expect((await runCosell(['backup', backup], { DATA_DIR: join(made, 'data') })).code).toBe(0);
    const seen: string[] = [];
    for (let step = 1; ; step += 1) {
      const folder = join(newFolder(), 'data');
      mkdirSync(folder);
      // The former exchange says something that stands in its log only, as after a crash.
      const path = join(folder, 'cosell.db');
      makeFormer(join(made, 'data/cosell.db'), path);
      const injection = ['-e', `trace=${calls}`, '-e', `inject=${calls}:signal=KILL:when=${step}`];
      const restoring = [process.execPath, cosellFile, 'restore', '--replace', backup];
      const { child, ended } = launch('strace', ['-f', '-o', '/dev/null', ...injection, ...restoring], {
        DATA_DIR: folder,
      });
      child.stdin.end();
      const { code, signal } = await ended;
      seen.push(stateOf(path));
      if (code === 0 && signal === null) break;
      // Whatever is left lying about does not stand in the way.
      restore(backup, folder, { replaces: true, stamp: 'again' });
      expect(stateOf(path)).toBe('restored');
      const rest = readdirSync(folder).filter(
        (name) => !/^(cosell\.db(\.before-restore-.*)?|lock|holder\.json|unchecked)$/.test(name),
      );
      expect(rest).toEqual([]);
    }
    expect(seen.length).toBeGreaterThan(5);
    expect(seen.at(-1)).toBe('restored');
    // The former one, up to some step; the restored one from there on.
    expect(new Set(seen)).toEqual(new Set(['former', 'restored']));
    expect(seen).toEqual([...seen].sort());
  }, 120_000);
});

/** Copies a database while a change stands in its log. */
function makeFormer(source: string, path: string): void {
  const writing = `${path}.writing`;
  copyFileSync(source, writing);
  const database = new SqliteDatabase(writing);
  database.exec("pragma journal_mode = wal; insert into exchange_facts (name, value) values ('former', 'yes')");
  copyFileSync(writing, path);
  copyFileSync(`${writing}-wal`, `${path}-wal`);
  database.close();
  for (const name of [writing, `${writing}-wal`, `${writing}-shm`]) if (existsSync(name)) rmSync(name);
}

/** Which exchange a copy of the folder opens with: a look at the folder itself would change it. */
function stateOf(path: string): string {
  const copy = join(newFolder(), 'cosell.db');
  for (const end of ['', '-wal']) if (existsSync(path + end)) copyFileSync(path + end, copy + end);
  const database = new SqliteDatabase(copy);
  try {
    expect(database.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
    expect(database.number('select count(*) from referral_documents')).toBe(11);
    return database.number("select count(*) from exchange_facts where name = 'former'") === 1 ? 'former' : 'restored';
  } finally {
    database.close();
  }
}
