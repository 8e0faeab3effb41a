import { readConfig, StartupProblem, surroundings } from '@cosell/server';
import { openPostgresStore } from '@cosell/server/store/postgres/postgres-store';
import type { Store } from '@cosell/server/store/store';
import { hasRowsOfTenants, tables } from '@cosell/server/store/tables';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { availableEngines, type Place } from '../support/engines.ts';
import { rowsOf } from './rows-of.ts';

const engine = availableEngines().find(({ name }) => name === 'PostgreSQL');
const guarded = tables.filter(hasRowsOfTenants).map(({ name }) => name);

/** Two organisations of which neither may see the other's rows. */
const [ours, theirs] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];

/** What a statement did, and what it was refused with. */
interface Result {
  readonly rows: Record<string, unknown>[];
  readonly count: number | null;
}

describe.runIf(engine !== undefined)('row-level security', () => {
  let place: Place;
  let store: Store;
  const address = () => place.at.databaseUrl ?? '';

  beforeAll(async () => {
    if (engine === undefined) return;
    place = await engine.makeEmptyPlace();
    store = await openPostgresStore(address(), surroundings, readConfig({}));
    await rowsOf(
      place,
      `insert into organizations (id, name) values ('${ours}', 'Ours'), ('${theirs}', 'Theirs');
       insert into tenants (id, organization_id) values ('${ours}', '${ours}'), ('${theirs}', '${theirs}')`,
    );
    for (const organization of [ours, theirs]) {
      for (const name of guarded) await rowsOf(place, await insertFor(name, organization, '1'));
    }
  });
  afterAll(async () => {
    await store.close();
    await place.remove();
  });

  /** A statement that inserts a row with a value for each column that must have one. */
  async function insertFor(table: string, organization: string, mark: string): Promise<string> {
    const columns = await rowsOf(
      place,
      `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type from pg_catalog.pg_attribute a
        where a.attrelid = '${table}'::regclass and a.attnum > 0 and a.attnotnull and not a.attisdropped`,
    );
    const values = columns.map(({ name, type }) => {
      if (name === 'organization_id' || name === 'tenant_id') return `'${organization}'`;
      if (name === 'status') return "'New'";
      return type === 'text' ? `'${mark}'` : mark;
    });
    return `insert into ${table} (${columns.map(({ name }) => name).join(', ')}) values (${values.join(', ')})`;
  }

  /** Runs a statement without any condition of the program's, as the role that its connections take on; undoes it. */
  async function asTenant(organization: string | undefined, statement: string): Promise<Result> {
    const client = new pg.Client({ connectionString: address() });
    await client.connect();
    try {
      await client.query('begin; set local role cosell_tenant');
      if (organization !== undefined) {
        await client.query("select set_config('cosell.organization_id', $1, true)", [organization]);
      }
      const { rows, rowCount } = await client.query<Record<string, unknown>>(statement);
      return { rows, count: rowCount };
    } finally {
      await client.end();
    }
  }

  it('guards every table with rows of organisations', async () => {
    const columns = await rowsOf(
      place,
      `select table_name as name from information_schema.columns
        where table_schema = 'public' and column_name = 'organization_id' order by 1`,
    );
    // Whose tokens speak for whom, and whose program asks for them, is asked before the organisation is known; the audit
    // is the exchange's. No query of a tenant's reaches the last two.
    const ofTheExchange = ['tenants', 'clients', 'acts'];
    const named = columns.map(({ name }) => name).filter((name) => !ofTheExchange.includes(String(name)));
    expect([...guarded].sort()).toEqual(named);
  });

  describe.each(guarded)('of %s', (table) => {
    it('shows an organisation its own rows and no others, whatever the query forgot', async () => {
      const { rows } = await asTenant(ours, `select organization_id from ${table}`);
      expect(rows).toEqual([{ organization_id: ours }]);
      const { rows: asked } = await asTenant(ours, `select * from ${table} where organization_id = '${theirs}'`);
      expect(asked).toEqual([]);
    });

    it('shows nothing when no organisation is named', async () => {
      expect((await asTenant(undefined, `select * from ${table}`)).rows).toEqual([]);
      expect((await asTenant('', `select * from ${table}`)).rows).toEqual([]);
    });

    it('lets nobody change or delete what belongs to others', async () => {
      const change = `update ${table} set organization_id = organization_id where organization_id = '${theirs}'`;
      expect((await asTenant(ours, change)).count).toBe(0);
      expect((await asTenant(ours, `delete from ${table} where organization_id = '${theirs}'`)).count).toBe(0);
      expect((await asTenant(ours, `delete from ${table}`)).count).toBe(1);
      expect((await asTenant(undefined, `delete from ${table}`)).count).toBe(0);
    });

    it('lets nobody add a row for others, or give them one of his own', async () => {
      const refusal = /violates row-level security policy/;
      await expect(asTenant(ours, await insertFor(table, theirs, '2'))).rejects.toThrow(refusal);
      await expect(asTenant(undefined, await insertFor(table, ours, '2'))).rejects.toThrow(refusal);
      const gift = `update ${table} set organization_id = '${theirs}' where organization_id = '${ours}'`;
      await expect(asTenant(ours, gift)).rejects.toThrow(refusal);
    });

    it('is missed at the start', () => missedAfter(table, `drop policy own_rows on ${table}`));
  });

  it.each([
    ['is joined by another policy', 'create policy more on referrals using (true)'],
    ['lets more through', 'alter policy own_rows on referrals using (true)'],
    ['is not enabled', 'alter table referrals disable row level security'],
    ['does not bind the owner', 'alter table referrals no force row level security'],
  ])('is missed at the start when it %s', (_what, statement) => missedAfter('referrals', statement));

  it('binds the program again where it was mended', async () => {
    await (await openPostgresStore(address(), surroundings, readConfig({}))).close();
  });

  /** Nobody starts on a database whose guard was changed. It is mended after that. */
  async function missedAfter(table: string, statement: string): Promise<void> {
    await rowsOf(place, statement);
    const problem = await openPostgresStore(address(), surroundings, readConfig({})).catch((error: unknown) => error);
    await rowsOf(
      place,
      `drop policy if exists own_rows on ${table}; drop policy if exists all_rows on ${table};
       drop policy if exists more on ${table}; select cosell_protect('${table}')`,
    );
    expect(problem).toBeInstanceOf(StartupProblem);
    expect((problem as Error).message).toMatch(
      new RegExp(`^Row-level security .* does not bind this program: of the table ${table} [^\\n]+$`),
    );
  }
});
