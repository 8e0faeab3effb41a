import {
  type Column,
  childTables,
  foldEmail,
  formatReferral,
  isMarketplaceLead,
  modelVersion,
  type Referral,
  referralColumns,
} from '@cosell/model';
import { formatInstantFixed, parseInstant } from '@cosell/odata';
import type { ColumnValue, ReferralRecord } from './store.ts';

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
    columns: Object.fromEntries(storedColumns.map((column) => [column.name, columnValue(column, referral)])),
    children: Object.fromEntries(childTables.map((table) => [table.name, childRows(table, referral)])),
  };
}

/** `organization_id` and `id` are the key; the record names them itself. */
const storedColumns = referralColumns.filter(({ name }) => name !== 'organization_id' && name !== 'id');

function childRows(table: (typeof childTables)[number], referral: Referral): Record<string, ColumnValue>[] {
  const items = valueAt(referral, table.path);
  return (Array.isArray(items) ? items : []).map((item: object) => {
    const row: Record<string, ColumnValue> = {};
    for (const column of table.columns) row[column.name] = columnValue(column, item);
    if (typeof row.email === 'string') row.email_folded = foldEmail(row.email);
    return row;
  });
}

function columnValue(column: Column, owner: object): ColumnValue {
  const value = valueAt(owner, column.path);
  if (column.kind === 'flag') return value === true ? 1 : 0;
  if (value === undefined || value === null) return column.absent;
  if (column.kind === 'instant' || column.kind === 'date') return fixedInstant(value as string);
  return value as string | bigint;
}

/** Instants are stored at a fixed width, so that text order is time order. */
function fixedInstant(text: string): string {
  const instant = parseInstant(text);
  return instant === undefined ? text : formatInstantFixed(instant);
}

function valueAt(owner: object, path: readonly string[]): unknown {
  let value: unknown = owner;
  for (const name of path) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return value;
}
