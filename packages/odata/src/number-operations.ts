import type { Operation } from './operations.ts';
import { narrowedSql } from './totals.ts';

/**
 * The largest number that a calculation may give, in units of its last digit: two of them can be added in 64 bits, and
 * every instant in ten-millionths of a second is below it.
 */
export const largestNumber: bigint = 4_000_000_000_000_000_000n;

/** What a calculation gives; too large a number is none. */
function kept(number: bigint): bigint | null {
  return number > largestNumber || number < -largestNumber ? null : number;
}

/**
 * Operations on whole numbers of the same unit; the binder brings both sides to one. Faults, as a division by zero and
 * a result that is too large, are null, and every division cuts off.
 */
export const numberOperations = {
  add: {
    result: 'decimal',
    evaluate: (one: bigint, other: bigint) => kept(one + other),
    sql: `case when abs({0} + {1}) <= ${largestNumber} then {0} + {1} end`,
  },
  sub: {
    result: 'decimal',
    evaluate: (one: bigint, other: bigint) => kept(one - other),
    sql: `case when abs({0} - {1}) <= ${largestNumber} then {0} - {1} end`,
  },
  mul: {
    result: 'decimal',
    evaluate: (one: bigint, other: bigint) => kept(one * other),
    // Divided and not multiplied, because SQLite goes on with a float where 64 bits do not hold the product.
    sql: `case when {1} = 0 then {0} * 0 when abs({0}) <= ${largestNumber} / abs({1}) then {0} * {1} end`,
  },
  quotient: {
    result: 'decimal',
    evaluate: (one: bigint, other: bigint) => (other === 0n ? null : one / other),
    sql: '({0} / nullif({1}, 0))',
  },
  mod: {
    result: 'decimal',
    evaluate: (one: bigint, other: bigint) => (other === 0n ? null : one % other),
    sql: '({0} % nullif({1}, 0))',
  },
  negate: {
    result: 'decimal',
    evaluate: (one: bigint) => -one,
    sql: '(- {0})',
  },
  /** A sum with fewer digits behind the point; the operands behind it are by how much, and what is left of 10^18. */
  narrowed: {
    result: 'decimal',
    evaluate: (total: bigint, unit: bigint, _rest: bigint) => {
      const number = total / unit;
      return number >= -largestNumber && number < largestNumber ? number : null;
    },
    sql: narrowedSql,
  },
  /** The second operand is how many units are 1. */
  floor: {
    result: 'decimal',
    evaluate: (one: bigint, unit: bigint) => (one + largestNumber) / unit - largestNumber / unit,
    sql: `(({0} + ${largestNumber}) / {1} - ${largestNumber} / {1})`,
  },
  ceiling: {
    result: 'decimal',
    evaluate: (one: bigint, unit: bigint) => largestNumber / unit - (largestNumber - one) / unit,
    sql: `(${largestNumber} / {1} - (${largestNumber} - {0}) / {1})`,
  },
  /** A half goes away from zero. */
  round: {
    result: 'decimal',
    evaluate: (one: bigint, unit: bigint) => (one + (one < 0n ? -unit / 2n : unit / 2n)) / unit,
    sql: '(({0} + case when {0} < 0 then - ({1} / 2) else {1} / 2 end) / {1})',
  },
} as const satisfies Record<string, Operation>;
