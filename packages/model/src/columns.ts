import { membersOf, notesFor, type PropertyKind, type PropertySchema } from './property.ts';
import { referralTable } from './referral.ts';

/** A column and the path of the property that fills it. */
export interface Column {
  readonly name: string;
  readonly path: readonly string[];
  readonly kind: PropertyKind;
  /** What the column holds when the property was never set. */
  readonly absent: string | null;
}

/** A child table: one row for each item of a list. */
export interface ChildTable {
  readonly name: string;
  readonly path: readonly string[];
  readonly columns: readonly Column[];
}

function columnsBelow(schema: PropertySchema, path: readonly string[]): Column[] {
  return membersOf(schema).flatMap(([name, member]) => {
    const notes = notesFor(member);
    const place = [...path, name];
    if (notes.kind === 'record') return columnsBelow(member, place);
    return notes.column === undefined
      ? []
      : [{ name: notes.column, path: place, kind: notes.kind, absent: textOrNull(notes.absent) }];
  });
}

function childTablesBelow(schema: PropertySchema, path: readonly string[]): ChildTable[] {
  return membersOf(schema).flatMap(([name, member]) => {
    const notes = notesFor(member);
    const place = [...path, name];
    if (notes.kind === 'record') return childTablesBelow(member, place);
    return notes.table === undefined ? [] : [{ name: notes.table, path: place, columns: columnsBelow(member, []) }];
  });
}

/** The columns of `referrals` and `referral_views` that are filled from the document, in wire order. */
export const referralColumns: readonly Column[] = columnsBelow(referralTable, []);

/** The tables that hold the items of lists, so that `any` and `all` can be asked of them. */
export const childTables: readonly ChildTable[] = childTablesBelow(referralTable, []);

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
