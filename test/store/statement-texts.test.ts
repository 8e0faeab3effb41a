import { referralQueryRules } from '@cosell/model';
import { bind, bindOrderBy, type Predicate, parseFilter, parseOrderBy } from '@cosell/odata';
import { totalOrder } from '@cosell/server/domain/list-referrals';
import { countReferrals, listReferrals } from '@cosell/server/store/list';
import { sql, type TimedConnection } from '@cosell/server/store/sql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contoso } from '../support/captures.ts';
import { hostileTexts } from '../support/hostile-texts.ts';

/** A failing run prints its seed; FUZZ_SEED repeats it. */
const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
const now = '2026-11-23T12:34:56.7890000Z';

const text = fc
  .oneof(fc.constantFrom(...hostileTexts), fc.string({ unit: 'grapheme', maxLength: 40 }))
  .map(
    (value) =>
      `'${[...value]
        .filter((char) => char !== '\0' && !/\p{Surrogate}/u.test(char))
        .join('')
        .replaceAll("'", "''")
        .slice(0, 2_000)}x'`,
  )
  .filter((literal) => (literal.match(/'/g) ?? []).length % 2 === 0);
/** With four digits behind the point: how many there are is written into the statement, as the unit that it counts in. */
const number = fc
  .tuple(fc.integer({ min: 2, max: 1e9 }), fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 9 }))
  .map(([whole, digits, last]) => `${whole}.${String(digits).padStart(3, '0')}${last}`);
const instant = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());
const guid = fc.uuid();

/** Filters with a place for each of the values; the statement for one is the statement for all. */
const templates: readonly (readonly [string, fc.Arbitrary<string>])[] = [
  ['name eq @', text],
  ['name ne @ and not (customerProfile/name gt @)', text],
  ['contains(name,@) or startswith(name,@) or endswith(tolower(name),@)', text],
  ['indexof(concat(name,@),@) gt 0', text],
  ['name in (@,@,@)', text],
  ['team/any(t:t/email eq @ or t/lastName eq @)', text],
  ['email eq @', text],
  ['details/requirements/solutions/all(s:s/id ne @)', text],
  ['details/dealValue gt @ and details/dealValue mul @ lt @', number],
  ['length(name) add @ gt @', number],
  ['createdDateTime ge @ and updatedDateTime lt @', instant],
  ['createdDateTime in (@,@)', instant],
  ['engagementId eq @', guid],
  ['id in (@,@)', guid],
];

describe.each(['sqlite', 'postgres'] as const)(`the text of a statement for %s (seed ${seed})`, (dialect) => {
  it.each(templates)('is the same whatever the values are: %s', async (template, values) => {
    const property = fc.asyncProperty(
      fc.uniqueArray(values, { minLength: 6, maxLength: 6 }),
      fc.uniqueArray(values, { minLength: 6, maxLength: 6 }),
      async (ones, others) => {
        const [one, other] = [
          await statementsFor(dialect, template, ones),
          await statementsFor(dialect, template, others),
        ];
        expect(one.texts).toEqual(other.texts);
        expect(one.texts).toHaveLength(2);
        expect(one.values).toBeGreaterThan(2);
      },
    );
    await fc.assert(property, { numRuns: 60, seed });
  });

  it('has none of the place that a page comes after, and of the caller', async () => {
    const property = fc.asyncProperty(text, fc.uuid(), async (name, organizationId) => {
      const place = [name, organizationId];
      const reach = { locations: [name], teamEmail: name };
      const { texts } = await statementsOf(dialect, { organizationId, reach, after: place });
      const again = { organizationId: contoso, reach: { locations: ['1'], teamEmail: 'x' }, after: ['x', contoso] };
      expect(texts).toEqual((await statementsOf(dialect, again)).texts);
    });
    await fc.assert(property, { numRuns: 60, seed });
  });
});

function statementsFor(dialect: 'sqlite' | 'postgres', template: string, values: readonly string[]) {
  let used = 0;
  const filled = template.replaceAll('@', () => values[used++] ?? '');
  const syntax = parseFilter(filled);
  if (syntax.kind === 'malformed' || syntax.kind === 'tooLarge') throw new Error(filled);
  const bound = bind(syntax, referralQueryRules, { now });
  if ('kind' in bound) throw new Error(filled);
  return statementsOf(dialect, { organizationId: contoso, filter: bound.predicate });
}

interface Listing {
  readonly organizationId: string;
  readonly filter?: Predicate;
  readonly reach?: { readonly locations: readonly string[]; readonly teamEmail: string };
  readonly after?: readonly string[];
}

/** What a page and a count are asked with: the texts, and how many values stand apart. */
async function statementsOf(dialect: 'sqlite' | 'postgres', { organizationId, filter, reach, after }: Listing) {
  const texts: string[] = [];
  let values = 0;
  const connection: TimedConnection = {
    dialect,
    inTime: () => sql`true`,
    async all(statement) {
      texts.push(statement.parts.join('?'));
      values += statement.values.length;
      return [];
    },
  };
  const keys = parseOrderBy('name');
  const bound = 'kind' in keys ? keys : bindOrderBy(keys, referralQueryRules, { now });
  if ('kind' in bound) throw new Error('name can be sorted by');
  const scope = { organizationId, filter, reach, engagementId: undefined };
  await listReferrals(connection, scope, { order: totalOrder(bound), after, skip: 0, limit: 101 });
  await countReferrals(connection, scope);
  return { texts, values };
}
