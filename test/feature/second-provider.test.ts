import { createOperations } from '@cosell/server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectEnvelope } from '../support/answers.ts';
import { availableEngines } from '../support/engines.ts';
import { type Glewlwyd, startGlewlwyd } from '../support/glewlwyd.ts';
import { organizations } from '../support/sample.ts';
import { askWith } from '../support/test-issuer.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { hasTool } from '../support/tools.ts';

const { contoso: organization } = organizations;

describe.skipIf(!hasTool('glewlwyd', 'sign-in by a provider of other people’s making'))('a second provider', () => {
  let provider: Glewlwyd;
  let server: TestServer;
  beforeAll(async () => {
    const [engine] = availableEngines();
    if (engine === undefined) throw new Error('SQLite is always there');
    provider = await startGlewlwyd(['jane', 'john']);
    const { issuer } = provider;
    const ISSUERS = JSON.stringify([{ issuer, audiences: ['cosell'], tenants: [issuer] }]);
    server = await startTestServer(engine, { ISSUERS });
    const { changeDirectory } = createOperations(server.exchange.store, server.exchange.issuer, () => server.origin);
    await changeDirectory({ kind: 'addOrganization', id: organization, name: 'Contoso Company', tenantId: issuer });
    const subject = String(claimsOf(await provider.tokenOf('jane')).sub);
    const user = { organization, email: 'jane@contoso.com', tenantId: issuer, subject };
    await changeDirectory({ kind: 'addUser', name: 'jane of the provider', ...user });
    await changeDirectory({ kind: 'addRole', user: 'jane of the provider', role: 'ReferralAdmin' });
  });
  afterAll(async () => {
    vi.useRealTimers();
    await server.close();
    await provider.stop();
  });

  it('signs a user in by code and PKCE, and by password, whom the directory knows by issuer and subject', async () => {
    for (const token of [await provider.signIn('jane'), await provider.tokenOf('jane')]) {
      expect((await askWith(server, token)).status).toBe(200);
    }
    expectEnvelope(await askWith(server, await provider.signIn('john')), 403, 'userUnknown');
    // To Glewlwyd a client is a subject with scopes, too; to the directory it is nobody.
    expectEnvelope(await askWith(server, await provider.tokenOfClient()), 403, 'userUnknown');
    const [head, body, signature = ''] = (await provider.tokenOf('jane')).split('.');
    const other = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    expectEnvelope(await askWith(server, `${head}.${body}.${other}`), 401, 'signatureInvalid');
  });

  it('may change its key and go away: what was proved stays good, and what cannot be is no fault of the token', async () => {
    const old = await provider.tokenOf('jane');
    expect((await askWith(server, old)).status).toBe(200);
    await provider.changeKey();
    const changed = await provider.tokenOf('jane');
    expectEnvelope(await askWith(server, changed), 401, 'signingKeyUnknown');
    ahead(31);
    expect((await askWith(server, changed)).status).toBe(200);
    expect((await askWith(server, old)).status).toBe(200);
    await provider.changeKey();
    const unproved = await provider.tokenOf('jane');
    await provider.stop();
    ahead(62);
    const answer = await askWith(server, unproved);
    expectEnvelope(answer, 503, 'issuerUnreachable');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    for (const token of [changed, old]) expect((await askWith(server, token)).status).toBe(200);
  });
});

/** jose measures its cool-down by the machine's clock, so that one is set ahead; timers run on. */
function ahead(seconds: number): void {
  vi.useRealTimers();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 });
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}
