import { type Referral, referralQueryRules } from '@cosell/model';
import {
  bind,
  bindOrderBy,
  compareValues,
  evaluate,
  evaluateValue,
  type OrderKey,
  type Predicate,
  parseFilter,
  parseOrderBy,
  toSql,
} from '@cosell/odata';
import { totalOrder } from '@cosell/server/domain/list-referrals';
import { ownColumns } from '@cosell/server/store/list';
import { referralReader } from '@cosell/server/store/referral-reader';
import { commaSeparated, names, sql } from '@cosell/server/store/sql';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { captureText, contoso, readWell } from '../support/captures.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { amounts, dates, emails, expressions, keys, texts } from '../support/random-filters.ts';
import { openStoreFor } from './opened-store.ts';

/** A failing run prints its seed; FUZZ_SEED repeats it. */
/** Filters that are asked in one statement. */
const together = 25;
const now = '2026-11-23T12:34:56.7890000Z';
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);

const nullable = <T>(values: readonly T[]) => fc.constantFrom(...values, null, null);
const member = fc.record({ email: nullable(emails), firstName: nullable(texts), lastName: nullable(texts) });
const rows = fc.array(
  fc.record({
    id: fc.uuid(),
    name: nullable(texts),
    status: fc.constantFrom('New', 'Active', 'Closed'),
    qualification: nullable(['Direct', 'SalesQualified', 'Other']),
    favorite: fc.boolean(),
    salesStage: nullable(['20', 'Qualify', '100']),
    createdDateTime: fc.constantFrom(...dates),
    acceptedDateTime: nullable(dates),
    closingDateTime: nullable(dates),
    dealValue: nullable(amounts),
    city: nullable(texts),
    team: fc.array(member, { maxLength: 3 }),
    solutions: fc.array(fc.record({ id: nullable(texts), type: fc.constantFrom('None', 'Name') }), { maxLength: 2 }),
  }),
  { minLength: 60, maxLength: 60 },
);

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const comparison = fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le');

/** A property with literals that it can be compared with. */
const properties: readonly (readonly [string, readonly string[]])[] = [
  ['name', texts.map(quoted)],
  ['customerProfile/address/city', texts.map(quoted)],
  ['status', ["'new'", "'Active'", "'CLOSED'", "'Pink'"]],
  ['qualification', ["'Direct'", "'salesqualified'", "'None'", "'Other'"]],
  ['favorite', ['true', 'false']],
  ['salesStage', ["'20'", '20', "'qualified'", "'Won'", "'none'"]],
  ['createdDateTime', [...dates, ...dates.map(quoted), '2020-01-01']],
  ['acceptedDateTime', dates],
  ['details/closingDateTime', dates],
  ['details/dealValue', amounts],
];
const ofPerson: typeof properties = [
  ['t/email', emails.map(quoted)],
  ['t/firstName', texts.map(quoted)],
  ['t/lastName', texts.map(quoted)],
];
const ofSolution: typeof properties = [
  ['s/id', texts.map(quoted)],
  ['s/type', ["'Name'", "'none'"]],
];

const leafOf = (of: typeof properties) =>
  fc.constantFrom(...of).chain(([property, literals]) => {
    const literal = fc.constantFrom(...literals, 'null');
    return fc.oneof(
      fc.tuple(comparison, literal).map(([operator, value]) => `${property} ${operator} ${value}`),
      fc.array(literal, { maxLength: 3 }).map((values) => `${property} in (${values.join(',')})`),
    );
  });

/** `and`, `or` and `not` over leaves. */
function treeOf(leaf: fc.Arbitrary<string>, depth: number): fc.Arbitrary<string> {
  if (depth === 0) return leaf;
  const inner = treeOf(leaf, depth - 1);
  return fc.oneof(
    leaf,
    inner.map((term) => `not (${term})`),
    fc.tuple(inner, fc.constantFrom('and', 'or'), inner).map(([one, word, other]) => `(${one} ${word} ${other})`),
  );
}
const lambda = fc.oneof(
  fc
    .tuple(fc.constantFrom('any', 'all'), treeOf(leafOf([...ofPerson, ...properties]), 1))
    .map(([word, condition]) => `team/${word}(t:${condition})`),
  fc
    .tuple(fc.constantFrom('any', 'all'), treeOf(leafOf(ofSolution), 1))
    .map(([word, condition]) => `details/requirements/solutions/${word}(s:${condition})`),
  fc.constantFrom('team/any()', "email eq 'ANN@x.org'", 'favorite'),
);
const filters = treeOf(fc.oneof({ weight: 3, arbitrary: leafOf(properties) }, { weight: 1, arbitrary: lambda }), 2);
const orders = fc
  .uniqueArray(
    fc.constantFrom(
      'name',
      'createdDateTime',
      'acceptedDateTime',
      'details/dealValue',
      'details/closingDateTime',
      'status',
    ),
    { minLength: 1, maxLength: 3 },
  )
  .chain((names) =>
    fc.tuple(...names.map((name) => fc.constantFrom('', ' asc', ' desc').map((direction) => name + direction))),
  )
  .map((keys) => keys.join(','));

/** A filter with its meaning; undefined where it is refused for what it says. */
function bindOrRefuse(text: string): Predicate | undefined {
  const parsed = parseFilter(text);
  if (parsed.kind === 'malformed' || parsed.kind === 'tooLarge') throw new Error(`${text}: ${JSON.stringify(parsed)}`);
  const bound = bind(parsed, referralQueryRules, { now });
  if (!('kind' in bound)) return bound.predicate;
  if (bound.kind === 'incompatible' || bound.kind === 'unsupported') return undefined;
  throw new Error(`${text}: ${JSON.stringify(bound)}`);
}

function bindFilter(text: string): Predicate {
  const predicate = bindOrRefuse(text);
  if (predicate === undefined) throw new Error(`${text} is refused`);
  return predicate;
}

/** The keys of an order; undefined where it is refused for what it says. */
function keysOf(text: string): readonly OrderKey[] | undefined {
  const parsed = parseOrderBy(text);
  if ('kind' in parsed) throw new Error(JSON.stringify(parsed));
  const bound = bindOrderBy(parsed, referralQueryRules, { now });
  if (!('kind' in bound)) return totalOrder(bound);
  if (bound.kind === 'incompatible' || bound.kind === 'unsupported') return undefined;
  throw new Error(JSON.stringify(bound));
}

/** The order that a list promises, reckoned in memory. */
function inOrder(order: readonly OrderKey[]) {
  return (one: Referral, other: Referral): number => {
    for (const { value, isDescending } of order) {
      const [left, right] = [evaluateValue(value, one, referralReader), evaluateValue(value, other, referralReader)];
      if (left === right) continue;
      const isBelow = left === null || (right !== null && compareValues('lt', left, right));
      return isBelow === isDescending ? 1 : -1;
    }
    return 0;
  };
}

/** A key as it is ordered: nothing first, numbers by value, texts by code point. */
type Comparable = readonly (number | bigint)[];
function comparable(key: string | null): Comparable {
  if (key === null) return [];
  if (/^-?\d+$/.test(key)) return [1, BigInt(key)];
  return [1, ...[...key].map((character) => character.codePointAt(0) ?? 0)];
}
function isSame(one: Comparable | undefined, other: Comparable | undefined): boolean {
  return one?.join() === other?.join();
}
function isLower(one: Comparable = [], other: Comparable = []): boolean {
  const at = one.findIndex((value, index) => value !== other[index]);
  if (at < 0) return one.length < other.length;
  return at < other.length && (one[at] ?? 0) < (other[at] ?? 0);
}

describeOnEachEngine(`random filters (seed ${seed})`, (engine) => {
  const opened = openStoreFor(engine);
  const documents: Referral[] = [];
  const scope = { organizationId: contoso, reach: undefined, engagementId: undefined };

  beforeAll(async () => {
    const [sample = []] = fc.sample(rows, { seed, numRuns: 1 });
    const captures = sample.map(({ dealValue, closingDateTime, solutions, city, ...others }) =>
      captureText({
        ...others,
        customerProfile: { address: { city } },
        details: { dealValue, closingDateTime, requirements: { solutions } },
      }),
    );
    expect(new Set(await opened.import(...captures))).toEqual(new Set(['added']));
    documents.push(...captures.map(readWell));
  });
  afterAll(() => {
    documents.length = 0;
  });

  /** Asks memory and the database the same; gives how many of the filters hold for some rows and not for others. */
  async function agreeOn(
    filters: readonly { readonly text: string; readonly predicate: Predicate }[],
  ): Promise<number> {
    let decided = 0;
    for (let start = 0; start < filters.length; start += together) {
      const some = filters.slice(start, start + together);
      const answers = some.map(({ predicate }, index) => {
        const answer = toSql(
          predicate,
          engine.name === 'SQLite' ? 'sqlite' : 'postgres',
          ownColumns({ inTime: () => sql`true` }),
        );
        return sql`case when ${answer} then 1 else 0 end as ${names(`p${index}`)}`;
      });
      const rows = await opened.rows(sql`select id, ${commaSeparated(answers)} from referrals as entity`);
      for (const [index, { text, predicate }] of some.entries()) {
        const found = rows.filter((row) => row[`p${index}`] === 1).map(({ id }) => id);
        const wanted = documents
          .filter((document) => evaluate(predicate, document, referralReader))
          .map(({ id }) => id);
        expect(found.toSorted(), text).toEqual(wanted.toSorted());
        if (wanted.length > 0 && wanted.length < documents.length) decided += 1;
      }
    }
    return decided;
  }

  it('mean the same in memory and in the database', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(filters, async (text) => {
        const filter = bindFilter(text);
        const wanted = documents
          .filter((document) => evaluate(filter, document, referralReader))
          .map(({ id }) => String(id));
        const page = { order: totalOrder([]), after: undefined, skip: 0, limit: 1_000 };
        const found = await opened.store.listReferrals({ ...scope, filter }, page);
        expect(found.map(({ id }) => id).toSorted()).toEqual(wanted.toSorted());
        expect(await opened.store.countReferrals({ ...scope, filter })).toBe(wanted.length);
      }),
      { seed, numRuns: 250 },
    );
  });

  it('calculate the same in memory and in the database, 2,000 of them', { timeout: 300_000 }, async () => {
    const sampled = fc.sample(expressions, { seed, numRuns: 2_000 });
    const bound = sampled.flatMap((text) => {
      const predicate = bindOrRefuse(text);
      return predicate === undefined ? [] : [{ text, predicate }];
    });
    // The others are refused for a reason, such as a number that is too large.
    expect(bound.length).toBeGreaterThan(1_600);
    const decided = await agreeOn(bound);
    // Filters that hold for all or for none would prove little.
    expect(decided).toBeGreaterThan(600);
  });

  it('calculate the same where a text or a number is too large', { timeout: 60_000 }, async () => {
    const long = 'Ä'.repeat(3_998);
    const edges = [
      `toupper(concat(name,'${long}')) eq null`,
      `contains(tolower(concat(name,'${long}')),'ıi iä')`,
      `length(concat(${'concat(name,'.repeat(40)}name${')'.repeat(40)},name)) gt 100`,
      'details/dealValue mul details/dealValue eq null',
      'details/dealValue mul 40000 mul 10 gt 0',
      'details/dealValue add 400000000000000 gt 0',
      'details/dealValue div 0.00000001 gt 0',
      'length(name) mul 1000000000 mul 1000000000 gt 0',
      "acceptedDateTime add duration'P3000000D' eq null",
      "closedDateTime sub duration'P800000D' eq null",
    ];
    await agreeOn(edges.map((text) => ({ text, predicate: bindFilter(text) })));
  });

  it('sort by what they calculate', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(keys, fc.constantFrom('', ' desc'), fc.integer({ min: 5, max: 40 }), async (key, way, limit) => {
        const order = keysOf(`${key}${way}`);
        if (order === undefined) return;
        const walked: string[] = [];
        let after: readonly (string | null)[] | undefined;
        do {
          const page = await opened.store.listReferrals(
            { ...scope, filter: undefined },
            { order, after, skip: 0, limit },
          );
          walked.push(...page.map(({ id }) => id));
          after = page.length < limit ? undefined : page.at(-1)?.keys;
        } while (after !== undefined);
        expect(walked, key).toEqual(documents.toSorted(inOrder(order)).map(({ id }) => id));
      }),
      { seed, numRuns: 60 },
    );
  });

  it('are walked through page by page in any order, each referral once', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(orders, fc.integer({ min: 1, max: 25 }), async (text, limit) => {
        const order = keysOf(text) ?? [];
        const whole = await opened.store.listReferrals(
          { ...scope, filter: undefined },
          { order, after: undefined, skip: 0, limit: 1_000 },
        );
        expect(whole).toHaveLength(documents.length);
        for (const [index, { keys }] of whole.entries()) {
          const [one, other] = [whole[index - 1]?.keys, keys].map((row) => row?.map(comparable));
          if (one === undefined || other === undefined) continue;
          const at = one.findIndex((value, place) => !isSame(value, other[place]));
          const isBelow = isLower(one[at], other[at]);
          expect(isBelow).toBe(order[at]?.isDescending !== true);
        }
        const walked: string[] = [];
        let after: readonly (string | null)[] | undefined;
        for (;;) {
          const page = await opened.store.listReferrals(
            { ...scope, filter: undefined },
            { order, after, skip: 0, limit },
          );
          walked.push(...page.map(({ id }) => id));
          after = page.at(-1)?.keys;
          if (page.length < limit) break;
        }
        expect(walked).toEqual(whole.map(({ id }) => id));
      }),
      { seed, numRuns: 40 },
    );
  });
});
