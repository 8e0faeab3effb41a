import { readFileSync, writeFileSync } from 'node:fs';
import { tables } from '@cosell/server/store/tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { availableEngines, describeOnEachEngine, openAt, type Place } from '../support/engines.ts';
import { rowsOf } from './rows-of.ts';
import { dumpSchema } from './schema-dump.ts';

describeOnEachEngine('the schema', (engine) => {
  const dialect = engine.name === 'SQLite' ? 'sqlite' : 'postgres';
  const file = new URL(`../../packages/server/schema.${dialect}.txt`, import.meta.url);

  it('of a migrated database is the one that is committed', async () => {
    const place = await engine.makeEmptyPlace();
    try {
      await (await openAt(place)).close();
      const dumped = await dumpSchema(place);
      if (process.env.UPDATE_SCHEMA === '1') writeFileSync(file, dumped);
      expect(dumped).toBe(readFileSync(file, 'utf8'));
    } finally {
      await place.remove();
    }
  });

  it('has the tables and keys that the program knows, each after those that it refers to', async () => {
    const place = await engine.makeEmptyPlace();
    try {
      await (await openAt(place)).close();
      const dumped = await dumpSchema(place);
      const texts = new Map(
        dumped.split(/^(?=(?:create )?table )/im).map((text) => [/table (\w+)/i.exec(text)?.[1] ?? '', text] as const),
      );
      expect([...texts.keys()].filter((name) => name !== 'schema_migrations').sort()).toEqual(
        tables.map(({ name }) => name).sort(),
      );
      for (const [index, { name, key }] of tables.entries()) {
        const text = texts.get(name) ?? '';
        // A table with row numbers of its own has another primary key on SQLite.
        const keys = ['primary key', ...(/rowid integer primary key/.test(text) ? ['unique'] : [])];
        const plain = text.replaceAll('"', '').toLowerCase();
        expect(keys.filter((kind) => plain.includes(`${kind} (${key.join(', ')})`))).toHaveLength(1);
        const others = [...text.matchAll(/references (\w+)/gi)].map((match) => match[1]);
        expect(others.filter((other) => tables.findIndex((table) => table.name === other) >= index)).toEqual([]);
      }
    } finally {
      await place.remove();
    }
  });

  it('that has been changed by hand is not that one', async () => {
    const place = await engine.makeEmptyPlace();
    try {
      await (await openAt(place)).close();
      const before = await dumpSchema(place);
      for (const statement of [
        'create index by_hand_index on referrals (organization_id, name)',
        'alter table changes add column by_hand text',
        'create table by_hand_table (id text not null)',
      ]) {
        await rowsOf(place, statement);
        const after = await dumpSchema(place);
        expect(after).not.toBe(before);
        expect(after).toContain('by_hand');
      }
    } finally {
      await place.remove();
    }
  });
});

/** Small tables that every node of a sharded database has whole. */
const referenceTables = [
  'organizations',
  'tenants',
  'clients',
  'client_secrets',
  'provider_records',
  'signing_keys',
  'exchange_facts',
  'acts',
  'schema_migrations',
];

/** Sharded by the engagement, because it is looked up by nothing else and joined with nothing. */
const byEngagement = ['engagement_members'];

const postgres = availableEngines().find(({ name }) => name === 'PostgreSQL');

describe.runIf(postgres !== undefined)('the schema on PostgreSQL can be sharded by organisation', () => {
  let place: Place;
  beforeAll(async () => {
    if (postgres === undefined) return;
    place = await postgres.makeEmptyPlace();
    await (await openAt(place)).close();
  });
  afterAll(() => place.remove());

  const sharded = `c.relnamespace = 'public'::regnamespace and c.relname <> all (array['${[...referenceTables, ...byEngagement].join("','")}'])`;

  it('because every key of a sharded table begins with it', async () => {
    const keys = await rowsOf(
      place,
      `select i.indexrelid::regclass::text as name, a.attname as first from pg_catalog.pg_index i
        join pg_catalog.pg_class c on c.oid = i.indrelid
        join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
        where i.indisunique and ${sharded}`,
    );
    expect(keys.length).toBeGreaterThan(10);
    expect(keys.filter(({ first }) => first !== 'organization_id')).toEqual([]);
  });

  it('because foreign keys lead to a table that is everywhere, or stay with the organisation', async () => {
    const keys = await rowsOf(
      place,
      `select f.conname as name, f.confrelid::regclass::text as target, c.relname as source,
          (select attname from pg_catalog.pg_attribute where attrelid = f.conrelid and attnum = f.conkey[1]) as own,
          (select attname from pg_catalog.pg_attribute where attrelid = f.confrelid and attnum = f.confkey[1]) as other
        from pg_catalog.pg_constraint f join pg_catalog.pg_class c on c.oid = f.conrelid where f.contype = 'f'`,
    );
    expect(keys.length).toBeGreaterThan(3);
    const wrong = keys.filter(({ source, target, own, other }) => {
      if (referenceTables.includes(String(target))) return false;
      return referenceTables.includes(String(source)) || own !== 'organization_id' || other !== 'organization_id';
    });
    expect(wrong).toEqual([]);
  });

  it('because nothing counts across organisations: there are no sequences, triggers or partitions', async () => {
    const found = await rowsOf(
      place,
      `select relname as name from pg_catalog.pg_class
        where relnamespace = 'public'::regnamespace and (relkind in ('S', 'p') or relispartition)
        union all select tgname from pg_catalog.pg_trigger where not tgisinternal`,
    );
    expect(found).toEqual([]);
  });

  it('and every table is either sharded or known to be everywhere', async () => {
    const columns = await rowsOf(
      place,
      `select c.relname as name from pg_catalog.pg_class c where c.relkind = 'r' and ${sharded}
        and not exists (select from pg_catalog.pg_attribute a
          where a.attrelid = c.oid and a.attname = 'organization_id' and a.attnotnull)`,
    );
    expect(columns).toEqual([]);
  });
});
