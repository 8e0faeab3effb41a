import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeOnEachEngine } from '../support/engines.ts';
import { listedIn, listPath, pathOf } from '../support/listed.ts';
import { deal } from '../support/parties.ts';
import { users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { writingAs } from '../support/writing.ts';

describeOnEachEngine('a walk through the results of $apply', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server.close());

  it('meets each that is there all the time once, whatever others write meanwhile', async () => {
    const path = listPath({ $apply: 'groupby((id),aggregate(details/dealValue with sum as total))', $count: 'false' });
    const before = listedIn(await server.askAs(users.admin, path)).value.map(({ id }) => id);
    const created: string[] = [];
    const walked: string[] = [];
    let next: string | undefined = path;
    while (next !== undefined) {
      const page = listedIn(await server.askAs(users.admin, next, { headers: { prefer: 'maxpagesize=2' } }));
      walked.push(...page.value.map(({ id }) => id));
      const link: string | undefined = page['@odata.nextLink'];
      next = link === undefined ? undefined : pathOf(link);
      // New results come before and behind the place where the walk stands.
      if (created.length < 6) created.push((await writingAs(server, users.admin).create(deal())).id);
      const [first = ''] = before;
      const value = { op: 'replace', path: '/details/dealValue', value: 1_000 + created.length };
      expect((await writingAs(server, users.admin).patch(created.at(-1) ?? first, [value])).status).toBe(204);
    }
    expect(walked.filter((id) => before.includes(id))).toEqual(before);
    expect(new Set(walked).size).toBe(walked.length);
    expect(walked.filter((id) => !before.includes(id) && !created.includes(id))).toEqual([]);
  });
});
