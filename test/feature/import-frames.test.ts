import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { capturedReferral, idOf } from '../support/capture-files.ts';
import { runCosellHere } from '../support/cosell-here.ts';
import { cleanUp, newFolder, runCosell, runShell } from '../support/cosell-process.ts';

afterAll(cleanUp);

const three = [1, 2, 3].map((number) => capturedReferral({ name: `Deal ${number}` }));
const context = { '@odata.context': 'https://api.partner.microsoft.com/v1.0/$metadata#Referrals', '@odata.count': 3 };
const next = { '@odata.nextLink': 'https://api.partner.microsoft.com/v1.0/referrals?$skiptoken=[{"x"' };
const bom = '\uFEFF';

/** Files are read by the program alone, so most need no process of its own. */
const importFile = (
  content: string | Buffer,
  args: readonly string[] = [],
  run: typeof runCosellHere = runCosellHere,
) => {
  const folder = newFolder();
  const settings = { DATA_DIR: join(folder, 'data') };
  const file = join(folder, 'captured.json');
  writeFileSync(file, content);
  return run(['import', file, ...args], settings).then((ended) => ({ ...ended, settings, file }));
};

/** The stored referral, read back by the command. */
async function stored(id: string, settings: { DATA_DIR: string }): Promise<Record<string, unknown>> {
  return JSON.parse((await runCosellHere(['get', id], settings)).stdout) as Record<string, unknown>;
}

describe('a file of referrals is loaded whole', () => {
  const frames: [string, string, number][] = [
    ['one document', JSON.stringify(three[0]), 1],
    ['one document, printed over many lines', JSON.stringify(three[0], null, 2), 1],
    ['an array', JSON.stringify(three), 3],
    ['an array, printed', JSON.stringify(three, null, 2), 3],
    ['a list answer', JSON.stringify({ ...context, value: three, ...next }), 3],
    ['a list answer, printed', JSON.stringify({ ...context, value: three, ...next }, null, 2), 3],
    ['a list answer with the link before', JSON.stringify({ ...next, ...context, value: three }, null, 4), 3],
    [
      'several list answers, a line each',
      three.map((one) => JSON.stringify({ ...context, value: [one] })).join('\n'),
      3,
    ],
    ['lines', `${three.map((one) => JSON.stringify(one)).join('\n')}\n`, 3],
    [
      'lines with CRLF, blank ones, a mark and no end',
      bom + three.map((one) => JSON.stringify(one)).join('\r\n\r\n'),
      3,
    ],
    ['printed documents, one after the other', three.map((one) => JSON.stringify(one, null, 2)).join('\n'), 3],
    ['files with a mark each, put together', three.map((one) => bom + JSON.stringify(one, null, '\t')).join('\n'), 3],
  ];
  it.each(frames)('%s', async (_title, text, number) => {
    const { code, stdout, stderr, settings } = await importFile(text);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n')[0]).toBe(number === 1 ? '1 referral added.' : '3 referrals added.');
    const last = three[number - 1] ?? {};
    expect(await stored(idOf(last), settings)).toMatchObject(last);
  });

  it('by a process of its own', async () => {
    const { code, stdout, stderr, settings } = await importFile(JSON.stringify(three), [], runCosell);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n')[0]).toBe('3 referrals added.');
    expect((await runCosellHere(['get', idOf(three[0] ?? {})], settings)).stdout).toContain('"name":"Deal 1"');
  });

  it('from standard input, and from a pipe', async () => {
    const settings = { DATA_DIR: join(newFolder(), 'data') };
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('cosell-import-'));
    const piped = await runCosell(['import', '-'], settings, JSON.stringify(three));
    expect([piped.code, piped.stderr, piped.stdout.split('\n')[0]]).toEqual([0, '', '3 referrals added.']);
    const empty = await runCosell(['import', '-'], settings);
    expect([empty.code, empty.stderr]).toEqual([1, 'Nothing was loaded: - holds no referral.\n']);
    const folder = newFolder();
    writeFileSync(join(folder, 'a.json'), JSON.stringify(three));
    const line = `mkfifo ${folder}/pipe; cat ${folder}/a.json > ${folder}/pipe & npx --no cosell import ${folder}/pipe`;
    const fifo = await runShell(line, settings);
    expect(fifo.stdout.split('\n')[0], fifo.stderr).toBe('3 referrals already there.');
    // The copy that is read twice has no name, so nothing of it is left.
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('cosell-import-'))).toEqual(before);
  });

  it('with a referral of 5 MB, and many large ones', async () => {
    const notes = '"\\ é\n'.repeat(1_000_000);
    const large = capturedReferral({ details: { notes } });
    const { code, stderr, settings } = await importFile(JSON.stringify(large));
    expect([code, stderr]).toEqual([0, '']);
    expect(await stored(idOf(large), settings)).toMatchObject({ details: { notes } });
    const many = Array.from({ length: 6 }, () => capturedReferral({ details: { notes: 'n'.repeat(2_000_000) } }));
    const all = await importFile(many.map((one) => JSON.stringify(one)).join('\n'));
    expect([all.code, all.stdout.split('\n')[0]]).toEqual([0, '6 referrals added.']);
  });
});

/** A pseudo-terminal, where the machine has `script` (util-linux). */
const hasScript = existsSync('/usr/bin/script');

describe.skipIf(!hasScript)('on a terminal (left out where there is no script(1))', () => {
  it('an import shows a bar that goes from 0 to 100 % in one line, and faults stand on lines of their own', async () => {
    const folder = newFolder();
    const settings = { DATA_DIR: join(folder, 'data') };
    const good = Array.from({ length: 2_000 }, () =>
      JSON.stringify(capturedReferral({ details: { notes: 'n'.repeat(700) } })),
    );
    writeFileSync(join(folder, 'good'), good.join('\n'));
    writeFileSync(join(folder, 'bad'), [...good, '{}'].join('\n'));
    const onTerminal = async (file: string) => {
      const command = `stty cols 40; npx --no cosell import ${file}`;
      return (await runShell(`script -qec '${command}' /dev/null`, settings)).stdout;
    };
    const loaded = await onTerminal(join(folder, 'good'));
    for (const label of ['Checking', 'Loading ']) {
      const drawn = loaded.split('\n').find((line) => line.includes(label)) ?? '';
      const states = drawn.split('\r').filter((state) => state.includes(label));
      const shares = states.map((state) => Number(/(\d+) %/.exec(state)?.[1]));
      expect([shares[0], shares.at(-1)]).toEqual([0, 100]);
      expect(shares.length).toBeGreaterThan(2);
      expect(shares).toEqual([...shares].sort((a, b) => a - b));
      for (const state of states) expect(state.replace('\u001b[K', '').length).toBeLessThan(40);
    }
    expect(loaded).toContain('2000 referrals added.');
    const refused = await onTerminal(join(folder, 'bad'));
    expect(refused).toContain(`\r\u001b[K${join(folder, 'bad')}:2001:1: /id: "id" is missing`);
    expect(refused).toContain('Nothing was loaded: there are 8 faults among 2001 referrals.');
    expect(refused).not.toContain('Loading');
  });
});

describe('a file that cannot be read is refused in one line', () => {
  it.each([
    ['an empty one', '', /^Nothing was loaded: \S+captured\.json holds no referral\.\n$/],
    ['blank lines', '\n\r\n \n', /^Nothing was loaded: \S+captured\.json holds no referral\.\n$/],
    ['an empty list', '{"value":[]}', /^Nothing was loaded: \S+captured\.json holds no referral\.\n$/],
    ['UTF-16', Buffer.from(`\uFEFF${JSON.stringify(three)}`, 'utf16le'), /captured\.json:1: This is not UTF-8\. Save/],
    ['UTF-16 without a mark', Buffer.from(JSON.stringify(three), 'utf16le'), /captured\.json:1: This is not UTF-8/],
    ['Latin-1', Buffer.from('{\n"name":\n"Größe"}', 'latin1'), /captured\.json:3: This is not UTF-8/],
    ['a cut-off character', Buffer.from('{"name":"Größe"}').subarray(0, 12), /captured\.json:1: This is not UTF-8/],
  ])('%s', async (_title, content, text) => {
    const { code, stdout, stderr } = await importFile(content);
    expect(stderr).toMatch(text);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect([code, stdout]).toEqual([1, '']);
  });

  it('one that is missing, or a folder', async () => {
    const settings = { DATA_DIR: join(newFolder(), 'data') };
    const missing = await runCosellHere(['import', '/no/such/file'], settings);
    expect([missing.code, missing.stderr]).toEqual([1, '/no/such/file cannot be read: there is no such file.\n']);
    const folder = newFolder();
    mkdirSync(join(folder, 'a'));
    const refused = await runCosellHere(['import', folder], settings);
    expect([refused.code, refused.stderr]).toEqual([1, `${folder} is a folder. Give the name of a file.\n`]);
  });

  it('with the line of a byte far behind that is not UTF-8', async () => {
    const lines = Array.from({ length: 3_000 }, () => JSON.stringify(capturedReferral({ name: 'Größe 𝄞'.repeat(60) })));
    const bytes = Buffer.from(`${lines.join('\n')}\n{"name":"?"}`);
    bytes[bytes.length - 3] = 0xff;
    const { code, stderr } = await importFile(bytes);
    expect(stderr).toMatch(/captured\.json:3001: This is not UTF-8\./);
    expect(code).toBe(1);
  });
});

describe('a file with faults', () => {
  const bad = capturedReferral({ status: 'Sleeping', details: { dealValue: 'much' }, createdDateTime: 'yesterday' });
  const pretty = JSON.stringify([three[0], bad, { ...three[1], updatedDateTime: undefined }], null, 2);
  const lineOf = (text: string) => pretty.split('\n').findIndex((line) => line.includes(text)) + 1;

  it('shows all of them with line, column and JSON pointer, and loads nothing', async () => {
    const { code, stdout, stderr, settings, file } = await importFile(pretty);
    const lines = stderr.trim().split('\n');
    expect(lines.slice(0, -1).sort()).toEqual(
      [
        `${file}:${lineOf('"Sleeping"')}:15: /status: "Sleeping" is not one of None, New, Active, Closed. (valueNotAllowed)`,
        `${file}:${lineOf('"much"')}:20: /details/dealValue: "much" is not a number. (invalidNumber)`,
        `${file}:${lineOf('"yesterday"')}:24: /createdDateTime: "yesterday" is not a date; write it as 2026-11-30T00:00:00Z, with at most seven digits of a second. (invalidDate)`,
        `${file}:${pretty.slice(0, pretty.indexOf(idOf(three[1] ?? {}))).split('\n').length - 1}:3: /updatedDateTime: "updatedDateTime" is missing; a captured referral always has it. (missingMember)`,
      ].sort(),
    );
    expect(lines.at(-1)).toBe(
      'Nothing was loaded: there are 4 faults among 3 referrals. Mend the file, or give --skip-invalid to load the rest.',
    );
    expect([code, stdout]).toEqual([1, '']);
    expect((await runCosellHere(['directory', 'list'], settings)).stderr).toMatch(/^There is no exchange in /);
  });

  it('loads the rest with --skip-invalid', async () => {
    const { code, stdout, stderr, settings } = await importFile(pretty, ['--skip-invalid']);
    expect(code).toBe(0);
    expect(stdout).toContain('1 referral added.\n2 referrals left out.\n');
    expect(stderr.trim().split('\n')).toHaveLength(4);
    expect(await stored(idOf(three[0] ?? {}), settings)).toMatchObject(three[0] ?? {});
    expect((await runCosellHere(['get', idOf(bad)], settings)).code).toBe(1);
  });

  const one = JSON.stringify(three[0], null, 2);
  it.each([
    [
      'a trailing comma, as in the documented PUT sample',
      one.replace(/\n}$/, ',\n}'),
      /:15:1: Remove the comma before "}"\. \(invalidJson\)/,
    ],
    [
      'a comment',
      one.replace('"status"', '// the state\n  "status"'),
      /:9:3: JSON has no comments; remove it\. \(invalidJson\)/,
    ],
    [
      'a name that stands twice',
      one.replace('"status"', '"type": "Shared",\n  "status"'),
      /:13:3: \/type: The member "type" stands here twice/,
    ],
    ['a cut-off document', one.slice(0, -40), /captured\.json:\d+:\d+: .+ \(invalidJson\)/],
    ['a cut-off list', `[${one},`, /:15:3: The list is not closed; the file may be cut off\./],
    ['a comma at the end of the list', `[${one},\n]`, /:16:1: Remove the comma before "]"\./],
    ['text that is no JSON', `${one}\nand so on`, /:16:1: A JSON value is expected here\. \(invalidJson\)/],
    ['an id that is none', one.replace(idOf(three[0] ?? {}), '4711'), /:2:9: \/id: An id has 32 hexadecimal digits/],
  ])('names %s', async (_title, text, message) => {
    const { code, stdout, stderr } = await importFile(text);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/\nNothing was loaded: there is 1 fault among/);
    expect([code, stdout]).toEqual([1, '']);
  });

  it('shows 50 faults and counts the others', async () => {
    const lines = Array.from({ length: 70 }, () => JSON.stringify(capturedReferral({ status: 'x' })));
    const { stderr } = await importFile(lines.join('\n'));
    expect(stderr.trim().split('\n')).toHaveLength(52);
    expect(stderr).toContain('… and 20 more faults.\nNothing was loaded: there are 70 faults among 70 referrals.');
  });
});
