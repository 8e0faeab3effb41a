import { insertRowsInto } from './row-statements.ts';
import { type Connection, commaSeparated, names, type Sql, sql } from './sql.ts';
import type { Transaction } from './store.ts';
import type { Table } from './tables.ts';

/** Whole tables, row by row as they are stored, alike on both engines: what moving an exchange needs. */

/** A stored value: text, a whole number, or null. A number that JavaScript cannot hold is the text of its digits. */
export type StoredValue = string | number | null;

/** A column of a table, as the database describes it. */
export interface StoredColumn {
  readonly name: string;
  /** Whether it holds whole numbers and not text. */
  readonly isNumber: boolean;
  /** Whether a row may be inserted without it. */
  readonly isOptional: boolean;
}

/** Rows of one table, each with its values in the order of the columns. */
export interface TableRows {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly StoredValue[])[];
}

/** What a transaction can do to whole tables. */
export type TableWrites = Pick<Transaction, 'insertRows' | 'hasRows' | 'removeRows'>;

/** Values that one statement inserts; PostgreSQL takes 65,535 and SQLite 32,766. */
const mostValues = 8_000;
/** UTF-16 units that a page of rows should have, and most rows of it, so that the memory is bounded. */
const pageText = 1_048_576;
const mostRows = 2_000;
/** Rows of the first page, before it is known how large they are. */
const firstRows = 20;

/** The statements that write whole tables, alike on both engines. */
export function tableWrites(connection: Connection): TableWrites {
  return {
    async insertRows({ table, columns, rows }) {
      const most = Math.max(1, Math.floor(mostValues / columns.length));
      const insertMost = insertRowsInto(table, columns, most);
      for (let at = 0; at < rows.length; at += most) {
        const some = rows.slice(at, at + most);
        const insert = some.length === most ? insertMost : insertRowsInto(table, columns, some.length);
        await connection.run(insert(some.flat()));
      }
    },
    async hasRows(table) {
      return (await connection.all(sql`select 1 as one from ${names(table)} limit 1`)).length > 0;
    },
    removeRows: (table) => connection.run(sql`delete from ${names(table)}`),
  };
}

/** How many rows a table has. */
export async function countRows(connection: Connection, table: string): Promise<number> {
  const rows = await connection.all<{ count: number | string }>(sql`select count(*) as count from ${names(table)}`);
  return Number(rows[0]?.count);
}

/**
 * All rows of a table in pages, in the order of its key: that of code points, on both engines.
 *
 * @param columns which columns, those of the key among them
 */
export async function* readRows(
  connection: Connection,
  { name, key }: Table,
  columns: readonly StoredColumn[],
): AsyncGenerator<StoredValue[][]> {
  // An unqualified name in `order by` would be the text that is selected, and "10" comes before "9".
  const selected = columns.map((column) =>
    column.isNumber
      ? sql`cast(t.${names(column.name)} as text) as ${names(column.name)}`
      : sql`t.${names(column.name)}`,
  );
  const keyColumns = commaSeparated(key.map((column) => sql`t.${names(column)}`));
  const keyPlaces = key.map((column) => columns.findIndex((one) => one.name === column));
  let limit = firstRows;
  let after: Sql = sql``;
  for (;;) {
    const found = await connection.all<Record<string, string | null>>(
      sql`select ${commaSeparated(selected)} from ${names(name)} t ${after} order by ${keyColumns} limit ${limit}`,
    );
    const rows = found.map((row) => columns.map((column) => storedValue(row[column.name] ?? null, column)));
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < limit) return;
    after = sql`where (${keyColumns}) > (${commaSeparated(keyPlaces.map((place) => last[place] ?? null))})`;
    const averageText = textLength(rows) / rows.length;
    limit = Math.max(1, Math.min(mostRows, Math.floor(pageText / averageText)));
  }
}

function storedValue(text: string | null, { isNumber }: StoredColumn): StoredValue {
  if (text === null || !isNumber) return text;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

function textLength(rows: readonly StoredValue[][]): number {
  let length = 0;
  for (const row of rows) for (const value of row) length += typeof value === 'string' ? value.length : 8;
  return length;
}
