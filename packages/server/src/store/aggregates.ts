import { type ApplyPlan, applyToSql, type OrderKey, resultColumns, valueToSql } from '@cosell/odata';
import { after, type SortKey } from './keyset.ts';
import { allOf, armsOf } from './list.ts';
import type { ListPage, ListScope } from './list-scope.ts';
import { commaSeparated, names, type Sql, sql, type TimedConnection } from './sql.ts';

/** One result of `$apply`: what the database makes of its columns as text. */
export interface AggregateRow {
  /** In the order of the plan's properties. */
  readonly values: readonly (string | null)[];
  /** Its values of the keys that the results are sorted by. */
  readonly keys: readonly (string | null)[];
}

/**
 * A page of what the transformations of a plan make of the referrals of a list. The rows are those of the list, by the same
 * conditions, and what is read of another's record is read of its view.
 */
export async function aggregateReferrals(
  connection: TimedConnection,
  scope: ListScope,
  { plan, page }: { readonly plan: ApplyPlan; readonly page: ListPage },
): Promise<AggregateRow[]> {
  if (page.limit === 0) return [];
  const properties = plan.properties ?? [];
  const keys = page.order.map((key) => sortKey(key, plan, connection));
  const columns = [
    ...properties.map(
      (_property, index) => sql`cast(result.${names(`r${index}`)} as text) as ${names(`value${index}`)}`,
    ),
    ...keys.map(({ column }, index) => sql`cast(${column} as text) as ${names(`key${index}`)}`),
  ];
  const place = page.after === undefined ? sql`` : sql` and ${after(keys, page.after)}`;
  const order = keys.length === 0 ? sql`` : sql` order by ${commaSeparated(keys.map(orderTerm))}`;
  const rows = await connection.all<Readonly<Record<string, string | null>>>(
    sql`select ${commaSeparated(columns)} from ${resultsOf(connection, scope, plan)}${place}${order}
      limit ${page.limit} offset ${page.skip}`,
  );
  return rows.map((row) => ({
    values: properties.map((_property, index) => row[`value${index}`] ?? null),
    keys: keys.map((_key, index) => row[`key${index}`] ?? null),
  }));
}

/** How many results there are. */
export async function countAggregates(connection: TimedConnection, scope: ListScope, plan: ApplyPlan): Promise<number> {
  const [row] = await connection.all<{ number: number | string }>(
    sql`select count(*) as number from ${resultsOf(connection, scope, plan)}`,
  );
  return Number(row?.number);
}

/** What stands behind `from`, with its `where`: the results that a scope has by a plan. */
function resultsOf(connection: TimedConnection, scope: ListScope, plan: ApplyPlan): Sql {
  const sources = armsOf(connection, scope).map(({ source, conditions, columns }) => ({
    from: source,
    where: allOf(conditions),
    columns,
  }));
  const stillInTime = (column: string) => connection.inTime(sql`${textOf(column)}`).parts.join('');
  const query = applyToSql(plan, { dialect: connection.dialect, sources, stillInTime });
  return sql`(${query}) as result where ${connection.inTime(textOf('result.r0'))}`;
}

/** A column that the query itself has named. */
function textOf(column: string): Sql {
  return { parts: [column], values: [] };
}

function sortKey({ value, isDescending }: OrderKey, plan: ApplyPlan, { dialect }: TimedConnection): SortKey {
  return {
    column: valueToSql(value, dialect, resultColumns(plan.properties ?? [])),
    isDescending,
    isNullable: true,
    isNumber: ['integer', 'decimal', 'duration', 'boolean'].includes(value.type),
  };
}

/** Nothing comes before everything else (OData 4.01, section 11.2.6.2). */
function orderTerm({ column, isDescending }: SortKey): Sql {
  return isDescending ? sql`${column} desc nulls last` : sql`${column} asc nulls first`;
}
