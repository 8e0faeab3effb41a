import { createOperations } from '@cosell/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, expectEnvelope } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { ids, organizations, subjects } from '../support/sample.ts';
import { askWith, type Claims, issuersSetting, seconds, startIssuer, type TestIssuer } from '../support/test-issuer.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const life = () => ({ iat: seconds(), nbf: seconds(), exp: seconds(3_600) });

describeOnEachEngine('external issuers', (engine) => {
  let server: TestServer;
  /** Entra of Contoso, Entra of Tailspin (ES256), and a provider that knows no tenants. */
  let contoso: TestIssuer;
  let tailspin: TestIssuer;
  let plain: TestIssuer;
  beforeAll(async () => {
    [contoso, tailspin, plain] = await Promise.all([
      startIssuer('RS256', `/${subjects.admin.tid}/v2.0`),
      startIssuer('ES256', `/${subjects.tailspin.tid}/`),
      startIssuer('RS256', '/realms/MyRealm'),
    ]);
    server = await startTestServer(engine, {
      ISSUERS: issuersSetting(
        { issuer: contoso, tenants: [subjects.admin.tid.toUpperCase()], audiences: ['api://cosell', 'second'] },
        { issuer: tailspin, tenants: [subjects.tailspin.tid] },
        { issuer: plain, tenants: [plain.name], audiences: ['cosell'] },
      ),
    });
    const { changeDirectory } = createOperations(server.exchange.store, server.exchange.issuer, () => server.origin);
    const { contoso: organization } = organizations;
    await changeDirectory({ kind: 'addOrganization', id: organization, name: 'Contoso Company', tenantId: plain.name });
    await changeDirectory({
      kind: 'addUser',
      organization,
      name: 'by-subject',
      email: 'by-subject@contoso.com',
      tenantId: plain.name,
      subject: 'User|AbC',
    });
    await changeDirectory({ kind: 'addRole', user: 'by-subject', role: 'ReferralAdmin' });
  });
  afterAll(() => Promise.all([server.close(), contoso.close(), tailspin.close(), plain.close()]));

  const v1 = () => ({
    ...life(),
    ver: '1.0',
    iss: contoso.name,
    aud: 'api://cosell',
    ...subjects.admin,
    appid: '60858c1b-2062-40ad-b42c-996b6b5b047d',
    scp: 'user_impersonation',
    sub: 'pairwise',
  });
  const v2 = () => ({ ...v1(), ver: '2.0', appid: undefined, azp: '60858c1b-2062-40ad-b42c-996b6b5b047d' });
  const ask = async (issuer: TestIssuer, claims: Claims, id: string = ids.lead) =>
    askWith(server, await issuer.sign(claims), `${collection}/${id}`);

  it('takes the claims of v1.0 and of v2.0', async () => {
    for (const claims of [v1(), v2()]) expect((await ask(contoso, claims)).status).toBe(200);
  });

  it('takes a token signed with ES256', async () => {
    const claims = { ...v2(), iss: tailspin.name, ...subjects.tailspin };
    expect((await ask(tailspin, claims, ids.tailspin)).status).toBe(200);
    expectEnvelope(await ask(tailspin, claims, ids.lead), 404, 'referralNotFound');
  });

  it.each(['scp', 'scope'])('takes the scope of the claim %s', async (claim) => {
    expect((await ask(contoso, { ...v2(), scp: undefined, [claim]: 'a b' })).status).toBe(200);
  });

  it('knows a user in either case of his tenant and object id', async () => {
    const { tid, oid } = subjects.admin;
    expect((await ask(contoso, { ...v2(), tid: tid.toUpperCase(), oid: oid.toUpperCase() })).status).toBe(200);
  });

  it('knows a user by issuer and subject where the issuer has no tenants', async () => {
    const claims = { ...life(), iss: plain.name, aud: 'cosell', scope: 'referrals', sub: 'User|AbC', client_id: 'x' };
    expect((await ask(plain, claims)).status).toBe(200);
    // A subject means what it says, letter by letter.
    expectEnvelope(await ask(plain, { ...claims, sub: 'user|abc' }), 403, 'userUnknown');
    expectEnvelope(await ask(plain, { ...claims, sub: undefined }), 401, 'claimInvalid');
  });

  it('asks for the type of a token neither JWT nor at+jwt', async () => {
    for (const typ of ['JWT', 'at+jwt', 'application/at+jwt']) {
      const token = await contoso.sign(v2(), { header: { typ } });
      expect((await askWith(server, token)).status).toBe(200);
    }
  });

  describe('is bound to its tenants', () => {
    it("so another issuer's token for our tenant is refused", async () => {
      expectEnvelope(await ask(tailspin, { ...v2(), iss: tailspin.name }), 401, 'tenantNotBound');
      expectEnvelope(await ask(plain, { ...v2(), iss: plain.name, aud: 'cosell' }), 401, 'tenantNotBound');
      expectEnvelope(await ask(contoso, { ...v2(), ...subjects.tailspin }), 401, 'tenantNotBound');
    });

    it('so a token without a tenant, of an issuer that has tenants, is refused', async () => {
      expectEnvelope(await ask(contoso, { ...v2(), tid: undefined }), 401, 'tenantNotBound');
    });

    it('so an unknown tenant is refused before the directory is asked', async () => {
      expectEnvelope(await ask(contoso, { ...v2(), tid: ids.lead }), 401, 'tenantNotBound');
    });
  });

  describe('has the audiences that the operator named, and no others', () => {
    it.each(['api://cosell', 'second'])('takes %s', async (aud) => {
      expect((await ask(contoso, { ...v2(), aud })).status).toBe(200);
      expect((await ask(contoso, { ...v2(), aud: ['x', aud] })).status).toBe(200);
    });

    it('takes none that only the built-in issuer may name', async () => {
      for (const aud of [
        'https://api.partner.microsoft.com',
        '4990cffe-04e8-4e8b-808a-1175604b879f',
        server.origin,
        'api://cosell/',
        'API://cosell',
        'cosell',
        '',
      ]) {
        const error = expectEnvelope(await ask(contoso, { ...v2(), aud }), 401, 'audienceWrong');
        expect(error.message).toContain('api://cosell');
      }
    });
  });

  describe('nbf and exp have a minute of leeway', () => {
    // Made when they are sent: the run may have begun minutes ago.
    it.each([
      ['exp: seconds(-45)', () => ({ exp: seconds(-45) }), 200, ''],
      ['exp: seconds(-120)', () => ({ exp: seconds(-120) }), 401, 'tokenExpired'],
      ['nbf: seconds(45)', () => ({ nbf: seconds(45) }), 200, ''],
      ['nbf: seconds(300)', () => ({ nbf: seconds(300) }), 401, 'tokenNotYetValid'],
      ['nbf: undefined', () => ({ nbf: undefined }), 200, ''],
      ['iat: undefined', () => ({ iat: undefined }), 200, ''],
      ['iat: seconds(7_200)', () => ({ iat: seconds(7_200) }), 200, ''],
      ['exp: seconds() + 1e9', () => ({ exp: seconds() + 1e9 }), 200, ''],
      ['exp: 0', () => ({ exp: 0 }), 401, 'tokenExpired'],
      ['exp: -1e300', () => ({ exp: -1e300 }), 401, 'tokenExpired'],
      ['nbf: 1e300', () => ({ nbf: 1e300 }), 401, 'tokenNotYetValid'],
      ['exp: undefined', () => ({ exp: undefined }), 401, 'claimInvalid'],
    ] as const)('%s', async (_title, claims, status, innerCode) => {
      const answer = await ask(contoso, { ...v2(), ...claims() });
      if (status === 200) expect(answer.status).toBe(200);
      else expectEnvelope(answer, status, innerCode);
    });

    it('at both edges, to the second', async () => {
      const token = await contoso.sign({ ...v2(), nbf: seconds(1_000), exp: seconds(2_000) });
      const at = async (offset: number) => {
        server.clock.aheadMs = offset * 1_000;
        const answer = await askWith(server, token);
        server.clock.aheadMs = 0;
        return answer;
      };
      expectEnvelope(await at(935), 401, 'tokenNotYetValid');
      expect((await at(945)).status).toBe(200);
      expect((await at(2_050)).status).toBe(200);
      expectEnvelope(await at(2_065), 401, 'tokenExpired');
    });
  });

  it('gets no role out of a token, whatever it claims', async () => {
    const claims = {
      ...v2(),
      ...subjects.nobody,
      roles: ['ReferralAdmin', 'GlobalAdmin', 'Referral Admin'],
      role: 'ReferralAdmin',
      wids: ['62e90394-69f5-4237-9190-012177145e10'],
      groups: ['admins'],
      email: 'jane.doe@contoso.com',
      upn: 'admin@contoso.com',
      unique_name: 'admin@contoso.com',
      preferred_username: 'contoso-admin',
      name: 'contoso-admin',
      organizationId: organizations.contoso,
      mpnId: '5512345',
    };
    expectEnvelope(await ask(contoso, claims), 403, 'roleMissing');
    // An e-mail claim puts nobody on a team: the directory's address counts.
    const member = { ...claims, ...subjects.member, email: 'john.doe@contoso.com', upn: 'john.doe@contoso.com' };
    expectEnvelope(await ask(contoso, member, ids.coSell), 403, 'notOnTeam');
    expect((await ask(contoso, member, ids.won)).status).toBe(200);
  });

  it.each([undefined, '', ' '])('takes a token with the scope "%s" for one of an application alone', async (scp) => {
    const error = expectEnvelope(await ask(contoso, { ...v1(), scp, roles: ['x'], idtyp: 'app' }), 403, 'userRequired');
    expect(error.code).toBe('accessDenied');
    expect(error.message).toContain('signed-in user');
  });

  it('says of a user who is not in the directory that he is not, and not what there is', async () => {
    const stranger = { ...v2(), oid: '99999999-0000-4000-8000-000000000000' };
    for (const id of [ids.lead, ids.tailspin]) {
      const error = expectEnvelope(await ask(contoso, stranger, id), 403, 'userUnknown');
      expect(error.message).not.toContain('9999');
    }
  });
});
