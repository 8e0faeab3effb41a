import { StartupProblem } from '@cosell/server';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { loadExchange } from '@cosell/server/domain/load-exchange';
import { setClock } from '@cosell/server/domain/sandbox';
import { readSampleExchange } from '@cosell/server/sample-exchange';
import { tables } from '@cosell/server/store/tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archiveOf, archiveText, brokenFile, checkAt, linesOf, moveInto, withOwnSums } from '../support/archives.ts';
import { numberedReferrals } from '../support/capture-files.ts';
import { availableEngines, describeOnEachEngine, type Engine, openAt, type Place } from '../support/engines.ts';
import { organizations } from '../support/sample.ts';
import { openStoreFor } from './opened-store.ts';
import { rowsOf } from './rows-of.ts';

const places: Place[] = [];
afterAll(async () => {
  for (const place of places) await place.remove();
});

async function placeOn(engine: Engine): Promise<Place> {
  const place = await engine.makePlace();
  places.push(place);
  return place;
}

/** A place whose exchange was opened once and holds nothing but its keys. */
async function newExchangeOn(engine: Engine): Promise<Place> {
  const place = await placeOn(engine);
  await (await openAt(place)).close();
  return place;
}

/** All of an archive but when and by what it was written. */
const contentOf = (archive: string) => linesOf(archive).slice(1);

const sample = { name: 'sample', contents: readSampleExchange() };

/** Names whose order by code points is not that of UTF-16, and none that a line end could be taken for. */
const names = ['Zoë', 'amber', 'Amber', '～wide', '😀', 'a\u2028b', 'tab\there', '"quoted"\\'];

describeOnEachEngine('an archive', (engine) => {
  const opened = openStoreFor(engine);
  let archive: string;
  beforeAll(async () => {
    await opened.store.transact(loadExchange, sample);
    await opened.import(
      ...names.map((name, index) => ({
        id: `00000000-0000-4000-8000-0000000000a${index}`,
        engagementId: `00000000-0000-4000-8000-0000000000b${index}`,
        name,
        externalReferenceId: index === 0 ? null : '',
      })),
      numberedReferrals(1)
        .map((referral) => JSON.stringify({ ...referral, details: { dealValue: 0 } }))
        .join('')
        .replace('"dealValue":0', '"dealValue":99999999999999.9999'),
    );
    for (const name of names) {
      await opened.store.transact(changeDirectory, {
        kind: 'addUser',
        organization: organizations.tailspin,
        name: `user ${name.replaceAll(/[^\p{L}\p{S}]/gu, '-')}`,
        email: 'user@tailspintoys.com',
      });
    }
    archive = await archiveOf(opened.place);
  });

  it('has every table in its order, and each row once in the order of its key', async () => {
    const heads = contentOf(archive)
      .filter((line) => line.startsWith('{"table"'))
      .map((line) => JSON.parse(line) as { table: string; columns: string[] });
    expect(heads.map(({ table }) => table)).toEqual(tables.map(({ name }) => name));
    for (const [index, { columns }] of heads.entries()) {
      const key = tables[index]?.key ?? [];
      expect(columns.slice(0, key.length)).toEqual(key);
    }
    const { tables: summed } = await checkAt(opened.place, archive);
    for (const { table, rows } of summed) {
      const [counted] = await opened.rows(`select count(*) as count from ${table}`);
      expect([table, rows]).toEqual([table, Number(counted?.count)]);
    }
    expect(archive).toContain('"999999999999999999"');
  });

  it.each(availableEngines())('moves to $name, and the archive of that has the same bytes', async (other) => {
    const target = await newExchangeOn(other);
    await moveInto(target, archive);
    expect(contentOf(await archiveOf(target))).toEqual(contentOf(archive));
    const exchange = await openAt(target);
    try {
      expect((await exchange.store.listSigningKeys()).map((key) => ({ ...key }))).toEqual(
        (await opened.store.listSigningKeys()).map((key) => ({ ...key })),
      );
      expect(await exchange.store.listDirectory()).toEqual(await opened.store.listDirectory());
    } finally {
      await exchange.close();
    }
  });

  it('is the same in whatever pieces it is read', async () => {
    const whole = await checkAt(opened.place, archive);
    for (const size of [1, 7, 4096]) expect(await checkAt(opened.place, archive, size)).toEqual(whole);
  });

  it('is one moment of an exchange that others write to', async () => {
    const [referral] = numberedReferrals(1);
    let day = 0;
    const write = async () => {
      day += 1;
      await opened.import({ ...referral, updatedDateTime: `2025-01-${String(day).padStart(2, '0')}T00:00:00Z` });
    };
    await write();
    const busy = await archiveOf(opened.place, write);
    expect(day).toBeGreaterThan(tables.length);
    const target = await placeOn(engine);
    await moveInto(target, busy);
    const odd = await rowsOf(
      target,
      `select s.organization_id from change_sequences s where s.last <>
        (select max(c.sequence) from changes c where c.organization_id = s.organization_id)`,
    );
    const oddDocuments = await rowsOf(
      target,
      `select d.id from referral_documents d join referrals r on r.organization_id = d.organization_id and r.id = d.id
        where d.document not like '%"updatedDateTime":"' || substr(r.updated_at, 1, 19) || '%'`,
    );
    expect([odd, oddDocuments]).toEqual([[], []]);
    expect(linesOf(busy).at(-1)).not.toBe(linesOf(await archiveOf(opened.place)).at(-1));
  });

  describe('that is moved in', () => {
    it('and broken off goes on where it was, and until then opens to nobody and is not archived', async () => {
      const large = await placeOn(engine);
      const notes = 'long '.repeat(20_000);
      const texts = numberedReferrals(65).map((referral) => JSON.stringify({ ...referral, details: { notes } }));
      const exchange = await openAt(large);
      await exchange.store.transact(loadExchange, { name: 'large', contents: { directory: [], referrals: texts } });
      await exchange.close();
      const content = await archiveOf(large);
      expect(content.length).toBeGreaterThan(6 * 1024 * 1024);
      const target = await placeOn(engine);
      await expect(moveInto(target, content, brokenFile(content, 5 * 1024 * 1024))).rejects.toThrow('broken off');
      const [documents] = await rowsOf(target, 'select count(*) as count from referral_documents');
      expect([Number(documents?.count) > 20, Number(documents?.count) < 65]).toEqual([true, true]);
      const refused = 'npx --no cosell import /somewhere/moving.ndjson';
      await expect(openAt(target)).rejects.toThrow(refused);
      await expect(archiveOf(target)).rejects.toThrow(refused);
      await expect(moveInto(target, archive)).rejects.toThrow(
        'the import of another archive, /somewhere/moving.ndjson, was broken off in it',
      );
      await moveInto(target, content);
      expect(contentOf(await archiveOf(target))).toEqual(contentOf(content));
      await (await openAt(target)).close();
    });

    it.each([
      [
        'people',
        'organizations already',
        async (place: Place) => {
          const { store, close } = await openAt(place);
          await store.transact(changeDirectory, { kind: 'addOrganization', id: 'msft', name: 'Microsoft' });
          await close();
        },
      ],
      [
        'a clock that was set',
        'a clock that was set',
        async (place: Place) => {
          const { store, close } = await openAt(place);
          await store.transact(setClock, { advanceMs: 1, toMs: undefined, freeze: undefined });
          await close();
        },
      ],
      ['the same archive', 'organizations already', (place: Place) => moveInto(place, archive)],
    ] as const)('is refused by an exchange with %s, which stays as it is', async (_holds, reason, prepare) => {
      const target = await placeOn(engine);
      await prepare(target);
      const before = await archiveOf(target);
      await expect(moveInto(target, archive)).rejects.toThrow(
        `The archive was not moved in: an archive needs a new exchange, and it holds ${reason}.`,
      );
      expect(await archiveOf(target)).toEqual(before);
    });

    it('with rows that the database refuses says which lines, and lets nobody in', async () => {
      const target = await placeOn(engine);
      const forged = withOwnSums(
        linesOf(archive).map((line) =>
          line.replace(/^(\["[^"]*","tailspin-admin",.*)"[0-9a-f-]{36}"\]$/, '$1"nobody"]'),
        ),
      );
      await expect(moveInto(target, forged)).rejects.toThrow(
        /^moving\.ndjson: the database refuses the rows of lines 3 to \d+: .*foreign key/i,
      );
      await expect(openAt(target)).rejects.toBeInstanceOf(StartupProblem);
    });

    it('has defaults for what is newer than its schema', async () => {
      const target = await placeOn(engine);
      const older = linesOf(archive).flatMap((line) => {
        const value = JSON.parse(line) as unknown;
        if (Array.isArray(value)) return [line];
        return [line.replace(/"schema":\d+/, '"schema":1')];
      });
      await moveInto(target, withOwnSums(withoutColumn(older, 'engagement_members', 'is_sender')));
      expect(await rowsOf(target, 'select distinct is_sender from engagement_members')).toEqual([{ is_sender: 0 }]);
      const lacking = withOwnSums(withoutColumn(older, 'referrals', 'status'));
      await expect(checkAt(target, lacking)).rejects.toThrow('The column status of referrals is missing.');
      const current = withOwnSums(withoutColumn(linesOf(archive), 'engagement_members', 'is_sender'));
      await expect(checkAt(target, current)).rejects.toThrow('The column is_sender of engagement_members is missing.');
    });
  });
});

/** The lines without a column of a table. */
function withoutColumn(lines: readonly string[], table: string, column: string): string[] {
  let place = -1;
  return lines.map((line) => {
    const value = JSON.parse(line) as unknown[] | { table?: string; columns?: string[] };
    if (Array.isArray(value)) return place < 0 ? line : JSON.stringify(value.toSpliced(place, 1));
    const columns = value.columns ?? [];
    place = value.table === table ? columns.indexOf(column) : -1;
    return place < 0 ? line : JSON.stringify({ table, columns: columns.toSpliced(place, 1) });
  });
}

describe('an archive that is damaged', () => {
  const [engine] = availableEngines();
  let place: Place;
  let lines: string[];
  beforeAll(async () => {
    if (engine === undefined) throw new Error('SQLite is always there');
    place = await placeOn(engine);
    const exchange = await openAt(place);
    await exchange.store.transact(loadExchange, sample);
    await exchange.close();
    lines = linesOf(await archiveOf(place));
  });

  const lineOf = (start: string) => lines.findIndex((line) => line.startsWith(start));
  const changed = (at: number, line: string) => archiveText(lines.with(at, line));
  const without = (at: number, count = 1) => archiveText(lines.toSpliced(at, count));
  const users = () => lineOf('{"table":"users"');

  /** What is done to it, and the line (counted from 0) and the words of the refusal. */
  const damages: Record<string, () => [content: string | Buffer, line: number, says: string]> = {
    'cut off between two lines': () => [archiveText(lines.slice(0, 40)), 39, 'ends here and is not whole'],
    'cut off within a line': () => [archiveText(lines).slice(0, -40), lines.length - 1, 'ends here and is not whole'],
    'empty but for its manifest': () => [archiveText(lines.slice(0, 1)), 0, 'ends here and is not whole'],
    'with a row less': () => [without(users() + 2), lines.length - 2, 'The table users has 5 rows and should have 6.'],
    'with a row twice': () => [
      archiveText(lines.toSpliced(users() + 1, 0, lines[users() + 1] ?? '')),
      users() + 2,
      'A row with this key was there before.',
    ],
    'with two rows exchanged': () => [
      archiveText(lines.with(users() + 1, lines[users() + 2] ?? '').with(users() + 2, lines[users() + 1] ?? '')),
      users() + 2,
      'not in the order of keys',
    ],
    'with another value': () => [
      archiveText(lines.map((line) => line.replace('"Tailspin Toys"', '"Tailspin Toy"'))),
      lines.length - 1,
      'The rows of the table organizations are not those that were written.',
    ],
    'with another column of the same length': () => [
      changed(
        users(),
        (lines[users()] ?? '').replace('"email","is_active","subject"', '"subject","is_active","email"'),
      ),
      lines.length - 1,
      'The rows of the table users are not those',
    ],
    'with Windows line ends': () => [lines.map((line) => `${line}\r\n`).join(''), lines.length - 1, 'The rows of'],
    'with a column that nobody knows': () => [
      changed(users(), (lines[users()] ?? '').replace('"email"', '"e_mail"')),
      users(),
      'The table users has no column e_mail.',
    ],
    'with a column named twice': () => [
      changed(users(), (lines[users()] ?? '').replace('"email"', '"name"')),
      users(),
      'The column name is named twice.',
    ],
    'with a table that nobody knows': () => [
      changed(users(), (lines[users()] ?? '').replace('"users"', '"people"')),
      users(),
      'There is no table people in this exchange.',
    ],
    'with tables in another order': () => [
      archiveText([...lines.slice(0, 1), lines[users()] ?? '', ...lines.slice(1)]),
      2,
      'The table organizations cannot come after users.',
    ],
    'without a table': () => [
      without(lineOf('{"table":"routing_rules"')),
      lines.length - 2,
      'routing_rules is missing',
    ],
    'without a table and its sum': () => [
      withOwnSums(lines.toSpliced(lineOf('{"table":"routing_rules"'), 1)),
      lines.length - 2,
      'The table routing_rules is missing.',
    ],
    'without a sum': () => [
      changed(lines.length - 1, JSON.stringify({ end: {} })),
      lines.length - 1,
      'The table organizations has no sum.',
    ],
    'with a row of other length': () => [changed(users() + 1, '["a","b"]'), users() + 1, 'The row has 2 values'],
    'with text in place of a number': () => [
      changed(users() + 1, (lines[users() + 1] ?? '').replace(',1,', ',"yes",')),
      users() + 1,
      'The value of is_active is not a whole number.',
    ],
    'with an object in place of text': () => [
      changed(users() + 1, (lines[users() + 1] ?? '').replace(/"[^"]*@[^"]*"/, '{}')),
      users() + 1,
      'The value of email is not text.',
    ],
    'with a line that is no JSON': () => [changed(5, '["a",]'), 5, 'This is not JSON.'],
    'with an empty line': () => [changed(5, ''), 5, 'This is not JSON.'],
    'with bytes that are no text': () => {
      const bytes = Buffer.from(archiveText(lines));
      bytes[bytes.indexOf('Tailspin')] = 0xff;
      return [bytes, lineOf('["5b0c9c1e'), 'This is not UTF-8.'];
    },
    'with a row before any table': () => [archiveText(lines.toSpliced(1, 0, '["a"]')), 1, 'before any table'],
    'with more after its end': () => [archiveText([...lines, '["a"]']), lines.length, 'more after the end'],
    'of a newer format': () => [
      changed(0, (lines[0] ?? '').replace('"cosellArchive":1', '"cosellArchive":2')),
      0,
      'has format 2, and this program knows format 1. Cosell 0.0.0 wrote it.',
    ],
    'of a newer schema': () => [
      changed(0, (lines[0] ?? '').replace(/"schema":\d+/, '"schema":9999')),
      0,
      'has schema 9999',
    ],
    'without a format': () => [changed(0, '{"cosellArchive":"one"}'), 0, 'This is not the manifest.'],
  };

  it.each(Object.entries(damages))('%s is refused with the line', async (_title, damage) => {
    const [content, line, says] = damage();
    const refused = await checkAt(place, content).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StartupProblem);
    expect((refused as Error).message).toContain(says);
    expect((refused as Error).message).toMatch(new RegExp(`^moving\\.ndjson:${line + 1}: `));
  });

  it('is none of those as it was', async () => {
    const { manifest } = await checkAt(place, archiveText(lines));
    expect(manifest.writtenAt).toBe('1970-01-01T00:00:00.000Z');
    // The last line end may be missing: nothing else is.
    await checkAt(place, archiveText(lines).slice(0, -1));
  });
});
