/**
 * Sums may have more digits than 64 bits hold, which SQLite has no type for. So a sum in a database is a text, of the same
 * number of digits for each, and the order of the texts is the order of the sums. Its unit is the eighth digit behind the
 * point; what is below zero is counted from `zero` downwards.
 */

/** What stands for a sum of 0. */
const zero = 10n ** 36n;
const digits = 37;
/** Digits of the upper part, which SQLite can read as a number of its own, as it can the rest. */
const upperDigits = 19;
const lowerDigits = digits - upperDigits;
const zeroOfUpper = 10n ** 18n;

/** The text that stands for a sum in a database. */
export function formatTotal(total: bigint): string {
  return (total + zero).toString().padStart(digits, '0');
}

/** The sum that a text of a database stands for. */
export function parseTotal(text: string): bigint {
  return BigInt(text) - zero;
}

const upper = (text: string) => `(cast(substr(${text}, 1, ${upperDigits}) as integer) - ${zeroOfUpper})`;
const whole = (text: string) => `(cast(${text} as numeric) - ${zero})`;

/**
 * A sum as a whole number of 64 bits, or nothing where it has too many digits. `{1}` is the power of ten that it is
 * divided by, and `{2}` what is left of 10^18.
 */
export const narrowedSql = {
  sqlite: `case when ${upper('{0}')} >= -4 * {1} and ${upper('{0}')} < 4 * {1}
    then ${upper('{0}')} * {2} + cast(substr({0}, ${upperDigits + 1}) as integer) / {1} end`,
  postgres: `cast(case when div(${whole('{0}')}, {1}) >= -4000000000000000000
    and div(${whole('{0}')}, {1}) < 4000000000000000000 then div(${whole('{0}')}, {1}) end as bigint)`,
} as const;

/** Numbers are added up in two parts, so that neither sum has too many digits for SQLite. */
export const part = 1_000_000_000n;

/** The text of a sum in PostgreSQL, from the number and the power of ten that it is multiplied by. */
export function totalOnPostgres(sum: string, factor: bigint): string {
  return `lpad(cast(trunc(${sum} * ${factor} + ${zero}) as text), ${digits}, '0') collate "C"`;
}

/**
 * The text of a sum in SQLite, from its two parts, of which the lower one is neither negative nor as large as `part`.
 *
 * @param shift by how many digits it is multiplied
 */
export function totalOnSqlite(upperSum: string, lowerSum: string, shift: number): string {
  const unit = 10n ** BigInt(shift);
  const rest = part / unit;
  // Division cuts off towards zero, and is wanted downwards.
  const remainder = `((${upperSum} % ${rest} + ${rest}) % ${rest})`;
  const quotient = `((${upperSum} - ${remainder}) / ${rest})`;
  return `case when ${upperSum} is not null then printf('%0${upperDigits}d%0${lowerDigits}d', ${quotient} + ${zeroOfUpper},
    ${remainder} * ${part * unit} + ${lowerSum} * ${unit}) end`;
}

/** What is added up of a text that stands for a sum, so that sums of sums are exact: three parts of nine digits at most. */
export const totalParts: readonly [string, string, string] = [
  upper('{0}'),
  `cast(substr({0}, ${upperDigits + 1}, 9) as integer)`,
  `cast(substr({0}, ${upperDigits + 10}, 9) as integer)`,
];

/** The text of a sum of sums in SQLite, from the sums of their parts. */
export function totalOfTotalsOnSqlite([first, second, third]: readonly [string, string, string]): string {
  const middle = `(${second} + ${third} / ${part})`;
  return `case when ${first} is not null then printf('%0${upperDigits}d%09d%09d',
    ${first} + ${middle} / ${part} + ${zeroOfUpper}, ${middle} % ${part}, ${third} % ${part}) end`;
}

/** A text that stands for a sum as a number of PostgreSQL. */
export function wholeOnPostgres(text: string): string {
  return whole(text);
}
