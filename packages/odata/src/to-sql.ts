import type { Comparison, Predicate, PropertyPath, Scalar } from './predicate.ts';

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

/**
 * Writes a predicate as a condition for `where`. SQL is three-valued and OData is not, so `not` goes down to the leaves,
 * where each leaf says what it means of null. No column is wrapped in a function, so that indexes serve.
 */
export function toSql(predicate: Predicate, lookup: ColumnLookup): SqlFragment {
  return write(new FragmentWriter(), lookup, predicate, false).fragment();
}

class FragmentWriter {
  readonly #parts = [''];
  readonly #values: SqlFragmentValue[] = [];

  text(text: string): this {
    this.#parts[this.#parts.length - 1] += text;
    return this;
  }

  value(value: Scalar): this {
    this.#values.push(typeof value === 'boolean' ? Number(value) : value);
    this.#parts.push('');
    return this;
  }

  fragment(): SqlFragment {
    return { parts: this.#parts, values: this.#values };
  }
}

const opposites: Readonly<Record<Comparison, Comparison>> = {
  eq: 'ne',
  ne: 'eq',
  gt: 'le',
  ge: 'lt',
  lt: 'ge',
  le: 'gt',
};
const signs: Readonly<Record<Comparison, string>> = { eq: '=', ne: '<>', gt: '>', ge: '>=', lt: '<', le: '<=' };

function write(writer: FragmentWriter, lookup: ColumnLookup, predicate: Predicate, isNegated: boolean): FragmentWriter {
  switch (predicate.kind) {
    case 'constant':
      return writer.text(predicate.value !== isNegated ? '1 = 1' : '1 = 0');
    case 'not':
      return write(writer, lookup, predicate.term, !isNegated);
    case 'and':
    case 'or':
      return writeTerms(writer, lookup, predicate, isNegated);
    case 'isNull':
      return writer.text(`${lookup.column(predicate.property)} is ${isNegated ? 'not null' : 'null'}`);
    case 'compare': {
      const operator = isNegated ? opposites[predicate.operator] : predicate.operator;
      const column = lookup.column(predicate.property);
      // Nothing is unequal to every value, and whatever `not` turns over holds for nothing.
      const takesNull = isNegated ? predicate.operator !== 'ne' : operator === 'ne';
      writer.text(`${takesNull ? '(' : ''}${column} ${signs[operator]} `).value(predicate.value);
      return takesNull ? writer.text(` or ${column} is null)`) : writer;
    }
    case 'oneOf':
      return writeOneOf(writer, lookup.column(predicate.property), predicate.values, isNegated);
    default:
      return writeItems(writer, lookup, predicate, isNegated);
  }
}

function writeTerms(
  writer: FragmentWriter,
  lookup: ColumnLookup,
  { kind, terms }: { readonly kind: 'and' | 'or'; readonly terms: readonly Predicate[] },
  isNegated: boolean,
): FragmentWriter {
  const word = (kind === 'and') !== isNegated ? ' and ' : ' or ';
  writer.text('(');
  for (const [index, term] of terms.entries()) {
    if (index > 0) writer.text(word);
    write(writer, lookup, term, isNegated);
  }
  return writer.text(')');
}

function writeOneOf(
  writer: FragmentWriter,
  column: string,
  values: readonly Scalar[],
  isNegated: boolean,
): FragmentWriter {
  if (values.length === 0) return writer.text(isNegated ? '1 = 1' : '1 = 0');
  writer.text(isNegated ? `(${column} not in (` : `${column} in (`);
  for (const [index, value] of values.entries()) {
    if (index > 0) writer.text(', ');
    writer.value(value);
  }
  return writer.text(isNegated ? `) or ${column} is null)` : ')');
}

function writeItems(
  writer: FragmentWriter,
  lookup: ColumnLookup,
  predicate: Extract<Predicate, { kind: 'some' | 'every' }>,
  isNegated: boolean,
): FragmentWriter {
  const alias = itemAlias(predicate.scope);
  const { table, link } = lookup.items(predicate.collection, alias);
  const isEvery = predicate.kind === 'every';
  // Every item does, where there is none that does not.
  writer.text(isEvery !== isNegated ? 'not exists (' : 'exists (');
  writer.text(`select 1 from ${table} as ${alias} where ${link} and `);
  write(writer, lookup, predicate.condition, isEvery);
  return writer.text(')');
}
