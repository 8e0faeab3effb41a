import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadMigrations, type Migration } from '@cosell/server/store/migrate';
import { migratePostgres } from '@cosell/server/store/postgres/migrate-postgres';
import { prepareRoles } from '@cosell/server/store/postgres/roles';
import { SqliteDatabase } from '@cosell/server/store/sqlite/driver';
import { migrateSqlite } from '@cosell/server/store/sqlite/migrate-sqlite';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { availableEngines, describeOnEachEngine, openAt, type Place } from '../support/engines.ts';
import { rowsOf } from './rows-of.ts';

const [owner, user, id] = ['11111111-1111-4111-8111-111111111111', 'somebody', '22222222-2222-4222-8222-222222222222'];
const then = '2025-01-01T00:00:00.0000000Z';

/** Rows as an earlier version wrote them; every column stands in each schema from the first on. */
const rows = [
  `insert into organizations (id, name) values ('${owner}', 'Contoso')`,
  `insert into tenants (id, organization_id) values ('tenant', '${owner}')`,
  `insert into users (organization_id, name, tenant_id, subject, email, is_active)
    values ('${owner}', '${user}', 'tenant', 'subject', 'a@contoso.com', 1)`,
  `insert into role_assignments (organization_id, user_name, role, mpn_id)
    values ('${owner}', '${user}', 'referralAdmin', '')`,
  `insert into referrals (organization_id, id, engagement_id, created_at, updated_at, status, substatus, type,
      is_favorite, is_spam, direction, is_shared_with_microsoft)
    values ('${owner}', '${id}', 'e', '${then}', '${then}', 'Active', 'Accepted', 'Independent', 0, 0, 'Outgoing', 0)`,
  `insert into referral_documents (organization_id, id, document, links_offset, etag, engagement_id,
      is_marketplace_lead, model_version) values ('${owner}', '${id}', '{"id":"${id}"}', 1, '"1"', 'e', 0, 1)`,
  `insert into engagement_members (engagement_id, organization_id, referral_id) values ('e', '${owner}', '${id}')`,
  `insert into changes (organization_id, sequence, referral_id, occurred_at, kind, etag_after)
    values ('${owner}', 1, '${id}', '${then}', 'imported', '"1"')`,
  `insert into change_sequences (organization_id, last) values ('${owner}', 1)`,
];

describeOnEachEngine('a database of an earlier version', (engine) => {
  const migrations = loadMigrations(engine.name === 'SQLite' ? 'sqlite' : 'postgres');

  it.each(migrations.slice(0, -1).map(({ number }) => number))(
    'with schema %i is brought up to date with everything in it',
    async (number) => {
      const place = await engine.makeEmptyPlace();
      try {
        await migrateTo(place, migrations.slice(0, number));
        for (const row of rows) await rowsOf(place, row);
        const exchange = await openAt(place);
        const { store } = exchange;
        expect(store.schemaNumber).toBe(migrations.at(-1)?.number);
        expect(await store.findReferral(owner, id)).toMatchObject({ document: `{"id":"${id}"}`, eTag: '"1"' });
        expect(await store.findUser('tenant', 'subject')).toMatchObject({ name: user, isActive: true });
        expect(await store.findOwnRecords(owner, 'e')).toEqual([{ id, mpnId: null }]);
        expect(await store.listChanges(owner, id)).toMatchObject([{ sequence: 1, kind: 'imported' }]);
        expect((await store.listDirectory()).users).toHaveLength(1);
        expect(await store.findReferral('another', id)).toBeUndefined();
        await exchange.close();
      } finally {
        await place.remove();
      }
    },
  );
});

/** Applies the first steps only, as the program that knew no more did. */
async function migrateTo(place: Place, migrations: readonly Migration[]): Promise<void> {
  const { dataDir, databaseUrl } = place.at;
  if (databaseUrl !== undefined) return withClients(databaseUrl, (clients) => migrateOn(clients, migrations));
  mkdirSync(dataDir, { recursive: true });
  const database = new SqliteDatabase(join(dataDir, 'cosell.db'));
  migrateSqlite(database, migrations, then);
  database.close();
}

interface Clients {
  readonly guard: pg.Client;
  readonly client: pg.Client;
}

async function withClients(url: string, work: (clients: Clients) => Promise<unknown>): Promise<void> {
  const [guard, client] = [new pg.Client(url), new pg.Client(url)];
  await Promise.all([guard.connect(), client.connect()]);
  try {
    await work({ guard, client });
  } finally {
    await Promise.all([guard.end(), client.end()]);
  }
}

async function migrateOn(clients: Clients, migrations: readonly Migration[]): Promise<number> {
  await prepareRoles(clients.client);
  return migratePostgres(clients, migrations, then);
}

const engine = availableEngines().find(({ name }) => name === 'PostgreSQL');

describe.runIf(engine !== undefined)('a step of the schema on PostgreSQL', () => {
  async function onDatabase(work: (place: Place, url: string) => Promise<void>): Promise<void> {
    if (engine === undefined) return;
    const place = await engine.makeEmptyPlace();
    try {
      await work(place, place.at.databaseUrl ?? '');
    } finally {
      await place.remove();
    }
  }
  const first = { number: 1, name: 'first', text: 'create table kept (id text not null, note text)' };

  it('that must not be in a transaction is done once by programs that start together', () =>
    onDatabase(async (place, url) => {
      const outside = {
        number: 2,
        name: 'index',
        text: `-- outside a transaction
drop index concurrently if exists kept_by_note;
create index concurrently kept_by_note on kept (note);
`,
      };
      const steps = [first, outside];
      const numbers: number[] = [];
      const program = () => withClients(url, async (clients) => numbers.push(await migrateOn(clients, steps)));
      await Promise.all(Array.from({ length: 3 }, program));
      expect(numbers).toEqual([2, 2, 2]);
      const indexes = `select indisvalid::text as "isValid" from pg_index where indexrelid = 'kept_by_note'::regclass`;
      expect(await rowsOf(place, indexes)).toEqual([{ isValid: 'true' }]);
      expect(await rowsOf(place, 'select number from schema_migrations')).toHaveLength(2);
    }));

  it('that waits for a table lets readers pass, and is tried again', () =>
    onDatabase(async (_place, url) => {
      await withClients(url, async ({ guard: reader, client }) => {
        await withClients(url, (clients) => migrateOn(clients, [first]));
        await reader.query('begin');
        await reader.query('select * from kept');
        const second = { number: 2, name: 'second', text: 'alter table kept add column more text' };
        let isDone = false;
        const step = withClients(url, (clients) => migrateOn(clients, [first, second])).then(() => {
          isDone = true;
        });
        const waits = `select 1 from pg_locks where relation = 'kept'::regclass and not granted`;
        while ((await client.query(waits)).rowCount === 0) await new Promise((resolve) => setTimeout(resolve, 10));
        // It stands in the queue before this reader, who is answered long before the other one ends.
        await client.query('select * from kept');
        expect(isDone).toBe(false);
        await reader.query('commit');
        await step;
        await client.query('select more from kept');
      });
    }));
});
