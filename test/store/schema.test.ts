import { readFileSync, writeFileSync } from 'node:fs';
import { tables } from '@cosell/server/store/tables';
import { expect, it } from 'vitest';
import { describeOnEachEngine, openAt } from '../support/engines.ts';
import { rowsOf } from './rows-of.ts';
import { dumpSchema } from './schema-dump.ts';

describeOnEachEngine('the schema', (engine) => {
  const dialect = engine.name === 'SQLite' ? 'sqlite' : 'postgres';
  const file = new URL(`../../packages/server/schema.${dialect}.txt`, import.meta.url);

  it('of a migrated database is the one that is committed', async () => {
    const place = await engine.makePlace();
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
    const place = await engine.makePlace();
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
        expect(text.replaceAll('"', '').toLowerCase()).toContain(`primary key (${key.join(', ')})`);
        const others = [...text.matchAll(/references (\w+)/gi)].map((match) => match[1]);
        expect(others.filter((other) => tables.findIndex((table) => table.name === other) >= index)).toEqual([]);
      }
    } finally {
      await place.remove();
    }
  });

  it('that has been changed by hand is not that one', async () => {
    const place = await engine.makePlace();
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
