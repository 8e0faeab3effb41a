import { createOperations, type Explanation } from '@cosell/server';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { createExplain } from '@cosell/server/operations/explain';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { collection, type Envelope } from '../support/answers.ts';
import { runCosellHere } from '../support/cosell-here.ts';
import { runCosell } from '../support/cosell-process.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { ids, subjects, unknownIds, users } from '../support/sample.ts';
import { type Claims, issuersSetting, makeKey, seconds, startIssuer, type TestIssuer } from '../support/test-issuer.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

describeOnSqlite('cosell explain', (engine) => {
  let server: TestServer;
  let issuer: TestIssuer;
  let explain: ReturnType<typeof createExplain>;
  let tokens: [title: string, token: string][];
  beforeAll(async () => {
    issuer = await startIssuer();
    const trusted = { issuer, tenants: [subjects.admin.tid] };
    server = await startTestServer(engine, { ISSUERS: issuersSetting(trusted), REQUIRE_MFA: 'true' });
    const { store, issuer: builtIn } = server.exchange;
    const surroundings = { clock: { now: () => Date.now() }, ids: { guid: () => '' }, stopwatch: () => 0 };
    explain = createExplain({
      config: server.config,
      store,
      issuer: builtIn,
      surroundings,
      origins: () => [server.origin],
    });
    // Somebody with both kinds of role, and somebody of a location alone.
    const roles = { kind: 'addRole', user: users.nobody } as const;
    await store.transact(changeDirectory, { ...roles, role: 'ReferralUser' });
    await store.transact(changeDirectory, { ...roles, role: 'ReferralAdmin', mpnId: '5598765' });
    const organization = '7d23e5ca-19dc-4eaa-aac8-5e6b559f0d1d';
    await store.transact(changeDirectory, { kind: 'addUser', organization, name: 'roleless', email: 'r@contoso.com' });
    tokens = await everyToken();
  });
  afterAll(() => Promise.all([server.close(), issuer.close()]));

  async function everyToken(): Promise<[string, string][]> {
    const claims = (more: Claims = {}) => ({
      exp: seconds(3_600),
      iss: issuer.name,
      aud: 'api://cosell',
      ...subjects.admin,
      scp: 'user_impersonation',
      amr: ['mfa'],
      ...more,
    });
    const good = await server.tokenOf(users.admin);
    const { mintToken } = createOperations(server.exchange.store, server.exchange.issuer, () => server.origin);
    const own = await Promise.all(
      [...Object.values(users), 'roleless'].map(
        async (user): Promise<[string, string]> => [user, (await mintToken({ user })).token],
      ),
    );
    const signed: [string, Claims][] = [
      ['of another issuer', { iss: 'https://example.com/' }],
      ['without an object id', { oid: 5 }],
      ['expired and without an object id', { oid: 5, exp: 1 }],
      ['expired', { exp: 1 }],
      ['without an end', { exp: undefined }],
      ['of tomorrow', { nbf: seconds(86_400) }],
      ['of a tenant that is not bound', { tid: subjects.tailspin.tid }],
      ['for another API', { aud: 'x' }],
      ['without a second factor', { amr: ['pwd'] }],
      ['of an application', { scp: undefined }],
      ['of nobody', { oid: ids.lead }],
      ['of a user by his own issuer', subjects.member],
    ];
    const operator = await server.exchange.issuer.mintOperatorToken(server.origin);
    return [
      ...own,
      ['of the operator', operator],
      ['that is none', 'x'],
      ['cut', good.slice(0, -20)],
      ['unsigned', `${Buffer.from('{"alg":"none"}').toString('base64url')}.${good.split('.')[1]}.`],
      ['signed by a key that is not published', await issuer.sign(claims(), { key: await makeKey('x') })],
      ['signed by another key of the same name', await issuer.sign(claims(), { key: await makeKey('first') })],
      ...(await Promise.all(
        signed.map(async ([title, more]): Promise<[string, string]> => [title, await issuer.sign(claims(more))]),
      )),
    ];
  }

  const failed = ({ steps }: Explanation) => steps.filter(({ state }) => state === 'failed');

  it('decides as a request does, for every token and every referral, to read and to write', async () => {
    const seen = new Set<string>();
    for (const [title, token] of tokens) {
      const headers = { authorization: `Bearer ${token}` };
      for (const id of [...Object.values(ids), unknownIds[0] ?? '']) {
        const told = await explain({ token, id });
        const answer = await server.ask(`${collection}/${id}`, { headers });
        const about = `${title}, ${id}`;
        expect(told.isAllowed, about).toBe(answer.status === 200);
        const stops = failed(told);
        if (answer.status === 200) {
          const written = await server.ask(`${collection}/${id}`, { method: 'PATCH', headers, body: '[]' });
          expect(told.mayWrite, about).toBe(written.status === 204);
          expect(stops.map(({ refusal }) => refusal?.innerCode)).toEqual(written.status === 204 ? [] : ['notTheOwner']);
        } else {
          const { error } = answer.json<{ error: Envelope }>();
          expect(
            stops.map(({ refusal }) => refusal),
            about,
          ).toEqual([{ innerCode: error.innerError.code, message: error.message }]);
          // Before the failed one everything is passed, and after it nothing is looked at.
          const states = told.steps.map(({ state }) => state).join(' ');
          expect(states, about).toMatch(/^(passed )*failed( notReached)*$/);
        }
        for (const { check } of stops) seen.add(check);
      }
    }
    expect([...seen].sort()).toEqual(
      ['algorithm', 'audience', 'claims', 'form', 'issuer', 'key', 'location', 'mfa', 'owner', 'role', 'scope', 'signature', 'team', 'tenant', 'times', 'user', 'visibility'], // biome-ignore format: a list of words
    );
  });

  it('tells the operator what was found and what to do', async () => {
    const told = await explain({ token: `Bearer ${await server.tokenOf(users.member)}`, id: ids.tailspin });
    expect(failed(told)).toMatchObject([{ check: 'visibility', found: expect.stringContaining('Tailspin Toys') }]);
    expect(told.steps.find(({ check }) => check === 'role')?.found).toContain('ReferralUser');
    expect((await explain({ token: await server.tokenOf(users.admin) })).mayWrite).toBeNull();
    await expect(explain({ token: 'x', id: 'y' })).rejects.toMatchObject({ kind: 'malformedId' });
  });

  it('prints it, reads the token from standard input, and exits with 1 where it is refused', {
    timeout: 60_000,
  }, async () => {
    const place = await engine.makeSamplePlace();
    const settings = { DATA_DIR: place.at.dataDir };
    const token = async (user: string) => (await runCosellHere(['token', '--user', user], settings)).stdout.trim();
    const admin = await token(users.admin);
    const good = await runCosell(['explain', admin, ids.lead], settings);
    expect([good.code, good.stderr]).toEqual([0, '']);
    expect(good.stdout).toMatch(/^✓ form {9}The header is/);
    expect(good.stdout).toMatch(/\nAllowed: he reads the referral and may write it\.\n$/);
    const bad = await runCosell(['explain', '-', ids.lead], settings, `${await token(users.member)}\n`);
    expect(bad.code).toBe(1);
    expect(bad.stdout).toContain('✗ team');
    expect(bad.stdout).toContain('Refused with notOnTeam: Caller is not authorized to access the resource.');
    expect(bad.stdout).toMatch(/To do: Let somebody/);
    const json = await runCosell(['explain', 'nonsense', '--json'], settings);
    expect(json.code).toBe(1);
    const { isAllowed, steps } = JSON.parse(json.stdout) as Explanation;
    expect([isAllowed, steps[0]?.check, steps[0]?.state, steps[1]?.state]).toEqual([
      false,
      'form',
      'failed',
      'notReached',
    ]);
    await place.remove();
  });
});
