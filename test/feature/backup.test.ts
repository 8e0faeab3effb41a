import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { documentedReferralId, remoteOperations, socketPathOf } from '@cosell/server';
import { SqliteDatabase } from '@cosell/server/store/sqlite/driver';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runCosellHere } from '../support/cosell-here.ts';
import { cleanUp, getReferral, newFolder, runCosell, startCosell, tokenOf } from '../support/cosell-process.ts';
import { importSome } from '../support/referral-load.ts';

afterAll(cleanUp);

const databaseUrl = 'postgres://nobody@127.0.0.1:1/none';

/** A data folder as a server with the sample leaves it. */
function stoppedExchange(): string {
  const DATA_DIR = join(newFolder(), 'data');
  cpSync(inject('sampleFolder'), DATA_DIR, { recursive: true });
  return DATA_DIR;
}

function change(path: string, statements: string): void {
  const database = new SqliteDatabase(path);
  database.exec(statements);
  database.close();
}

describe('cosell backup', () => {
  it('copies a database that is being written to, as it was at one instant, and writes go on', async () => {
    const DATA_DIR = join(newFolder(), 'data');
    await startCosell({ DATA_DIR });
    const operations = remoteOperations(socketPathOf(DATA_DIR));
    await importSome(operations, 2_000);
    let isDone = false;
    let written = 0;
    const writing = (async () => {
      while (!isDone) written += (await importSome(operations, 3)).length;
    })();
    while (written < 30) await new Promise((resolve) => setTimeout(resolve, 5));
    const file = join(newFolder(), 'copy.db');
    const before = written;
    const { code, stdout, stderr } = await runCosell(['backup', file], { DATA_DIR });
    const after = written;
    isDone = true;
    await writing;
    expect([code, stderr]).toEqual([0, '']);
    expect(after).toBeGreaterThan(before);
    const referrals = Number(/(\d+) referrals/.exec(stdout)?.[1]);
    expect(referrals).toBeGreaterThanOrEqual(2_011 + before);
    expect(referrals).toBeLessThanOrEqual(2_011 + after + 3);
    expect(stdout).toContain('checked');
    expect(stdout).toContain('Keep it as safe as the data folder');
    const copy = new SqliteDatabase(file, { readOnly: true });
    // Batches of three are there whole, or not at all.
    expect((copy.number('select count(*) from referrals') - 2_011) % 3).toBe(0);
    for (const table of ['referral_documents', 'referrals']) {
      expect([table, copy.number(`select count(*) from ${table}`)]).toEqual([table, referrals]);
    }
    expect(copy.number('select sum(last) from change_sequences')).toBe(copy.number('select count(*) from changes'));
    copy.close();
  });

  it('makes one file that only this user can read, and nothing else', async () => {
    const DATA_DIR = stoppedExchange();
    const folder = newFolder();
    const { code } = await runCosell(['backup', join(folder, 'copy.db')], { DATA_DIR });
    expect(code).toBe(0);
    expect(readdirSync(folder)).toEqual(['copy.db']);
    expect(statSync(join(folder, 'copy.db')).mode & 0o777).toBe(0o600);
  });

  it('refuses a name that is taken, and leaves what is there', async () => {
    const DATA_DIR = stoppedExchange();
    const file = join(newFolder(), 'copy.db');
    writeFileSync(file, 'mine');
    const taken = await runCosellHere(['backup', file], { DATA_DIR });
    expect([taken.code, taken.stderr]).toEqual([1, `${file} is there already. Choose another name.\n`]);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    const other = `${file}2`;
    writeFileSync(`${other}.part`, '');
    const under = await runCosellHere(['backup', other], { DATA_DIR });
    expect(under.stderr).toMatch(/copy\.db2\.part is there: another backup is under way, or one was broken off/);
    expect([under.code, existsSync(other)]).toEqual([1, false]);
  });

  it.each([
    [
      'a folder without an exchange',
      async () => ({ DATA_DIR: newFolder() }),
      /^There is no exchange in .*\. Set DATA_DIR\.\n$/,
    ],
    [
      'PostgreSQL',
      async () => ({ DATABASE_URL: databaseUrl }),
      /^DATABASE_URL names a PostgreSQL database: .*pg_dump.*\n$/,
    ],
    [
      'a damaged database',
      async () => {
        const DATA_DIR = stoppedExchange();
        truncateSync(join(DATA_DIR, 'cosell.db'), 100_000);
        return { DATA_DIR };
      },
      /^The backup could not be made: database disk image is malformed\.\n$/,
    ],
  ])('of %s is refused in one line and leaves no file', async (_title, settings, line) => {
    const folder = newFolder();
    const { code, stderr } = await runCosellHere(['backup', join(folder, 'copy.db')], await settings());
    expect(stderr).toMatch(line);
    expect([code, readdirSync(folder)]).toEqual([1, []]);
  });

  it('into a folder that is not there is refused in one line', async () => {
    const { code, stderr } = await runCosellHere(['backup', join(newFolder(), 'no', 'copy.db')], {
      DATA_DIR: stoppedExchange(),
    });
    expect([code, stderr.split('\n')]).toEqual([
      1,
      [expect.stringMatching(/^The backup cannot be written: there is no folder /), ''],
    ]);
  });
});

describe('cosell restore', () => {
  let backup: string;
  let token: string;
  beforeAll(async () => {
    const DATA_DIR = join(newFolder(), 'data');
    const server = await startCosell({ DATA_DIR });
    token = tokenOf(server);
    backup = join(newFolder(), 'backup.db');
    expect((await runCosellHere(['backup', backup], { DATA_DIR })).code).toBe(0);
  });

  it('makes a backup the exchange of an empty folder, with its referrals and its key', async () => {
    const DATA_DIR = join(newFolder(), 'deep', 'data');
    const { code, stdout, stderr } = await runCosell(['restore', backup], { DATA_DIR });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/ has the exchange of .*backup\.db: 11 referrals, .*, schema \d+, checked\.\n$/);
    expect(readdirSync(DATA_DIR).sort()).toEqual(['cosell.db', 'lock']);
    expect(statSync(join(DATA_DIR, 'cosell.db')).mode & 0o777).toBe(0o600);
    const server = await startCosell({ DATA_DIR });
    expect(server.greeting).toContain('Found the data of an earlier start');
    expect((await getReferral(server, documentedReferralId)).status).toBe(200);
    // The key is the same, so that tokens of the former exchange hold here.
    expect((await getReferral(server, documentedReferralId, token)).status).toBe(200);
  });

  it('leaves an exchange that is there alone, and with --replace puts it aside with all that it had', async () => {
    const DATA_DIR = join(newFolder(), 'data');
    const server = await startCosell({ DATA_DIR });
    await importSome(remoteOperations(socketPathOf(DATA_DIR)), 5);
    // What was acknowledged last stands in the log only.
    await server.stop('SIGKILL');
    expect(statSync(join(DATA_DIR, 'cosell.db-wal')).size).toBeGreaterThan(0);
    const refused = await runCosellHere(['restore', backup], { DATA_DIR });
    expect(refused.stderr).toBe(
      `${DATA_DIR} has an exchange already. Give --replace to put it aside and restore in its place.\n`,
    );
    expect(refused.code).toBe(1);
    const { code, stdout } = await runCosellHere(['restore', backup, '--replace'], { DATA_DIR });
    expect(code).toBe(0);
    const former = /before is (.*)\. Remove/.exec(stdout)?.[1] ?? '';
    expect(referralsIn(join(DATA_DIR, 'cosell.db'))).toBe(11);
    expect(referralsIn(former)).toBe(16);
    expect(existsSync(join(DATA_DIR, 'cosell.db-wal'))).toBe(false);
  });

  it('takes the place also of a database that cannot be opened', async () => {
    const DATA_DIR = newFolder();
    writeFileSync(join(DATA_DIR, 'cosell.db'), 'no database at all'.repeat(1_000));
    writeFileSync(join(DATA_DIR, 'cosell.db-wal'), 'nor a log');
    const { code, stdout } = await runCosellHere(['restore', backup, '--replace'], { DATA_DIR });
    expect(code).toBe(0);
    const former = /before is (.*)\. Remove/.exec(stdout)?.[1] ?? '';
    expect(readFileSync(former, 'utf8')).toContain('no database at all');
    expect(existsSync(join(DATA_DIR, 'cosell.db-wal'))).toBe(false);
    expect(referralsIn(join(DATA_DIR, 'cosell.db'))).toBe(11);
  });

  it('reads the log, too, of a folder that was copied by hand', async () => {
    const from = join(newFolder(), 'data');
    const server = await startCosell({ DATA_DIR: from });
    await importSome(remoteOperations(socketPathOf(from)), 5);
    await server.stop('SIGKILL');
    const by = newFolder();
    for (const file of ['cosell.db', 'cosell.db-wal']) copyFileSync(join(from, file), join(by, file));
    const DATA_DIR = join(newFolder(), 'data');
    const { code, stdout } = await runCosellHere(['restore', join(by, 'cosell.db')], { DATA_DIR });
    expect([code, /(\d+) referrals/.exec(stdout)?.[1]]).toEqual([0, '16']);
    expect(readdirSync(by).sort()).toEqual(['cosell.db', 'cosell.db-wal']);
  });

  it('is refused while a server holds the folder', async () => {
    const DATA_DIR = join(newFolder(), 'data');
    const server = await startCosell({ DATA_DIR });
    const { code, stderr } = await runCosellHere(['restore', backup, '--replace'], { DATA_DIR });
    expect([code, stderr]).toEqual([
      1,
      `cosell start (process ${server.pid}) holds ${DATA_DIR}. Stop it, then restore.\n`,
    ]);
    expect((await getReferral(server, documentedReferralId)).status).toBe(200);
  });

  /** A file made from the backup, or of its own. */
  const files: [string, (file: string) => void, RegExp][] = [
    ['a folder', (file) => mkdirSync(file), /given\.db is a folder\. Give the name of a file\.$/],
    [
      'a text',
      (file) => writeFileSync(file, 'Dear diary, '.repeat(500)),
      /could not be restored: file is not a database\.$/,
    ],
    ['an empty file', (file) => writeFileSync(file, ''), /is a database, but not one of Cosell\.$/],
    [
      'another database',
      (file) => change(file, 'create table referrals (id text)'),
      /is a database, but not one of Cosell\.$/,
    ],
    [
      'half a backup',
      (file) => {
        copyFileSync(backup, file);
        truncateSync(file, 90_000);
      },
      /malformed|is damaged/,
    ],
    [
      'a backup whose index lacks a row',
      (file) => {
        copyFileSync(backup, file);
        const page = readFileSync(file);
        const database = new SqliteDatabase(file, { readOnly: true });
        const size = database.number('pragma page_size');
        const root = database.number("select rootpage from sqlite_schema where name = 'referrals_by_created'");
        database.close();
        // The number of cells of a page of an index stands at its fourth byte.
        const at = (root - 1) * size + 3;
        page.writeUInt16BE(page.readUInt16BE(at) - 1, at);
        writeFileSync(file, page);
      },
      / is damaged: /,
    ],
    [
      'a backup of a newer version',
      (file) => {
        copyFileSync(backup, file);
        change(file, "insert into schema_migrations (number, name, applied_at) values (99, 'later', '')");
      },
      /^The database has schema 99 and this program knows schema \d+\./,
    ],
  ];
  it.each(files)('refuses %s in one line, and changes nothing', async (_title, make, line) => {
    const file = join(newFolder(), 'given.db');
    make(file);
    const DATA_DIR = newFolder();
    copyFileSync(backup, join(DATA_DIR, 'cosell.db'));
    const { code, stderr } = await runCosellHere(['restore', file, '--replace'], { DATA_DIR });
    expect(stderr.trimEnd()).toMatch(line);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect([code, readdirSync(DATA_DIR).filter((name) => name !== 'lock')]).toEqual([1, ['cosell.db']]);
    expect(readFileSync(join(DATA_DIR, 'cosell.db')).equals(readFileSync(backup))).toBe(true);
  });

  it('says that a file is not there, and makes no folder', async () => {
    const DATA_DIR = join(newFolder(), 'data');
    const { code, stderr } = await runCosellHere(['restore', '/none/such.db'], { DATA_DIR });
    expect([code, stderr, existsSync(DATA_DIR)]).toEqual([1, 'There is no file /none/such.db.\n', false]);
  });

  it('says where backups of PostgreSQL are restored', async () => {
    const { code, stderr } = await runCosellHere(['restore', backup], { DATABASE_URL: databaseUrl });
    expect(stderr).toMatch(/^DATABASE_URL names a PostgreSQL database: .*pg_restore.*\n$/);
    expect(code).toBe(1);
  });
});

describe('cosell vacuum', () => {
  it.each(['while a server runs', 'while none runs'])('gives free room back %s, and loses nothing', async (when) => {
    const DATA_DIR = join(newFolder(), 'data');
    const server = await startCosell({ DATA_DIR });
    const operations = remoteOperations(socketPathOf(DATA_DIR));
    const filled = (await importSome(operations, 1_000)).length;
    await server.stop();
    const path = join(DATA_DIR, 'cosell.db');
    change(path, 'create table filling as select document from referral_documents; drop table filling');
    const size = statSync(path).size;
    if (when === 'while a server runs') await startCosell({ DATA_DIR });
    const written = when === 'while a server runs' ? importSome(operations, 200) : Promise.resolve([]);
    const { code, stdout, stderr } = await runCosell(['vacuum'], { DATA_DIR });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^The database of .* had \d+\.\d MiB and has \d+\.\d MiB\.\n$/);
    const more = (await written).length;
    if (more === 0) expect(statSync(path).size).toBeLessThan(size * 0.8);
    expect(referralsIn(path)).toBe(11 + filled + more);
  });
});

function referralsIn(path: string): number {
  const database = new SqliteDatabase(path);
  const referrals = database.number('select count(*) from referral_documents');
  expect(database.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
  database.close();
  return referrals;
}
