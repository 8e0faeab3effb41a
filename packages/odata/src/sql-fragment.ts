import type { SqlDialect } from './operations.ts';
import type { PropertyPath, Scalar, ScalarType } from './predicate.ts';

/** A value that goes beside the text of a statement. */
export type SqlFragmentValue = string | number | bigint | null;

/** A piece of SQL: text in pieces, with a value between each two. No value is ever part of the text. */
export interface SqlFragment {
  readonly parts: readonly string[];
  readonly values: readonly SqlFragmentValue[];
}

/** Where properties are stored. What it gives is spliced into the text as it is, so it must come from the program. */
export interface ColumnLookup {
  /** The column of a property, qualified; `scope` 0 is the entity, others are items under `itemAlias`. */
  column(property: PropertyPath): string;
  /** The table of the items of a list, and the condition that ties an item under an alias to the entity. */
  items(collection: readonly string[], alias: string): { readonly table: string; readonly link: string };
}

/** The alias under which the items of the nth lambda stand. */
export function itemAlias(scope: number): string {
  return `item${scope}`;
}

/** Puts a fragment together. */
export class FragmentWriter {
  readonly dialect: SqlDialect;
  readonly lookup: ColumnLookup;
  readonly #parts = [''];
  readonly #values: SqlFragmentValue[] = [];

  constructor(dialect: SqlDialect, lookup: ColumnLookup) {
    this.dialect = dialect;
    this.lookup = lookup;
  }

  text(text: string): this {
    this.#parts[this.#parts.length - 1] += text;
    return this;
  }

  value(value: Scalar | null): this {
    this.#values.push(typeof value === 'boolean' ? Number(value) : value);
    this.#parts.push('');
    return this;
  }

  /** A piece that was written apart. */
  fragmentOf({ parts, values }: SqlFragment): this {
    this.text(parts[0] ?? '');
    this.#parts.push(...parts.slice(1));
    this.#values.push(...values);
    return this;
  }

  /** A value among operands, where PostgreSQL asks for its type. */
  typedValue(value: Scalar | null, type: ScalarType): this {
    if (this.dialect === 'sqlite') return this.value(value);
    const isText = typeof value === 'string' || (value === null && type === 'text');
    return this.text('cast(')
      .value(value)
      .text(` as ${isText ? 'text' : 'bigint'})`);
  }

  fragment(): SqlFragment {
    return { parts: this.#parts, values: this.#values };
  }
}
