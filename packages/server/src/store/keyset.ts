import { type Sql, type SqlValue, sql } from './sql.ts';

/** A key that rows are sorted by. Nothing is lower than every value. */
export interface SortKey {
  readonly column: Sql;
  readonly isDescending: boolean;
  readonly isNullable: boolean;
  /** Whether its values are whole numbers; as keys they travel as text. */
  readonly isNumber: boolean;
}

/**
 * The condition of the rows that come after one. It is `a <= ? and (a < ? or …)` and not `a < ? or (a = ? and …)`,
 * because with the latter SQLite finds no start in the index: 10 to 12 ms instead of 0.2 to 0.7 for a page in 1,000,000.
 */
export function after(keys: readonly SortKey[], values: readonly (string | null)[]): Sql {
  const [key, ...others] = keys;
  if (key === undefined) throw new TypeError('rows that are sorted by nothing have no order');
  const rest = others.length === 0 ? undefined : after(others, values.slice(1));
  const [text = null] = values;
  return text === null ? afterNull(key, rest) : afterValue(key, key.isNumber ? BigInt(text) : text, rest);
}

function afterNull({ column, isDescending }: SortKey, rest: Sql | undefined): Sql {
  const isSame = rest === undefined ? sql`1 = 0` : sql`(${column} is null and ${rest})`;
  return isDescending ? isSame : sql`(${column} is not null or ${isSame})`;
}

function afterValue({ column, isDescending, isNullable }: SortKey, value: SqlValue, rest: Sql | undefined): Sql {
  const beyond = isDescending ? sql`${column} < ${value}` : sql`${column} > ${value}`;
  const atOrBeyond = isDescending ? sql`${column} <= ${value}` : sql`${column} >= ${value}`;
  const later = rest === undefined ? beyond : sql`${atOrBeyond} and (${beyond} or ${rest})`;
  return isDescending && isNullable ? sql`((${later}) or ${column} is null)` : sql`(${later})`;
}
