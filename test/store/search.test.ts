import { searchTextOf } from '@cosell/model';
import {
  bindSearch,
  type EntityReader,
  evaluate,
  type Predicate,
  parseSearch,
  toSql,
  wordsRequiredBy,
} from '@cosell/odata';
import { totalOrder } from '@cosell/server/domain/list-referrals';
import { ownColumns } from '@cosell/server/store/list';
import { hasMatches, havingWords } from '@cosell/server/store/search-words';
import { commaSeparated, names, type Sql, sql, type TimedConnection } from '@cosell/server/store/sql';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { captureText, contoso, readWell } from '../support/captures.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { openStoreFor } from './opened-store.ts';

const seed = Number(process.env.FILTER_SEED ?? Date.now() % 1_000_000);
console.log(`random searches with FILTER_SEED=${seed}`);

/** Few words, so that searches meet rows: some are one when folded, some only begin alike, some are none. */
const words = [
  'data', 'Data', 'dat', 'database', 'İstanbul', 'ISTANBUL', 'ıstanbul', 'istan', 'Straße', 'STRASSE', 'strass', 'Ürümqi',
  'U\u0308ru\u0308mqi', 'ＡＢＣ', 'abc', 'abcd', 'ΑΣ', 'ας', '\u{1f600}', 'x\u{1f600}y', '𐐀𐐨', '𐐨', "O'Neil", 'SOL-34104-EBB', 'SOL-34',
  'ann@x.org', '日本語', '日本', '½', 'NOT', 'OR', 'a', 'b', '…', 'office', 'oﬃce', 'q'.repeat(70), 'q'.repeat(64),
]; // biome-ignore format: a list of words

const texts = fc.array(fc.constantFrom(...words), { maxLength: 5 }).map((some) => some.join(' '));
const rows = fc.array(
  fc.record({
    id: fc.uuid(),
    engagementId: fc.uuid(),
    name: fc.option(texts, { nil: null }),
    externalReferenceId: fc.option(texts, { nil: null }),
    customerProfile: fc.record({ name: texts, address: fc.record({ city: texts }) }),
    details: fc.record({ notes: fc.option(texts, { nil: null }) }),
    team: fc.array(fc.record({ firstName: texts, email: fc.constantFrom('ann@x.org', 'İ@x.org') }), { maxLength: 2 }),
  }),
  { minLength: 120, maxLength: 120 },
);

/** Searches as text. */
const searches = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'large' },
    { weight: 4, arbitrary: fc.constantFrom(...words.filter((word) => !/^(NOT|OR)$/.test(word))) },
    { weight: 2, arbitrary: texts.filter((text) => text !== '').map((text) => `"${text}"`) },
    { weight: 1, arbitrary: fc.constantFrom(...words).map((word) => Array.from(word).slice(0, 2).join('')) },
    { weight: 2, arbitrary: tie('tree').map((one) => `NOT (${one})`) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(tie('tree'), fc.constantFrom(' ', ' AND ', ' OR '), tie('tree'))
        .map(([one, word, other]) => `(${one})${word}(${other})`),
    },
  ),
})).tree;

const reader: EntityReader = { value: (owner) => owner as string, items: (entity) => [entity] };

function bindOrRefuse(text: string): Predicate | undefined {
  const parsed = parseSearch(text);
  if (parsed.kind === 'tooLarge') return undefined;
  if (parsed.kind === 'malformed') throw new Error(`${text}: ${JSON.stringify(parsed)}`);
  return bindSearch(parsed).predicate;
}

describeOnEachEngine(`random searches (seed ${seed})`, (engine) => {
  const opened = openStoreFor(engine);
  const dialect = engine.name === 'SQLite' ? 'sqlite' : 'postgres';
  const scope = { organizationId: contoso, reach: undefined, engagementId: undefined };
  const stored = new Map<string, string>();

  beforeAll(async () => {
    const [sample = []] = fc.sample(rows, { seed, numRuns: 1 });
    const captures = sample.map((row) => captureText(row));
    expect(new Set(await opened.import(...captures))).toEqual(new Set(['added']));
    for (const text of captures) {
      const referral = readWell(text);
      stored.set(referral.id, searchTextOf(referral));
    }
    // Others have the same words.
    await opened.import(
      ...captures.slice(0, 20).map((text) => text.replaceAll(contoso, 'msft').replaceAll('-4', '-5')),
    );
  });
  afterAll(() => stored.clear());

  const wantedOf = (predicate: Predicate) =>
    [...stored].filter(([, text]) => evaluate(predicate, text, reader)).map(([id]) => id);

  it('mean the same in memory and in the database, 2,000 of them', { timeout: 300_000 }, async () => {
    const bound = fc.sample(searches, { seed, numRuns: 2_000 }).flatMap((text) => {
      const predicate = bindOrRefuse(text);
      return predicate === undefined ? [] : [{ text, predicate }];
    });
    expect(bound.length).toBeGreaterThan(1_600);
    let decided = 0;
    for (let start = 0; start < bound.length; start += 50) {
      const some = bound.slice(start, start + 50);
      const answers = some.map(({ predicate }, index) => {
        const condition = toSql(predicate, dialect, ownColumns({ inTime: () => sql`true` }));
        return sql`case when ${condition} then 1 else 0 end as ${names(`p${index}`)}`;
      });
      const found = await opened.rows(
        sql`select id, ${commaSeparated(answers)} from referrals as entity where organization_id = ${contoso}`,
      );
      for (const [index, { text, predicate }] of some.entries()) {
        const ids = found.filter((row) => row[`p${index}`] === 1).map(({ id }) => String(id));
        const wanted = wantedOf(predicate);
        expect(ids.toSorted(), text).toEqual(wanted.toSorted());
        if (wanted.length > 0 && wanted.length < stored.size) decided += 1;
      }
    }
    // Searches that find all or nothing would prove little.
    expect(decided).toBeGreaterThan(600);
  });

  it('find the same through the index of words', { timeout: 300_000 }, async () => {
    let narrowed = 0;
    for (const text of fc.sample(searches, { seed, numRuns: 400 })) {
      const filter = bindOrRefuse(text);
      if (filter === undefined) continue;
      if (wordsRequiredBy(filter) !== undefined) narrowed += 1;
      const wanted = wantedOf(filter);
      const page = { order: totalOrder([]), after: undefined, skip: 0, limit: 1_000 };
      const found = await opened.store.listReferrals({ ...scope, filter }, page);
      expect(found.map(({ id }) => id).toSorted(), text).toEqual(wanted.toSorted());
      expect(await opened.store.countReferrals({ ...scope, filter }), text).toBe(wanted.length);
    }
    expect(narrowed).toBeGreaterThan(150);
  });

  it('find the same where so many have the words that the order is walked', { timeout: 60_000 }, async () => {
    const common = 'data AND NOT database';
    const numbers = 'with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 4200)';
    // Texts of referrals that are not there: the index counts them, and a list has them not.
    await opened.rows(`insert into referral_search (organization_id, referral_id, position, text)
      ${numbers} select '${contoso}', 'common ' || n, 0, ' data of others ' from numbers`);
    const filter = bindOrRefuse(common) as Predicate;
    const required = wordsRequiredBy(filter);
    if (required === undefined) throw new Error('a word is required');
    if (dialect === 'sqlite') {
      const connection = { dialect, all: (query: Sql) => opened.rows(query), inTime: () => sql`true` };
      const count = (many: number) => hasMatches(connection as TimedConnection, contoso, required, many);
      expect(await Promise.all([count(4_000), count(100_000)])).toEqual([true, false]);
    }
    const page = { order: totalOrder([]), after: undefined, skip: 0, limit: 1_000 };
    const found = await opened.store.listReferrals({ ...scope, filter }, page);
    const wanted = wantedOf(filter);
    expect(wanted.length).toBeGreaterThan(3);
    expect(found.map(({ id }) => id).toSorted()).toEqual(wanted.toSorted());
    const [first, second] = found;
    const rest = await opened.store.listReferrals({ ...scope, filter }, { ...page, after: second?.keys, limit: 2 });
    expect(first?.id).toBeDefined();
    expect(rest).toEqual(found.slice(2, 4));
    await opened.rows("delete from referral_search where referral_id like 'common %'");
  });

  it('ask no index for what nearly every text has, nor for more than it can read', () => {
    const asked = (text: string) => {
      const required = wordsRequiredBy(bindOrRefuse(text) as Predicate);
      const connection = { dialect, all: async () => [], inTime: () => sql`true` } as const;
      return required && havingWords(contoso, required, connection)?.values.join(' ');
    };
    for (const text of ['a', 'ab OR database', 'NOT data', Array(41).fill('data').join(' OR ')]) {
      expect(asked(text)).toBeUndefined();
    }
    expect(asked('ab database')).toMatch(/database/);
    expect(asked('ab database')).not.toMatch(/"ab"|'ab'/);
    expect(asked('日本')).toMatch(/日本/);
    expect(asked(Array.from({ length: 30 }, (_one, index) => `word${index}`).join(' '))?.match(/word/g)).toHaveLength(
      8,
    );
  });

  it.runIf(dialect === 'sqlite')('ask the index of words, and scan no texts', async () => {
    const required = wordsRequiredBy(bindOrRefuse('data') as Predicate);
    const narrowing =
      required && havingWords(contoso, required, { dialect, all: async () => [], inTime: () => sql`true` });
    if (narrowing === undefined) throw new Error('a word can be asked for');
    const plan = JSON.stringify(await opened.rows(sql`explain query plan ${narrowing}`));
    expect(plan).toContain('VIRTUAL TABLE INDEX');
    expect(plan).toContain('USING INTEGER PRIMARY KEY');
    expect(plan).not.toContain('SCAN found');
  });

  it.runIf(dialect === 'postgres')(
    'ask the index of words, under row-level security',
    { timeout: 60_000 },
    async () => {
      await opened.rows(`insert into referral_search (organization_id, referral_id, position, text)
      select '${contoso}', 'filler ' || number, 0, ' filler ' || number || repeat(' and more', 60) || ' ' from generate_series(1, 20000) as number`);
      await opened.rows('analyze referral_search');
      const scansOf = async () =>
        Number(
          (
            await opened.rows(`select idx_scan::int as scans from pg_stat_user_indexes
            where indexrelname = 'referral_search_by_word'`)
          )[0]?.scans,
        );
      const before = await scansOf();
      const filter = bindOrRefuse('data') as Predicate;
      expect(await opened.store.countReferrals({ ...scope, filter })).toBe(wantedOf(filter).length);
      // The server tells what a connection did within some seconds.
      await expect.poll(scansOf, { timeout: 30_000, interval: 200 }).toBeGreaterThan(before);
      await opened.rows("delete from referral_search where referral_id like 'filler %'");
    },
  );

  it('have one text for each referral and view, and no index holds more', async () => {
    const [count] = await opened.rows(`select count(*) as number from referral_search`);
    const [whole] = await opened.rows(`select count(*) as number from referral_documents`);
    const [views] = await opened.rows(`select count(*) as number from referral_views`);
    expect(Number(count?.number)).toBe(Number(whole?.number) + Number(views?.number));
    if (dialect !== 'sqlite') return;
    // SQLite compares its index with the texts, and says so if they differ.
    await opened.rows("insert into referral_search_words (referral_search_words, rank) values ('integrity-check', 1)");
  });
});
