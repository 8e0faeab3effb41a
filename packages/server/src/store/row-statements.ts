import type { SqlDialect } from '@cosell/odata';
import { names, type Sql, type SqlValue } from './sql.ts';

/**
 * Statements that write one row. Their text is made once, and not anew for some forty columns at each row: the writer's
 * instructions for a create fell from 3,879 to 2,331 thousand (`perf stat` on the writer alone, without HTTP).
 */

/** Makes the statement for the values of one row, in the order of the columns. */
export type RowStatement = (values: readonly SqlValue[]) => Sql;

/** Inserts a number of rows; their values come one row after the other. */
export function insertRowsInto(table: string, columns: readonly string[], rowCount: number): RowStatement {
  return statement(forRows(insertPieces(table, columns, ''), rowCount));
}

/** Makes the statements for any number of rows, each for one or more of them. */
export type RowsStatements = (dialect: SqlDialect, rows: readonly (readonly SqlValue[])[]) => Generator<Sql>;

/**
 * How many rows a statement writes, the most first: few numbers, so that a connection keeps few statements. On PostgreSQL
 * most of what a row costs is its message; SQLite has none, and keeps what a statement of several rows may have to undo.
 */
const rowCounts: Readonly<Record<SqlDialect, readonly number[]>> = { postgres: [64, 8, 1], sqlite: [1] };

/**
 * Inserts a row, or sets its other columns where the key is there already. The key comes first.
 *
 * @param fixed columns that are not set again: SQLite rewrites each index whose columns are set, changed or not
 */
export function upsertInto(
  table: string,
  key: readonly string[],
  columns: readonly string[],
  fixed: readonly string[] = [],
): RowsStatements {
  const changing = columns.filter((column) => !fixed.includes(column));
  return rowsStatements(insertPieces(table, [...key, ...columns], onConflict(key, changing)));
}

/** The same, but a row that has these values already is left alone: its page is then not written. */
export function upsertIfChanged(table: string, key: readonly string[], columns: readonly string[]): RowsStatements {
  const differs = columns.map(
    (column) => `${textOf(table)}.${textOf(column)} is distinct from excluded.${textOf(column)}`,
  );
  return rowsStatements(
    insertPieces(table, [...key, ...columns], `${onConflict(key, columns)} where ${differs.join(' or ')}`),
  );
}

/** Statements from the pieces of one that writes one row. No two rows of a call may have the same key. */
export function rowsStatements(pieces: readonly string[]): RowsStatements {
  const bySize = new Map<number, RowStatement>();
  return function* (dialect, rows) {
    let at = 0;
    for (const size of rowCounts[dialect]) {
      const write = bySize.get(size) ?? statement(forRows(pieces, size));
      bySize.set(size, write);
      for (; at + size <= rows.length; at += size) yield write(rows.slice(at, at + size).flat());
    }
  };
}

/** The pieces of a statement that inserts one row, made for several. */
function forRows(pieces: readonly string[], rowCount: number): string[] {
  const [before = '', ...within] = pieces.slice(0, -1);
  const others = Array.from({ length: rowCount - 1 }, () => ['), (', ...within]);
  return [before, ...within, ...others.flat(), pieces.at(-1) ?? ''];
}

function onConflict(key: readonly string[], columns: readonly string[]): string {
  const changes = columns.map((column) => `${textOf(column)} = excluded.${textOf(column)}`).join(', ');
  return ` on conflict (${textOf(...key)}) do update set ${changes}`;
}

/** Statements that select the rows in which a column has one of some values. What they ask beside comes first. */
export type SelectAmong = (beside: readonly SqlValue[], sought: readonly SqlValue[]) => Generator<Sql>;

/** Values that one statement looks for. */
const mostSought = 256;

/**
 * Selects rows by any of some values. The last one is repeated up to a power of two, so that there are few texts.
 *
 * @param before the statement up to the list, which ends in `in (`, with a value between each two pieces
 * @param after what follows the list
 */
export function selectAmong(before: readonly string[], after = ''): SelectAmong {
  const bySize = new Map<number, RowStatement>();
  return function* (beside, sought) {
    for (let at = 0; at < sought.length; at += mostSought) {
      const some = sought.slice(at, at + mostSought);
      const size = 2 ** Math.ceil(Math.log2(some.length));
      const select = bySize.get(size) ?? statement([...before, ...Array<string>(size - 1).fill(', '), `)${after}`]);
      bySize.set(size, select);
      yield select([...beside, ...some, ...Array<SqlValue>(size - some.length).fill(some.at(-1) ?? null)]);
    }
  };
}

/** Deletes the rows whose columns have these values. */
export function deleteFrom(table: string, columns: readonly string[]): RowStatement {
  return statement(deletePieces(table, columns));
}

/** Deletes the rows whose columns have these values and whose place in a list is this one or a later one. */
export function deleteBehind(table: string, columns: readonly string[], place: string): RowStatement {
  const pieces = deletePieces(table, columns);
  return statement([...pieces.slice(0, -1), ` and ${textOf(place)} >= `, '']);
}

function deletePieces(table: string, columns: readonly string[]): string[] {
  const [first = '', ...others] = columns.map((column) => `${textOf(column)} = `);
  return [`delete from ${textOf(table)} where ${first}`, ...others.map((other) => ` and ${other}`), ''];
}

function insertPieces(table: string, columns: readonly string[], after: string): string[] {
  const before = `insert into ${textOf(table)} (${textOf(...columns)}) values (`;
  return [before, ...columns.slice(1).map(() => ', '), `)${after}`];
}

/** A statement in pieces, with a value between each two. */
function statement(pieces: readonly string[]): RowStatement {
  const parts = Object.freeze([...pieces]);
  return (values) => {
    if (values.length !== parts.length - 1) {
      throw new TypeError(`a statement takes ${parts.length - 1} values, not ${values.length}`);
    }
    return { parts, values };
  };
}

/** Names of this program's own tables and columns; `names` refuses any other. */
function textOf(...identifiers: readonly string[]): string {
  return names(...identifiers).parts.join('');
}
