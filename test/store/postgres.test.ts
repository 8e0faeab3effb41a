import { randomUUID } from 'node:crypto';
import { readConfig, StartupProblem, surroundings } from '@cosell/server';
import { loadExchange } from '@cosell/server/domain/load-exchange';
import { readSampleExchange } from '@cosell/server/sample-exchange';
import { openPostgresStore } from '@cosell/server/store/postgres/postgres-store';
import { requireVersion } from '@cosell/server/store/postgres/prepare-database';
import type { Command, Store, Transaction } from '@cosell/server/store/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { availableEngines, openAt, type Place } from '../support/engines.ts';
import { rowsOf } from './rows-of.ts';

const engine = availableEngines().find(({ name }) => name === 'PostgreSQL');

/** A command made on the spot; on PostgreSQL it runs in this process. */
function command<Output>(run: (transaction: Transaction) => Promise<Output>): Command<undefined, Output> {
  return { name: 'test', run };
}

/** Lets all of `count` callers go on when the last has come; who comes again passes. */
function meetingOf(count: number): () => Promise<void> {
  let missing = count;
  let open = () => {};
  const met = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    missing -= 1;
    if (missing === 0) open();
    return met;
  };
}

describe.runIf(engine !== undefined)('PostgreSQL', () => {
  let place: Place;
  let store: Store;
  const url = (options = '') => {
    const address = new URL(place.at.databaseUrl ?? '');
    if (options !== '') address.searchParams.set('options', options);
    return address.href;
  };
  beforeAll(async () => {
    if (engine === undefined) return;
    place = await engine.makePlace();
    store = await openPostgresStore(url(), surroundings, readConfig({}));
  });
  afterAll(async () => {
    await store.close();
    await place.remove();
  });

  const change = (organizationId: string) => ({
    organizationId,
    referralId: randomUUID(),
    occurredAt: '2025-01-01T00:00:00.0000000Z',
    kind: 'imported' as const,
    actedBy: 'operator' as const,
    actorOrganizationId: null,
    actorUserId: null,
    via: null,
    eTagAfter: '"x"',
    documentBefore: null,
  });

  it('is migrated, given one signing key and loaded once, also when it is opened ten times at once', async () => {
    if (engine === undefined) return;
    const fresh = await engine.makePlace();
    try {
      const opened = await Promise.all(Array.from({ length: 10 }, () => openAt(fresh)));
      const contents = readSampleExchange();
      const loaded = await Promise.all(
        opened.map((exchange) => exchange.store.transact(loadExchange, { name: 's', contents })),
      );
      const keys = opened.map(({ issuer }) => issuer.signingKeys.published.keys.map(({ kid }) => kid).join());
      await Promise.all(opened.map((exchange) => exchange.close()));
      expect(await rowsOf(fresh, 'select number from schema_migrations')).toHaveLength(
        opened[0]?.store.schemaNumber ?? 0,
      );
      expect(await rowsOf(fresh, 'select kid from signing_keys')).toEqual([{ kid: keys[0] }]);
      expect(new Set(keys).size).toBe(1);
      expect(loaded.filter((isLoaded) => isLoaded)).toHaveLength(1);
    } finally {
      await fresh.remove();
    }
  });

  it('breaks off one of two transactions that wait for each other, and it is tried again', async () => {
    const meeting = meetingOf(2);
    let runs = 0;
    const crossing = (first: string, second: string) =>
      command(async (transaction) => {
        runs += 1;
        await transaction.putFact(first, `${first} first`);
        // A write is on its way; what is read after it waits for it.
        await transaction.findFact(first);
        await meeting();
        await transaction.putFact(second, `${second} second`);
        return first;
      });
    await store.transact(
      command(async (transaction) => transaction.putFact('a', '')),
      undefined,
    );
    await store.transact(
      command(async (transaction) => transaction.putFact('b', '')),
      undefined,
    );
    const done = await Promise.all([
      store.transact(crossing('a', 'b'), undefined),
      store.transact(crossing('b', 'a'), undefined),
    ]);
    expect(done).toEqual(['a', 'b']);
    // PostgreSQL breaks off one of them, and on a busy machine now and then both.
    expect(runs).toBeGreaterThanOrEqual(3);
    // The last one to run wrote both.
    const facts = [await store.findFact('a'), await store.findFact('b')];
    expect([
      ['a first', 'b second'],
      ['a second', 'b first'],
    ]).toContainEqual(facts);
  });

  it('tries a transaction again that could not be serialised', async () => {
    const serializable = await openPostgresStore(
      url('-c default_transaction_isolation=serializable'),
      surroundings,
      readConfig({}),
    );
    const [meeting, organizationId] = [meetingOf(2), randomUUID()];
    let runs = 0;
    const counting = command(async (transaction) => {
      runs += 1;
      await transaction.findFact('a snapshot is taken');
      await meeting();
      await transaction.appendChange(change(organizationId));
    });
    await Promise.all([serializable.transact(counting, undefined), serializable.transact(counting, undefined)]);
    await serializable.close();
    // PostgreSQL breaks off one of them, and on a busy machine now and then both.
    expect(runs).toBeGreaterThanOrEqual(3);
    const rows = await rowsOf(
      place,
      `select sequence from changes where organization_id = '${organizationId}' order by 1`,
    );
    expect(rows.map(({ sequence }) => Number(sequence))).toEqual([1, 2]);
  });

  it('gives up after five tries, with nothing written', async () => {
    let runs = 0;
    const neverDone = command(async (transaction) => {
      runs += 1;
      await transaction.putFact('never', 'done');
      throw Object.assign(new Error('could not serialize access'), { code: '40001' });
    });
    await expect(store.transact(neverDone, undefined)).rejects.toThrow(/database cannot answer/);
    expect(runs).toBe(5);
    expect(await store.findFact('never')).toBeUndefined();
  });

  it('does not try a failure again', async () => {
    let runs = 0;
    const failing = command(async () => {
      runs += 1;
      throw new Error('no');
    });
    await expect(store.transact(failing, undefined)).rejects.toThrow('no');
    expect(runs).toBe(1);
  });

  it('lets transactions that lock one name take turns, and others run on', async () => {
    let inside = 0;
    let most = 0;
    const alone = (name: string) =>
      command(async (transaction) => {
        await transaction.lock(name);
        inside += 1;
        most = Math.max(most, inside);
        await transaction.findFact('something to wait for');
        inside -= 1;
      });
    await Promise.all(Array.from({ length: 20 }, () => store.transact(alone('one'), undefined)));
    expect(most).toBe(1);
    const meeting = meetingOf(2);
    const beside = (name: string) =>
      command(async (transaction) => {
        await transaction.lock(name);
        await meeting();
      });
    await Promise.all([store.transact(beside('one'), undefined), store.transact(beside('two'), undefined)]);
  });

  it('that goes away is said to be unavailable, and found again when it is back', async () => {
    if (engine === undefined) return;
    const other = await engine.makePlace();
    const lost = await openPostgresStore(other.at.databaseUrl ?? '', surroundings, readConfig({}));
    await lost.ping();
    await rowsOf(
      place,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${new URL(other.at.databaseUrl ?? '').pathname.slice(1)}'`,
    );
    const answers = await Promise.allSettled(Array.from({ length: 3 }, () => lost.ping()));
    for (const answer of answers) {
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ kind: 'storeUnavailable' });
    }
    await lost.ping();
    await other.remove();
    await expect(lost.ping()).rejects.toBeDefined();
    await lost.close();
  });

  it('answers everybody who asks at once with his own row, and each organisation with its own', async () => {
    const [one, two] = [randomUUID(), randomUUID()];
    const ids = Array.from({ length: 100 }, () => randomUUID());
    for (const organization of [one, two]) {
      const rows = ids.map((id) => `('${organization}', '${id}', '${organization} ${id}', 1, 'e', 'e', 0, 1)`);
      await rowsOf(
        place,
        `insert into referral_documents (organization_id, id, document, links_offset, etag, engagement_id,
          is_marketplace_lead, model_version) values ${rows.join(', ')}`,
      );
    }
    const asked = [...ids, ...ids, randomUUID()].flatMap((id) =>
      [one, two].map((organization) => ({ organization, id })),
    );
    const found = await Promise.all(asked.map(({ organization, id }) => store.findReferral(organization, id)));
    // What cannot be asked for at all spoils no other's answer.
    const mixed = ['zero\0byte', ...ids.slice(0, 8), 'zero\0byte'].map((id) => store.findReferral(one, id));
    const ends = (await Promise.allSettled(mixed)).map(({ status }) => status);
    expect(ends).toEqual(['rejected', ...Array.from({ length: 8 }, () => 'fulfilled'), 'rejected']);
    const wanted = asked.map(({ organization, id }) => (ids.includes(id) ? `${organization} ${id}` : undefined));
    expect(found.map((referral) => referral?.document)).toEqual(wanted);
    expect(found[0]).not.toHaveProperty('place');
  });

  it('older than 15 is refused in one line', () => {
    expect(() => requireVersion(140_012)).toThrow('PostgreSQL 14.12; it has to be 15 or newer');
    expect(() => requireVersion(150_000)).not.toThrow();
  });

  it('that cannot be reached is refused in one line', async () => {
    const problem = await openPostgresStore('postgres://nobody@127.0.0.1:1/none', surroundings, readConfig({})).catch(
      (error: unknown) => error,
    );
    expect(problem).toBeInstanceOf(StartupProblem);
    expect((problem as Error).message).toMatch(/^The database of DATABASE_URL cannot be used: [^\n]+\.$/);
  });
});
