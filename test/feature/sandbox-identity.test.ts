import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { collection, expectEnvelope } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { type Operator, operatorOf } from '../support/parties.ts';
import { ids, users } from '../support/sample.ts';
import { addPrograms, askForTokens, programs, signInByCode, type TokenAnswer } from '../support/sign-in.ts';
import { askWith } from '../support/test-issuer.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

describeOnEachEngine('what an integration has to live through can be rehearsed', (engine) => {
  let server: TestServer;
  let operator: Operator;
  let tokens: TokenAnswer;
  beforeAll(async () => {
    server = await startTestServer(engine);
    operator = await operatorOf(server);
    await addPrograms(server);
    tokens = await signInByCode(server);
  });
  afterAll(() => server.close());

  const act = (order: object) => operator.ask('POST', '/_sandbox/identity', order);
  const get = () => askWith(server, tokens.access_token, `${collection}/${ids.lead}`);
  const refresh = async () => {
    const fields = { client_id: programs.native, grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    const answer = await askForTokens(server, fields);
    if (answer.status === 200) tokens = answer;
    return answer;
  };

  it('a user who leaves and comes back: his token and his refresh token', async () => {
    expect([(await get()).status, (await refresh()).status]).toEqual([200, 200]);
    expect((await act({ act: 'revokeUser', user: users.admin })).json()).toEqual({
      user: users.admin,
      isActive: false,
    });
    expectEnvelope(await get(), 403, 'userInactive');
    expect(await refresh()).toMatchObject({ status: 400, error: 'invalid_grant' });
    await act({ act: 'restoreUser', user: 'admin@contoso.com' });
    expect((await get()).status).toBe(200);
    tokens = await signInByCode(server);
  });

  it('a refresh token that has expired, of this user and of no other', async () => {
    expect((await act({ act: 'expireRefreshTokens', user: users.member })).json()).toEqual({
      user: users.member,
      refreshTokensExpired: 0,
    });
    expect((await refresh()).status).toBe(200);
    const { refreshTokensExpired } = (await act({ act: 'expireRefreshTokens', user: users.admin })).json<{
      refreshTokensExpired: number;
    }>();
    expect(refreshTokensExpired).toBeGreaterThan(0);
    expect(await refresh()).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect((await get()).status).toBe(200);
    tokens = await signInByCode(server);
  });

  it('other keys, with and without what the old ones have signed', async () => {
    const { keys } = (await act({ act: 'rotateKeys' })).json<{ keys: string[] }>();
    expect(keys[1]).toBe(decodeProtectedHeader(tokens.access_token).kid);
    expect((await get()).status).toBe(200);
    const old = tokens.access_token;
    expect((await refresh()).status).toBe(200);
    expect(decodeProtectedHeader(tokens.access_token).kid).toBe(keys[0]);
    // The operator's own token was signed by an old one, too.
    expect((await act({ act: 'rotateKeys', retireOthers: true })).status).toBe(200);
    expectEnvelope(await askWith(server, old, collection), 401, 'signingKeyUnknown');
    expectEnvelope(await act({ act: 'rotateKeys' }), 401, 'signingKeyUnknown');
    operator = await operatorOf(server);
    expect((await refresh()).status).toBe(200);
    expect((await get()).status).toBe(200);
  });

  it('a provider that is away', async () => {
    const fault = { route: 'provider', kind: 'unavailable', count: 3, retryAfterSeconds: 7 };
    expect((await operator.ask('POST', '/_sandbox/faults', fault)).status).toBe(200);
    expect(await refresh()).toMatchObject({ status: 503, error: 'temporarily_unavailable' });
    const keys = await server.ask('/common/discovery/v2.0/keys');
    expectEnvelope(keys, 503, 'sandboxOutage');
    expect(keys.headers['retry-after']).toBe('7');
    expect((await get()).status).toBe(200);
    const page = await server.ask('/common/oauth2/v2.0/authorize', { headers: { accept: 'text/html' } });
    expect([page.status, page.headers['retry-after']]).toEqual([503, '7']);
    expect((await refresh()).status).toBe(200);
  });

  it('and nothing else', async () => {
    const faultsOf = async (order: object) => {
      const answer = await act(order);
      expectEnvelope(answer, 400, 'invalidBody');
      return answer.json<{ error: { details: { target: string }[] } }>().error.details.map(({ target }) => target);
    };
    expect(await faultsOf({})).toEqual(['/act']);
    expect(await faultsOf({ act: 'revokeUser' })).toEqual(['/user']);
    expect(await faultsOf({ act: 'revokeUser', user: 'x', retireOthers: true })).toEqual(['/retireOthers']);
    expect(await faultsOf({ act: 'rotateKeys', user: users.admin })).toEqual(['/user']);
    expectEnvelope(await act({ act: 'revokeUser', user: 'nobody' }), 400, 'directoryRefused');
    expectEnvelope(await server.askAs(users.admin, '/_sandbox/identity', { method: 'POST' }), 403, 'operatorRequired');
    const kinds = (await server.exchange.store.listActs({ isNewestFirst: false, most: 1_000 })).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'sandboxActed').length).toBeGreaterThan(5);
  });
});
