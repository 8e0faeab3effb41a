import { StartupProblem } from '@cosell/server';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { loadMigrations } from '@cosell/server/store/migrate';
import { expect, it } from 'vitest';
import { describeOnEachEngine, openAt, type Place } from '../support/engines.ts';
import { rowsOf } from './rows-of.ts';

describeOnEachEngine('opening a store', (engine) => {
  async function at(work: (place: Place) => Promise<void>): Promise<void> {
    const place = await engine.makeEmptyPlace();
    try {
      await work(place);
    } finally {
      await place.remove();
    }
  }

  const newest = loadMigrations(engine.name === 'SQLite' ? 'sqlite' : 'postgres').at(-1)?.number ?? 0;
  const applied = 'select number, name from schema_migrations order by number';

  it('brings it to the newest schema, once', () =>
    at(async (place) => {
      for (let times = 0; times < 3; times += 1) {
        const exchange = await openAt(place);
        expect(exchange.store.schemaNumber).toBe(newest);
        await exchange.store.ping();
        await exchange.close();
      }
      expect(await rowsOf(place, applied)).toHaveLength(newest);
    }));

  it('that a newer program wrote is refused in one line', () =>
    at(async (place) => {
      await (await openAt(place)).close();
      await rowsOf(place, "insert into schema_migrations (number, name, applied_at) values (99, 'later', '')");
      const problem = await openAt(place).catch((error: unknown) => error);
      expect(problem).toBeInstanceOf(StartupProblem);
      expect((problem as Error).message).toBe(
        `The database has schema 99 and this program knows schema ${newest}. Install the version of Cosell that wrote it, or a newer one.`,
      );
      // Nothing holds it after that: without the newer step it opens again.
      await rowsOf(place, 'delete from schema_migrations where number = 99');
      await (await openAt(place)).close();
    }));

  it('keeps one signing key from then on', () =>
    at(async (place) => {
      const keys: unknown[] = [];
      for (let times = 0; times < 2; times += 1) {
        const exchange = await openAt(place);
        keys.push((await exchange.store.listSigningKeys()).map((key) => ({ ...key })));
        expect(exchange.issuer.signingKeys.published.keys).toHaveLength(1);
        await exchange.close();
      }
      expect(keys[0]).toHaveLength(1);
      expect(keys[1]).toEqual(keys[0]);
    }));

  it('and closing it finishes what was asked before', () =>
    at(async (place) => {
      const exchange = await openAt(place);
      const asked = Array.from({ length: 50 }, (_change, index) =>
        exchange.store.transact(changeDirectory, {
          kind: 'addOrganization',
          id: `00000000-0000-4000-8000-0000000000${String(index).padStart(2, '0')}`,
          name: `${index}`,
        }),
      );
      const [answers] = await Promise.all([Promise.all(asked), exchange.close()]);
      expect(answers).toHaveLength(50);
      expect(await rowsOf(place, 'select id from organizations')).toHaveLength(50);
    }));
});
