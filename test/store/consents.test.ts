import { randomUUID } from 'node:crypto';
import { grantConsent, needsConsent } from '@cosell/server/domain/consents';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { loadExchange } from '@cosell/server/domain/load-exchange';
import { readSampleExchange } from '@cosell/server/sample-exchange';
import { beforeAll, expect, it } from 'vitest';
import { describeOnEachEngine } from '../support/engines.ts';
import { organizations, subjects, users } from '../support/sample.ts';
import { openStoreFor } from './opened-store.ts';

const { contoso, tailspin } = organizations;
/** The subject of a token. */
type Subject = { readonly tenantId: string; readonly subject: string };
const admin: Subject = { tenantId: subjects.admin.tid, subject: subjects.admin.oid };
const clientId: string = randomUUID();
const by = { organizationId: contoso, subject: subjects.admin.oid, clientId, requestId: 'r-1' };
const key: { organizationId: string; userName: string; clientId: string } = {
  organizationId: contoso,
  userName: users.admin,
  clientId,
};
const nowMs = Date.UTC(2026, 10, 27);

describeOnEachEngine('consent', (engine) => {
  const opened = openStoreFor(engine);
  beforeAll(async () => {
    const { store } = opened;
    await store.transact(loadExchange, { name: 'sample', contents: readSampleExchange() });
    await store.transact(changeDirectory, {
      kind: 'addApplication',
      organization: tailspin,
      name: 'Tailspin CRM',
      clientId,
      isPublic: true,
      redirectUris: ['http://localhost'],
    });
  });
  const grant = (scopes: readonly string[], of = key) =>
    opened.store.transact(grantConsent, { ...of, scopes, nowMs, by });
  const withdraw = ({ organizationId: organization, userName } = key) =>
    opened.store.transact(changeDirectory, {
      kind: 'withdrawConsent',
      organization,
      userName,
      clientId,
    });
  const isAllowed = (id = clientId, user = admin) => opened.store.mayAct(id, user);
  const isAsked = (...scopes: string[]) =>
    needsConsent(opened.store, key, { clientId, organizationId: tailspin, scopes });

  it('lets a program of another organisation act, until it is withdrawn, and is on record', async () => {
    expect([await isAllowed(), await isAsked('openid')]).toEqual([false, true]);
    await grant(['openid', 'a/.default']);
    expect([await isAllowed(), await isAsked('openid'), await isAsked('openid', 'email')]).toEqual([true, false, true]);
    await grant(['email']);
    expect(await isAsked('openid', 'email', 'a/.default')).toBe(false);
    await withdraw();
    expect([await isAllowed(), await isAsked('openid')]).toEqual([false, true]);
    await grant(['openid']);
    // What was withdrawn does not come back with another consent.
    expect([await isAllowed(), await isAsked('openid'), await isAsked('email')]).toEqual([true, false, true]);
    await withdraw();
    const acts = await opened.store.listActs({ isNewestFirst: false, most: 1_000 });
    expect(acts.slice(-5).map(({ kind, actor, via }) => [kind, actor, via])).toEqual([
      ['consentGranted', by.subject, clientId],
      ['consentGranted', by.subject, clientId],
      ['consentWithdrawn', null, null],
      ['consentGranted', by.subject, clientId],
      ['consentWithdrawn', null, null],
    ]);
  });

  it('of an organisation holds for all of its users and nobody else', async () => {
    const forAll = { ...key, userName: '' };
    await grant(['openid'], forAll);
    const member = { tenantId: subjects.member.tid, subject: subjects.member.oid };
    const stranger = { tenantId: subjects.admin.tid, subject: subjects.tailspin.oid };
    expect([await isAllowed(clientId, member), await isAllowed(), await isAllowed(clientId, stranger)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(await isAsked('openid')).toBe(false);
    await withdraw(forAll);
    expect(await isAllowed(clientId, member)).toBe(false);
  });

  it('is not asked for by a program of the own organisation, and no program acts that is not active', async () => {
    const own = { tenantId: subjects.tailspin.tid, subject: subjects.tailspin.oid };
    const user = { organizationId: tailspin, userName: users.tailspin };
    expect(await isAllowed(clientId, own)).toBe(true);
    expect(await needsConsent(opened.store, user, { clientId, organizationId: tailspin, scopes: ['x'] })).toBe(false);
    for (const unknown of [randomUUID(), '', "' or 1=1 --"]) expect(await isAllowed(unknown, own)).toBe(false);
    await grant(['openid']);
    const both = async () => [await isAllowed(), await isAllowed(clientId, own)];
    for (const isActive of [false, true]) {
      await opened.store.transact(changeDirectory, { kind: 'changeClient', client: clientId, isActive });
      expect(await both()).toEqual([isActive, isActive]);
    }
    for (const isActive of [0, 1]) {
      await opened.rows(`update organizations set is_active = ${isActive} where id = '${tailspin}'`);
      await opened.reopen();
      expect(await both()).toEqual([isActive === 1, isActive === 1]);
    }
  });
});
