import { readFileSync, writeFileSync } from 'node:fs';
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
