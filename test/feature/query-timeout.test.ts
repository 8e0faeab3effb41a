import { afterAll, beforeAll, expect, it } from 'vitest';
import { collection, documented, expectEnvelope } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { idsIn, listedIn, listPath } from '../support/listed.ts';
import { deal } from '../support/parties.ts';
import { users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { writingAs } from '../support/writing.ts';

/** Every member of a team with every other two, again and again, before it is known that nobody matches. */
const heavy = Array.from({ length: 20 }, (_same, index) => {
  const names = 'concat(a/lastName,concat(b/lastName,c/lastName))';
  return `team/any(a:team/any(b:team/any(c:${names} eq '${index}')))`;
}).join(' or ');
const heavyPath = listPath({ $filter: heavy });

describeOnEachEngine('a list that takes too long', (engine) => {
  let server: TestServer;
  let headers: { authorization: string };
  beforeAll(async () => {
    server = await startTestServer(engine, { QUERY_TIMEOUT: '2000', READERS: '1' });
    headers = { authorization: `Bearer ${await server.tokenOf(users.admin)}` };
    const team = Array.from({ length: 50 }, (_member, index) => ({
      firstName: 'Jo',
      lastName: `Doe ${index}`,
      email: `jo.${index}@contoso.com`,
    }));
    for (let deals = 0; deals < 20; deals += 1) {
      const created = await writingAs(server, users.admin).post(deal({ team }));
      expect(created.status, created.text).toBe(200);
    }
  });
  afterAll(() => server.close());

  it('is broken off with 503, and the message says what to ask instead', async () => {
    const error = expectEnvelope(await server.ask(heavyPath, { headers }), 503, 'queryTimeout');
    expect(error.message).toMatch(/within 2 s .*Narrow \$filter/);
  });

  it.each([`filter(${heavy})/groupby((status))`, `compute(${heavy} as h)/groupby((h),aggregate($count as n))`])(
    'is broken off in $apply, too (%#)',
    async ($apply) => {
      expectEnvelope(await server.ask(listPath({ $apply }), { headers }), 503, 'queryTimeout');
    },
  );

  it('holds up neither the referrals by id nor a write while it runs', async () => {
    const order: string[] = [];
    const list = server.ask(heavyPath, { headers }).then(({ status }) => order.push(`list ${status}`));
    for (let times = 0; times < 5; times += 1) {
      const { status } = await server.ask(`${collection}/${documented}`, { headers });
      order.push(`by id ${status}`);
    }
    const renamed = [{ op: 'replace', path: '/details/notes', value: 'meanwhile' }];
    order.push(`write ${(await writingAs(server, users.admin).patch(documented, renamed)).status}`);
    await list;
    expect(order).toEqual([...Array.from({ length: 5 }, () => 'by id 200'), 'write 204', 'list 503']);
  });

  it('leaves the next list its turn', async () => {
    expect(idsIn(await server.ask(collection, { headers }))).toContain(documented);
    const counted = listedIn(await server.ask(listPath({ $count: 'true', $top: '1' }), { headers }));
    expect(counted['@odata.count']).toBeGreaterThan(1);
  });
});
