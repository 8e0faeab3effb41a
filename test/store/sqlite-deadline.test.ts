import { join } from 'node:path';
import { totalOrder } from '@cosell/server/domain/list-referrals';
import { loadExchange } from '@cosell/server/domain/load-exchange';
import { readListQuery } from '@cosell/server/http/lists/list-query';
import { readSampleExchange } from '@cosell/server/sample-exchange';
import { scansOn } from '@cosell/server/store/scans';
import { sql } from '@cosell/server/store/sql';
import { sqliteConnection } from '@cosell/server/store/sqlite/connection';
import { SqliteDatabase } from '@cosell/server/store/sqlite/driver';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openAt, type Place } from '../support/engines.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { ids, organizations } from '../support/sample.ts';

/** No filter here asks for the time. */
const now = '2026-01-01T00:00:00.0000000Z';

describeOnSqlite('a statement of a scan asks for the time', (engine) => {
  let place: Place;
  let database: SqliteDatabase;
  let asked = 0;
  beforeAll(async () => {
    place = await engine.makePlace();
    const { store, close } = await openAt(place);
    await store.transact(loadExchange, { name: 'sample', contents: readSampleExchange() });
    await close();
    database = new SqliteDatabase(join(place.at.dataDir, 'cosell.db'));
    database.define('deadline', () => {
      asked += 1;
      return 1;
    });
  });
  afterAll(async () => {
    database.close();
    await place.remove();
  });

  const scans = () =>
    scansOn(() => ({ ...sqliteConnection(database), inTime: (column) => sql`deadline(${column} > '')` }), undefined);
  const scopeOf = (filter: string) => {
    const own = { organizationId: organizations.contoso, engagementId: undefined, reach: undefined };
    return { ...own, filter: readListQuery({ $filter: filter }, now).filter };
  };
  const referrals = () =>
    database.number(`select count(*) from referrals where organization_id = '${organizations.contoso}'`);
  const askedBy = async (work: () => Promise<unknown>) => {
    asked = 0;
    await work();
    return asked;
  };

  it('at every referral, when a count finds none', async () => {
    const nobody = scopeOf("customerProfile/name eq 'nobody'");
    const times = await askedBy(async () => expect(await scans().countReferrals(nobody)).toBe(0));
    expect(times).toBeGreaterThanOrEqual(referrals());
    expect(referrals()).toBeGreaterThan(5);
  });

  it.each(['createdDateTime', 'name'])('at every referral, when a list by %s finds none', async (property) => {
    const { filter, order } = readListQuery({ $filter: "customerProfile/name eq 'nobody'", $orderby: property }, now);
    const page = { order: totalOrder(order), after: undefined, skip: 0, limit: 10 };
    const times = await askedBy(() => scans().listReferrals({ ...scopeOf("status eq 'New'"), filter }, page));
    expect(times).toBeGreaterThanOrEqual(referrals());
  });

  it('at every item, too, when it looks into lists', async () => {
    const times = await askedBy(() => scans().countReferrals(scopeOf("team/any(t:t/lastName eq 'nobody')")));
    expect(times).toBeGreaterThan(referrals());
  });

  it('at every change of a history', async () => {
    const times = await askedBy(() => scans().listChanges(organizations.contoso, ids.coSell));
    expect(times).toBeGreaterThanOrEqual(1);
  });
});
