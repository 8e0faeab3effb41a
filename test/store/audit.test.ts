import { type ChainFault, type ChainHead, ChainReader } from '@cosell/server';
import { listActs } from '@cosell/server/domain/acts';
import { recordActs } from '@cosell/server/domain/record-acts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeOnEachEngine, openAt, type Place } from '../support/engines.ts';
import { organizations, subjects } from '../support/sample.ts';
import { rowsOf } from './rows-of.ts';

const columns =
  'sequence, occurred_at, kind, acted_by, organization_id, actor, via, request_id, subject_hash, details, hash';

describeOnEachEngine('the audit', (engine) => {
  let place: Place;
  let exchange: Awaited<ReturnType<typeof openAt>>;
  const isPostgres = engine.name === 'PostgreSQL';
  beforeAll(async () => {
    place = await engine.makeSamplePlace();
    exchange = await openAt(place);
    const by = { organizationId: organizations.contoso, subject: subjects.admin.oid, clientId: 'a', requestId: 'r' };
    for (const what of ['one', 'two']) {
      await exchange.store.transact(recordActs, [{ kind: 'exported', subject: undefined, details: { what } }]);
    }
    await exchange.store.transact(recordActs, [
      { kind: 'refused', subject: undefined, details: { code: 'roleMissing', text: "a 'quoted' Ü" }, by },
      { kind: 'referralDeleted', subject: 'Someone@example.com', details: {}, by: { ...by, organizationId: null } },
      { kind: 'sandboxActed', subject: undefined, details: {}, by: { ...by, subject: null } },
      { kind: 'exported', subject: undefined, details: { what: 'last' }, by: { ...by, isOperator: true } },
    ]);
  });
  afterAll(async () => {
    await exchange.close();
    await place.remove();
  });

  const all = (behind?: number) => listActs(exchange.store, { isNewestFirst: false, behind, most: 100 });

  /** What is wrong with the chain, as `cosell audit verify` finds it. */
  async function faultOf(heads: readonly ChainHead[] = []): Promise<ChainFault | undefined> {
    const reader = new ChainReader(heads);
    for (const act of await all()) {
      const fault = reader.read(act);
      if (fault !== undefined) return fault;
    }
    return reader.end();
  }

  it('is a chain, and its head is told', async () => {
    const acts = await all();
    expect(acts.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(new Set(acts.map(({ hash }) => hash)).size).toBe(6);
    for (const { hash } of acts) expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await exchange.store.findAuditHead()).toEqual({ sequence: 6, hash: acts.at(-1)?.hash });
    expect(await faultOf(acts)).toBeUndefined();
    expect(acts.map(({ actedBy }) => actedBy)).toEqual([
      'operator',
      'operator',
      'user',
      'user',
      'exchange',
      'operator',
    ]);
  });

  it('is asked by what it says, in both orders and in pages', async () => {
    const { store } = exchange;
    const ask = async (asked: Partial<Parameters<typeof listActs>[1]>) =>
      (await listActs(store, { isNewestFirst: true, most: 100, ...asked })).map(({ sequence }) => sequence);
    expect(await ask({})).toEqual([6, 5, 4, 3, 2, 1]);
    expect(await ask({ behind: 5, most: 2 })).toEqual([4, 3]);
    expect(await ask({ isNewestFirst: false, behind: 4 })).toEqual([5, 6]);
    expect(await ask({ kind: 'exported' })).toEqual([6, 2, 1]);
    expect(await ask({ organizationId: organizations.contoso })).toEqual([6, 5, 3]);
    expect(await ask({ organizationId: organizations.tailspin })).toEqual([]);
    expect(await ask({ actor: subjects.admin.oid, kind: 'refused' })).toEqual([3]);
    expect(await ask({ about: ' someone@EXAMPLE.com' })).toEqual([4]);
    expect(await ask({ from: '2000-01-01T00:00:00.0000000Z' })).toHaveLength(6);
    expect(await ask({ to: '2000-01-01T00:00:00.0000000Z' })).toEqual([]);
  });

  it('is only added to: nothing that runs in the exchange changes or removes a record', async () => {
    for (const statement of ["update acts set details = '{}'", 'delete from acts', 'delete from acts where false']) {
      const done = isPostgres
        ? rowsOf(place, `begin; set local role cosell_jobs; ${statement}; commit`)
        : rowsOf(place, statement.replace('where false', ''));
      await expect(done).rejects.toThrow(isPostgres ? /permission denied/ : /only added/);
    }
    expect(await faultOf()).toBeUndefined();
  });

  describe('that whoever owns the database has changed by hand', () => {
    let heads: ChainHead[];
    beforeAll(async () => {
      heads = [await exchange.store.findAuditHead()];
      if (!isPostgres) {
        await rowsOf(place, 'drop trigger acts_are_not_changed');
        await rowsOf(place, 'drop trigger acts_are_not_removed');
      }
      await rowsOf(place, `create table kept_acts as select ${columns} from acts`);
    });

    const swap = (one: number, other: number) => [
      `update acts set sequence = 99 where sequence = ${one}`,
      `update acts set sequence = ${one} where sequence = ${other}`,
      `update acts set sequence = ${other} where sequence = 99`,
    ];
    it.each<[what: string, statements: string[], sequence: number, reason: RegExp]>([
      ['details changed', ["update acts set details = '{}' where sequence = 3"], 3, /not what its hash was made of/],
      ['an actor taken away', ['update acts set actor = null where sequence = 4'], 4, /not what its hash/],
      [
        'text moved from one column to the next',
        ["update acts set via = 'r', request_id = 'a' where sequence = 3"],
        3,
        /hash/,
      ],
      ['a time changed', ["update acts set occurred_at = '2000' where sequence = 1"], 1, /not what its hash/],
      ['a hash taken away', ["update acts set hash = '' where sequence = 2"], 2, /no hash/],
      ['one removed from the middle', ['delete from acts where sequence = 4'], 4, /missing/],
      ['the first removed', ['delete from acts where sequence = 1'], 1, /missing/],
      [
        'one removed and the others moved up',
        [
          'delete from acts where sequence = 4',
          'update acts set sequence = 4 where sequence = 5',
          'update acts set sequence = 5 where sequence = 6',
        ],
        4,
        /not what its hash/,
      ],
      ['two swapped', swap(2, 3), 2, /not what its hash/],
      [
        'the tail cut off',
        ['delete from acts where sequence > 4'],
        5,
        /missing, and so is all after it: there was a record 6 once/,
      ],
      ['everything removed', ['delete from acts'], 1, /there was a record 6 once/],
    ])('tells of %s', async (_what, statements, sequence, reason) => {
      for (const statement of statements) await rowsOf(place, statement);
      const fault = await faultOf(heads);
      await rowsOf(place, 'delete from acts');
      await rowsOf(place, `insert into acts (${columns}) select ${columns} from kept_acts`);
      expect(fault?.sequence).toBe(sequence);
      expect(fault?.reason).toMatch(reason);
      expect(await faultOf(heads)).toBeUndefined();
    });

    it('tells of a tail that was cut off and grown anew', async () => {
      await rowsOf(place, 'delete from acts where sequence > 4');
      await exchange.store.transact(
        recordActs,
        ['x', 'y'].map((what) => ({ kind: 'exported' as const, subject: undefined, details: { what } })),
      );
      // The chain by itself is whole; the head of the log is not in it.
      expect(await faultOf()).toBeUndefined();
      expect(await faultOf(heads)).toMatchObject({ sequence: 6, reason: expect.stringContaining('was ') });
    });
  });
});
