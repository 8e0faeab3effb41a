import {
  type Column,
  childTables,
  foldEmail,
  formatReferral,
  isMarketplaceLead,
  modelVersion,
  type Referral,
  referralColumns,
  searchTextOf,
} from '@cosell/model';
import { searchMember, toInstantFixed } from '@cosell/odata';
import type { ColumnValue, ReferralRecord } from './stored-referral.ts';

/**
 * Takes a referral apart into what is stored: the document of the wire and the columns that are asked of it.
 * The eTag is in the document already.
 *
 * @param dueAt when the exchange closes it; null when it waits for nothing
 */
export function recordOf(referral: Referral & { eTag: string }, dueAt: string | null = null): ReferralRecord {
  const wire = formatReferral(referral);
  return {
    organizationId: referral.organizationId,
    id: referral.id,
    document: wire.beforeLinks + wire.afterLinks,
    linksOffset: wire.beforeLinks.length,
    eTag: referral.eTag,
    dueAt,
    engagementId: referral.engagementId,
    mpnId: referral.mpnId ?? null,
    isMarketplaceLead: isMarketplaceLead(referral),
    modelVersion,
    columns: ownColumns.map((column) => columnValue(column, referral)),
    children: [...childTables.map((table) => childRows(table, referral)), [[searchTextOf(referral)]]],
  };
}

/** `organization_id` and `id` are the key; the record names them itself. */
const ownColumns = referralColumns.filter(({ name }) => name !== 'organization_id' && name !== 'id');

/** Names of the columns that a record fills, beside its key. */
export const storedColumns: readonly string[] = ownColumns.map(({ name }) => name);

/** The table that holds the searchable text of each referral and view, as its one item. */
export const searchTable = 'referral_search';

/**
 * The child tables with the columns that a record fills, and the searchable text. An e-mail address is stored folded, too.
 */
export const storedChildren: readonly { readonly table: string; readonly columns: readonly string[] }[] = [
  ...childTables.map(({ name, columns }) => {
    const own = columns.map((column) => column.name);
    return { table: name, columns: own.includes('email') ? [...own, 'email_folded'] : own };
  }),
  { table: searchTable, columns: [searchMember] },
];

function childRows({ path, columns }: (typeof childTables)[number], referral: Referral): ColumnValue[][] {
  const items = valueAt(referral, path);
  if (!Array.isArray(items)) return [];
  const email = columns.findIndex(({ name }) => name === 'email');
  return items.map((item: object) => {
    const row = columns.map((column) => columnValue(column, item));
    if (email < 0) return row;
    const address = row[email];
    return [...row, typeof address === 'string' ? foldEmail(address) : null];
  });
}

/** What a column holds of its owner: a referral, or an item of one of its lists. */
export function columnValue(column: Column, owner: object): ColumnValue {
  const value = valueAt(owner, column.path);
  if (column.kind === 'flag') return value === true ? 1 : 0;
  if (value === undefined || value === null) return column.absent;
  // Instants are stored at a fixed width, so that text order is time order.
  if (column.kind === 'instant' || column.kind === 'date') return toInstantFixed(value as string) ?? (value as string);
  return value as string | bigint;
}

/** What stands at a path below an object. */
export function valueAt(owner: object, path: readonly string[]): unknown {
  let value: unknown = owner;
  for (const name of path) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return value;
}
