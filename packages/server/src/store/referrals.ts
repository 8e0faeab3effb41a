import { childTables } from '@cosell/model';
import { foldEmail } from './rows.ts';
import { type Connection, commaSeparated, names, type Sql, sql } from './sql.ts';
import type { Change, ColumnValue, DocumentText, OwnRecord, ReferralRecord, Transaction, ViewRecord } from './store.ts';

/** What a transaction can do to referrals, their views and their changes. */
export type ReferralWrites = Pick<
  Transaction,
  | 'readDocument'
  | 'listEngagement'
  | 'putReferral'
  | 'readView'
  | 'putView'
  | 'removeView'
  | 'appendChange'
  | 'hasReferrals'
>;

/** The organisation's own records in an engagement. */
export function findOwnRecords(
  connection: Connection,
  organizationId: string,
  engagementId: string,
): Promise<OwnRecord[]> {
  return connection.all(sql`select id, mpn_id as "mpnId" from referrals
    where organization_id = ${organizationId} and engagement_id = ${engagementId} order by id`);
}

/** Whether an e-mail address is on the team of a referral; letters of either case are equal. */
export async function isOnTeam(
  connection: Connection,
  organizationId: string,
  id: string,
  email: string,
): Promise<boolean> {
  const rows = await connection.all(sql`select 1 as one from referral_team_members
    where organization_id = ${organizationId} and referral_id = ${id} and email_folded = ${foldEmail(email)} limit 1`);
  return rows.length > 0;
}

/** The statements that write referrals, alike on both engines. */
export function referralWrites(connection: Connection): ReferralWrites {
  return {
    readDocument: (organizationId, id) => readDocument(connection, 'referral_documents', organizationId, id),
    readView: (readerOrganizationId, id) => readDocument(connection, 'referral_views', readerOrganizationId, id),

    listEngagement: (engagementId) =>
      connection.all(sql`select organization_id as "organizationId", referral_id as "id" from engagement_members
        where engagement_id = ${engagementId} order by organization_id, referral_id`),

    async putReferral(record) {
      const key = { organization_id: record.organizationId, id: record.id };
      await connection.run(upsert('referrals', key, record.columns));
      await connection.run(
        upsert('referral_documents', key, {
          ...documentColumns(record),
          engagement_id: record.engagementId,
          mpn_id: record.mpnId,
          is_marketplace_lead: record.isMarketplaceLead ? 1 : 0,
        }),
      );
      await connection.run(sql`insert into engagement_members (engagement_id, organization_id, referral_id)
        values (${record.engagementId}, ${record.organizationId}, ${record.id}) on conflict do nothing`);
      await putChildren(connection, record.organizationId, record);
    },

    async putView(view) {
      const key = { organization_id: view.readerOrganizationId, id: view.id };
      const columns = { owner_organization_id: view.organizationId, ...view.columns, ...documentColumns(view) };
      await connection.run(upsert('referral_views', key, columns));
      await putChildren(connection, view.readerOrganizationId, view);
    },

    async removeView(readerOrganizationId, id) {
      const before = await readDocument(connection, 'referral_views', readerOrganizationId, id);
      if (before === undefined) return;
      await connection.run(sql`delete from referral_views
        where organization_id = ${readerOrganizationId} and id = ${id}`);
      for (const { name } of childTables) {
        await connection.run(sql`delete from ${names(name)}
          where organization_id = ${readerOrganizationId} and referral_id = ${id}`);
      }
    },

    appendChange: (change) => appendChange(connection, change),

    async hasReferrals(organizationId) {
      const rows = await connection.all(
        sql`select 1 as one from referrals where organization_id = ${organizationId} limit 1`,
      );
      return rows.length > 0;
    },
  };
}

async function readDocument(connection: Connection, table: string, organizationId: string, id: string) {
  const rows = await connection.all<DocumentText>(sql`select document, links_offset as "linksOffset", etag as "eTag"
    from ${names(table)} where organization_id = ${organizationId} and id = ${id}`);
  return rows[0];
}

function documentColumns(record: ReferralRecord | ViewRecord): Record<string, ColumnValue> {
  return {
    document: record.document,
    links_offset: record.linksOffset,
    etag: record.eTag,
    model_version: record.modelVersion,
  };
}

async function putChildren(connection: Connection, organizationId: string, record: ReferralRecord): Promise<void> {
  for (const [table, rows] of Object.entries(record.children)) {
    await connection.run(sql`delete from ${names(table)}
      where organization_id = ${organizationId} and referral_id = ${record.id}`);
    for (const [position, row] of rows.entries()) {
      const key = { organization_id: organizationId, referral_id: record.id, position };
      await connection.run(insert(table, { ...key, ...row }));
    }
  }
}

/** One sequence for each organisation, without gaps: the number is taken in the transaction that uses it. */
async function appendChange(connection: Connection, change: Change): Promise<void> {
  const [row] = await connection.all<{ last: number | string }>(sql`insert into change_sequences (organization_id, last)
    values (${change.organizationId}, 1)
    on conflict (organization_id) do update set last = change_sequences.last + 1 returning last`);
  await connection.run(
    insert('changes', {
      organization_id: change.organizationId,
      sequence: Number(row?.last),
      referral_id: change.referralId,
      occurred_at: change.occurredAt,
      kind: change.kind,
      actor_organization_id: change.actorOrganizationId,
      actor_user_id: change.actorUserId,
      via: change.via,
      etag_after: change.eTagAfter,
      document_before: change.documentBefore,
    }),
  );
}

function insert(table: string, row: Readonly<Record<string, ColumnValue>>): Sql {
  return sql`insert into ${names(table)} (${names(...Object.keys(row))}) values (${commaSeparated(Object.values(row))})`;
}

/** Inserts a row, or sets its columns where the key is there already. */
function upsert(
  table: string,
  key: Readonly<Record<string, ColumnValue>>,
  columns: Readonly<Record<string, ColumnValue>>,
): Sql {
  const changes = Object.keys(columns).map((column) => sql`${names(column)} = excluded.${names(column)}`);
  return sql`${insert(table, { ...key, ...columns })}
    on conflict (${names(...Object.keys(key))}) do update set ${commaSeparated(changes)}`;
}
