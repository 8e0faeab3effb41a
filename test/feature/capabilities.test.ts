import { capabilities } from '@cosell/server/http/capabilities';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, documented } from '../support/answers.ts';
import { leastDeal } from '../support/documented-requests.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { ids, users } from '../support/sample.ts';
import { startTestServer, type TestServer, type WireAnswer } from '../support/test-server.ts';

type Said = Readonly<Record<string, unknown>>;
type Ask = (
  path: string,
  headers?: Readonly<Record<string, string>>,
  method?: string,
  body?: string,
) => Promise<WireAnswer>;

const one = `${collection}/${documented}`;
const encoded = (options: Readonly<Record<string, string>>) => `${collection}?${new URLSearchParams(options)}`;
const isRefused = ({ status }: WireAnswer) => status >= 400 && status < 600;
const json = { 'content-type': 'application/json' };

/** Holds what a term says to what happens: true must be done, false must be refused. */
function holds(said: unknown, answer: WireAnswer): void {
  expect(typeof said).toBe('boolean');
  if (said === true) expect(answer.status, answer.text).toBeLessThan(300);
  else expect(isRefused(answer), answer.text).toBe(true);
}

const listsOf = (value: unknown, name: string) => (value as Said)[name] as readonly string[];

/** Calls of each function that a condition can hold. */
const calls: Readonly<Record<string, string>> = {
  contains: "contains(name,'x')",
  startswith: "startswith(name,'x')",
  endswith: "endswith(name,'x')",
  length: 'length(name) gt 1',
  indexof: "indexof(name,'x') gt 1",
  substring: "substring(name,1) eq 'x'",
  tolower: "tolower(name) eq 'x'",
  toupper: "toupper(name) eq 'X'",
  trim: "trim(name) eq 'x'",
  concat: "concat(name,'x') eq 'x'",
  year: 'year(createdDateTime) eq 1',
  month: 'month(createdDateTime) eq 1',
  day: 'day(createdDateTime) eq 1',
  hour: 'hour(createdDateTime) eq 1',
  minute: 'minute(createdDateTime) eq 1',
  second: 'second(createdDateTime) eq 1',
  fractionalseconds: 'fractionalseconds(createdDateTime) eq 0.5',
  date: 'date(createdDateTime) eq 2025-01-01',
  time: 'time(createdDateTime) eq 08:00:00',
  now: 'createdDateTime lt now()',
  mindatetime: 'createdDateTime gt mindatetime()',
  maxdatetime: 'createdDateTime lt maxdatetime()',
  round: 'round(details/dealValue) eq 1',
  floor: 'floor(details/dealValue) eq 1',
  ceiling: 'ceiling(details/dealValue) eq 1',
  totalseconds: 'totalseconds(updatedDateTime sub createdDateTime) gt 1',
  matchesPattern: "matchesPattern(name,'^x')",
  hassubset: 'hassubset(team,team)',
  hassubsequence: 'hassubsequence(team,team)',
  totaloffsetminutes: 'totaloffsetminutes(createdDateTime) eq 0',
  cast: "cast(name,Edm.String) eq 'x'",
  isof: 'isof(name,Edm.String)',
  case: "case(true:'x') eq 'x'",
};

/** A condition on a property, through its list if it is in one. */
function conditionOn(path: string): string {
  const list = ['customerProfile/team/', 'details/requirements/solutions/', 'team/'].find((one) =>
    path.startsWith(one),
  );
  return list === undefined ? `${path} eq null` : `${list.slice(0, -1)}/any(x:x/${path.slice(list.length)} eq null)`;
}

/** Every property of the model with one value, and those that stand for all that is in them. */
function leavesOf(schema: Readonly<Record<string, Said>>, type: string, before = ''): string[] {
  return Object.entries(schema[type] ?? {})
    .filter(([name]) => !name.startsWith('$') && !name.startsWith('@'))
    .flatMap(([name, member]) => {
      const typeName = String((member as Said).$Type ?? '').replace('Cosell.', '');
      const isObject = schema[typeName]?.$Kind === 'ComplexType';
      return isObject ? leavesOf(schema, typeName, `${before}${name}/`) : [`${before}${name}`];
    });
}

const isBelow = (path: string, some: readonly string[]) =>
  some.some((whole) => path === whole || path.startsWith(`${whole}/`));

/** How each row of the table is tried. A row that is not here fails the suite. */
const trials: Readonly<
  Record<string, (said: unknown, ask: Ask, schema: Readonly<Record<string, Said>>) => Promise<void>>
> = {
  'Capabilities.FilterRestrictions': async (said, ask, schema) => {
    holds((said as Said).Filterable, await ask(encoded({ $filter: "status eq 'New'" })));
    holds((said as Said).RequiresFilter === false, await ask(collection));
    const not = listsOf(said, 'NonFilterableProperties');
    const refused: string[] = [];
    for (const path of leavesOf(schema, 'Referral')) {
      const answer = await ask(encoded({ $filter: conditionOn(path), $top: '0', $count: 'false' }));
      expect([200, 400], `${path}: ${answer.text}`).toContain(answer.status);
      if (answer.status === 400) refused.push(path);
      expect([path, answer.status === 400]).toEqual([path, isBelow(path, not)]);
    }
    expect(refused.length).toBeGreaterThanOrEqual(not.length);
  },
  'Capabilities.SortRestrictions': async (said, ask, schema) => {
    holds((said as Said).Sortable, await ask(encoded({ $orderby: 'createdDateTime' })));
    const not = listsOf(said, 'NonSortableProperties');
    for (const path of leavesOf(schema, 'Referral')) {
      const answer = await ask(encoded({ $orderby: path, $top: '0', $count: 'false' }));
      expect([200, 400], `${path}: ${answer.text}`).toContain(answer.status);
      expect([path, answer.status === 400]).toEqual([path, isBelow(path, not)]);
    }
  },
  'Capabilities.TopSupported': async (said, ask) => holds(said, await ask(encoded({ $top: '1' }))),
  'Capabilities.SkipSupported': async (said, ask) => holds(said, await ask(encoded({ $skip: '1' }))),
  'Capabilities.CountRestrictions': async (said, ask) => {
    const answer = await ask(encoded({ $count: 'true' }));
    holds((said as Said).Countable, answer);
    expect(answer.json()['@odata.count']).toBe(7);
  },
  'Capabilities.SearchRestrictions': async (said, ask) =>
    holds((said as Said).Searchable, await ask(encoded({ $search: 'Contoso' }))),
  'Capabilities.SelectSupport': async (said, ask) => {
    const { Supported, Filterable, Expandable } = said as Said;
    holds(Supported, await ask(encoded({ $select: 'id,details/dealValue' })));
    holds(Filterable, await ask(encoded({ $select: "team($filter=email eq 'x')" })));
    holds(Expandable, await ask(encoded({ $select: 'team($expand=x)' })));
  },
  'Capabilities.ExpandRestrictions': async (said, ask) =>
    holds((said as Said).Expandable, await ask(encoded({ $expand: '*' }))),
  'Capabilities.ComputeSupported': async (said, ask) =>
    holds(said, await ask(encoded({ $compute: 'details/dealValue mul 2 as double' }))),
  'Capabilities.IndexableByKey': async (said, ask) => holds(said, await ask(`${collection}('${documented}')`)),
  'Capabilities.ReadRestrictions': async (said, ask) => holds((said as Said).Readable, await ask(collection)),
  'Capabilities.InsertRestrictions': async (said, ask) =>
    holds((said as Said).Insertable, await ask(collection, json, 'POST', JSON.stringify(leastDeal()))),
  'Capabilities.UpdateRestrictions': async (said, ask) => {
    const { Updatable, Upsertable, UpdateMethod } = said as Said;
    holds(Updatable, await ask(one, { ...json, 'if-match': '*' }, 'PUT', '{"externalReferenceId":"C-1"}'));
    const nothing = `${collection}/00000000-0000-4000-8000-000000000000`;
    holds(Upsertable, await ask(nothing, { ...json, 'if-match': '*' }, 'PUT', '{}'));
    const byObject = await ask(one, { ...json, 'if-match': '*' }, 'PATCH', '{"externalReferenceId":"C-2"}');
    holds(String(UpdateMethod).split(',').includes('PATCH'), byObject);
    expect(String(UpdateMethod).split(',')).toContain('PUT');
    // What the description says.
    expect(isRefused(await ask(one, json, 'PUT', '{}'))).toBe(true);
    expect((await ask(one)).json().externalReferenceId).toBe('C-1');
    expect((await ask(one, json, 'PATCH', '[]')).status).toBe(204);
  },
  'Capabilities.DeleteRestrictions': async (said, ask) =>
    holds((said as Said).Deletable, await ask(`${collection}/${ids.expired}`, {}, 'DELETE')),
  'Capabilities.ChangeTracking': async (said, ask) => {
    const answer = await ask(collection, { prefer: 'odata.track-changes' });
    expect('@odata.deltaLink' in answer.json()).toBe((said as Said).Supported);
  },
  'Aggregation.ApplySupported': async (said, ask) => {
    const known = said === undefined ? [] : listsOf(said, 'Transformations');
    for (const [name, $apply] of Object.entries(transformations)) {
      holds(known.includes(name), await ask(encoded({ $apply })));
    }
    expect(known.filter((name) => !Object.hasOwn(transformations, name))).toEqual([]);
  },
  'Core.ODataVersions': async (said, ask) => {
    for (const version of String(said).split(' ')) {
      const answer = await ask(one, { 'odata-version': version, 'odata-maxversion': version });
      expect([answer.status, answer.headers['odata-version']]).toEqual([200, version]);
    }
    // In 4.01 nothing is answered, so it is not said.
    expect((await ask(one, { 'odata-maxversion': '4.01' })).headers['odata-version']).not.toBe('4.01');
    expect(isRefused(await ask(one, { 'odata-maxversion': '3.0' }))).toBe(true);
  },
  'Capabilities.SupportedFormats': async (said, ask) => {
    const known = said as readonly string[];
    const forms = [
      '',
      ';odata.metadata=minimal',
      ';odata.metadata=none',
      ';odata.metadata=full',
      ';IEEE754Compatible=true',
    ];
    for (const form of forms.map((parameter) => `application/json${parameter}`)) {
      const answer = await ask(one, { accept: form });
      const type = String(answer.headers['content-type']).replaceAll('; ', ';').replace(';charset=utf-8', '');
      expect([answer.status, type === form]).toEqual([200, known.includes(form)]);
    }
    for (const form of ['application/xml', 'application/atom+xml', 'text/csv']) {
      expect([form, isRefused(await ask(one, { accept: form }))]).toEqual([form, !known.includes(form)]);
    }
  },
  'Capabilities.SupportedMetadataFormats': async (said, ask) => {
    for (const form of ['application/xml', 'application/json', 'application/yaml']) {
      const answer = await ask('/v1.0/$metadata', { accept: form });
      const isAnswered = answer.headers['content-type'] === `${form}; charset=utf-8` && answer.status === 200;
      expect([form, isAnswered]).toEqual([form, (said as readonly string[]).includes(form)]);
    }
  },
  'Capabilities.AcceptableEncodings': async (said, ask) => {
    for (const coding of ['gzip', 'br', 'deflate']) {
      const answer = await ask(collection, { ...json, 'content-encoding': coding }, 'POST', '{}');
      expect([coding, answer.status === 415]).toEqual([coding, !(said as readonly string[]).includes(coding)]);
    }
  },
  'Capabilities.FilterFunctions': async (said, ask) => {
    const known = said as readonly string[];
    expect(Object.keys(calls)).toEqual(expect.arrayContaining([...known]));
    for (const [name, call] of Object.entries(calls)) {
      const answer = await ask(encoded({ $filter: call, $top: '0', $count: 'false' }));
      expect([name, answer.status], answer.text).toEqual([name, known.includes(name) ? 200 : 501]);
    }
  },
  'Capabilities.KeyAsSegmentSupported': async (said, ask) => holds(said, await ask(one)),
  'Capabilities.QuerySegmentSupported': async (said, ask) =>
    holds(said, await ask(`${collection}/$query`, { 'content-type': 'text/plain' }, 'POST', '$top=1')),
  'Capabilities.CrossJoinSupported': async (said, ask) => holds(said, await ask('/v1.0/$crossjoin(Referrals)')),
  'Capabilities.AsynchronousRequestsSupported': async (said, ask) =>
    expect((await ask(collection, { prefer: 'respond-async' })).status === 202).toBe(said),
  'Capabilities.BatchSupported': async (said, ask) => holds(said, await batch(ask)),
  'Capabilities.BatchSupport': async (said, ask) => {
    const { Supported, ...more } = said as Said;
    holds(Supported, await batch(ask));
    if (Supported !== true) return void expect(more).toEqual({});
    const missing = { id: '0', method: 'get', url: `referrals/${ids.tailspin}` };
    const first = { id: '1', method: 'get', url: `referrals/${documented}` };
    const body = { ...leastDeal(), name: '$1/id' };
    const requests = [
      missing,
      first,
      {
        id: '2',
        method: 'post',
        url: 'referrals',
        dependsOn: ['1'],
        headers: { ...json, prefer: 'validate-only' },
        body,
      },
      { id: '3', method: 'get', url: '$1', dependsOn: ['1'], headers: { 'if-none-match': '$1' } },
      { id: '4', method: 'get', url: '$1', dependsOn: ['0', '1'], if: 'not $0/$succeeded' },
    ];
    const answer = await ask(
      '/v1.0/engagements/$batch',
      { ...json, prefer: 'continue-on-error' },
      'POST',
      JSON.stringify({ requests }),
    );
    expect(answer.status, answer.text).toBe(200);
    const { responses } = answer.json<{ responses: readonly { status: number; body: Said }[] }>();
    const [refused, , created, unchanged, conditional] = responses;
    expect(responses.map(({ status }) => status)).toEqual([404, 200, 200, 304, 200]);
    expect(refused?.body.error).toBeDefined();
    expect([created?.body.name, unchanged?.body, conditional?.body.id]).toEqual([documented, undefined, documented]);
    expect(more).toMatchObject({
      ContinueOnErrorSupported: true,
      ReferencesInRequestBodiesSupported: true,
      EtagReferencesSupported: true,
      RequestDependencyConditionsSupported: true,
    });
  },
};

/** An example of each transformation of the standard; what is not in the list is refused. */
const transformations: Readonly<Record<string, string>> = {
  filter: "filter(status eq 'New')/groupby((status))",
  search: 'search(doe)/groupby((status))',
  identity: 'identity/groupby((status))',
  compute: 'compute(year(createdDateTime) as year)/groupby((year))',
  groupby: 'groupby((status))',
  aggregate: 'aggregate($count as n)',
  concat: 'concat(identity,groupby((status)))',
  topcount: 'topcount(1,details/dealValue)',
  orderby: 'orderby(name)/groupby((status))',
};

function batch(ask: Ask): Promise<WireAnswer> {
  const requests = [{ id: '1', method: 'get', url: 'referrals?$top=1' }];
  return ask('/v1.0/engagements/$batch', json, 'POST', JSON.stringify({ requests }));
}

describeOnSqlite('what $metadata says of the service is true', (engine) => {
  describe.each(['on', 'off'])('with EXTENSIONS=%s', (EXTENSIONS) => {
    let server: TestServer;
    let authorization: string;
    let schema: Readonly<Record<string, Said>>;
    beforeAll(async () => {
      server = await startTestServer(engine, { EXTENSIONS });
      authorization = `Bearer ${await server.tokenOf(users.admin)}`;
      const metadata = await server.ask('/v1.0/$metadata', { headers: { accept: 'application/json' } });
      schema = metadata.json<{ Cosell: Readonly<Record<string, Said>> }>().Cosell;
    });
    afterAll(() => server.close());
    const ask: Ask = (path, headers = {}, method = 'GET', body = undefined) =>
      server.ask(path, { method, headers: { authorization, ...headers }, ...(body === undefined ? {} : { body }) });

    it.each(capabilities.map(({ term, of }) => [term, of] as const))('%s', async (term, of) => {
      const container = schema.Exchange ?? {};
      const place = of === 'container' ? container : ((container.Referrals ?? {}) as Said);
      const trial = trials[term];
      if (trial === undefined) throw new Error(`${term} is said, and nothing tries it`);
      await trial(place[`@${term}`], ask, schema);
    });

    it('says nothing that is not in the table, and never that it conforms to a level', () => {
      const { Referrals, ...container } = schema.Exchange ?? {};
      const terms = [...Object.keys(container), ...Object.keys(Referrals as Said)].filter((name) =>
        name.startsWith('@'),
      );
      const known = capabilities.map(({ term }) => `@${term}`);
      expect(terms.filter((term) => !known.includes(term))).toEqual([]);
      expect(terms).not.toContain('@Capabilities.ConformanceLevel');
    });
  });
});
