import { createOperations, surroundings } from '@cosell/server';
import { createExplain } from '@cosell/server/operations/explain';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { collection, expectEnvelope } from '../support/answers.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { ids, organizations, subjects } from '../support/sample.ts';
import {
  askWith,
  type Claims,
  type IssuerKey,
  makeKey,
  seconds,
  startIssuer,
  type TestIssuer,
} from '../support/test-issuer.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const { contoso: organization } = organizations;

describeOnSqlite('an issuer whose claims the operator has mapped', (engine) => {
  let server: TestServer;
  /** One that names everything otherwise and signs with PS256, and one that has the place of a tenant in its name. */
  let other: TestIssuer;
  let entra: TestIssuer;
  beforeAll(async () => {
    [other, entra] = await Promise.all([
      startIssuer('PS256', '/realms/deals'),
      startIssuer('RS256', '/{tenantid}/v2.0'),
    ]);
    other.keys.push(await makeKey('rsa', 'RS256'));
    const [common, foreign, pss] = await Promise.all([makeKey('common'), makeKey('foreign'), makeKey('pss', 'PS256')]);
    Object.assign(common.publicJwk, { issuer: entra.name });
    Object.assign(foreign.publicJwk, { issuer: named(subjects.tailspin.tid) });
    entra.keys.push(common, foreign, pss);
    server = await startTestServer(engine, {
      REQUIRE_MFA: 'true',
      ISSUERS: JSON.stringify([
        {
          issuer: other.name,
          discovery: other.discovery,
          audiences: ['cosell'],
          tenants: ['Contoso-Org'],
          algorithms: ['PS256'],
          claims: { tenant: 'https://id.example/org', subject: 'uid', client: 'cid', scope: 'perms.api' },
          mfa: { claim: 'acr', values: ['urn:two', 'urn:three'] },
          roles: {
            claim: 'realm_access.roles',
            map: {
              'Referrals.Admin': 'ReferralAdmin',
              'Referrals.London': { role: 'ReferralAdmin', location: '5598765' },
            },
          },
        },
        {
          issuer: entra.name,
          discovery: entra.discovery,
          audiences: ['cosell'],
          tenants: [subjects.admin.tid.toUpperCase(), subjects.tailspin.tid],
          algorithms: ['RS256'],
        },
      ]),
    });
    const { changeDirectory } = createOperations(server.exchange.store, server.exchange.issuer, () => server.origin);
    await changeDirectory({
      kind: 'addOrganization',
      id: organization,
      name: 'Contoso Company',
      tenantId: 'contoso-org',
    });
    const user = { organization, email: 'mapped@contoso.com', tenantId: 'contoso-org', subject: 'U-1' };
    await changeDirectory({ kind: 'addUser', name: 'mapped', ...user });
  });
  afterAll(() => Promise.all([server.close(), other.close(), entra.close()]));

  const claims = (more: Claims = {}) => ({
    iss: other.name,
    aud: 'cosell',
    exp: seconds(600),
    'https://id.example/org': 'Contoso-Org',
    uid: 'U-1',
    cid: 'crm',
    perms: { api: 'referrals' },
    acr: 'urn:two',
    realm_access: { roles: ['x', 'Referrals.Admin'] },
    ...more,
  });
  const ask = async (more?: Claims, id: string = ids.lead) =>
    askWith(server, await other.sign(claims(more)), `${collection}/${id}`);

  it('is read by them: tenant, subject, client, scope, second factor and roles', async () => {
    expect((await ask()).status).toBe(200);
    // What the documented claims say is not asked where others are named.
    expect((await ask({ ...subjects.tailspin, sub: 'nobody', amr: ['pwd'], scp: '' })).status).toBe(200);
    expectEnvelope(await ask({ 'https://id.example/org': undefined, tid: 'contoso-org' }), 401, 'claimInvalid');
    expectEnvelope(await ask({ 'https://id.example/org': subjects.tailspin.tid }), 401, 'tenantNotBound');
    expectEnvelope(await ask({ uid: undefined, oid: 'U-1', sub: 'U-1' }), 401, 'claimInvalid');
    expectEnvelope(await ask({ uid: 'u-1' }), 403, 'userUnknown');
    expectEnvelope(await ask({ perms: {}, scp: 'referrals' }), 403, 'userRequired');
    expectEnvelope(await ask({ perms: 'api' }), 403, 'userRequired');
    const other = expectEnvelope(await ask({ acr: 'urn:one', amr: ['mfa'] }), 401, '900421');
    expect(other.message).toContain('its "acr" claim has no "urn:two" or "urn:three".');
    const none = expectEnvelope(await ask({ acr: undefined, amr: ['mfa'] }), 401, '900421');
    expect(none.message).toContain('it has no "acr" claim.');
    expect((await ask({ acr: ['urn:one', 'urn:three'] })).status).toBe(200);
  });

  it('gives roles by the values that are mapped, and by no other', async () => {
    const by = (...roles: unknown[]) => ({ realm_access: { roles } });
    expectEnvelope(await ask(by()), 403, 'roleMissing');
    for (const name of ['ReferralAdmin', 'GlobalAdmin', 'referrals.admin', '__proto__', 'constructor', 7, null]) {
      expectEnvelope(await ask(by(name)), 403, 'roleMissing');
    }
    expectEnvelope(await ask({ realm_access: undefined, roles: ['Referrals.Admin'] }), 403, 'roleMissing');
    // A role of one location reaches its referrals and no others.
    expect((await ask(by('Referrals.London'), ids.london)).status).toBe(200);
    expect((await ask(by('Referrals.London'), ids.lead)).status).toBe(403);
    // No claim opens another organisation.
    expectEnvelope(await ask(by('Referrals.Admin'), ids.tailspin), 404, 'referralNotFound');
  });

  it('is explained by the claims that were looked at, and the roles that count', async () => {
    const { config, exchange, origin } = server;
    const { store, issuer } = exchange;
    const explain = createExplain({ config, store, issuer, surroundings, origins: () => [origin] });
    const foundIn = async (more: Claims) => {
      const { isAllowed, steps } = await explain({ token: await other.sign(claims(more)) });
      const found = (name: string) => steps.find(({ check }) => check === name)?.found;
      return [isAllowed, ...['tenant', 'mfa', 'scope', 'role'].map(found)];
    };
    expect(await foundIn({ amr: ['pwd'], scp: 'x' })).toEqual([
      true,
      'https://id.example/org Contoso-Org',
      'acr urn:two; REQUIRE_MFA is true',
      'perms.api referrals',
      'ReferralAdmin',
    ]);
    const [isAllowed, , mfa] = await foundIn({ acr: undefined, amr: ['mfa'] });
    expect([isAllowed, mfa]).toEqual([false, 'acr is missing; REQUIRE_MFA is true']);
  });

  it('is explained by them also where the tenant stands in the name of the issuer', async () => {
    const { config, exchange, origin } = server;
    const { store, issuer } = exchange;
    const issuers = config.issuers.map((trust) => ({ ...trust, mfa: { claim: 'acrs', values: ['c1'] } }));
    const explain = createExplain({
      config: { ...config, issuers },
      store,
      issuer,
      surroundings,
      origins: () => [origin],
    });
    const { isAllowed, steps } = await explain({ token: await entra.sign(entraClaims(subjects.admin.tid)) });
    const step = steps.find(({ check }) => check === 'mfa');
    expect([isAllowed, step?.state, step?.found]).toEqual([false, 'failed', 'acrs is missing; REQUIRE_MFA is true']);
    expect(step?.refusal?.message).toContain('it has no "acrs" claim.');
  });

  it('signs with the algorithms that were named for it', async () => {
    const [rsa, pss] = [other.keys.at(-1), entra.keys.at(-1)] as [IssuerKey, IssuerKey];
    expectEnvelope(await askWith(server, await other.sign(claims(), { key: rsa })), 401, 'algorithmNotAllowed');
    const token = await entra.sign(entraClaims(subjects.admin.tid), { key: pss });
    expectEnvelope(await askWith(server, token), 401, 'algorithmNotAllowed');
  });

  /** The name of the second issuer in the tokens of a tenant. */
  const named = (tenant: string) => entra.name.replace('{tenantid}', tenant);
  const entraClaims = (tid: string, more: Claims = {}) => ({
    iss: named(tid),
    aud: 'cosell',
    exp: seconds(600),
    ...subjects.admin,
    tid,
    scp: 'user_impersonation',
    amr: ['pwd', 'mfa'],
    ...more,
  });

  it('may have the place of a tenant in its name, for the tenants that are listed', async () => {
    const { tid } = subjects.admin;
    const sent = async (more: Claims) => askWith(server, await entra.sign(more));
    expect((await sent(entraClaims(tid))).status).toBe(200);
    expectEnvelope(await sent(entraClaims(tid, { iss: entra.name })), 401, 'issuerUnknown');
    expectEnvelope(await sent(entraClaims(ids.lead)), 401, 'issuerUnknown');
    // The name says one tenant, the claim another: nobody speaks for either.
    expectEnvelope(await sent(entraClaims(subjects.tailspin.tid, { tid })), 401, 'tenantNotBound');
    expectEnvelope(await sent(entraClaims(tid, { tid: subjects.tailspin.tid })), 401, 'tenantNotBound');
    expectEnvelope(await sent(entraClaims(tid, { tid: undefined, sub: 'x' })), 401, 'tenantNotBound');
  });

  it('signs the tokens of a tenant with the keys that it publishes for that tenant', async () => {
    const { tid } = subjects.admin;
    const sent = async (kid: string, more: Claims) =>
      askWith(server, await entra.sign(more, { key: entra.keys.find((key) => key.kid === kid) as IssuerKey }));
    expect((await sent('common', entraClaims(tid))).status).toBe(200);
    expectEnvelope(await sent('foreign', entraClaims(tid)), 401, 'signingKeyUnknown');
    const theirs = entraClaims(subjects.tailspin.tid, subjects.tailspin);
    expect((await sent('foreign', theirs)).status).toBe(404);
    // Without a tenant in the claim, the place in the name of the key cannot be filled.
    expectEnvelope(await sent('common', entraClaims(tid, { tid: undefined })), 401, 'signingKeyUnknown');
  });
});
