import fc from 'fast-check';

/** Random conditions over every operator and function, typed so that nearly all of them can be bound. */

/** Few values, so that filters meet rows; some only look alike, some fold strangely, some sort otherwise as UTF-16. */
export const texts = [
  '', 'a', 'A', 'ab', "O'Neil", 'ä', 'Ärger', '\u{e000}', '\u{1f600}', 'x\u{1f600}y', 'İstanbul', 'ıI iİ', 'STRASSE ß', 'ΑΣ ας',
  ' trim\u00a0\u3000', 'Ǆ ǆ', '100%_\\', '𐐀𐐨', '\u212b\u212a', 'ᾳ ᾼ',
]; // biome-ignore format: a list of words
/** E-mail addresses that fold to few. */
export const emails = ['ann@x.org', 'Ann@X.org', 'bob@x.org', 'İ@x.org'];
/** Amounts at the edges of what a decimal holds. */
export const amounts = ['0', '-0.0001', '12.5', '12.5001', '9', '-7.5', '99999999999999.9999'];
/** Instants that differ in their last digit, in their century and in their day. */
export const dates = [
  '2020-01-01T00:00:00Z',
  '2020-01-01T00:00:00.0000001Z',
  '2019-12-31T23:59:59.9999999Z',
  '2024-02-29T13:05:09.1230000Z',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59.9999999Z',
];

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const oneOf = (...values: readonly string[]) => fc.constantFrom(...values);
const call = (name: string, ...of: fc.Arbitrary<string>[]) =>
  fc.tuple(...of).map((values) => `${name}(${values.join(',')})`);
const infix = (one: fc.Arbitrary<string>, operator: fc.Arbitrary<string>, other: fc.Arbitrary<string>) =>
  fc.tuple(one, operator, other).map(([left, word, right]) => `(${left} ${word} ${right})`);

/** The properties that stand where a row or an item of it is asked. */
interface Names {
  readonly text: readonly string[];
  readonly number: readonly string[];
  readonly instant: readonly string[];
}
const ofRow: Names = {
  text: ['name', 'customerProfile/address/city', 'status', 'qualification', 'id'],
  number: ['details/dealValue', 'team/$count', "team/$count($filter=contains(firstName,'a') or lastName eq null)"],
  instant: ['createdDateTime', 'acceptedDateTime', 'details/closingDateTime'],
};
const ofPerson: Names = { ...ofRow, text: ['t/email', 't/firstName', 't/lastName', 'name'] };

const durations = oneOf(
  "duration'P1D'", "duration'-PT1H30M'", "duration'PT0.0000001S'", "duration'P400DT5M'", "duration'PT0S'", "duration'P9000000D'",
); // biome-ignore format: a list of words
const number = oneOf('0', '1', '-1', '2', '3', '5', '0.5', '2.5', '-1.25', '1000000', '0.0001', '7e2');
const comparison = oneOf('eq', 'ne', 'gt', 'ge', 'lt', 'le');

/** Values of each type, with so many calls within each other. */
function valuesOf(
  names: Names,
  depth: number,
): Record<'text' | 'whole' | 'number' | 'instant' | 'duration', fc.Arbitrary<string>> {
  const leaves = {
    text: fc.oneof(oneOf(...names.text), oneOf(...texts.map(quoted))),
    whole: oneOf('0', '1', '2', '3', '-1', '9', '12345678901'),
    number: fc.oneof(oneOf(...names.number), number),
    instant: fc.oneof(oneOf(...names.instant), oneOf(...dates, 'now()', 'mindatetime()', 'maxdatetime()')),
    duration: durations,
  };
  if (depth === 0) return leaves;
  const inner = valuesOf(names, depth - 1);
  const { text, whole, instant, duration } = inner;
  const parts = oneOf('year', 'month', 'day', 'hour', 'minute', 'second', 'fractionalseconds');
  return {
    text: fc.oneof(
      leaves.text,
      call('tolower', text),
      call('toupper', text),
      call('trim', text),
      call('concat', text, text),
      call('substring', text, whole),
      call('substring', text, whole, whole),
    ),
    whole: fc.oneof(leaves.whole, call('length', text), call('indexof', text, text), call('round', inner.number)),
    number: fc.oneof(
      leaves.number,
      inner.whole,
      infix(inner.number, oneOf('add', 'sub', 'mul', 'div', 'divby', 'mod'), inner.number),
      oneOf('round', 'floor', 'ceiling').chain((name) => call(name, inner.number)),
      fc.tuple(parts, instant).map(([name, of]) => `${name}(${of})`),
      fc.tuple(oneOf('year', 'month', 'day'), instant).map(([name, of]) => `${name}(date(${of}))`),
      fc
        .tuple(oneOf('hour', 'minute', 'second', 'fractionalseconds'), instant)
        .map(([name, of]) => `${name}(time(${of}))`),
      inner.number.map((of) => `-(${of})`),
      call('totalseconds', duration),
    ),
    instant: fc.oneof(leaves.instant, infix(instant, oneOf('add', 'sub'), duration)),
    duration: fc.oneof(
      leaves.duration,
      infix(instant, oneOf('sub'), instant),
      infix(duration, oneOf('add', 'sub'), duration),
      infix(duration, oneOf('mul', 'div'), number),
      duration.map((of) => `-(${of})`),
    ),
  };
}

function leafOf(names: Names): fc.Arbitrary<string> {
  const { text, number: numbers, instant, duration } = valuesOf(names, 2);
  const listOf = (...values: string[]) => fc.array(oneOf(...values, 'null'), { maxLength: 3 });
  return fc.oneof(
    infix(text, comparison, fc.oneof(text, oneOf('null'))),
    infix(numbers, comparison, fc.oneof(numbers, oneOf('null'))),
    infix(instant, comparison, instant),
    infix(duration, comparison, duration),
    fc
      .tuple(instant, comparison, oneOf('2020-01-01', '2019-12-31'))
      .map(([of, word, day]) => `date(${of}) ${word} ${day}`),
    fc
      .tuple(instant, comparison, oneOf('00:00', '23:59:59.9999999'))
      .map(([of, word, at]) => `time(${of}) ${word} ${at}`),
    call('matchesPattern', text, oneOf("'^a'", "'b$'", "'^a$'", "'ä'", "'\\\\'", "''")),
    oneOf('contains', 'startswith', 'endswith').chain((name) => call(name, text, text)),
    fc.tuple(text, listOf(...texts.map(quoted))).map(([of, values]) => `${of} in (${values.join(',')})`),
    fc.tuple(numbers, listOf('0', '1', '12.5', '-1')).map(([of, values]) => `${of} in (${values.join(',')})`),
    fc.constantFrom('favorite', "status has 'New'", 'favorite eq (name eq null)', 'true', 'null', 'salesStage eq 20'),
  );
}

/** `and`, `or`, `not` and comparisons of conditions over leaves. */
function treeOf(leaf: fc.Arbitrary<string>, depth: number): fc.Arbitrary<string> {
  if (depth === 0) return leaf;
  const inner = treeOf(leaf, depth - 1);
  return fc.oneof(
    { weight: 3, arbitrary: leaf },
    inner.map((term) => `not (${term})`),
    infix(inner, oneOf('and', 'or'), inner),
    infix(inner, oneOf('eq', 'ne'), fc.oneof(oneOf('true', 'false', 'null'), inner)),
  );
}

const lambda = fc.oneof(
  fc.tuple(oneOf('any', 'all'), treeOf(leafOf(ofPerson), 1)).map(([word, condition]) => `team/${word}(t:${condition})`),
  call('contains', oneOf('email'), oneOf("'ANN'", "'x.org'")),
  oneOf('team/any()', 'details/requirements/solutions/$count gt 0'),
);

/** Conditions on referrals. */
export const expressions: fc.Arbitrary<string> = treeOf(
  fc.oneof({ weight: 4, arbitrary: leafOf(ofRow) }, { weight: 1, arbitrary: lambda }),
  2,
);

/** Values of referrals to sort by. */
export const keys: fc.Arbitrary<string> = fc
  .constantFrom('text', 'number', 'instant', 'duration')
  .chain(
    (type) =>
      valuesOf({ text: ['name'], number: ['details/dealValue'], instant: ['createdDateTime', 'acceptedDateTime'] }, 2)[
        type as 'text'
      ],
  );
