import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { documentedReferralId } from '@cosell/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentOf } from '../support/archives.ts';
import { runCosellHere } from '../support/cosell-here.ts';
import { cleanUp, newFolder, runCosell, type ServerProcess, startCosell } from '../support/cosell-process.ts';

afterAll(cleanUp);

describe('a wrong use of the command line, beside a running server,', () => {
  const settings = { DATA_DIR: '' };
  let server: ServerProcess;
  let folder: string;
  let before: Awaited<ReturnType<typeof everything>>;
  /** All that is stored, but for when it was written down. */
  const everything = async () => {
    const archive = join(newFolder(), 'all');
    expect((await runCosellHere(['export', archive], settings)).code).toBe(0);
    const { code, stderr } = await runCosellHere(['verify', archive], settings);
    return { code, stderr, files: readdirSync(folder).sort(), data: readdirSync(settings.DATA_DIR).sort(), archive };
  };
  beforeAll(async () => {
    settings.DATA_DIR = join(newFolder(), 'data');
    server = await startCosell(settings);
    folder = newFolder();
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'text'), 'Dear diary');
    writeFileSync(join(folder, 'empty'), '');
    writeFileSync(join(folder, 'bytes'), Buffer.from([0, 255, 1, 254]));
    expect((await runCosellHere(['export', join(folder, 'archive')], settings)).code).toBe(0);
    before = await everything();
  });
  afterAll(() => server.stop());

  const id = documentedReferralId;
  /** What is given, with files below a folder, and what is said. */
  const uses: [string, RegExp][] = [
    ['delete 4711 --yes', /^A referral id has 32 hexadecimal digits/],
    [
      `delete ${id} --organization Nobody --yes`,
      /^Nothing was done: there is no organisation Nobody; npx --no cosell /,
    ],
    [
      `delete ${id} --organization msft --yes`,
      /^msft has no referral \S+\. Check the id, or leave out --organization\./,
    ],
    ['erase --person nowhere', /^Nothing was done: "nowhere" is not an e-mail address\./],
    ['retain --history forever', /^Nothing was done: "forever" is no length of time; write days, /],
    ['get 4711', /^A referral id has 32 hexadecimal digits/],
    ['token --user nobody', /^No token was made: there is no user nobody; npx --no cosell directory list /],
    ['directory remove user nobody', /^The directory was not changed: there is no user nobody\./],
    ['export @folder', /folder is there already\. Remove it, or give another name\./],
    ['export @none/new', /cannot be written: there is no folder /],
    ['export @text/new', /cannot be written: there is no folder /],
    ['import @folder', /is a folder\. Give the name of a file\./],
    ['import @none', /cannot be read: there is no such file\./],
    ['import @empty', /^Nothing was loaded: \S+ holds no referral\./],
    ['import @bytes', /:1: This is not UTF-8\. /],
    ['import @archive', /^Nothing is moved into \S+ while cosell start \(process \d+\) holds it\. Stop it first\./],
    ['import @archive --live', /is an archive, and --skip-invalid and --live are for captured referrals\./],
    ['verify @folder', /is a folder\. Give the name of a file\./],
    ['verify @none', /cannot be read: there is no such file\./],
    ['verify @text', /:1: This is no archive of an exchange\./],
    ['backup @folder', /is there already\. Choose another name\./],
    ['backup @none/new', /^The backup cannot be written: there is no folder /],
    ['backup @text/new', /^The backup cannot be written: there is no folder /],
    ['restore @folder', /is a folder\. Give the name of a file\./],
    ['restore @none', /^There is no file /],
    ['restore @text --replace', /^cosell start \(process \d+\) holds \S+\. Stop it, then restore\./],
    ['play @none', /^The scenario \S+ cannot be read: there is no such file\./],
    ['play @folder', /^The scenario \S+ cannot be read: it is a folder\./],
    ['start --workers 0', /^WORKERS must be a number from 1 to 64, not "0"\./],
  ];
  const wordsOf = (line: string) => line.split(' ').map((word) => word.replace(/^@/, `${folder}/`));

  it.each(uses)('%s, is refused in one line', async (line, text) => {
    const { code, stdout, stderr } = await runCosellHere(wordsOf(line), settings);
    expect(stderr).toMatch(text);
    expect(stderr).toMatch(/^[^\n]+\.\n$/);
    expect([code, stdout]).toEqual([1, '']);
  });

  it.each(['backup', 'export', 'import', 'play', 'restore', 'verify'])(
    '%s without a name, is refused',
    async (name) => {
      const { code, stdout, stderr } = await runCosellHere([name, ''], settings);
      expect(stderr).toMatch(/^error: command-argument value '' is invalid for argument '\w+'\. It is empty\. /);
      expect([code, stdout]).toEqual([1, '']);
    },
  );

  it('is refused by a process as here', async () => {
    for (const [line, text] of [uses[1], uses[22]] as [string, RegExp][]) {
      const { code, stdout, stderr } = await runCosell(wordsOf(line), settings);
      expect(stderr).toMatch(text);
      expect([code, stdout, stderr.split('\n').length]).toEqual([1, '', 2]);
    }
  });

  it('leaves everything as it was', async () => {
    const after = await everything();
    const { archive, ...rest } = before;
    expect(after).toEqual({ ...rest, archive: after.archive });
    expect(contentOf(after.archive)).toBe(contentOf(archive));
  });

  it.each([
    ['directory', 'list'],
    ['directory', 'remove', 'user', 'nobody'],
    ['get', id],
    ['verify', '@archive'],
  ])('is a folder without an exchange, in which none is made: %s %s', async (...args) => {
    for (const DATA_DIR of [join(newFolder(), 'mistyped'), withEmptyFile()]) {
      const files = () => (DATA_DIR.endsWith('mistyped') ? [] : readdirSync(DATA_DIR));
      const found = files();
      const { code, stdout, stderr } = await runCosellHere(wordsOf(args.join(' ')), { DATA_DIR });
      expect(stderr).toMatch(/^There is no exchange [^\n]+\n$/);
      expect([code, stdout, files()]).toEqual([1, '', found]);
    }
  });
});

/** A data folder whose database has no byte. */
function withEmptyFile(): string {
  const folder = newFolder();
  writeFileSync(join(folder, 'cosell.db'), '');
  return folder;
}
