import { join } from 'node:path';
import { referralQueryRules } from '@cosell/model';
import { bind, bindOrderBy, type OrderKey, type Predicate, parseFilter, parseOrderBy } from '@cosell/odata';
import { totalOrder } from '@cosell/server/domain/list-referrals';
import { countReferrals, listReferrals } from '@cosell/server/store/list';
import type { ListPage, ListScope } from '@cosell/server/store/list-scope';
import { tenantRole } from '@cosell/server/store/postgres/roles';
import { Session } from '@cosell/server/store/postgres/session';
import { type Sql, sql, type TimedConnection } from '@cosell/server/store/sql';
import { ReaderPool } from '@cosell/server/store/sqlite/reader-pool';
import { surroundings } from '@cosell/server/surroundings';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contoso } from '../support/captures.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { addManyReferrals } from '../support/many-referrals.ts';
import { openStoreFor } from './opened-store.ts';

const now = '2026-11-23T12:34:56.7890000Z';
const many = 100_000;
const model = 'ffffffff-0000-4000-8000-000000000001';
/** In the middle of the rows. */
const engagementId = '000061a8-0000-4000-8000-0000000061a8';

/** What is documented to be filtered by (facts §12.2), and nothing. */
const filters = [
  '',
  `engagementId eq '${engagementId}'`,
  `engagementId eq ${engagementId}`,
  "status eq 'New'",
  "substatus eq 'Pending'",
  "status eq 'New' and qualification eq 'SalesQualified'",
  "customerProfile/address/country eq 'US' and direction eq 'Incoming'",
  "type eq 'Shared' and direction eq 'Incoming'",
  "direction eq 'Incoming' and substatus eq 'Pending'",
  "direction eq 'Incoming' and status eq 'Active'",
  "status eq 'Active' and direction eq 'Outgoing' and type eq 'Shared' and team/any(t:t/email eq 'person.6@contoso.com')",
  "email eq 'person.6@contoso.com'",
  "updatedDateTime ge '2026-01-02T00:00:00Z'",
  "updatedDateTime gt 2026-01-11T00:00:00Z and status eq 'Active'",
];

/** Orders that are documented, and the one that a list has without any. */
const orders = ['', 'createdDateTime', 'createdDateTime desc', 'updatedDateTime', 'updatedDateTime desc'];

/** What callers reach: all, a location's, what they are on the team of, and the last two together. */
const reaches: Readonly<Record<string, ListScope['reach']>> = {
  'the administrator of the organisation': undefined,
  'the administrator of a location': { locations: ['5598765'], teamEmail: undefined },
  'a member of teams': { locations: [], teamEmail: 'person.6@contoso.com' },
  'a member of teams with a location': { locations: ['5598765'], teamEmail: 'person.6@contoso.com' },
};

describeOnEachEngine(`the plans of lists at ${many} referrals`, (engine) => {
  const opened = openStoreFor(engine);
  let explain: (work: Work) => Promise<Explained>;
  const closes: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    const [outcome] = await opened.import({ id: model, team: [{ email: 'jane.doe@contoso.com' }] });
    expect(outcome).toBeDefined();
    await addManyReferrals(opened.place, model, many);
    // SQLite has no statistics in an exchange; where somebody makes them, plans may change.
    if (engine.name === 'PostgreSQL') await opened.rows('analyze');
    const { dataDir, databaseUrl } = opened.place.at;
    if (databaseUrl !== undefined) {
      const pool = new pg.Pool({ connectionString: databaseUrl, max: 1, pipeline: true });
      closes.push(() => pool.end());
      explain = (work) => explainOnPostgres(pool, work);
      return;
    }
    const path = join(dataDir, 'cosell.db');
    const entry = new URL('../../packages/server/dist/reader-thread.js', import.meta.url);
    const readers = new ReaderPool({ path, entry, most: 1, timeoutMs: 60_000, stopwatch: surroundings.stopwatch });
    closes.push(() => readers.close());
    explain = (work) => readers.read((connection) => explainOnSqlite(connection, work));
  }, 300_000);
  afterAll(async () => {
    for (const close of closes) await close();
  });

  it("have so many rows to look at, nine of ten of them Contoso's", async () => {
    const [row] = await opened.rows('select count(*) as number from referrals');
    expect(Number(row?.number)).toBe(many + 1);
    expect(await opened.store.scan((scans) => scans.countReferrals(scopeOf('', undefined)))).toBe(many * 0.9 + 1);
  });

  describe.each(engine.name === 'SQLite' ? ['before', 'after'] : ['after'])(
    '%s the engine has analysed them',
    (when) => {
      beforeAll(async () => {
        if (when === 'after') await opened.rows('analyze');
      });

      describe.each(Object.entries(reaches))('for %s', (_who, reach) => {
        it.each(filters)('enter every table by its organisation: %s', async (filter) => {
          const scope = scopeOf(filter, reach);
          for (const page of orders.flatMap((order) => pagesOf(orderOf(order)))) {
            const { faults, entries } = await explain((connection) => listReferrals(connection, scope, page));
            expect(faults).toEqual([]);
            expect(entries.length).toBeGreaterThan(1);
          }
          const { faults, entries } = await explain((connection) => countReferrals(connection, scope));
          expect(faults).toEqual([]);
          expect(entries.length).toBeGreaterThan(0);
        });
      });

      it.each([
        ['', 'referrals_by_created'],
        ['createdDateTime', 'referrals_by_created'],
        ['createdDateTime desc', 'referrals_by_created'],
        ['updatedDateTime', 'referrals_by_updated'],
        ['updatedDateTime desc', 'referrals_by_updated'],
      ])('read a page in the order of an index: %s', async (order, index) => {
        for (const page of pagesOf(orderOf(order))) {
          const { entries } = await explain((connection) => listReferrals(connection, scopeOf('', undefined), page));
          expect(entries.filter((entry) => entry.includes(index))).toHaveLength(1);
        }
      });
    },
  );

  describe('walked from end to end while others write (decision 20)', () => {
    const idOf = (number: number) => {
      const digits = number.toString(16);
      return `${digits.padStart(8, '0')}-0000-4000-8000-${digits.padStart(12, '0')}`;
    };
    let inserted = many;

    /** Inserts, changes and closes some of Contoso's, before and behind wherever a walk stands. */
    async function writeSome(page: number): Promise<void> {
      inserted += 1;
      const [model] = await opened.rows('select * from referrals limit 1');
      const columns = Object.keys(model ?? {});
      const values = columns.map((name) =>
        name === 'id' ? `'${idOf(inserted)}'` : name === 'created_at' ? `'${instantOf(page * 7919)}'` : name,
      );
      const one = `organization_id = '${contoso}' and id = '${idOf((page * 31) % many || 1)}'`;
      await opened.rows(`insert into referrals (${columns.join(', ')}) select ${values.join(', ')} from referrals
        where organization_id = '${contoso}' and id = '${idOf(1)}'`);
      await opened.rows(`insert into referral_documents (organization_id, id, document, links_offset, etag,
        engagement_id, is_marketplace_lead, model_version)
        values ('${contoso}', '${idOf(inserted)}', '{}', 0, '"x"', '${engagementId}', 0, 1)`);
      const changed = Array.from({ length: 20 }, (_, at) => idOf(((page * 977 + at * 4999) % many) + 1));
      await opened.rows(`update referrals set updated_at = '${instantOf(60_000_000 + inserted)}', status = 'Closed',
        substatus = 'Lost' where organization_id = '${contoso}' and (id in ('${changed.join("','")}') or ${one})`);
    }

    it.each([
      ['createdDateTime desc', true],
      ['updatedDateTime', false],
    ])(
      'in the order %s, each that is there all the time is met (exactly once: %s)',
      async (order, isOnce) => {
        const there = await opened.rows(`select id from referrals where organization_id = '${contoso}'`);
        const met = new Map<string, number>();
        let after: ListPage['after'];
        for (let page = 1; ; page += 1) {
          const asked = { order: orderOf(order), after, skip: 0, limit: 1_000 };
          const found = await opened.store.scan((scans) => scans.listReferrals(scopeOf('', undefined), asked));
          for (const { id } of found) met.set(id, (met.get(id) ?? 0) + 1);
          if (found.length < 1_000) break;
          after = found.at(-1)?.keys;
          // So that a walk by the time of the last change comes to an end.
          if (page < many / 1_000 && page % 5 === 0) await writeSome(page);
        }
        expect(there.filter(({ id }) => !met.has(String(id)))).toEqual([]);
        const most = Math.max(...met.values());
        if (isOnce) expect(most).toBe(1);
        else expect(most).toBeGreaterThan(1);
      },
      120_000,
    );
  });
});

/** An instant so many seconds into the referrals' time. */
function instantOf(seconds: number): string {
  return new Date(Date.UTC(2025, 0, 1) + seconds * 1_000).toISOString().replace('Z', '0000Z');
}

/** The first page of an order, and one from the middle. */
function pagesOf(order: readonly OrderKey[]): ListPage[] {
  const after = order.map(({ value }) => (value.type === 'instant' ? '2026-01-05T00:00:00.0000000Z' : engagementId));
  return [undefined, after].map((place) => ({ order, after: place, skip: 0, limit: 101 }));
}

function scopeOf(filter: string, reach: ListScope['reach']): ListScope {
  const predicate = filter === '' ? undefined : predicateOf(filter);
  const asked = filter.startsWith('engagementId') ? engagementId : undefined;
  return { organizationId: contoso, reach, filter: predicate, engagementId: asked };
}

function predicateOf(text: string): Predicate {
  const syntax = parseFilter(text);
  if (syntax.kind === 'malformed' || syntax.kind === 'tooLarge') throw new Error(text);
  const bound = bind(syntax, referralQueryRules, { now, alias: () => undefined });
  if ('kind' in bound) throw new Error(text);
  return bound.predicate;
}

function orderOf(text: string): readonly OrderKey[] {
  if (text === '') return totalOrder([]);
  const keys = parseOrderBy(text);
  if ('kind' in keys) throw new Error(text);
  const bound = bindOrderBy(keys, referralQueryRules, { now, alias: () => undefined });
  if ('kind' in bound) throw new Error(text);
  return totalOrder(bound);
}

/** A connection that has its statements explained instead of run; they find nothing. */
function explaining(connection: TimedConnection, look: (statement: Sql) => Promise<void>): TimedConnection {
  return {
    ...connection,
    async all<Row>(statement: Sql): Promise<Row[]> {
      await look(statement);
      return [];
    },
  };
}

type Work = (connection: TimedConnection) => Promise<unknown>;

/** How statements come to their rows. */
interface Explained {
  /** Where they go through a table, or into one by anything but its organisation. */
  readonly faults: readonly string[];
  /** Where they enter a table by its organisation, with the index. */
  readonly entries: readonly string[];
}

async function explainOnSqlite(connection: TimedConnection, work: Work): Promise<Explained> {
  const faults: string[] = [];
  const entries: string[] = [];
  await work(
    explaining(connection, async (statement) => {
      const steps = await connection.all<{ detail: string }>(sql`explain query plan ${statement}`);
      for (const { detail } of steps) {
        if (!/^(SCAN|SEARCH) /.test(detail)) continue;
        if (/^SEARCH \w+ (EXISTS )?USING .*\(organization_id=\?/.test(detail)) entries.push(detail);
        // What the statement has put together itself may be walked through.
        else if (!/^(SCAN|SEARCH) (page|narrowed)\b/.test(detail)) faults.push(detail);
      }
    }),
  );
  return { faults, entries };
}

interface PostgresPlan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly PostgresPlan[];
}

/** The same in the role that the server takes on, and under its row-level security. */
async function explainOnPostgres(pool: pg.Pool, work: Work): Promise<Explained> {
  const client = await pool.connect();
  const faults: string[] = [];
  const entries: string[] = [];
  const judge = (plan: PostgresPlan) => {
    const kind = plan['Node Type'];
    const entry = `${kind} ${plan['Relation Name']} ${plan['Index Name']} ${plan['Index Cond']}`;
    const isEntered = /^(Bitmap )?Index (Only )?Scan$/.test(kind);
    if (isEntered && plan['Index Cond']?.includes('organization_id = ') === true) entries.push(entry);
    else if (isEntered || kind === 'Seq Scan') faults.push(entry);
    plan.Plans?.forEach(judge);
  };
  try {
    const session = new Session(client);
    session.beginReading(60_000);
    const connection = session.timedConnectionOf(contoso);
    await work(
      explaining(connection, async (statement) => {
        const explained = sql`explain (format json) ${statement}`;
        const [row] = await connection.all<{ 'QUERY PLAN': readonly { Plan: PostgresPlan }[] }>(explained);
        for (const { Plan } of row?.['QUERY PLAN'] ?? []) judge(Plan);
      }),
    );
    const [who] = await connection.all<{ role: string }>(sql`select current_user as role`);
    if (who?.role !== tenantRole) faults.push(`as ${who?.role}`);
    await session.commit();
  } finally {
    client.release();
  }
  return { faults, entries };
}
