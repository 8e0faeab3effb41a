import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { everyRowOf } from '../store/rows-of.ts';
import { collection, expectEnvelope, expectNoTrace } from '../support/answers.ts';
import { describeOnEachEngine, type Engine, type Place } from '../support/engines.ts';
import { hostileTexts } from '../support/hostile-texts.ts';
import type { Listed } from '../support/listed.ts';
import { expressions, keys } from '../support/random-filters.ts';
import { ids, users } from '../support/sample.ts';
import { startTestServer, type TestServer, type WireAnswer } from '../support/test-server.ts';

/** A failing run prints its seed; FUZZ_SEED repeats it. */
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const runs = 400;

/** All that Contoso's administrator may ever see: his organisation's own, and the other halves of its deals. */
const visible: ReadonlySet<string> = new Set([
  ...[ids.lead, ids.coSell, ids.london, ids.partnerLed, ids.joint, ids.won, ids.expired],
  ...[ids.coSellOfMicrosoft, ids.jointOfTailspin],
]);

const inQuotes = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Where a text can come into a query of the list: as a value of it, and as if it were a part of its language. */
const options: readonly (readonly [string, (text: string) => Readonly<Record<string, string>>])[] = [
  ['a text of $filter', (text) => ({ $filter: `name eq ${inQuotes(text)}` })],
  [
    'a text that is searched for',
    (text) => ({ $filter: `contains(tolower(name),${inQuotes(text)}) or name gt ${inQuotes(text)}` }),
  ],
  ['a text of a list', (text) => ({ $filter: `team/any(t:t/email eq ${inQuotes(text)})` })],
  ['one of several texts', (text) => ({ $filter: `status in ('New',${inQuotes(text)})` })],
  ['a pattern', (text) => ({ $filter: `matchesPattern(name,${inQuotes(text)})` })],
  ['an engagement', (text) => ({ $filter: `engagementId eq ${inQuotes(text)}` })],
  ['the end of $filter', (text) => ({ $filter: `name eq 'x' ${text}` })],
  ['a text of $filter whose quotes are not doubled', (text) => ({ $filter: `name eq '${text}'` })],
  ['all of $filter', (text) => ({ $filter: text })],
  ['a name of $filter', (text) => ({ $filter: `${text}/${text} eq 1` })],
  ['all of $orderby', (text) => ({ $orderby: text })],
  ['the end of $orderby', (text) => ({ $orderby: `name ${text}` })],
  ['a text of $orderby', (text) => ({ $orderby: `indexof(name,${inQuotes(text)})` })],
  ['$select', (text) => ({ $select: text })],
  ['$top', (text) => ({ $top: text })],
  ['$skip', (text) => ({ $skip: text })],
  ['$count', (text) => ({ $count: text })],
  ['$skiptoken', (text) => ({ $skiptoken: text })],
  ['$format', (text) => ({ $format: text })],
  ['$search', (text) => ({ $search: text })],
  ['$apply', (text) => ({ $apply: text })],
  ['$deltatoken', (text) => ({ $deltatoken: text })],
  ['an alias', (text) => ({ $filter: 'name eq @n', '@n': text })],
  ['a text of an alias', (text) => ({ $filter: 'name eq @n', '@n': inQuotes(text) })],
  ['the name of an option', (text) => ({ [text]: 'x' })],
  ['the name of an option with $', (text) => ({ [`$${text}`]: 'x' })],
];

/** What the words of a filter are broken with. */
const breaks = fc.constantFrom(
  ...hostileTexts.filter((text) => text.length < 100),
  ' eq ',
  ' or ',
  '(',
  ')',
  ',',
  '/',
  '$it/',
  'any(',
  "'",
);

describeOnEachEngine(`what is meant to break out of a query (seed ${seed})`, (engine) => {
  let place: Place;
  let server: TestServer;
  let authorization: string;
  let before: string;
  beforeAll(async () => {
    [place, server] = await startAt(engine);
    authorization = `Bearer ${await server.tokenOf(users.admin)}`;
    await server.ask(collection, { headers: { authorization } });
    before = await everyRowOf(place);
  });
  afterAll(() => server.close());
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') =>
    server.ask(path, { method, headers: { authorization, ...headers } });
  const askFor = (query: Readonly<Record<string, string>>) => ask(`${collection}?${encoded(query)}`);
  const expectNothingChanged = async () => {
    expect(await everyRowOf(place)).toBe(before);
    expect(server.observations.filter(({ kind }) => kind === 'requestBroken')).toEqual([]);
  };

  it.each(options)('does not, as %s', async (where, option) => {
    // One half of them in each run; the seed says which.
    const some = hostileTexts.filter((_, at) => (at + where.length + seed) % 2 === 0);
    for (const text of some) judge(await askFor(option(text)), JSON.stringify(text).slice(0, 200));
    await expectNothingChanged();
  });

  it('does not, as a part of the path', async () => {
    for (const text of hostileTexts) {
      const segment = percentEncoded(text);
      const quoted = percentEncoded(inQuotes(text));
      for (const path of [
        `${collection}/${segment}`,
        `${collection}(${quoted})`,
        `${collection}(id=${quoted})`,
        `${collection}/${ids.london}${segment}`,
        `${collection}/${segment}/history`,
        `${collection}/${ids.london}?asOf=${segment}`,
        `${collection}/${ids.london}?$select=${segment}`,
      ]) {
        judge(await ask(path), path.slice(0, 200));
      }
    }
    await expectNothingChanged();
  });

  it('does not, in a header', async () => {
    // What Node lets a client send.
    const sendable = hostileTexts.filter((text) => /^[\x20-\x7e\xa0-\xff]+$/.test(text));
    for (const text of sendable) {
      for (const name of [
        'prefer',
        'if-none-match',
        'x-caller-id',
        'ms-correlationid',
        'client-request-id',
        'accept',
      ]) {
        const headers = { [name]: name === 'prefer' ? `odata.maxpagesize=${text}` : text };
        judge(await ask(collection, headers), `${name}: ${text.slice(0, 100)}`);
        judge(await ask(`${collection}/${ids.london}`, headers), `${name}: ${text.slice(0, 100)}`);
      }
      const patched = await ask(`${collection}/${ids.london}`, { 'if-match': text }, 'PATCH');
      expect([400, 412], text.slice(0, 100)).toContain(patched.status);
      const repeated = { 'repeatability-request-id': text, 'repeatability-first-sent': text };
      judge(await ask(`${collection}/${ids.london}`, repeated, 'PATCH'), text.slice(0, 100));
    }
    await expectNothingChanged();
  });

  it(`does not, as ${runs} legal queries that are broken at random`, { timeout: 300_000 }, async () => {
    const broken = (legal: fc.Arbitrary<string>) =>
      fc.tuple(legal, fc.array(fc.tuple(fc.nat(), breaks, fc.nat(6)), { maxLength: 3 })).map(([text, wounds]) =>
        wounds.reduce((whole, [at, inserted, removed]) => {
          const cut = at % (whole.length + 1);
          return whole.slice(0, cut) + inserted + whole.slice(cut + removed);
        }, text),
      );
    const query = fc.oneof(
      broken(expressions).map(($filter) => ({ $filter })),
      broken(keys).map(($orderby) => ({ $orderby })),
      fc.tuple(broken(expressions), broken(keys)).map(([$filter, $orderby]) => ({ $filter, $orderby })),
      broken(keys).map((alias) => ({ $filter: 'name eq @n', '@n': alias })),
    );
    const statuses = new Map<number, number>();
    const property = fc.asyncProperty(query, async (asked) => {
      const answer = await askFor(asked);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      judge(answer, JSON.stringify(asked));
    });
    await fc.assert(property, { numRuns: runs, seed, endOnFailure: true });
    // Some are still legal, and some are not: what is refused at the door proves nothing.
    for (const status of [200, 400]) expect(statuses.get(status) ?? 0).toBeGreaterThan(20);
    await expectNothingChanged();
  });
});

/** A server at a place that can be looked into from outside. */
async function startAt(engine: Engine): Promise<[Place, TestServer]> {
  const place = await engine.makeSamplePlace();
  return [place, await startTestServer(engine, {}, place)];
}

/** Nothing breaks, nothing is shown that is not the caller's, and a refusal is one. */
function judge(answer: WireAnswer, asked: string): void {
  expect(
    answer.status < 500 || answer.status === 501,
    `${answer.status} for ${asked}: ${answer.text.slice(0, 300)}`,
  ).toBe(true);
  if (answer.status >= 400) {
    expectEnvelope(answer, answer.status);
    return;
  }
  if (!answer.headers['content-type']?.startsWith('application/json')) return;
  expectNoTrace(answer.text);
  const { value } = answer.json<Partial<Listed>>();
  for (const { id } of Array.isArray(value) ? value : []) {
    if (id !== undefined) expect(visible.has(id), `${id} for ${asked}`).toBe(true);
  }
}

function encoded(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${percentEncoded(name)}=${percentEncoded(value)}`)
    .join('&');
}

/** Half a character has no bytes in UTF-8; it is sent by those that a careless encoder would write. */
function percentEncoded(text: string): string {
  return [...text].map((char) => (/\p{Surrogate}/u.test(char) ? '%ED%A0%80' : encodeURIComponent(char))).join('');
}
