import type { StoredColumn, StoredValue } from '../store/table-rows.ts';
import { type Table, tables } from '../store/tables.ts';
import { formatNumber, type Manifest, type TableHead, type TableSum, type Trailer } from './format.ts';

/** Single lines of an archive, read and judged. What is wrong with one is a text for whoever brought it. */

/** What is wrong with a line. */
export interface WrongLine {
  readonly wrong: string;
}

/** What a table of the exchange is made of, by its name: that into which an archive has to fit. */
export type Shapes = ReadonlyMap<string, readonly StoredColumn[]>;

/** A table of an archive that fits into the exchange. */
export interface OpenTable {
  readonly head: TableHead;
  readonly table: Table;
  /** In the order of the archive. */
  readonly columns: readonly StoredColumn[];
  /** Places of the key in a row. */
  readonly keyPlaces: readonly number[];
}

/** Reads the first line. @param schemaNumber the newest schema that fits */
export function readManifest(value: unknown, schemaNumber: number): Manifest | WrongLine {
  if (!isRecord(value)) return notThe('manifest');
  const { cosellArchive, schema, program, writtenAt } = value;
  if (!isCount(cosellArchive) || !isCount(schema)) return notThe('manifest');
  if (typeof program !== 'string' || typeof writtenAt !== 'string') return notThe('manifest');
  const advice = `Cosell ${program} wrote it. Install that version, or a newer one.`;
  if (cosellArchive > formatNumber) {
    return {
      wrong: `This archive has format ${cosellArchive}, and this program knows format ${formatNumber}. ${advice}`,
    };
  }
  if (schema > schemaNumber) {
    return { wrong: `This archive has schema ${schema}, and this exchange has schema ${schemaNumber}. ${advice}` };
  }
  return { cosellArchive, schema, program, writtenAt };
}

/**
 * Reads the line before the rows of a table.
 *
 * @param before the table that came before
 * @param isOlder whether the archive has an older schema: what is new since then gets its default
 */
export function readHead(
  value: unknown,
  shapes: Shapes,
  before: Table | undefined,
  isOlder: boolean,
): OpenTable | WrongLine {
  if (!isRecord(value)) return notThe('head of a table');
  const { table: name, columns: given } = value;
  if (typeof name !== 'string' || !isTexts(given)) return notThe('head of a table');
  const table = tables.find((one) => one.name === name);
  const shape = shapes.get(name) ?? [];
  if (table === undefined || shape.length === 0) return { wrong: `There is no table ${name} in this exchange.` };
  if (before !== undefined && tables.indexOf(before) >= tables.indexOf(table)) {
    return { wrong: `The table ${name} cannot come after ${before.name}.` };
  }
  const columns = given.flatMap((column) => shape.find((one) => one.name === column) ?? []);
  const unknown = given.find((column) => !shape.some((one) => one.name === column));
  if (unknown !== undefined) return { wrong: `The table ${name} has no column ${unknown}.` };
  const twice = given.find((column, index) => given.indexOf(column) !== index);
  if (twice !== undefined) return { wrong: `The column ${twice} is named twice.` };
  const mayLack = (one: StoredColumn) => isOlder && one.isOptional && !table.key.includes(one.name);
  const lacking = shape.find((one) => !given.includes(one.name) && !mayLack(one));
  if (lacking !== undefined) return { wrong: `The column ${lacking.name} of ${name} is missing.` };
  return {
    head: { table: name, columns: given },
    table,
    columns,
    keyPlaces: table.key.map((key) => given.indexOf(key)),
  };
}

/** Reads a row. @param before the row of the same table that came before */
export function readRow(
  value: unknown,
  { columns, keyPlaces }: OpenTable,
  before: readonly StoredValue[] | undefined,
): readonly StoredValue[] | WrongLine {
  if (!Array.isArray(value)) return { wrong: 'This is no row.' };
  if (value.length !== columns.length) {
    return { wrong: `The row has ${value.length} values, and its table has ${columns.length} columns.` };
  }
  const odd = columns.find((column, index) => !holds(column, value[index]));
  if (odd !== undefined) {
    return { wrong: `The value of ${odd.name} is not ${odd.isNumber ? 'a whole number' : 'text'}.` };
  }
  const row = value as readonly StoredValue[];
  if (before === undefined) return row;
  const order = compareKeys(before, row, keyPlaces);
  if (order === 0) return { wrong: 'A row with this key was there before.' };
  return order < 0 ? row : { wrong: 'The row is not in the order of keys.' };
}

/** Reads the last line. @param sums what the tables come to by their lines */
export function readTrailer(value: unknown, sums: ReadonlyMap<string, TableSum>): Trailer | WrongLine {
  if (!isRecord(value) || !isRecord(value.end)) return notThe('end of an archive');
  const told = new Map<string, TableSum>();
  for (const [name, sum] of Object.entries(value.end)) {
    if (!isRecord(sum)) return notThe('end of an archive');
    const { rows, sha256 } = sum;
    if (!isCount(rows) || typeof sha256 !== 'string') return notThe('end of an archive');
    const found = sums.get(name);
    if (found === undefined) return { wrong: `The table ${name} is missing.` };
    if (found.rows !== rows) return { wrong: `The table ${name} has ${found.rows} rows and should have ${rows}.` };
    if (found.sha256 !== sha256) return { wrong: `The rows of the table ${name} are not those that were written.` };
    told.set(name, { rows, sha256 });
  }
  const untold = [...sums.keys()].find((name) => !told.has(name));
  return untold === undefined ? { end: Object.fromEntries(told) } : { wrong: `The table ${untold} has no sum.` };
}

function compareKeys(one: readonly StoredValue[], other: readonly StoredValue[], places: readonly number[]): number {
  for (const place of places) {
    const order = compareValues(one[place] ?? null, other[place] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

/** In the order of both engines: code points, which is not the order of UTF-16 that `<` has. */
function compareValues(one: StoredValue, other: StoredValue): number {
  if (one === other) return 0;
  if (typeof one === 'string' && typeof other === 'string') return Buffer.compare(Buffer.from(one), Buffer.from(other));
  return Number(one) - Number(other);
}

function holds({ isNumber }: StoredColumn, value: unknown): boolean {
  if (value === null) return true;
  if (!isNumber) return typeof value === 'string';
  return typeof value === 'number'
    ? Number.isSafeInteger(value)
    : typeof value === 'string' && /^-?\d{16,19}$/.test(value);
}

function notThe(line: string): WrongLine {
  return { wrong: `This is not the ${line}.` };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
