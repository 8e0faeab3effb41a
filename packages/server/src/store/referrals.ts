import { foldEmail } from '@cosell/model';
import { upToDateRow, type Versioned } from './older-documents.ts';
import { deleteBehind, deleteFrom, upsertIfChanged, upsertInto } from './row-statements.ts';
import { storedChildren, storedColumns } from './rows.ts';
import { type Connection, names, sql } from './sql.ts';
import type { Transaction } from './store.ts';
import type {
  ColumnValue,
  DocumentText,
  DueRecord,
  EngagementMember,
  OwnRecord,
  ReferralRecord,
  ViewText,
} from './stored-referral.ts';
import { tablesOf } from './tables.ts';

/** What a transaction can do to referrals, their views and their changes. */
export type ReferralWrites = Pick<
  Transaction,
  | 'readDocument'
  | 'listEngagement'
  | 'addOwner'
  | 'addSender'
  | 'listDue'
  | 'listDueIn'
  | 'putReferral'
  | 'readView'
  | 'putView'
  | 'removeView'
  | 'hasReferrals'
  | 'removeReferral'
  | 'removeReferrals'
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

/** Whether the organisation reads another's record in an engagement. */
export async function hasViews(connection: Connection, organizationId: string, engagementId: string): Promise<boolean> {
  const rows = await connection.all(sql`select 1 as one from referral_views
    where organization_id = ${organizationId} and engagement_id = ${engagementId} limit 1`);
  return rows.length > 0;
}

/** The first instant at which a referral that waits is to be closed; null where none waits. */
export async function firstDue(connection: Connection): Promise<string | null> {
  const rows = await connection.all<{ dueAt: string }>(sql`select due_at as "dueAt" from referral_documents
    where due_at is not null order by due_at limit 1`);
  return rows[0]?.dueAt ?? null;
}

/** The statements that write referrals, alike on both engines. */
export function referralWrites(connection: Connection): ReferralWrites {
  return {
    async readDocument(organizationId, id) {
      const rows = await connection.all<DocumentText & Versioned>(sql`select document, links_offset as "linksOffset",
        etag as "eTag", due_at as "dueAt", model_version as "modelVersion" from referral_documents
        where organization_id = ${organizationId} and id = ${id}`);
      return rows[0] && upToDateRow(rows[0]);
    },

    readView: (readerOrganizationId, id) => readView(connection, readerOrganizationId, id),

    async listEngagement(engagementId) {
      const rows = await connection.all<Omit<EngagementMember, 'isSender'> & { isSender: number }>(
        sql`select organization_id as "organizationId", referral_id as "id", is_sender as "isSender"
          from engagement_members where engagement_id = ${engagementId} order by organization_id, referral_id`,
      );
      return rows.map((row) => ({ ...row, isSender: row.isSender === 1 }));
    },

    addOwner: (record) => addOwner(connection, record),

    addSender: (engagementId, organizationId, referralId) =>
      connection.run(sql`insert into engagement_members (engagement_id, organization_id, referral_id, is_sender)
        values (${engagementId}, ${organizationId}, ${referralId}, 1) on conflict do nothing`),

    listDue: (now, most) =>
      connection.all(sql`select organization_id as "organizationId", id, engagement_id as "engagementId"
        from referral_documents where due_at is not null and due_at <= ${now}
        order by due_at, organization_id, id limit ${most}`),

    async listDueIn(engagementId, now) {
      // What is due is next to nothing at any time, so the engagement needs no index of its own. Nor is SQLite asked to
      // sort and to stop: for that it makes a table each time, although there is hardly ever a row.
      const rows = await connection.all<
        DueRecord & { dueAt: string }
      >(sql`select organization_id as "organizationId", id,
        engagement_id as "engagementId", due_at as "dueAt" from referral_documents
        where due_at is not null and due_at <= ${now} and engagement_id = ${engagementId}`);
      return rows.sort(byTime);
    },

    async putReferral(record, { isNew }) {
      const { organizationId, id, engagementId, mpnId } = record;
      await connection.run(putColumns([organizationId, id, ...record.columns]));
      if (!isNew) await correctFixed(connection, record);
      const isLead = record.isMarketplaceLead ? 1 : 0;
      await connection.run(putDocument([organizationId, id, ...documentValues(record), engagementId, mpnId, isLead]));
      // A referral never leaves its engagement.
      if (isNew) await addOwner(connection, record);
      await putChildren(connection, organizationId, record, isNew);
    },

    async putView(view, { isNew }) {
      const { readerOrganizationId, id, organizationId, sharing } = view;
      await connection.run(
        putViewRow([readerOrganizationId, id, organizationId, sharing, ...view.columns, ...documentValues(view)]),
      );
      await putChildren(connection, readerOrganizationId, view, isNew);
    },

    async removeView(readerOrganizationId, id) {
      if ((await readView(connection, readerOrganizationId, id)) === undefined) return;
      await connection.run(sql`delete from referral_views
        where organization_id = ${readerOrganizationId} and id = ${id}`);
      for (const { remove } of childStatements) await connection.run(remove([readerOrganizationId, id]));
    },

    async hasReferrals(organizationId) {
      const rows = await connection.all(
        sql`select 1 as one from referrals where organization_id = ${organizationId} limit 1`,
      );
      return rows.length > 0;
    },

    async removeReferral({ organizationId, id, engagementId }) {
      for (const remove of [removeDocument, removeColumns]) await connection.run(remove([organizationId, id]));
      for (const { remove } of childStatements) await connection.run(remove([organizationId, id]));
      await connection.run(sql`delete from engagement_members where engagement_id = ${engagementId}
        and referral_id = ${id} and (organization_id = ${organizationId} or is_sender = 1)`);
    },

    async removeReferrals() {
      for (const { name } of tablesOf('referrals')) await connection.run(sql`delete from ${names(name)}`);
    },
  };
}

function addOwner(
  connection: Connection,
  { engagementId, organizationId, id }: Pick<ReferralRecord, 'engagementId' | 'organizationId' | 'id'>,
): Promise<void> {
  return connection.run(sql`insert into engagement_members (engagement_id, organization_id, referral_id)
    values (${engagementId}, ${organizationId}, ${id}) on conflict do nothing`);
}

async function readView(connection: Connection, organizationId: string, id: string): Promise<ViewText | undefined> {
  const rows = await connection.all<ViewText & Versioned>(sql`select document, links_offset as "linksOffset",
    etag as "eTag", due_at as "dueAt", sharing, model_version as "modelVersion" from referral_views
    where organization_id = ${organizationId} and id = ${id}`);
  return rows[0] && upToDateRow(rows[0]);
}

const key = ['organization_id', 'id'];
/** The columns of a document, in the order of `documentValues`. */
export const documentColumns = ['document', 'links_offset', 'etag', 'due_at', 'model_version'];

/** What they hold for a record. */
export function documentValues(record: ReferralRecord): ColumnValue[] {
  return [record.document, record.linksOffset, record.eTag, record.dueAt, record.modelVersion];
}

/** Columns of indexes that hardly ever change; they are set apart, where they differ. */
const fixed = ['engagement_id', 'created_at'];
const putColumns = upsertInto('referrals', key, storedColumns, fixed);
const createdAt = storedColumns.indexOf('created_at');

/** A capture that is imported again can have been created at another time; reindex mends both. */
async function correctFixed(connection: Connection, record: ReferralRecord): Promise<void> {
  const { organizationId, id, engagementId, columns } = record;
  const created = columns[createdAt] ?? null;
  await connection.run(sql`update referrals set created_at = ${created}, engagement_id = ${engagementId}
    where organization_id = ${organizationId} and id = ${id}
    and (created_at <> ${created} or engagement_id <> ${engagementId})`);
}

const putDocument = upsertInto('referral_documents', key, [
  ...documentColumns,
  'engagement_id',
  'mpn_id',
  'is_marketplace_lead',
]);
const putViewRow = upsertInto(
  'referral_views',
  key,
  ['owner_organization_id', 'sharing', ...storedColumns, ...documentColumns],
  ['engagement_id'],
);

const removeColumns = deleteFrom('referrals', key);
const removeDocument = deleteFrom('referral_documents', key);

const childKey = ['organization_id', 'referral_id'];
const childStatements = storedChildren.map(({ table, columns }) => ({
  put: upsertIfChanged(table, [...childKey, 'position'], columns),
  remove: deleteFrom(table, childKey),
  removeFrom: deleteBehind(table, childKey, 'position'),
}));

/** Stores the items of lists by their places. Nearly every change of a referral leaves nearly all of them as they are. */
async function putChildren(
  connection: Connection,
  organizationId: string,
  { id, children }: ReferralRecord,
  isNew: boolean,
): Promise<void> {
  for (const [index, { put, removeFrom }] of childStatements.entries()) {
    const rows = children[index] ?? [];
    for (const [position, row] of rows.entries()) await connection.run(put([organizationId, id, position, ...row]));
    if (!isNew) await connection.run(removeFrom([organizationId, id, rows.length]));
  }
}

function byTime(one: DueRecord & { dueAt: string }, other: DueRecord & { dueAt: string }): number {
  const [first, second] = [one, other].map(({ dueAt, organizationId, id }) => `${dueAt} ${organizationId} ${id}`);
  return (first ?? '') < (second ?? '') ? -1 : 1;
}
