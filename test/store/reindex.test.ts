import { randomUUID } from 'node:crypto';
import { totalOrder } from '@cosell/server/domain/list-referrals';
import { reindex } from '@cosell/server/domain/reindex';
import type { SweepProgress } from '@cosell/server/domain/sweep';
import { tables } from '@cosell/server/store/tables';
import { expect, it } from 'vitest';
import { contoso, documentedPair } from '../support/captures.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { type OpenedStore, openStoreFor } from './opened-store.ts';

const [ours, theirs] = ['4111fffc-f9ee-4d53-bba6-569135228642', '49d90c72-3326-4f61-aacc-2cb57970448c'];
const owned = `organization_id = '${contoso}' and id = '${ours}'`;
const shown = `organization_id = 'msft' and id = '${ours}'`;

async function runReindex({ store }: OpenedStore) {
  let progress: SweepProgress | undefined;
  do progress = await store.transact(reindex, progress === undefined ? {} : { progress });
  while (!progress.isDone);
  return progress;
}

/** Every row that belongs to referrals, in the order of the keys. */
async function stored({ rows }: OpenedStore, but: readonly string[] = []) {
  const kept = tables.filter(({ name, part }) => part === 'referrals' && !but.includes(name));
  return Promise.all(
    kept.map(async ({ name, key }) => {
      const found = await rows(`select * from ${name} order by ${key.join(', ')}`);
      // SQLite numbers a row that is written anew once more.
      return [name, found.map(({ rowid: _rowid, ...row }) => row)];
    }),
  );
}

/** What an older program might have written: another order, and without a member that came later. */
function older(document: string): string {
  const members = Object.entries(JSON.parse(document) as object).filter(([name]) => name !== 'isSpam');
  return JSON.stringify(Object.fromEntries(members.reverse())).replaceAll("'", "''");
}

describeOnEachEngine('reindex', (engine) => {
  const opened = openStoreFor(engine);

  it('finds nothing to do where everything is right', async () => {
    await opened.import(...documentedPair);
    const before = await stored(opened);
    expect(await runReindex(opened)).toMatchObject({ isDone: true, counts: {} });
    expect(await stored(opened)).toEqual(before);
  });

  it.each([
    ['a column', `update referrals set name = 'wrong', deal_value = 1 where ${owned}`],
    ['a row of columns', `delete from referrals where ${owned}`],
    [
      'what is beside the document',
      `update referral_documents set etag = 'x', mpn_id = null, links_offset = 0 where ${owned}`,
    ],
    ['a list', `delete from referral_team_members where organization_id = '${contoso}' and referral_id = '${ours}'`],
    ['an item of a list', `update referral_customer_contacts set email_folded = 'x' where referral_id = '${ours}'`],
    [
      'a searchable text',
      `update referral_search set text = ' wrong ' where organization_id = '${contoso}' and referral_id = '${ours}'`,
    ],
    [
      'a row of searchable text',
      `delete from referral_search where organization_id = 'msft' and referral_id = '${ours}'`,
    ],
    ['a member of the engagement', `delete from engagement_members where referral_id = '${ours}'`],
    ['a column of a view', `update referral_views set customer_name = 'secret', sharing = 'consented' where ${shown}`],
    [
      'a list of a view',
      `insert into referral_solutions (organization_id, referral_id, position) values ('msft', '${ours}', 7)`,
    ],
  ])('mends %s as it was, with the same eTags, and once', async (_what, damage) => {
    const before = await stored(opened);
    await opened.rows(damage);
    expect(await stored(opened)).not.toEqual(before);
    const { counts } = await runReindex(opened);
    expect(Object.values(counts).reduce((sum, one) => sum + one, 0)).toBe(1);
    expect(await stored(opened)).toEqual(before);
    expect((await runReindex(opened)).counts).toEqual({});
  });

  it.each([
    [
      'says something else',
      `update referral_views set document = replace(document, 'Test Cosell', 'Damaged') where ${shown}`,
    ],
    ['is missing', `delete from referral_views where ${shown}`],
  ])('writes a view anew that %s, as a change that its reader learns of', async (_what, damage) => {
    const right = await opened.read('msft', ours);
    const others = ['referral_views', 'changes', 'change_sequences'];
    const before = await stored(opened, others);
    await opened.rows(damage);
    expect((await runReindex(opened)).counts).toEqual({ views: 1 });
    const mended = await opened.read('msft', ours);
    expect(mended).toEqual({ ...right, eTag: mended?.eTag });
    expect(mended?.eTag).not.toBe(right?.eTag);
    expect(await stored(opened, others)).toEqual(before);
    expect((await opened.store.listChanges('msft', ours)).at(-1)?.eTagAfter).toBe(mended?.eTag);
    expect((await runReindex(opened)).counts).toEqual({});
  });

  it('goes on in small transactions, and may be begun anew after it was broken off', async () => {
    const ids = Array.from({ length: 110 }, () => randomUUID());
    await opened.import(...ids.map((id) => ({ id, engagementId: randomUUID() })));
    const before = await stored(opened);
    await opened.rows(`update referrals set name = 'wrong'`);
    const begun = await opened.store.transact(reindex, {});
    expect(begun.isDone).toBe(false);
    expect(begun.looked).toBeLessThanOrEqual(100);
    expect(begun.counts.documents).toBe(begun.looked);
    const { counts } = await runReindex(opened);
    expect(counts).toEqual({ documents: ids.length + 2 - begun.looked });
    expect(await stored(opened)).toEqual(before);
  });
});

describeOnEachEngine('a document of an older model', (engine) => {
  const opened = openStoreFor(engine);

  it('is read as this model writes it, wherever it is read, with its eTag; reindex stores it so', async () => {
    await opened.import(...documentedPair);
    // A past that an older model wrote.
    await opened.import({ ...JSON.parse(documentedPair[0]), updatedDateTime: '2025-03-01', name: 'Second' });
    const { store } = opened;
    const read = async () => [
      await store.findReferral(contoso, ours),
      await store.findView('msft', ours),
      await store.findReferral('msft', theirs),
      await store.listReferrals(
        { organizationId: contoso, reach: undefined, engagementId: undefined, filter: undefined },
        { order: totalOrder([]), after: undefined, skip: 0, limit: 9 },
      ),
      await store.listChanges(contoso, ours),
      await store.listChanges('msft', ours),
    ];
    const before = await stored(opened);
    const readBefore = await read();
    for (const [table, column] of [
      ['referral_documents', 'document'],
      ['referral_views', 'document'],
      ['changes', 'document_before'],
    ] as const) {
      const key = tables.find(({ name }) => name === table)?.key ?? [];
      for (const row of await opened.rows(`select * from ${table} where ${column} is not null`)) {
        const at = key.map((name) => `${name} = '${row[name]}'`).join(' and ');
        await opened.rows(
          `update ${table} set ${column} = '${older(String(row[column]))}', model_version = 0 where ${at}`,
        );
      }
    }
    expect(await stored(opened)).not.toEqual(before);
    expect(await read()).toEqual(readBefore);
    const { counts } = await runReindex(opened);
    expect(counts).toEqual({ documents: 2, views: 2, changes: 2 });
    expect(await stored(opened)).toEqual(before);
    expect((await runReindex(opened)).counts).toEqual({});
  });
});
