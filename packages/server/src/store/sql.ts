/**
 * SQL with its values apart: a value never becomes text (architecture, section 3). Both engines render it, SQLite with
 * `?`, PostgreSQL with `$1`.
 */

import type { SqlDialect } from '@cosell/odata';

/** A value that both engines store alike. */
export type SqlValue = string | number | bigint | null;

/** Text in pieces, with a value between each two. */
export interface Sql {
  readonly parts: readonly string[];
  readonly values: readonly SqlValue[];
}

/** ``sql`select name from users where id = ${id}` ``; a nested `Sql` is spliced in. */
export function sql(strings: TemplateStringsArray, ...values: readonly (SqlValue | Sql)[]): Sql {
  // The pieces of such a text are the same list at every call, so that its engine knows it again.
  if (values.every(isValue)) return { parts: strings, values };
  const parts = [strings[0] ?? ''];
  const flat: SqlValue[] = [];
  for (const [index, value] of values.entries()) {
    const text = strings[index + 1] ?? '';
    if (value !== null && typeof value === 'object') {
      append(parts, flat, value);
      parts[parts.length - 1] += text;
    } else {
      flat.push(value);
      parts.push(text);
    }
  }
  return { parts, values: flat };
}

function isValue(value: SqlValue | Sql): value is SqlValue {
  return value === null || typeof value !== 'object';
}

/**
 * The text of a statement, put together once for pieces that never change.
 *
 * @param join how an engine writes the pieces with its placeholders between them
 */
export function textsBy(join: (parts: readonly string[]) => string): (statement: Sql) => string {
  const texts = new WeakMap<readonly string[], string>();
  return ({ parts }) => {
    // What is put together anew at each call is not frozen, and nobody asks for it again.
    if (!Object.isFrozen(parts)) return join(parts);
    const known = texts.get(parts);
    if (known !== undefined) return known;
    const text = join(parts);
    texts.set(parts, text);
    return text;
  };
}

function append(parts: string[], flat: SqlValue[], inner: Sql): void {
  parts[parts.length - 1] += inner.parts[0] ?? '';
  parts.push(...inner.parts.slice(1));
  flat.push(...inner.values);
}

/** Names of tables and columns. They come from this program's tables, and anything else is refused. */
export function names(...identifiers: readonly string[]): Sql {
  for (const identifier of identifiers) {
    if (!/^[a-z][a-z0-9_]*$/.test(identifier)) throw new TypeError(`not the name of a column: ${identifier}`);
  }
  return { parts: [identifiers.join(', ')], values: [] };
}

/** Pieces with `, ` between them. */
export function commaSeparated(pieces: readonly (SqlValue | Sql)[]): Sql {
  const parts = [''];
  const values: SqlValue[] = [];
  for (const [index, piece] of pieces.entries()) {
    if (index > 0) parts[parts.length - 1] += ', ';
    if (piece !== null && typeof piece === 'object') append(parts, values, piece);
    else {
      values.push(piece);
      parts.push('');
    }
  }
  return { parts, values };
}

/** What an engine gives: statements on one connection, within one transaction where it writes. */
export interface Connection {
  /** How the engine spells what the two spell differently. */
  readonly dialect: SqlDialect;
  /** The rows of a query; what a column holds, the caller says. */
  all<Row>(query: Sql): Promise<Row[]>;
  run(statement: Sql): Promise<void>;
}

/** A connection for statements that may look at many rows: what takes too long is broken off. */
export interface TimedConnection extends Pick<Connection, 'all' | 'dialect'> {
  /**
   * The condition, without values, by which a statement asks at the rows of a table whether it may go on. It stands
   * before all others, so that rows that do not match ask, too.
   *
   * @param column one of the table's key
   */
  inTime(column: Sql): Sql;
}
