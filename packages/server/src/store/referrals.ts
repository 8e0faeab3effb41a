import { foldEmail } from '@cosell/model';
import { upToDateRow, type Versioned } from './older-documents.ts';
import { addOwner, putReferrals, putViews, removeChildren } from './put-referrals.ts';
import { deleteFrom, selectAmong } from './row-statements.ts';
import { type Connection, names, type Sql, sql } from './sql.ts';
import type { Transaction } from './store.ts';
import type { DocumentText, DueRecord, EngagementMember, OwnRecord, ViewText } from './stored-referral.ts';
import { tablesOf } from './tables.ts';

/** What a transaction can do to referrals, their views and their changes. */
export type ReferralWrites = Pick<
  Transaction,
  | 'readDocument'
  | 'readDocuments'
  | 'listEngagement'
  | 'listEngagements'
  | 'addOwner'
  | 'addSender'
  | 'listDue'
  | 'listDueIn'
  | 'putReferral'
  | 'putReferrals'
  | 'readView'
  | 'readViews'
  | 'putView'
  | 'putViews'
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

    async readDocuments(organizationId, ids) {
      return (
        await allOf<Identified & DocumentText & Versioned>(connection, documentsAmong([organizationId], ids))
      ).map(upToDateRow);
    },

    readView: (readerOrganizationId, id) => readView(connection, readerOrganizationId, id),

    async readViews(readerOrganizationId, ids) {
      return (await allOf<Identified & ViewText & Versioned>(connection, viewsAmong([readerOrganizationId], ids))).map(
        upToDateRow,
      );
    },

    async listEngagement(engagementId) {
      const rows = await connection.all<MemberRow>(
        sql`select organization_id as "organizationId", referral_id as "id", is_sender as "isSender"
          from engagement_members where engagement_id = ${engagementId} order by organization_id, referral_id`,
      );
      return rows.map((row) => ({ ...row, isSender: row.isSender === 1 }));
    },

    async listEngagements(engagementIds) {
      const rows = await allOf<MemberRow & { engagementId: string }>(connection, membersAmong([], engagementIds));
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

    async listDueIn(engagementIds, now) {
      // What is due is next to nothing at any time, so the engagement needs no index of its own. Nor is SQLite asked to
      // sort and to stop: for that it makes a table each time, although there is hardly ever a row.
      return (await allOf<DueRecord & { dueAt: string }>(connection, dueAmong([now], engagementIds))).sort(byTime);
    },

    putReferral: (record, { isNew }) => putReferrals(connection, record.organizationId, [{ record, isNew }]),
    putReferrals: (organizationId, puts) => putReferrals(connection, organizationId, puts),

    putView: (record, { isNew }) => putViews(connection, record.readerOrganizationId, [{ record, isNew }]),
    putViews: (readerOrganizationId, puts) => putViews(connection, readerOrganizationId, puts),

    async removeView(readerOrganizationId, id) {
      if ((await readView(connection, readerOrganizationId, id)) === undefined) return;
      await connection.run(sql`delete from referral_views
        where organization_id = ${readerOrganizationId} and id = ${id}`);
      await removeChildren(connection, readerOrganizationId, id);
    },

    async hasReferrals(organizationId) {
      const rows = await connection.all(
        sql`select 1 as one from referrals where organization_id = ${organizationId} limit 1`,
      );
      return rows.length > 0;
    },

    async removeReferral({ organizationId, id, engagementId }) {
      for (const remove of [removeDocument, removeColumns]) await connection.run(remove([organizationId, id]));
      await removeChildren(connection, organizationId, id);
      await connection.run(sql`delete from engagement_members where engagement_id = ${engagementId}
        and referral_id = ${id} and (organization_id = ${organizationId} or is_sender = 1)`);
    },

    async removeReferrals() {
      for (const { name } of tablesOf('referrals')) await connection.run(sql`delete from ${names(name)}`);
    },
  };
}

type MemberRow = Omit<EngagementMember, 'isSender'> & { readonly isSender: number };

/** What tells rows of many ids apart. */
type Identified = { readonly id: string };

async function allOf<Row>(connection: Connection, statements: Iterable<Sql>): Promise<Row[]> {
  const found: Row[] = [];
  for (const statement of statements) for (const row of await connection.all<Row>(statement)) found.push(row);
  return found;
}

const documentsAmong = selectAmong([
  `select id, document, links_offset as "linksOffset", etag as "eTag", due_at as "dueAt",
    model_version as "modelVersion" from referral_documents where organization_id = `,
  ' and id in (',
]);
const viewsAmong = selectAmong([
  `select id, document, links_offset as "linksOffset", etag as "eTag", due_at as "dueAt", sharing,
    model_version as "modelVersion" from referral_views where organization_id = `,
  ' and id in (',
]);
const membersAmong = selectAmong(
  [
    `select engagement_id as "engagementId", organization_id as "organizationId", referral_id as "id",
      is_sender as "isSender" from engagement_members where engagement_id in (`,
  ],
  ' order by organization_id, referral_id',
);
const dueAmong = selectAmong([
  `select organization_id as "organizationId", id, engagement_id as "engagementId", due_at as "dueAt"
    from referral_documents where due_at is not null and due_at <= `,
  ' and engagement_id in (',
]);

async function readView(connection: Connection, organizationId: string, id: string): Promise<ViewText | undefined> {
  const rows = await connection.all<ViewText & Versioned>(sql`select document, links_offset as "linksOffset",
    etag as "eTag", due_at as "dueAt", sharing, model_version as "modelVersion" from referral_views
    where organization_id = ${organizationId} and id = ${id}`);
  return rows[0] && upToDateRow(rows[0]);
}

const removeColumns = deleteFrom('referrals', ['organization_id', 'id']);
const removeDocument = deleteFrom('referral_documents', ['organization_id', 'id']);

function byTime(one: DueRecord & { dueAt: string }, other: DueRecord & { dueAt: string }): number {
  const [first, second] = [one, other].map(({ dueAt, organizationId, id }) => `${dueAt} ${organizationId} ${id}`);
  return (first ?? '') < (second ?? '') ? -1 : 1;
}
