import { randomUUID } from 'node:crypto';
import { readConfig, StartupProblem, surroundings } from '@cosell/server';
import { openPostgresStore } from '@cosell/server/store/postgres/postgres-store';
import type { Command, Store, Transaction } from '@cosell/server/store/store';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.ts';
import { availableEngines, type Place } from '../support/engines.ts';
import { type Cluster, findBinaries, startCluster } from '../support/postgres-server.ts';
import { rowsOf } from './rows-of.ts';

const engine = availableEngines().find(({ name }) => name === 'PostgreSQL');
const binaries = findBinaries();

/** A command made on the spot; on PostgreSQL it runs in this process. */
function command<Output>(run: (transaction: Transaction) => Promise<Output>): Command<undefined, Output> {
  return { name: 'test', run };
}

const organizationId = randomUUID();

/** Adds one change, and counts its runs: how often it is found says how often it was done. */
function adding(): { eTag: string; add: Command<undefined, string>; runs: () => number } {
  const eTag = `"${randomUUID()}"`;
  let runs = 0;
  const add = command(async (transaction) => {
    runs += 1;
    await transaction.appendChange({
      organizationId,
      referralId: organizationId,
      occurredAt: '2025-01-01T00:00:00.0000000Z',
      kind: 'imported',
      actedBy: 'operator',
      actorOrganizationId: null,
      actorUserId: null,
      via: null,
      eTagAfter: eTag,
      documentBefore: null,
    });
    return eTag;
  });
  return { eTag, add, runs: () => runs };
}

describe.runIf(engine !== undefined)('a write on PostgreSQL whose connection is lost', () => {
  let place: Place;
  let proxy: CuttingProxy;
  let store: Store;
  beforeAll(async () => {
    if (engine === undefined) return;
    place = await engine.makePlace();
    proxy = await startCuttingProxy(place.at.databaseUrl ?? '');
    store = await openPostgresStore(proxy.url, surroundings, readConfig({}));
  });
  afterAll(async () => {
    await store.close();
    await proxy.close();
    await place.remove();
  });

  const timesDone = async (eTag: string) =>
    (await rowsOf(place, `select 1 as one from changes where etag_after = '${eTag}'`)).length;

  it.each([
    ['before it has begun', 'begin', 'before', 1],
    ['when it has begun', 'begin', 'after', 1],
    // A statement is known by a value: its text is sent once for each connection.
    ['before a statement', undefined, 'before', 2],
    ['after a statement', undefined, 'after', 2],
    ['before its commit arrives', 'commit', 'before', 2],
    ['between its commit and the answer', 'commit', 'after', 1],
  ] as const)('%s is done once', async (_when, text, moment, runsAtLeast) => {
    const { eTag, add, runs } = adding();
    const cuts = proxy.cuts;
    proxy.cutAt(text ?? eTag, moment);
    expect(await store.transact(add, undefined)).toBe(eTag);
    expect(proxy.cuts).toBe(cuts + 1);
    expect(await timesDone(eTag)).toBe(1);
    // What is done already when its answer is lost is found out, and not done again.
    if (text === 'commit' && moment === 'after') expect(runs()).toBe(1);
    else expect(runs()).toBeGreaterThanOrEqual(runsAtLeast);
  });

  it('in one commit of many is done once each, in a log without gaps', async () => {
    const writes = Array.from({ length: 20 }, adding);
    const done = writes.map(({ add }, index) => {
      if (index % 4 === 0) proxy.cutAt('commit', index % 8 === 0 ? 'after' : 'before');
      return store.transact(add, undefined);
    });
    await Promise.all(done);
    for (const { eTag } of writes) expect(await timesDone(eTag)).toBe(1);
    const numbers = await rowsOf(place, 'select sequence from changes order by sequence');
    expect(numbers.map(({ sequence }) => Number(sequence))).toEqual(numbers.map((_row, index) => index + 1));
  });

  it('and whose server cannot be asked is refused, because nobody knows whether it was done', async () => {
    const lonely = await openPostgresStore(proxy.url, surroundings, readConfig({}));
    const { eTag, add, runs } = adding();
    const cutOff = command(async (transaction) => {
      await add.run(transaction, undefined, surroundings);
      proxy.cutAt('commit', 'after');
      await besides(place, `alter database ${databaseOf(place)} with allow_connections false`);
    });
    const refusal = await lonely.transact(cutOff, undefined).catch((error: unknown) => error);
    await besides(place, `alter database ${databaseOf(place)} with allow_connections true`);
    await lonely.close();
    expect(refusal).toMatchObject({ kind: 'storeUnavailable' });
    expect(runs()).toBe(1);
    expect(await timesDone(eTag)).toBe(1);
  });

  it('and a read is answered all the same', async () => {
    proxy.cutAt('cosell_find_referrals', 'before');
    expect(await store.findReferral(organizationId, 'none')).toBeUndefined();
    proxy.cutAt('commit', 'before');
    expect(await store.listChanges(organizationId, organizationId)).not.toEqual([]);
  });

  it('or left open by a network that carries nothing is given up, and a read is answered on another', async () => {
    const hasty = await openPostgresStore(proxy.url, surroundings, { queryTimeoutMs: 200 });
    const cuts = proxy.cuts;
    proxy.cutAt('cosell_find_referrals', 'silent');
    expect(await hasty.findReferral(organizationId, 'none')).toBeUndefined();
    expect(proxy.cuts).toBe(cuts + 1);
    await hasty.close();
  });

  it('to a server that takes no writes is refused, and reads go on', async () => {
    const name = databaseOf(place);
    const demoted = await openPostgresStore(place.at.databaseUrl ?? '', surroundings, readConfig({}));
    await besides(place, `alter database ${name} set default_transaction_read_only = on`);
    await besides(place, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
    const { eTag, add } = adding();
    await expect(demoted.transact(add, undefined)).rejects.toMatchObject({ kind: 'storeUnavailable' });
    expect(await demoted.listChanges(organizationId, organizationId)).not.toEqual([]);
    await besides(place, `alter database ${name} reset default_transaction_read_only`);
    // Connections to the server that takes no writes were closed, so nothing has to be restarted.
    expect(await demoted.transact(add, undefined)).toBe(eTag);
    await demoted.close();
  });

  it('or read that takes longer than it may is refused', async () => {
    const hasty = await openPostgresStore(place.at.databaseUrl ?? '', surroundings, { queryTimeoutMs: 50 });
    const blocker = new pg.Client({ connectionString: place.at.databaseUrl ?? '' });
    await blocker.connect();
    await blocker.query('begin; lock table changes in access exclusive mode');
    const reading = hasty.listChanges(organizationId, organizationId);
    await expect(reading).rejects.toMatchObject({ kind: 'queryTimeout' });
    await blocker.end();
    expect(await hasty.listChanges(organizationId, organizationId)).not.toEqual([]);
    await hasty.close();
  });
});

function databaseOf({ at }: Place): string {
  return new URL(at.databaseUrl ?? '').pathname.slice(1);
}

/** Runs a statement in another database of the same server. */
async function besides(place: Place, statement: string): Promise<void> {
  const url = new URL(place.at.databaseUrl ?? '');
  url.pathname = '/postgres';
  await rowsOf({ ...place, at: { ...place.at, databaseUrl: url.href } }, statement);
}

describe.runIf(engine !== undefined && binaries !== undefined)('a PostgreSQL server of its own', () => {
  let cluster: Cluster;
  const as = (user: string, database: string, password = '') => {
    const url = new URL(cluster.url);
    Object.assign(url, { username: user, password, pathname: `/${database}` });
    return url.href;
  };
  const administer = (statement: string, database = 'postgres') =>
    rowsOf({ at: { dataDir: '', databaseUrl: as('postgres', database) }, remove: async () => undefined }, statement);
  const problemOf = async (url: string) => {
    const problem = await openPostgresStore(url, surroundings, readConfig({})).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(StartupProblem);
    const { message } = problem as Error;
    expect(message).not.toContain('\n');
    expect(message).not.toContain('s3cret');
    return message;
  };

  beforeAll(async () => {
    cluster = await startCluster(binaries ?? '');
  });
  afterAll(() => cluster.stop());

  it('is told what its administrator has to run when the user may make no roles', async () => {
    await administer('create role "Plain user" login; ');
    await administer('create database plain owner "Plain user"');
    const message = await problemOf(as('Plain user', 'plain'));
    expect(message).toMatch(/^The user of DATABASE_URL may not make the roles of row-level security\. Have .* run: /);
    const statements = message.slice(message.indexOf('run: ') + 5);
    expect(statements).toContain('create role cosell_tenant nologin; create role cosell_jobs nologin; grant ');
    // And when he does, the same user starts; nothing of it is left for the other tests.
    await administer(statements);
    await (await openPostgresStore(as('Plain user', 'plain'), surroundings, readConfig({}))).close();
    await administer('drop database plain');
    await administer('drop role cosell_tenant, cosell_jobs');
  });

  it('gets its roles and schema once from ten programs that start at once on two databases', async () => {
    await administer('create role owner login createrole');
    await administer('create database one owner owner');
    await administer('create database two owner owner');
    const opened = await Promise.all(
      Array.from({ length: 10 }, (_program, index) =>
        openPostgresStore(as('owner', index % 2 === 0 ? 'one' : 'two'), surroundings, readConfig({})),
      ),
    );
    await Promise.all(opened.map((store) => store.ping()));
    await Promise.all(opened.map((store) => store.close()));
    for (const database of ['one', 'two']) {
      const applied = await administer('select number from schema_migrations', database);
      expect(applied).toHaveLength(opened[0]?.schemaNumber ?? 0);
    }
    expect(await administer("select 1 from pg_roles where rolname like 'cosell%' and not rolcanlogin")).toHaveLength(2);
  });

  it('is refused when row-level security does not bind the role that is taken on', async () => {
    await administer('alter role cosell_tenant bypassrls');
    expect(await problemOf(as('owner', 'one'))).toMatch(/the role cosell_tenant is a superuser or has BYPASSRLS/);
    await administer('alter role cosell_tenant nobypassrls');
    await (await openPostgresStore(as('owner', 'one'), surroundings, readConfig({}))).close();
  });

  it('that is ended in the middle of writes loses and doubles none that it has acknowledged', async () => {
    const store = await openPostgresStore(as('owner', 'one'), surroundings, readConfig({}));
    const acknowledged: string[] = [];
    const asked: string[] = [];
    let isOver = false;
    const writer = async () => {
      while (!isOver) {
        const { eTag, add } = adding();
        asked.push(eTag);
        const done = await store.transact(add, undefined).catch((error: unknown) => {
          expect(error).toMatchObject({ kind: 'storeUnavailable' });
        });
        if (done !== undefined) acknowledged.push(eTag);
      }
    };
    const writers = Array.from({ length: 4 }, writer);
    await untilMore(acknowledged, 10);
    await cluster.kill();
    await cluster.start();
    await untilMore(acknowledged, acknowledged.length + 10);
    isOver = true;
    await Promise.all(writers);
    const found = (await administer('select etag_after as "eTag" from changes', 'one')).map(({ eTag }) => String(eTag));
    expect(new Set(found).size).toBe(found.length);
    expect(acknowledged.filter((eTag) => !found.includes(eTag))).toEqual([]);
    expect(found.filter((eTag) => !asked.includes(eTag))).toEqual([]);
    await store.close();
  });

  it('that has no connection left is waited for, and says so in the end', async () => {
    await administer('create role few login connection limit 1');
    await administer('grant cosell_tenant, cosell_jobs to few');
    await administer('create database few owner few');
    const message = await problemOf(as('few', 'few'));
    expect(message).toBe('The database of DATABASE_URL cannot be used: too many connections for role "few".');
  });

  it('is refused in one line without the password when it does not let the user in', async () => {
    await administer("create role locked login password 's3cret'");
    await administer("create role open login password 'other'");
    const hba = await administer("select setting from pg_settings where name = 'hba_file'");
    const { writeFileSync, readFileSync } = await import('node:fs');
    const file = String(hba[0]?.setting);
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, `host all open,locked 127.0.0.1/32 scram-sha-256\n${before}`);
    await administer('select pg_reload_conf()');
    expect(await problemOf(as('open', 'one', 's3cret'))).toMatch(/password authentication failed for user "open"\.$/);
    expect(await problemOf(as('locked', 'none', 's3cret'))).toBe(
      'The database of DATABASE_URL cannot be used: database "none" does not exist. Make it first: create database … owner ….',
    );
    expect(await problemOf(`${as('locked', 'one', 's3cret')}?sslmode=require`)).toMatch(
      /The server does not support SSL connections\. Leave sslmode out of the address/,
    );
    const socket = `postgres://owner:s3cret@/one?host=${encodeURIComponent(cluster.data.replace(/data$/, ''))}&port=${new URL(cluster.url).port}`;
    await (await openPostgresStore(socket, surroundings, readConfig({}))).close();
    expect(await problemOf('postgres://open:s3cret@/one?host=/nowhere')).toMatch(/ENOENT/);
    expect(await problemOf('postgres://open:s3cret@[bad/one')).toMatch(
      /^The database of DATABASE_URL cannot be used: /,
    );
  });
});

async function untilMore(list: readonly unknown[], count: number): Promise<void> {
  while (list.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
}
