import type { Aggregate } from './apply-plan.ts';
import type { SqlDialect } from './operations.ts';
import type { ScalarType, Value } from './predicate.ts';
import { totalScale } from './predicate.ts';
import { part, totalOfTotalsOnSqlite, totalOnPostgres, totalOnSqlite, totalParts, wholeOnPostgres } from './totals.ts';

/**
 * How an aggregate is written in three queries, each around the one before it: what is added up, what is carried from
 * the lower part of a sum to the upper one, and the result. `{0}` is the column of its value.
 */
interface Written {
  readonly grouped: readonly string[];
  /** From the columns `{0}`, `{1}` … of `grouped`; without it they are carried on as they are. */
  readonly carried?: readonly string[];
  /** From the columns of `carried`. */
  readonly result: string;
}

const plain = (sql: string): Written => ({ grouped: [sql], result: '{0}' });

/** An aggregate in SQL. */
export function writtenAggregate(aggregate: Aggregate, dialect: SqlDialect): Written {
  if (aggregate.method === 'count') return plain('count(*)');
  const { method, value } = aggregate;
  switch (method) {
    case 'countdistinct':
      return plain('count(distinct {0})');
    case 'sum':
      return sumOf(value, dialect);
    case 'average':
      return dialect === 'sqlite' ? averageOnSqlite : averageOnPostgres;
    default:
      return plain(`${method}({0})`);
  }
}

const sums = [`sum({0} / ${part})`, `sum({0} % ${part})`];
/** The lower sum may be negative; what is carried makes it positive. */
const isBelow = `({1} % ${part} < 0)`;
const carry = [`{0} + {1} / ${part} - ${isBelow}`, `{1} % ${part} + ${part} * ${isBelow}`];

function sumOf({ type, scale }: Value, dialect: SqlDialect): Written {
  const shift = totalScale - scale;
  if (dialect === 'postgres') {
    if (type === 'total') return { grouped: [`sum(${wholeOnPostgres('{0}')})`], result: totalOnPostgres('{0}', 1n) };
    return { grouped: ['sum({0})'], result: totalOnPostgres('{0}', 10n ** BigInt(shift)) };
  }
  if (type === 'total') {
    return { grouped: totalParts.map((sql) => `sum(${sql})`), result: totalOfTotalsOnSqlite(['{0}', '{1}', '{2}']) };
  }
  return { grouped: sums, carried: carry, result: totalOnSqlite('{0}', '{1}', shift) };
}

const averageOnPostgres: Written = {
  grouped: ['sum({0})', 'count({0})'],
  result: 'cast(div({0}, nullif({1}, 0)) as bigint)',
};

/** The upper sum is divided first, and its rest with the lower sum; at last what was cut off downwards is cut off towards zero. */
const averageOnSqlite: Written = {
  grouped: [...sums, 'count({0})'],
  carried: [
    `({0} / {2}) * ${part} + ({0} % {2} * ${part} + {1}) / {2} - (({0} % {2} * ${part} + {1}) % {2} < 0)`,
    `({0} % {2} * ${part} + {1}) % {2} <> 0`,
  ],
  result: '({0} + ({0} < 0 and {1}))',
};

/** Whether SQL reads a value of a type as a number of 64 bits. */
export function isWhole(type: ScalarType): boolean {
  return type === 'integer' || type === 'decimal' || type === 'duration' || type === 'boolean';
}
