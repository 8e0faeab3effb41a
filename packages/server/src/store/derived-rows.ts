import { documentColumns, documentValues } from './put-referrals.ts';
import { storedChildren, storedColumns } from './rows.ts';
import { type Connection, commaSeparated, names, type Sql, sql } from './sql.ts';
import type { Transaction } from './store.ts';
import type { ColumnValue, ReferralRecord } from './stored-referral.ts';

/** What a transaction can ask of what is derived from documents. */
export type DerivedReads = Pick<Transaction, 'holdsReferral' | 'holdsView'>;

/** The statements that compare stored rows with what they should be, alike on both engines. */
export function derivedReads(connection: Connection): DerivedReads {
  return {
    async holdsReferral(record) {
      const { organizationId, id, engagementId, mpnId, isMarketplaceLead } = record;
      const key = sql`organization_id = ${organizationId} and id = ${id}`;
      const members = await connection.all(sql`select 1 as one from engagement_members
        where engagement_id = ${engagementId} and organization_id = ${organizationId} and referral_id = ${id}`);
      const beside = [engagementId, mpnId, isMarketplaceLead ? 1 : 0];
      return (
        members.length > 0 &&
        (await holds(connection, sql`referrals where ${key}`, storedColumns, record.columns)) &&
        (await holds(
          connection,
          sql`referral_documents where ${key}`,
          [...documentColumns, 'engagement_id', 'mpn_id', 'is_marketplace_lead'],
          [...documentValues(record), ...beside],
        )) &&
        (await holdsChildren(connection, organizationId, record))
      );
    },

    async holdsView(view) {
      const { readerOrganizationId, id, organizationId, sharing } = view;
      const place = sql`referral_views where organization_id = ${readerOrganizationId} and id = ${id}`;
      return (
        (await holds(
          connection,
          place,
          ['owner_organization_id', 'sharing', ...storedColumns, ...documentColumns],
          [organizationId, sharing, ...view.columns, ...documentValues(view)],
        )) && (await holdsChildren(connection, readerOrganizationId, view))
      );
    },
  };
}

async function holds(
  connection: Connection,
  place: Sql,
  columns: readonly string[],
  values: readonly ColumnValue[],
): Promise<boolean> {
  return isSame(await connection.all(sql`select ${asTexts(columns)} from ${place}`), [values]);
}

async function holdsChildren(connection: Connection, organizationId: string, record: ReferralRecord): Promise<boolean> {
  for (const [index, { table, columns }] of storedChildren.entries()) {
    const rows = await connection.all(sql`select ${asTexts(['position', ...columns])} from ${names(table)}
      where organization_id = ${organizationId} and referral_id = ${record.id} order by position`);
    const wanted = (record.children[index] ?? []).map((row, position) => [position, ...row]);
    if (!isSame(rows, wanted)) return false;
  }
  return true;
}

/** As text, numbers of any size come alike from both engines. */
function asTexts(columns: readonly string[]): Sql {
  return commaSeparated(columns.map((column) => sql`cast(${names(column)} as text) as ${names(column)}`));
}

function isSame(rows: readonly unknown[], wanted: readonly (readonly ColumnValue[])[]): boolean {
  const found = rows.map((row) => Object.values(row as Record<string, string | null>));
  const texts = wanted.map((row) => row.map((value) => (value === null ? null : String(value))));
  return JSON.stringify(found) === JSON.stringify(texts);
}
