import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { changeDirectory } from '@cosell/server/domain/directory/change-directory';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { collection, expectEnvelope } from '../support/answers.ts';
import { runCosellHere } from '../support/cosell-here.ts';
import { describeOnEachEngine, type Place } from '../support/engines.ts';
import { ids, organizations, subjects, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { askSandbox } from '../support/writing.ts';

interface Recorded {
  readonly sequence: number;
  readonly kind: string;
  readonly by: { kind: string; organizationId: string | null; subject: string | null; user: string | null };
  readonly requestId: string | null;
  readonly details: Record<string, unknown>;
  readonly hash: string;
}

describeOnEachEngine('what the audit has of a day', (engine) => {
  let place: Place;
  let server: TestServer;
  let firstRefused: string | undefined;
  let operator: string;
  beforeAll(async () => {
    place = await engine.makeSamplePlace();
    const first = await startTestServer(engine, { SANDBOX: 'true' }, place);
    for (let round = 0; round < 3; round += 1) {
      const { headers } = await first.askAs(users.member, `${collection}/${ids.lead}`);
      firstRefused ??= String(headers['request-id']);
    }
    await first.askAs(users.nobody, collection);
    await first.askAs(users.admin, '/_sandbox/clock');
    // Neither of these is a refusal of somebody who is known.
    await first.ask(collection, { headers: { authorization: 'Bearer x' } });
    await first.askAs(users.admin, `${collection}/${ids.tailspin}`);
    await askSandbox(first, '/clock', { advance: 'PT1S' });
    await askSandbox(first, '/faults', { kind: 'unavailable', route: 'getReferralHistory' });
    await askSandbox(first, '/clock', { advance: 'x' });
    const { store } = first.exchange;
    await store.transact(changeDirectory, { kind: 'addRole', user: users.admin, role: 'GlobalAdmin' });
    await first.stop();
    server = await startTestServer(engine, { SANDBOX: 'true' }, place);
    operator = (await server.exchange.issuer.mintOperatorToken(server.origin)) ?? '';
  });
  afterAll(async () => {
    await server.stop();
    await place.remove();
  });

  const asOperator = (query = '') =>
    server.ask(`/directory/v1/audit${query}`, { headers: { authorization: `Bearer ${operator}` } });
  const recordsOf = async (query = '') => (await asOperator(query)).json<{ value: Recorded[] }>().value;

  it('is who was refused what after his token was proved, gathered, and every act of the sandbox', async () => {
    const records = (await recordsOf()).filter(({ kind }) => kind === 'refused' || kind === 'sandboxActed');
    const [byId, route] = ['/v1.0/engagements/referrals/{id}', '/v1.0/engagements/referrals'];
    const of = (user: 'member' | 'nobody' | 'admin') => ({
      kind: 'user',
      organizationId: organizations.contoso,
      subject: subjects[user].oid,
      user: users[user],
    });
    const refused = records.filter(({ kind }) => kind === 'refused').reverse();
    expect(refused.map(({ by, details }) => ({ by, details }))).toEqual([
      { by: of('member'), details: { code: 'notOnTeam', check: 'team', route: byId, count: 3 } },
      { by: of('nobody'), details: { code: 'roleMissing', check: 'role', route, count: 1 } },
      { by: of('admin'), details: { code: 'operatorRequired', check: 'role', route: '/_sandbox/clock', count: 1 } },
    ]);
    expect(refused[0]?.requestId).toBe(firstRefused);
    const acted = records.filter(({ kind }) => kind === 'sandboxActed').reverse();
    expect(acted.map(({ details }) => details)).toEqual([{ route: 'setSandboxClock' }, { route: 'addSandboxFault' }]);
    expect(acted[0]?.by).toMatchObject({ kind: 'operator', organizationId: null });
    expect(JSON.stringify(records)).not.toMatch(/@|jane/i);
  });

  it('is read by pages, in either order, and by what it says', async () => {
    const all = await recordsOf('?$top=1000');
    const seen: number[] = [];
    let path: string | undefined = '/directory/v1/audit?$top=2&$orderby=sequence';
    while (path !== undefined) {
      const answer = await server.ask(path, { headers: { authorization: `Bearer ${operator}` } });
      expect([answer.status, answer.headers['cosell-extension']]).toEqual([200, 'directory']);
      const page = answer.json<{ value: Recorded[]; '@odata.nextLink'?: string }>();
      expect(page.value.length).toBeLessThanOrEqual(2);
      seen.push(...page.value.map(({ sequence }) => sequence));
      const next: string | undefined = page['@odata.nextLink'];
      path = next?.replace(server.origin, '');
    }
    expect(seen).toEqual(all.map(({ sequence }) => sequence).reverse());
    expect(await recordsOf(`?kind=refused&actor=${subjects.member.oid}`)).toHaveLength(1);
    for (const nothing of ['?kind=%00', '?actor=a%00b']) expect(await recordsOf(nothing)).toEqual([]);
    expect(await recordsOf('?to=2001-01-01T00:00:00Z')).toEqual([]);
    expect(await recordsOf('?from=2001-01-01T00:00:00Z&$top=1000')).toEqual(all);
    const own = await server.askAs(users.admin, '/directory/v1/audit?$top=1000');
    const ofContoso = all.filter(({ by }) => by.organizationId === organizations.contoso);
    expect(own.json<{ value: Recorded[] }>().value).toEqual(ofContoso);
    expect(ofContoso.length).toBeLessThan(all.length);
    for (const query of ['$top=0', '$top=1001', '$top=x', '$skiptoken=x', '$orderby=kind']) {
      expectEnvelope(await asOperator(`?${query}`), 400, 'optionValueInvalid');
    }
    expectEnvelope(await asOperator('?from=yesterday'), 400, 'malformedInstant');
    expectEnvelope(await asOperator('?$filter=x'), 400, 'optionNotAllowed');
    expectEnvelope(await server.askAs(users.member, '/directory/v1/audit'), 403, 'roleMissing');
  });

  it('is listed, exported and verified by command, and a file that was changed is told', async () => {
    await server.stop();
    const { dataDir, databaseUrl } = place.at;
    const settings = databaseUrl === undefined ? { DATA_DIR: dataDir } : { DATABASE_URL: databaseUrl };
    const run = (...args: string[]) => runCosellHere(['audit', ...args], settings);
    const file = join(mkdtempSync(join(tmpdir(), 'cosell-audit-')), 'audit.ndjson');
    const verified = await run('verify');
    expect(verified).toMatchObject({ code: 0, stderr: '' });
    const head = /^Head: (\d+:[0-9a-f]{64})$/m.exec(verified.stdout)?.[1] ?? '';
    expect((await run('list', '--kind', 'refused')).stdout.match(/ refused /g)).toHaveLength(4);
    expect((await run('export', file)).stderr).toMatch(/^Wrote \d+ records to /);
    expect(await run('verify', '--file', file, '--head', head)).toMatchObject({ code: 0, stderr: '' });
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ kind: 'exported', details: '{"what":"audit"}' });
    const tampered = async (changed: readonly string[], ...args: string[]) => {
      const other = `${file}.changed`;
      writeFileSync(other, `${changed.join('\n')}\n`);
      return run('verify', '--file', other, ...args);
    };
    const changed = await tampered(lines.map((line) => line.replace('notOnTeam', 'somethingElse')));
    expect([changed.code, changed.stderr]).toEqual([
      1,
      expect.stringMatching(/^The audit was tampered with\. Record \d+: /),
    ]);
    const cut = await tampered(lines.slice(0, 2), '--head', head);
    expect([cut.code, cut.stderr]).toEqual([
      1,
      expect.stringContaining('Record 3: it is missing, and so is all after'),
    ]);
    expect((await tampered(['{}'])).stderr).toContain('changed:1: This is no record of an audit');
    expect((await run('verify', '--file', `${file}.none`)).stderr).toContain('cannot be read');
    expect((await run('verify', '--head', 'x')).stderr).toContain('<sequence>:<hash>');
    rmSync(dirname(file), { recursive: true });
    server = await startTestServer(engine, { SANDBOX: 'true' }, place);
    expect((await server.exchange.store.findAuditHead()).sequence).toBe(lines.length);
  });
});
