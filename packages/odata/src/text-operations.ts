import { lowerMapping, mapCase, upperMapping } from './case-mapping.ts';
import type { Operation } from './operations.ts';

/** What Unicode calls white space. */
const whiteSpace =
  '\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000';
const isWhiteSpace = new Set(whiteSpace);

/** No text is longer; PostgreSQL counts its characters in 32 bits. */
const longest = 500_000_000n;

/** Longer ones that are not ASCII have no other case: SQLite's time for it grows with the square of the length. */
const longestMapped = 4_000;

/** No longer text is put together, so that few of them do not fill the memory. */
const longestMade = 1_000_000;

/** Operations on texts. All of them count code points, as both engines do. */
export const textOperations = {
  contains: {
    result: 'boolean',
    evaluate: (text: string, part: string) => text.includes(part),
    sql: { sqlite: 'instr({0}, {1}) > 0', postgres: 'strpos({0}, {1}) > 0' },
  },
  startswith: {
    result: 'boolean',
    evaluate: (text: string, part: string) => text.startsWith(part),
    sql: { sqlite: 'instr({0}, {1}) = 1', postgres: 'starts_with({0}, {1})' },
  },
  endswith: {
    result: 'boolean',
    evaluate: (text: string, part: string) => text.endsWith(part),
    // Where the part is longer, fewer characters come out than it has.
    sql: 'substr({0}, length({0}) - length({1}) + 1) = {1}',
  },
  length: {
    result: 'integer',
    evaluate: (text: string) => lengthOf(text),
    // Both engines count in 64 bits from here on.
    sql: 'cast(length({0}) as bigint)',
  },
  indexof: {
    result: 'integer',
    evaluate: (text: string, part: string) => {
      const unit = text.indexOf(part);
      return unit < 0 ? -1n : lengthOf(text.slice(0, unit));
    },
    sql: { sqlite: '(instr({0}, {1}) - 1)', postgres: '(cast(strpos({0}, {1}) as bigint) - 1)' },
  },
  substring: {
    result: 'text',
    evaluate: (text: string, start: bigint) =>
      Array.from(text)
        .slice(Number(clamp(start)))
        .join(''),
    sql: `substr({0}, ${placeSql('{1}')} + 1)`,
  },
  substringOfLength: {
    result: 'text',
    evaluate: (text: string, start: bigint, length: bigint) => {
      const from = Number(clamp(start));
      return Array.from(text)
        .slice(from, from + Number(clamp(length)))
        .join('');
    },
    sql: `substr({0}, ${placeSql('{1}')} + 1, ${placeSql('{2}')})`,
  },
  tolower: {
    result: 'text',
    evaluate: (text: string) => (isTooLong(text) ? null : mapCase(text, lowerMapping())),
    sql: caseSql('lower'),
    constants: () => [lowerMapping().from, lowerMapping().to],
  },
  toupper: {
    result: 'text',
    evaluate: (text: string) => (isTooLong(text) ? null : mapCase(text, upperMapping())),
    sql: caseSql('upper'),
    constants: () => [upperMapping().from, upperMapping().to],
  },
  trim: {
    result: 'text',
    evaluate: (text: string) => {
      // All white space is one unit long.
      let [start, end] = [0, text.length];
      while (start < end && isWhiteSpace.has(text.charAt(start))) start += 1;
      while (end > start && isWhiteSpace.has(text.charAt(end - 1))) end -= 1;
      return text.slice(start, end);
    },
    sql: 'trim({0}, {1})',
    constants: () => [whiteSpace],
  },
  concat: {
    result: 'text',
    evaluate: (text: string, other: string) => (lengthOf(text) + lengthOf(other) > longestMade ? null : text + other),
    sql: `case when length({0}) + length({1}) <= ${longestMade} then {0} || {1} end`,
  },
  /** As a flag, and so nothing where one of them is. */
  same: {
    result: 'boolean',
    evaluate: (value: string, other: string) => value === other,
    sql: '{0} = {1}',
  },
} as const satisfies Record<string, Operation>;

function isTooLong(text: string): boolean {
  return text.length > longestMapped && lengthOf(text) > longestMapped && /[^\0-\x7f]/.test(text);
}

function lengthOf(text: string): bigint {
  let length = 0n;
  for (const _character of text) length += 1n;
  return length;
}

function clamp(number: bigint): bigint {
  return number < 0n ? 0n : number > longest ? longest : number;
}

/** A number of characters, in the 32 bits that PostgreSQL takes: nothing is before the first or behind the last. */
function placeSql(operand: string): string {
  return `cast(case when ${operand} < 0 then 0 when ${operand} > ${longest} then ${longest} else ${operand} end as integer)`;
}

/** Each engine maps ASCII by itself; only a text that has more is mapped letter by letter. */
function caseSql(name: 'lower' | 'upper'): Operation['sql'] {
  const letter = 'substr(rest, 1, 1)';
  return {
    sqlite: `case when length(cast({0} as blob)) = length({0}) then ${name}({0})
      when length({0}) <= ${longestMapped} then (
      with recursive letters(rest, done) as (select {0}, '' union all
        select substr(rest, 2), done || coalesce(substr({2}, nullif(instr({1}, ${letter}), 0), 1), ${letter})
        from letters where rest <> '')
      select done from letters where rest = '') end`,
    postgres: `case when octet_length({0}) = length({0}) then ${name}({0} collate "C")
      when length({0}) <= ${longestMapped} then translate({0}, {1}, {2}) end`,
  };
}
