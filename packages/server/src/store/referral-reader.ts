import { type Column, childTables, foldEmail, referralColumns } from '@cosell/model';
import type { EntityReader } from '@cosell/odata';
import { columnValue, valueAt } from './rows.ts';

type Columns = ReadonlyMap<string, Column>;

const ofReferrals = byPath(referralColumns);
const ofItems = new Map(childTables.map(({ path, columns }) => [path.join('/'), byPath(columns)]));

/**
 * Reads a referral for `evaluate` as its columns hold it, so that a condition has one answer in memory and in the
 * database, also for a state that is stored nowhere but in the log.
 */
export const referralReader: EntityReader = {
  value(owner, { scope, segments, collection = [], type }) {
    const columns = scope === 0 ? ofReferrals : ofItems.get(collection.join('/'));
    const column = columns?.get(segments.join('/'));
    if (column === undefined) throw new TypeError(`${segments.join('/')} can be filtered by and has no column`);
    const value = columnValue(column, owner as object);
    if (value === null) return null;
    if (type === 'boolean') return value === 1;
    if (typeof value === 'number') return BigInt(value);
    // A column of its own holds addresses in one case.
    return column.name === 'email' && typeof value === 'string' ? foldEmail(value) : value;
  },
  items: (entity, collection) => (valueAt(entity as object, collection) ?? []) as readonly unknown[],
};

function byPath(columns: readonly Column[]): Columns {
  return new Map(columns.map((column) => [column.path.join('/'), column]));
}
