import { createOperations } from '@cosell/server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rowsOf } from '../store/rows-of.ts';
import { collection, expectEnvelope } from '../support/answers.ts';
import { leastDeal } from '../support/documented-requests.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { idsIn, listedIn, listPath, walk } from '../support/listed.ts';
import { ids, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { writingAs } from '../support/writing.ts';

/** What searches find for Contoso's admin, the newest first. */
const searches: readonly (readonly [search: string, wanted: readonly string[]])[] = [
  // Words and beginnings of words, in any case, and only beginnings.
  ['margie', [ids.joint]],
  ['MARG', [ids.joint]],
  ['argie', []],
  ['Bergstraße', [ids.partnerLed]],
  ['tirol', [ids.partnerLed]],
  // Names, notes, customer and contacts, team, ids.
  ['warehouse', [ids.london]],
  ['poc', [ids.coSell]],
  ['margin', [ids.joint]],
  ['innsbruck', [ids.partnerLed]],
  ['sue', [ids.coSell, ids.lead]],
  ['jane.doe@contoso.com', [ids.partnerLed, ids.won]],
  ['Jane', [ids.partnerLed, ids.won]],
  ['CRM-0042', [ids.london]],
  ['spring', [ids.partnerLed]],
  ['SOL-Microsoft365', [ids.lead]],
  ['795986822', [ids.coSell]],
  [ids.london, [ids.london]],
  [ids.london.slice(0, 20).toUpperCase(), [ids.london]],
  ['8e9f0a1b-2c3d-4e5f-8a6b-7c8d9e0f1a2b', [ids.joint]],
  // Phrases are whole words in their order, and go over no field.
  ['"alpine ski"', [ids.partnerLed]],
  ['"ski alpine"', []],
  ['"alpine sk"', []],
  ['"Redmond WA"', []],
  ['"one microsoft way"', [ids.coSell, ids.lead]],
  // Together, one of them, not.
  ['doe london', [ids.london]],
  ['doe AND london', [ids.london]],
  ['london OR innsbruck', [ids.partnerLed, ids.london]],
  ['innsbruck OR doe london', [ids.partnerLed, ids.london]],
  ['(innsbruck OR doe) supply', [ids.joint, ids.partnerLed, ids.london, ids.coSell, ids.won]],
  ['doe NOT jane', [ids.joint, ids.london, ids.coSell]],
  ['doe NOT (jane OR joint)', [ids.london, ids.coSell]],
  ['NOT doe', [ids.expired, ids.lead]],
  ['NOT NOT doe', [ids.joint, ids.partnerLed, ids.london, ids.coSell, ids.won]],
  ['doe and london', []],
  ["'margie \"unfinished'", []],
  ["'margie sho'", [ids.joint]],
  // What has no letter and no digit asks for nothing.
  ['doe & london', [ids.london]],
  ['\u{1f600}', []],
  ['NOT \u{1f600}', []],
];

/** Texts that would be something else in some language underneath. */
const injections = [
  `x'; drop table referrals; --`,
  `" OR text : *`,
  'NEAR(doe london)',
  'text:doe',
  'doe* ^doe doe:A doe+london',
  `doe':* | 'x`,
  "''':*",
  '\\ \\\\ \\"',
  '%_doe',
  '{"a":1}',
  '\u0000doe',
  '\ud83d\ude00doe',
  '-doe',
];

describeOnEachEngine('a search', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server.close());
  const ask = (options: Readonly<Record<string, string>>, user: string = users.admin) =>
    server.askAs(user, listPath(options));

  it.each(searches)('for %s finds what it says', async (search, wanted) => {
    const answer = await ask({ $search: search });
    expect(idsIn(answer)).toEqual(wanted);
    expect(listedIn(answer)['@odata.count']).toBe(wanted.length);
    expect(answer.headers['cosell-extension']).toBe('search');
  });

  it('says of what has no letter and no digit that it asks for nothing', async () => {
    expect((await ask({ $search: 'doe & london' })).headers['cosell-warning']).toBe('$search noWord');
    expect((await ask({ $search: 'doe' })).headers['cosell-warning']).toBeUndefined();
  });

  it('goes with a filter, an order, a selection and a part of the list', async () => {
    expect(idsIn(await ask({ $search: 'doe', $filter: "status eq 'Closed'" }))).toEqual([ids.won]);
    expect(idsIn(await ask({ $search: 'doe', $filter: "status eq 'Closed' or name eq null" }))).toEqual([ids.won]);
    const byName = await ask({ $search: 'doe', $orderby: 'name', $skip: '1', $top: '2', $select: 'id' });
    expect(listedIn(byName)).toMatchObject({ '@odata.count': 5, value: [{ id: ids.won }, { id: ids.joint }] });
    expect(idsIn(await ask({ $search: 'doe', $filter: 'team/any(t:t/lastName eq null)' }))).toEqual([]);
    expect(listedIn(await ask({ $search: 'doe', $count: 'false' }))['@odata.count']).toBeUndefined();
  });

  it('is walked through page by page, and each page says that it was used', async () => {
    const first = await server.askAs(users.admin, listPath({ $search: 'doe OR sue' }), {
      headers: { prefer: 'maxpagesize=2' },
    });
    const next = listedIn(first)['@odata.nextLink']?.replace(server.origin, '') ?? '';
    const second = await server.askAs(users.admin, next);
    expect(second.headers['cosell-extension']).toBe('search');
    const again = await server.askAs(users.admin, `${next}&$search=${encodeURIComponent('doe OR sue')}`);
    expect(again.text).toBe(second.text);
    expect(again.headers['cosell-extension']).toBe('search');
    expectEnvelope(await server.askAs(users.admin, `${next}&$search=doe`), 400, 'skipTokenMismatch');
    const pages = await walk(server, users.admin, listPath({ $search: 'doe OR sue' }), { prefer: 'maxpagesize=2' });
    expect(pages.flatMap(({ value }) => value.map(({ id }) => id))).toEqual(
      idsIn(await ask({ $search: 'doe OR sue' })),
    );
    expect(pages.map((page) => page['@odata.count'])).toEqual([6, 6, 6]);
  });

  it.each([
    ['', 0, 'the end'],
    ['a (b', 4, 'the end'],
    ['a)', 1, '")"'],
    ['"a', 2, 'the end'],
    ['a ""', 3, '"""'],
    ['NOT(a)', 3, '"("'],
    ["'a", 2, 'the end'],
  ])('that is not legal is refused with its position: %s', async (search, position, found) => {
    const error = expectEnvelope(await ask({ $search: search }), 400, 'expressionMalformed');
    expect(error.target).toBe('$search');
    expect(error.message).toContain(`at position ${position} stands ${found}`);
  });

  it('that is too large is refused', async () => {
    for (const search of ['a'.repeat(8_001), '('.repeat(61), 'a '.repeat(301), 'NOT '.repeat(100)]) {
      expectEnvelope(await ask({ $search: search }), 400, 'expressionTooLarge');
    }
    expect(idsIn(await ask({ $search: 'doe '.repeat(299).trim() }))).toHaveLength(5);
    expect(idsIn(await ask({ $search: `${'doe OR '.repeat(298)}doe` }))).toHaveLength(5);
    expect(idsIn(await ask({ $search: `${'('.repeat(50)}doe${')'.repeat(50)}` }))).toHaveLength(5);
  });

  it.each(injections)('is words and nothing else: %j', async (search) => {
    const answer = await ask({ $search: search });
    expect([200, 400]).toContain(answer.status);
    if (answer.status === 200) expect(idsIn(await ask({}))).toEqual(expect.arrayContaining(idsIn(answer)));
    expect(idsIn(await ask({ $search: 'doe' }))).toHaveLength(5);
  });

  it('is one of collections, and refused twice or in a filter', async () => {
    expectEnvelope(await server.askAs(users.admin, `${collection}/${ids.won}?$search=doe`), 400, 'optionNotAllowed');
    expectEnvelope(await server.askAs(users.admin, `${collection}?$search=doe&$search=doe`), 400, 'optionRepeated');
    expectEnvelope(await ask({ $filter: "$search/any(t:t/text eq 'x')" }), 501, 'expressionNotImplemented');
  });

  it('follows what is written', async () => {
    const writer = writingAs(server, users.admin);
    const deal = await writer.create({ ...leastDeal(), name: 'Zeppelin über Ürümqi' });
    for (const search of ['zeppelin', 'UBER urumqi', 'ürümqı'])
      expect(idsIn(await ask({ $search: search }))).toEqual([deal.id]);
    await writer.patch(deal.id, [{ op: 'replace', path: '/name', value: 'Balloon' }]);
    expect(idsIn(await ask({ $search: 'zeppelin' }))).toEqual([]);
    expect(idsIn(await ask({ $search: 'balloon' }))).toEqual([deal.id]);
    const team = [{ firstName: 'Ísabel', lastName: "O'Neil", email: 'iSABEL.oneil@contoso.com' }];
    await writer.patch(deal.id, [{ op: 'add', path: '/team', value: team }]);
    for (const search of ['isabel', "o'neil", '"isabel oneil"']) {
      expect(idsIn(await ask({ $search: `balloon ${search}` })), search).toEqual([deal.id]);
    }
  });

  it('finds no more than its user may see', async () => {
    expect(idsIn(await ask({ $search: 'toyman' }))).toEqual([]);
    expect(idsIn(await ask({ $search: 'toyman' }, users.tailspin))).toEqual([ids.jointOfTailspin, ids.tailspin]);
    expect(idsIn(await ask({ $search: 'vineyard OR coho' }))).toEqual([]);
    expect(idsIn(await ask({ $search: 'doe' }, users.member))).toEqual([ids.partnerLed, ids.won]);
    expect(idsIn(await ask({ $search: 'doe' }, users.london))).toEqual([ids.london]);
  });

  it('looks at the view of what others have, and only in one engagement', async () => {
    const $filter = 'engagementId eq 8e9f0a1b-2c3d-4e5f-8a6b-7c8d9e0f1a2b';
    const both = [ids.joint, ids.jointOfTailspin].sort();
    expect(idsIn(await ask({ $filter, $search: 'margie' })).sort()).toEqual(both);
    expect(idsIn(await ask({ $filter, $search: 'toyman' }))).toEqual([ids.jointOfTailspin]);
    expect(idsIn(await ask({ $filter, $search: 'NOT doe' }))).toEqual([ids.jointOfTailspin]);
    // Notes and solutions are never shown.
    expect(idsIn(await ask({ $filter, $search: 'deliver' }))).toEqual([]);
    expect(idsIn(await ask({ $filter, $search: 'store' }))).toEqual([]);
    expect(idsIn(await ask({ $search: 'toyman' }))).toEqual([]);
  });
});

/** What the step of identity has added, alike on both engines. */
const identity = [
  ...['credentials', 'client_secrets', 'clients', 'consents', 'invitations', 'provider_records'].map(
    (table) => `drop table ${table}`,
  ),
  'drop index acts_by_organization',
  ...['organization_id', 'actor', 'via', 'request_id', 'hash'].map(
    (column) => `alter table acts drop column ${column}`,
  ),
  ...['organizations', 'locations'].map((table) => `alter table ${table} drop column is_active`),
];

/** Takes the steps of the schema back since there is a search, as an exchange of an earlier version is. */
const undone: Readonly<Record<string, readonly string[]>> = {
  SQLite: [
    'drop trigger acts_are_not_changed',
    'drop trigger acts_are_not_removed',
    ...identity,
    'drop table referral_search_words',
    'drop table referral_search',
  ],
  PostgreSQL: [
    'drop function cosell_find_allowed',
    ...identity,
    'drop function cosell_find_words',
    'drop table referral_search',
    'drop function cosell_words',
  ],
};

describeOnEachEngine('an exchange from before there was a search', (engine) => {
  it('says that it needs reindex, and then finds everything', { timeout: 120_000 }, async () => {
    const place = await engine.makeSamplePlace();
    try {
      await (await startTestServer(engine, {}, place)).stop();
      for (const statement of [
        ...(undone[engine.name] ?? []),
        'drop index referral_documents_by_lead',
        'delete from schema_migrations where number >= 5',
        "delete from exchange_facts where name = 'search-texts'",
      ]) {
        await rowsOf(place, statement);
      }
      const server = await startTestServer(engine, {}, place);
      const ask = () => server.askAs(users.admin, listPath({ $search: 'doe' }));
      const error = expectEnvelope(await ask(), 503, 'searchNotReady');
      expect(error.message).toContain('cosell reindex');
      // What is written meanwhile has its text, and the search is no more complete by it.
      await writingAs(server, users.admin).patch(ids.london, [{ op: 'replace', path: '/details/notes', value: 'x' }]);
      expectEnvelope(await ask(), 503, 'searchNotReady');
      const { store, issuer } = server.exchange;
      const { reindex } = createOperations(store, issuer, () => '');
      let progress = await reindex({});
      while (!progress.isDone) {
        expectEnvelope(await ask(), 503, 'searchNotReady');
        progress = await reindex({ progress });
      }
      expect(idsIn(await ask()).toSorted()).toEqual(
        [ids.coSell, ids.joint, ids.london, ids.partnerLed, ids.won].toSorted(),
      );
      const view = listPath({ $search: 'toyman', $filter: 'engagementId eq 8e9f0a1b-2c3d-4e5f-8a6b-7c8d9e0f1a2b' });
      expect(idsIn(await server.askAs(users.admin, view))).toEqual([ids.jointOfTailspin]);
      await server.stop();
    } finally {
      await place.remove();
    }
  });
});

describeOnEachEngine('a search where extensions are off', (engine) => {
  it('is refused, also on the next page of one from before', async () => {
    const place = await engine.makeSamplePlace();
    try {
      const on = await startTestServer(engine, {}, place);
      const next = listedIn(
        await on.askAs(users.admin, listPath({ $search: 'doe' }), { headers: { prefer: 'maxpagesize=1' } }),
      )['@odata.nextLink']?.replace(on.origin, '');
      await on.stop();
      const off = await startTestServer(engine, { EXTENSIONS: 'off' }, place);
      for (const path of [listPath({ $search: 'doe' }), next ?? '']) {
        const error = expectEnvelope(await off.askAs(users.admin, path), 400, 'optionNotAllowed');
        expect(error.message).toContain("The query parameter '$search' is not supported.");
      }
      await off.stop();
    } finally {
      await place.remove();
    }
  });
});
