import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { collection, expectEnvelope } from '../support/answers.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { ids, subjects, users } from '../support/sample.ts';
import {
  askWith,
  type Claims,
  issuersSetting,
  makeKey,
  seconds,
  startIssuer,
  type TestIssuer,
} from '../support/test-issuer.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describeOnSqlite('who is refused', (engine) => {
  let server: TestServer;
  let issuer: TestIssuer;
  beforeAll(async () => {
    issuer = await startIssuer();
    const trusted = { issuer, tenants: [subjects.admin.tid] };
    server = await startTestServer(engine, { ISSUERS: issuersSetting(trusted), REQUIRE_MFA: 'true' });
  });
  afterAll(() => Promise.all([server.close(), issuer.close()]));

  const claims = (more: Claims = {}) => ({
    exp: seconds(3_600),
    iss: issuer.name,
    aud: 'api://cosell',
    ...subjects.admin,
    appid: 'the-program',
    scp: 'user_impersonation',
    amr: ['mfa'],
    ...more,
  });
  /** The last line of the log about a request. */
  const line = () => server.observations.findLast(({ kind }) => kind === 'requestAnswered');

  it('before his signature is proved is told the check that failed, and nothing of this exchange', async () => {
    const kid = issuer.keys[0]?.kid;
    const other = await makeKey('first');
    const secret = { iss: issuer.name, aud: 'stranger', tid: 'stranger', oid: 'stranger', amr: [], exp: 1, scp: '' };
    const hs256 = `${encode({ alg: 'HS256', kid })}.${encode(claims())}`;
    const unproved: [token: string, innerCode: string, check: string][] = [
      ['x', 'tokenMalformed', 'form'],
      ['a.b.c', 'tokenMalformed', 'form'],
      [`${encode({ alg: 'none' })}.${encode(claims())}.`, 'algorithmNotAllowed', 'algorithm'],
      [`${hs256}.${createHmac('sha256', 'x').update(hs256).digest('base64url')}`, 'algorithmNotAllowed', 'algorithm'],
      [await issuer.sign(claims({ iss: 'https://example.com/' })), 'issuerUnknown', 'issuer'],
      [await issuer.sign(claims(), { key: await makeKey('unpublished') }), 'signingKeyUnknown', 'key'],
      // Whatever else is wrong with it is not said, nor is it looked at.
      [await issuer.sign(secret, { key: other }), 'signatureInvalid', 'signature'],
      [await issuer.sign(claims({ exp: 1 }), { key: other }), 'signatureInvalid', 'signature'],
      [await issuer.sign(claims({ aud: 'x' }), { key: other }), 'signatureInvalid', 'signature'],
    ];
    const seen = new Map<string, Set<string>>();
    for (const [token, innerCode, check] of unproved) {
      const answer = await askWith(server, token);
      const error = expectEnvelope(answer, 401, innerCode);
      expect(line()).toMatchObject({ requestId: answer.headers['request-id'], innerCode, check, status: 401 });
      expect(Object.keys(line() ?? {}).sort()).toEqual(
        ['kind', 'requestId', 'method', 'route', 'status', 'durationMs', 'innerCode', 'check'].sort(),
      );
      const told = answer.text + JSON.stringify(answer.headers) + JSON.stringify(line());
      for (const allowed of [
        'api://',
        'partner.microsoft',
        issuer.origin,
        subjects.admin.tid,
        'stranger',
        'example.com',
      ]) {
        expect(told).not.toContain(allowed);
      }
      seen.set(innerCode, (seen.get(innerCode) ?? new Set()).add(error.message));
    }
    // One code has one text, whatever the token was.
    for (const messages of seen.values()) expect(messages.size).toBe(1);
    expectEnvelope(await server.ask(`${collection}/${ids.lead}`), 401, 'tokenMissing');
    expect(line()).toMatchObject({ check: 'form' });
  });

  it('after that is told which, and one line of the log says so', async () => {
    const proved: [claims: Claims, innerCode: string, check: string][] = [
      [{ oid: 5 }, 'claimInvalid', 'claims'],
      // A claim that is missing is said before that the time is over.
      [{ oid: 5, exp: seconds(-3_600) }, 'claimInvalid', 'claims'],
      [{ exp: seconds(-3_600) }, 'tokenExpired', 'times'],
      [{ nbf: seconds(3_600) }, 'tokenNotYetValid', 'times'],
      [{ tid: subjects.tailspin.tid }, 'tenantNotBound', 'tenant'],
      [{ tid: subjects.tailspin.tid, exp: seconds(-3_600) }, 'tokenExpired', 'times'],
      [{ aud: 'x' }, 'audienceWrong', 'audience'],
      [{ amr: ['pwd'] }, '900421', 'mfa'],
      [{ scp: undefined }, 'userRequired', 'scope'],
      [{ oid: ids.lead }, 'userUnknown', 'user'],
      [subjects.nobody, 'roleMissing', 'role'],
      [subjects.member, 'notOnTeam', 'team'],
    ];
    for (const [more, innerCode, check] of proved) {
      const before = server.observations.length;
      const answer = await askWith(server, await issuer.sign(claims(more)));
      expectEnvelope(answer, answer.status, innerCode);
      const lines = server.observations.slice(before).filter(({ kind }) => kind !== 'tokenProved');
      expect(lines, innerCode).toHaveLength(1);
      expect(lines[0]).toMatchObject({ kind: 'requestAnswered', status: answer.status, innerCode, check });
    }
    await server.askAs(users.london, `${collection}/${ids.lead}`);
    expect(line()).toMatchObject({ innerCode: 'locationOutOfReach', check: 'location' });
    await server.askAs(users.admin, '/_sandbox/clock');
    expect(line()).toMatchObject({ innerCode: 'operatorRequired', check: 'role' });
    const { text } = await server.ask('/metrics');
    expect(text).toMatch(/cosell_refusals_total\{code="900421",check="mfa"\} 1/);
    expect(text).toMatch(/cosell_refusals_total\{code="signatureInvalid",check="signature"\} 3/);
    expect(text).not.toContain('the-program');
  });
});
