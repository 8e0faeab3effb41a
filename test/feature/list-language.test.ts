import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readText } from '../guard/source-files.ts';
import { expectEnvelope } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { idsIn, listedIn, listPath, pathOf } from '../support/listed.ts';
import { ids, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** The rows of docs/lists.md that say what an example finds. */
const examples = [...readText('docs/lists.md').matchAll(/\| `([^|`]+)` \| (\d+|\?) \|$/gm)].map(
  ([, filter = '', finds = '']) => [filter, Number(finds)] as const,
);

/** What docs/lists.md says that `$apply` gives. */
const reports = [...readText('docs/lists.md').matchAll(/\| `([^|`]+)` \| `(\[[^|`]+\])` \|$/gm)].map(
  ([, apply = '', gives = '']) => [apply, gives] as const,
);

describeOnEachEngine('what a list can be asked', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server.close());
  const ask = (options: Readonly<Record<string, string>>, headers: Record<string, string> = {}) =>
    server.askAs(users.admin, listPath(options), { headers });

  it('has an example for each operator and function', () => {
    expect(examples.length).toBe(27);
  });

  it.each(examples)('%s finds %i, as docs/lists.md says', async (filter, finds) => {
    expect(listedIn(await ask({ $filter: filter }))['@odata.count']).toBe(finds);
  });

  it('has an example for each transformation and method', () => {
    expect(reports.length).toBe(10);
  });

  it.each(reports)('%s gives %s, as docs/lists.md says', async ($apply, gives) => {
    expect((await ask({ $apply })).text).toContain(`"value":${gives}`);
  });

  describe('through a parameter alias', () => {
    it('which is an option of its own, in any case', async () => {
      expect(idsIn(await ask({ $filter: 'status eq @Status', '@status': "'New'" }))).toEqual([ids.lead]);
      expect(
        idsIn(await ask({ $filter: 'team/$count lt @n and status eq @s', '@n': '2 mul 500', '@s': "'New'" })),
      ).toEqual([ids.lead]);
    });

    it('that stays with the list from page to page', async () => {
      const first = await ask(
        { $filter: 'createdDateTime lt @end', '@end': '2025-05-01' },
        { prefer: 'maxpagesize=2' },
      );
      const all = idsIn(await ask({ $filter: 'createdDateTime lt 2025-05-01' }));
      const next = await server.askAs(users.admin, pathOf(listedIn(first)['@odata.nextLink'] ?? ''), {
        headers: { prefer: 'maxpagesize=100' },
      });
      expect([...idsIn(first), ...idsIn(next)]).toEqual(all);
      expect(all.length).toBeGreaterThan(2);
    });

    it('and is refused by its own name where it is malformed, and ignored where nothing asks for it', async () => {
      expect(expectEnvelope(await ask({ $filter: 'name eq @n', '@n': "'x" }), 400, 'expressionMalformed').target).toBe(
        '@n',
      );
      expect(idsIn(await ask({ $filter: "status eq 'New'", '@n': "'x" }))).toEqual([ids.lead]);
    });
  });

  it.each([
    ['year(createdDateTime) desc,length(name)', 'year(createdDateTime) desc,length(name) asc,id asc'],
    ['details/dealValue mul -1,id', '-(details/dealValue),id'],
  ])('is sorted by %s, page by page', async (order, same) => {
    const whole = idsIn(await ask({ $orderby: same }));
    expect(whole).toHaveLength(7);
    const walked: string[] = [];
    let path: string | undefined = listPath({ $orderby: order });
    while (path !== undefined) {
      const page = listedIn(await server.askAs(users.admin, path, { headers: { prefer: 'maxpagesize=2' } }));
      walked.push(...page.value.map(({ id }) => id));
      path = page['@odata.nextLink'] === undefined ? undefined : pathOf(page['@odata.nextLink']);
    }
    expect(walked).toEqual(whole);
  });

  it('as deep as an expression may be', async () => {
    const wrap = (inner: string, before: string, after: string, times: number) =>
      `${before.repeat(times)}${inner}${after.repeat(times)}`;
    const deep = [
      `${wrap('name', 'tolower(', ')', 55)} ne null`,
      `${wrap('name', 'substring(', ',1)', 55)} ne null`,
      `details/dealValue${' add 1'.repeat(55)} gt 0`,
      `${wrap('details/dealValue', 'round(', ' mul 1.5)', 25)} ne 0`,
      `createdDateTime${" add duration'P1D'".repeat(50)} gt now()`,
      `${wrap("contains(name,'x')", '(', ' eq favorite)', 50)}`,
      wrap("contains(name,'x')", 'not (', ')', 25),
    ];
    deep.push(`date(createdDateTime)${" add duration'P1D'".repeat(15)} gt 2020-01-01`);
    for (const filter of deep) expect((await ask({ $filter: filter })).status, filter).toBe(200);
    const deeper = `date(createdDateTime)${" add duration'P1D'".repeat(50)} gt 2020-01-01`;
    expectEnvelope(await ask({ $filter: deeper }), 501, 'expressionNotImplemented');
    expectEnvelope(await ask({ $filter: `details/dealValue${' add 1'.repeat(100)} gt 0` }), 400, 'expressionTooLarge');
  });
});
