import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { collection, documented, expectEnvelope, expectNoTrace } from '../support/answers.ts';
import { answersOf, batchPaths, expectItemError } from '../support/batches.ts';
import { leastDeal } from '../support/documented-requests.ts';
import { describeOnSqlite } from '../support/one-engine.ts';
import { ids, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { type Writer, writingAs } from '../support/writing.ts';

/** A failing run prints its seed; FUZZ_SEED repeats it. */
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const runs = 400;

const names = ['__proto__', 'constructor', 'toString', 'length'];
const id = fc.constantFrom('1', '2', '3', 'a', 'A', 'b', ...names);
const junk = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('$1', '$a/id', '$1/eTag', '$__proto__/x', '$'));
const url = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      ...Array<string>(14).fill(`referrals/${documented}`),
      `referrals/${ids.tailspin}`,
      collection,
      'referrals',
      'referrals?$top=1',
      '/v1.0/$metadata',
      '/health/live',
    ),
  },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '$1',
      '$a/history',
      '$b?$select=id',
      '$1/$2',
      'referrals?$filter=id eq $1/id',
      "referrals?$filter=name eq '$1/id' or $a/x eq 1&%zz=$1/id",
      'referrals?$top=$1/@odata.count&$skip=$1/a/b/c',
      '$batch',
      '$metadata',
      '$__proto__',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('%', '/%zz', '//', 'http://', 'https://x/', 'a:b', '?', '#', '/\0', '..') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
);
const patch = [{ op: 'replace', path: '/details/notes', value: '$1/id' }];
const headers = fc.dictionary(
  fc.constantFrom(
    'content-type',
    'if-match',
    'if-none-match',
    'accept',
    'prefer',
    'host',
    'content-length',
    'x',
    ...names,
  ),
  fc.constantFrom('application/json', 'text/plain', '*', '$1', '$a', '"x"', '*/*', 'return=representation', '5', 'ü'),
  { maxKeys: 3 },
);
const item = fc.record(
  {
    id,
    method: fc.constantFrom('get', 'get', 'post', 'patch', 'patch', 'put', 'delete', 'head'),
    url,
    atomicityGroup: fc.constantFrom('g', 'h'),
    dependsOn: fc.array(fc.constantFrom('1', '2', 'a', 'b', 'g', 'G'), { maxLength: 2 }),
    if: fc.constantFrom('$1/$succeeded', 'not $a/$succeeded', '$1/id eq 5', '(', ''),
    headers,
    body: fc.oneof(fc.constant(patch), fc.constant(leastDeal()), junk),
    more: junk,
  },
  { requiredKeys: ['id', 'method', 'url'] },
);
const order = ['1', 'a', '2', 'b', '3', 'c'];
/** The ids that a text refers to. */
const referredIn = (text: string) =>
  [...text.matchAll(/\$([\w]+)/g)].map(([, name = '']) => name).filter((name) => order.includes(name));
/** Requests that are sound as far as their envelope: ids of their own, bodies where they belong, references backwards. */
const tidy = fc.array(item, { maxLength: 6 }).map((items) =>
  items.map(({ more: _more, body, method, url: asked, if: condition, headers: given, ...others }, at) => {
    const earlier = order.slice(0, at);
    const isSound = (text: string) => referredIn(text).every((name) => earlier.includes(name));
    const hasBody = ['post', 'patch', 'put'].includes(method);
    const sound = {
      method: method === 'head' ? 'get' : method,
      url: asked !== '' && isSound(asked) ? asked : `referrals/${documented}`,
      ...(condition === undefined || condition === '' || !isSound(condition) ? {} : { if: condition }),
      ...(given === undefined || !isSound(JSON.stringify(given)) || 'content-type' in given ? {} : { headers: given }),
    };
    return {
      ...others,
      ...sound,
      id: order[at],
      ...(others.atomicityGroup === undefined ? {} : { atomicityGroup: `g${at >> 1}` }),
      dependsOn: [...new Set(referredIn(JSON.stringify(sound)))],
      // One in two patches is sound, too.
      ...(hasBody ? { body: method === 'patch' && at % 2 === 0 ? patch : body } : {}),
    };
  }),
);
const envelope = fc.oneof(
  { weight: 6, arbitrary: tidy.map((requests) => JSON.stringify({ requests })) },
  {
    weight: 3,
    arbitrary: fc.array(fc.oneof(item, junk), { maxLength: 6 }).map((requests) => JSON.stringify({ requests })),
  },
  { weight: 1, arbitrary: fc.jsonValue().map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
);

describeOnSqlite(`random batches (seed ${seed})`, (engine) => {
  let server: TestServer;
  let contoso: Writer;
  beforeAll(async () => {
    server = await startTestServer(engine);
    contoso = writingAs(server, users.admin);
  });
  afterAll(() => server.close());

  it(`${runs} of them never break anything: no 5xx but 501, an answer for each request, and always the envelope`, {
    timeout: 300_000,
  }, async () => {
    const statuses = new Map<number, number>();
    const note = (status: number) => statuses.set(status, (statuses.get(status) ?? 0) + 1);
    await fc.assert(
      fc.asyncProperty(envelope, async (body) => {
        const answer = await contoso.send('POST', batchPaths[0], body);
        expectNoTrace(answer.text);
        if (answer.status !== 200) {
          note(-answer.status);
          expectEnvelope(answer, 400, 'invalidBody');
          return;
        }
        const answers = answersOf(answer);
        const { requests } = JSON.parse(body) as { requests: { id: string }[] };
        expect(answers.map((one) => one.id)).toEqual(requests.map((one) => one.id));
        for (const one of answers) {
          note(one.status);
          if (one.status >= 400) {
            const { error } = one.json() as { error: { innerError: { code: string } } };
            expectItemError(one, one.status, error.innerError.code);
          }
          expect(one.status < 500 || one.status === 501, one.text).toBe(true);
        }
      }),
      { numRuns: runs, seed, endOnFailure: true },
    );
    expect(server.observations.filter(({ kind }) => kind === 'requestBroken')).toEqual([]);
    for (const status of [-400, 200, 204, 400, 404, 405, 424, 501])
      expect(statuses.get(status) ?? 0, String(status)).toBeGreaterThan(3);
  });
});
