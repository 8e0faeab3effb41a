import fc from 'fast-check';
import { amounts, dates, texts } from './random-filters.ts';

/** Random transformations over every method, with typed results that conditions and orders can name. */

const oneOf = (...values: readonly string[]) => fc.constantFrom(...values);
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** What an expression on rows can name, by what it is. */
interface Names {
  readonly text: readonly string[];
  readonly number: readonly string[];
  readonly instant: readonly string[];
  readonly flag: readonly string[];
  readonly duration: readonly string[];
}

const ofReferrals: Names = {
  text: ['name', 'customerProfile/address/city', 'status', 'qualification', 'salesStage'],
  number: ['details/dealValue', 'team/$count'],
  instant: ['acceptedDateTime', 'details/closingDateTime', 'createdDateTime'],
  flag: ['favorite'],
  duration: [],
};

/** Numbers, and some that are calculated, each as an arbitrary of its own. */
function numbersOf({ number, text, instant }: Names): readonly fc.Arbitrary<string>[] {
  const found: fc.Arbitrary<string>[] = [];
  if (number.length > 0) {
    const by = oneOf('mul 1.19', 'divby 3', 'add 0.5', 'mul -2', 'mod 7', 'mul 1000');
    const calculated = fc.tuple(oneOf(...number), by).map((words) => words.join(' '));
    found.push(oneOf(...number), oneOf(...number), calculated);
  }
  if (text.length > 0) found.push(oneOf(...text).map((of) => `length(${of})`));
  if (instant.length > 0) found.push(oneOf(...instant).map((of) => `day(${of})`));
  return found;
}

/** A condition on rows. */
function conditionOf(names: Names): fc.Arbitrary<string> {
  const comparison = oneOf('eq', 'ne', 'gt', 'ge', 'lt', 'le');
  const leaves = [
    names.text.length > 0
      ? fc.tuple(oneOf(...names.text), oneOf('eq', 'ne'), oneOf(...texts.map(quoted), "'New'", 'null'))
      : undefined,
    names.number.length > 0
      ? fc.tuple(
          oneOf(...names.number),
          comparison,
          oneOf('0', '1', '2.5', '-7.5', '100000000000000', '3 sub 1', 'null'),
        )
      : undefined,
    names.number.length > 1 ? fc.tuple(oneOf(...names.number), comparison, oneOf(...names.number)) : undefined,
    names.instant.length > 0 ? fc.tuple(oneOf(...names.instant), comparison, oneOf(...dates, 'null')) : undefined,
    names.flag.length > 0
      ? fc.tuple(oneOf(...names.flag), oneOf('eq', 'ne'), oneOf('true', 'false', 'null'))
      : undefined,
    names.duration.length > 0
      ? fc.tuple(oneOf(...names.duration), comparison, oneOf("duration'P1D'", "duration'-PT1S'"))
      : undefined,
  ].flatMap((leaf) => (leaf === undefined ? [] : [leaf.map((words) => words.join(' '))]));
  const leaf = fc.oneof(...leaves);
  return fc.oneof(
    { weight: 3, arbitrary: leaf },
    leaf.map((term) => `not (${term})`),
    fc.tuple(leaf, oneOf('and', 'or'), leaf).map((words) => words.join(' ')),
  );
}

interface Result {
  readonly text: string;
  readonly kind: keyof Names;
}

/** An aggregate without its name, and what it gives. */
function aggregateOf(names: Names): fc.Arbitrary<Result> {
  const anything = Object.entries(names).flatMap(([kind, of]) =>
    (of as readonly string[]).map((name): readonly [keyof Names, string] => [kind as keyof Names, name]),
  );
  return fc.oneof(
    fc.constant<Result>({ text: '$count', kind: 'number' }),
    ...numbersOf(names).map((number) =>
      fc
        .tuple(number, oneOf('sum', 'average'))
        .map(([of, method]): Result => ({ text: `${of} with ${method}`, kind: 'number' })),
    ),
    fc
      .tuple(fc.constantFrom(...anything), oneOf('min', 'max'))
      .map(([[kind, of], method]): Result => ({ text: `${of} with ${method}`, kind })),
    fc.constantFrom(...anything).map(([, of]): Result => ({ text: `${of} with countdistinct`, kind: 'number' })),
    ...(names.instant.length < 2
      ? []
      : [
          fc
            .tuple(oneOf(...names.instant), oneOf(...names.instant), oneOf('min', 'max', 'average', 'countdistinct'))
            .map(([one, other, method]): Result => {
              const kind = method === 'countdistinct' ? 'number' : 'duration';
              return { text: `(${one} sub ${other}) with ${method}`, kind };
            }),
        ]),
  );
}

/** A grouping of rows, and what its results can be asked. */
function groupOf(names: Names, prefix: string): fc.Arbitrary<{ readonly text: string; readonly names: Names }> {
  const keys = [...names.text, ...names.instant, ...names.flag, ...names.number, ...names.duration].filter(
    (name) => !name.includes('$'),
  );
  return fc
    .tuple(fc.uniqueArray(oneOf(...keys), { maxLength: 3 }), fc.array(aggregateOf(names), { maxLength: 4 }))
    .filter(([by, aggregates]) => by.length + aggregates.length > 0)
    .map(([by, aggregates]) => {
      const named = aggregates.map(({ text, kind }, index) => ({ text, kind, alias: `${prefix}${index}` }));
      const list = named.map(({ text, alias }) => `${text} as ${alias}`).join(',');
      const kinds = (kind: keyof Names) => [
        ...by.filter((name) => names[kind].includes(name)),
        ...named.filter((one) => one.kind === kind).map(({ alias }) => alias),
      ];
      const group = `groupby((${by.join(',')})${list === '' ? '' : `,aggregate(${list})`})`;
      return {
        text: by.length === 0 ? `aggregate(${list})` : group,
        names: {
          text: kinds('text'),
          number: kinds('number'),
          instant: kinds('instant'),
          flag: kinds('flag'),
          duration: kinds('duration'),
        },
      };
    });
}

/** Transformations of referrals, perhaps with a condition on them, on their results, and with results of results. */
export const applies: fc.Arbitrary<string> = fc
  .tuple(fc.option(conditionOf(ofReferrals)), groupOf(ofReferrals, 'a'), fc.nat(3))
  .chain(([before, first, more]) => {
    const start = `${before === null ? '' : `filter(${before})/`}${first.text}`;
    if (more === 0) return fc.constant(start);
    const filtered = conditionOf(first.names).map((condition) => `${start}/filter(${condition})`);
    if (more === 1) return filtered;
    return fc.tuple(filtered, groupOf(first.names, 'b')).map(([text, second]) => `${text}/${second.text}`);
  });

/** Amounts of which a few are more, as ten-thousandths, than 64 bits hold. */
export const largeAmounts: readonly string[] = [
  ...amounts,
  '-99999999999999.9999',
  ...['99999999999999.9999', '99999999999999.9998', '98765432109876.5432', '90000000000000'],
  ...['99999999999999.9997', '99999999999999.9996', '99999999999999.9995', '99999999999999.9994'],
];
