import type { Row } from '../store/rows-of.ts';
import type { Tables } from './tables.ts';

/** Tables that can be asked by key, and what was found in them. */
export class Findings {
  readonly lines: string[] = [];
  readonly #tables: Tables;
  readonly #byKey = new Map<string, Map<string, Row[]>>();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  say(table: string, row: Row | string, what: string): void {
    const name = typeof row === 'string' ? row : `${row.organization_id} ${row.id ?? row.referral_id ?? ''}`;
    this.lines.push(`${table} ${name}: ${what}`);
  }

  rows(table: string): readonly Row[] {
    const rows = this.#tables[table];
    if (rows === undefined) throw new Error(`the table ${table} was not read`);
    return rows;
  }

  /** The rows of a table that have these values in these columns. */
  where(table: string, columns: readonly string[], values: readonly unknown[]): readonly Row[] {
    const name = `${table} ${columns.join()}`;
    let index = this.#byKey.get(name);
    if (index === undefined) {
      index = new Map();
      for (const row of this.rows(table)) {
        const key = keyOf(columns.map((column) => row[column]));
        const rows = index.get(key);
        if (rows === undefined) index.set(key, [row]);
        else rows.push(row);
      }
      this.#byKey.set(name, index);
    }
    return index.get(keyOf(values)) ?? [];
  }
}

/** Values as one text, so that they can be a key. */
export function keyOf(values: readonly unknown[]): string {
  return JSON.stringify(values);
}

/** Whether two values are equal. One engine gives whole numbers as text, the other as numbers. */
export function isEqual(one: unknown, other: unknown): boolean {
  return one === null || other === null ? one === other : String(one) === String(other);
}
