import { join } from 'node:path';
import type { Store } from '@cosell/server';
import { grantConsent } from '@cosell/server/domain/consents';
import { setPassword } from '@cosell/server/domain/credentials';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { keepProviderRecord } from '@cosell/server/domain/provider-records';
import { retainHistory } from '@cosell/server/domain/retain-history';
import { SqliteDatabase } from '@cosell/server/store/sqlite/driver';
import { tables } from '@cosell/server/store/tables';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Engine, openAt, type Place } from '../support/engines.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { deal, invitation, partyOf, sharedDeal, targets } from '../support/parties.ts';
import { organizations, users } from '../support/sample.ts';
import { startTestServer } from '../support/test-server.ts';
import { disagreementsOf } from './agreement.ts';
import { Ledger } from './load.ts';
import { lossesOf } from './losses.ts';
import { readTables } from './tables.ts';

/** A statement that damages one table, as half a transaction would, or a bug. */
const damages: readonly (readonly [table: string, statement: string])[] = [
  ['organizations', "delete from organizations where id = 'msft'"],
  ['tenants', "update tenants set organization_id = 'nobody' where organization_id = 'msft'"],
  ['locations', "update locations set organization_id = 'nobody'"],
  ['users', "update users set tenant_id = 'nobody' where name = 'contoso-admin'"],
  ['role_assignments', "update role_assignments set user_name = 'nobody' where user_name = 'contoso-admin'"],
  ['routing_rules', "update routing_rules set organization_id = 'nobody'"],
  ['clients', "update clients set organization_id = 'nobody'"],
  ['client_secrets', "update client_secrets set client_id = 'nobody'"],
  ['consents', "update consents set client_id = 'nobody'"],
  ['invitations', "update invitations set organization_id = 'nobody'"],
  ['credentials', "update credentials set user_name = 'nobody'"],
  ['provider_records', "update provider_records set payload = '{'"],
  ['referrals', 'delete from referrals where this_one'],
  ['referrals', "update referrals set substatus = 'Lost' where this_one"],
  ['referral_documents', 'delete from referral_documents where this_one'],
  ['referral_documents', "update referral_documents set etag = 'other' where this_one"],
  [
    'referral_documents',
    'update referral_documents set document = replace(document, \'"name":"\', \'"name":"x\') where this_one',
  ],
  ['referral_documents', 'update referral_documents set links_offset = links_offset + 1 where this_one'],
  ['referral_views', 'delete from referral_views where this_one'],
  ['referral_views', "update referral_views set name = 'other' where this_one"],
  ['referral_views', "update referral_views set sharing = 'other' where this_one"],
  ['referral_views', "update referral_views set organization_id = 'nobody' where this_one"],
  ['referral_team_members', 'delete from referral_team_members where this_one'],
  ['referral_team_members', "update referral_team_members set organization_id = 'nobody' where this_one"],
  ['referral_customer_contacts', "update referral_customer_contacts set email_folded = 'x' where this_one"],
  ['referral_solutions', 'update referral_solutions set position = position + 1'],
  ['referral_search', "update referral_search set text = ' other ' where this_one"],
  ['referral_search', 'delete from referral_search where this_one'],
  ['engagement_members', 'delete from engagement_members where this_one'],
  ['engagement_members', "update engagement_members set referral_id = 'none' where this_one"],
  ['changes', 'delete from changes where this_one'],
  ['changes', "update changes set etag_after = 'other' where this_one"],
  ['changes', 'update changes set document_before = null where document_before is not null'],
  ['change_sequences', 'update change_sequences set last = last + 1 where this_one'],
  ['change_sequences', 'delete from change_sequences where this_one'],
  ['kept_answers', 'update kept_answers set answer = replace(answer, \'"eTag":"\', \'"eTag":"x\')'],
  ['signing_keys', "update signing_keys set private_jwk = '{}'"],
  ['exchange_facts', 'delete from exchange_facts'],
  ['acts', 'update acts set sequence = sequence + 1 where this_one'],
  ['acts', "update acts set details = '{' where this_one"],
];

describeOnSqlite('the agreement of all tables', (engine) => {
  let place: Place;
  let path: string;
  beforeAll(async () => {
    place = await writtenPlace(engine);
    path = join(place.at.dataDir, 'cosell.db');
  });
  afterAll(() => place.remove());

  it('holds for an exchange that was written to in every way', async () => {
    const read = await readTables(place);
    expect(await disagreementsOf(read)).toEqual([]);
    // Else a table could not be found damaged.
    expect(tables.filter(({ name }) => read[name]?.length === 0)).toEqual([]);
  });

  it('is asked of every table', () => {
    const damaged = new Set(damages.map(([table]) => table));
    expect([...damaged].sort()).toEqual(tables.map(({ name }) => name).sort());
  });

  it('does not hide that something acknowledged is lost, or there twice', async () => {
    const read = await readTables(place);
    const ledger = new Ledger();
    const [change] = read.changes ?? [];
    ledger.versions.add(`${change?.referral_id} ${change?.etag_after}`);
    ledger.imported.add(String(read.referral_documents?.[0]?.id));
    ledger.organizations.add('msft');
    ledger.created.add('Shared deal');
    expect(lossesOf(read, ledger)).toEqual([]);
    const rows = read.referrals ?? [];
    const twice = { ...read, referrals: [...rows, ...rows.filter(({ name }) => name === 'Shared deal')] };
    expect(lossesOf(twice, ledger)).toEqual(['Shared deal is there 2 times']);
    ledger.versions.add('one "other"');
    ledger.imported.add('two');
    ledger.organizations.add('three');
    ledger.created.add('four');
    expect(lossesOf(read, ledger)).toEqual([
      'lost: one "other"',
      'lost: the import of two',
      'lost: the organisation three',
      'four is there 0 times',
    ]);
  });

  it.each(damages)('is broken when %s is damaged: %s', async (table, statement) => {
    const columns = tables.find(({ name }) => name === table)?.key.join(', ');
    const one = `(${columns}) = (select ${columns} from ${table} order by ${columns} desc limit 1)`;
    const database = new SqliteDatabase(path);
    try {
      // Whoever damages an audit has taken its guard away.
      database.exec('pragma foreign_keys = off; begin; drop trigger acts_are_not_changed');
      database.exec(statement.replace('this_one', one));
      expect(database.number('select changes()')).toBeGreaterThan(0);
      const read = Object.fromEntries(
        tables.map(({ name }) => [name, database.prepare(`select * from ${name}`).all()]),
      ) as Awaited<ReturnType<typeof readTables>>;
      expect(await disagreementsOf(read)).not.toEqual([]);
    } finally {
      database.exec('rollback');
      database.close();
    }
  });
});

/** An exchange with something in every table, at rest. */
async function writtenPlace(engine: Engine): Promise<Place> {
  const place = await engine.makePlace();
  const server = await startTestServer(engine, {}, place);
  const contoso = await partyOf(server, 'contoso-admin');
  const tailspin = await partyOf(server, 'tailspin-admin');
  const repeated = {
    'repeatability-request-id': '11111111-2222-4333-8444-555555555555',
    'repeatability-first-sent': new Date().toUTCString(),
  };
  expect((await contoso.post(deal(), repeated)).status).toBe(200);
  const shared = await contoso.create(sharedDeal({ name: 'Shared deal' }));
  await contoso.change(shared.id, { '/details/notes': 'Three hundred seats' });
  const invited = await contoso.create(invitation(shared.engagementId, targets.tailspin));
  await tailspin.move(invited.id, 'Active/Accepted');
  await server.stop();
  const { store, close } = await openAt(place);
  await store.transact(retainHistory, { history: '3y', isDryRun: false });
  await close();
  const exchange = await openAt(place);
  await writeDirectory(exchange.store);
  await exchange.close();
  return place;
}

/** What the operator and people add to the directory, and what the provider remembers. */
async function writeDirectory(store: Store): Promise<void> {
  const organization = 'Contoso Company';
  await store.transact(changeDirectory, { kind: 'addRoutingRule', organization, mpnId: '5512345' });
  const { key: client } = await store.transact(changeDirectory, { kind: 'addApiClient', organization, name: 'Robot' });
  const [secretHash, codeHash] = ['a', 'b'].map((letter) => letter.repeat(64)) as [string, string];
  await store.transact(changeDirectory, { kind: 'addClientSecret', client, secretHash, hint: 'abc' });
  const roles = [{ role: 'ReferralUser' }];
  await store.transact(changeDirectory, {
    kind: 'addInvitation',
    organization,
    email: 'new@contoso.com',
    roles,
    codeHash,
  });
  const whose = { organizationId: organizations.contoso, userName: users.admin, by: undefined };
  const nowMs = Date.UTC(2026, 10, 27);
  await store.transact(grantConsent, { ...whose, clientId: client, scopes: ['openid'], nowMs });
  await store.transact(setPassword, { ...whose, passwordHash: 'hash', isTemporary: false, nowMs });
  const record = { model: 'Grant', id: 'one', payload: '{}', grantId: null, userCode: null, uid: null };
  await store.transact(keepProviderRecord, { ...record, expiresAt: null, extends: null });
}
