import {
  deleteBehind,
  deleteFrom,
  type RowsStatements,
  rowsStatements,
  upsertIfChanged,
  upsertInto,
} from './row-statements.ts';
import { storedChildren, storedColumns } from './rows.ts';
import { type Connection, sql } from './sql.ts';
import type { ColumnValue, Put, ReferralRecord, ViewRecord } from './stored-referral.ts';

/** Stores referrals of one organisation, each once. */
export async function putReferrals(
  connection: Connection,
  organizationId: string,
  puts: readonly Put<ReferralRecord>[],
): Promise<void> {
  const records = puts.map(({ record }) => record);
  await writeRows(
    connection,
    putColumns,
    records.map(({ id, columns }) => [organizationId, id, ...columns]),
  );
  for (const { record, isNew } of puts) if (!isNew) await correctFixed(connection, record);
  await writeRows(
    connection,
    putDocument,
    records.map((record) => {
      const beside = [record.engagementId, record.mpnId, record.isMarketplaceLead ? 1 : 0];
      return [organizationId, record.id, ...documentValues(record), ...beside];
    }),
  );
  // A referral never leaves its engagement.
  await writeRows(
    connection,
    addOwners,
    puts.filter(({ isNew }) => isNew).map(({ record }) => ownerOf(record)),
  );
  await putChildren(connection, organizationId, puts);
}

/** Stores what one reader has of referrals, each once. */
export async function putViews(
  connection: Connection,
  readerOrganizationId: string,
  puts: readonly Put<ViewRecord>[],
): Promise<void> {
  await writeRows(
    connection,
    putViewRow,
    puts.map(({ record }) => {
      const { id, organizationId, sharing, columns } = record;
      return [readerOrganizationId, id, organizationId, sharing, ...columns, ...documentValues(record)];
    }),
  );
  await putChildren(connection, readerOrganizationId, puts);
}

/** Makes an organisation a member of an engagement by its own record. */
export function addOwner(connection: Connection, record: ReferralRecord): Promise<void> {
  return writeRows(connection, addOwners, [ownerOf(record)]);
}

/** Takes the items of the lists of a referral away. */
export async function removeChildren(connection: Connection, organizationId: string, id: string): Promise<void> {
  for (const { remove } of childStatements) await connection.run(remove([organizationId, id]));
}

function ownerOf({ engagementId, organizationId, id }: ReferralRecord): ColumnValue[] {
  return [engagementId, organizationId, id];
}

async function writeRows(
  connection: Connection,
  statements: RowsStatements,
  rows: readonly (readonly ColumnValue[])[],
): Promise<void> {
  for (const statement of statements(connection.dialect, rows)) await connection.run(statement);
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

const addOwners = rowsStatements([
  'insert into engagement_members (engagement_id, organization_id, referral_id) values (',
  ', ',
  ', ',
  ') on conflict do nothing',
]);

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
  puts: readonly Put<ReferralRecord>[],
): Promise<void> {
  for (const [index, { put, removeFrom }] of childStatements.entries()) {
    const rows = puts.flatMap(({ record: { id, children } }) =>
      (children[index] ?? []).map((row, position) => [organizationId, id, position, ...row]),
    );
    await writeRows(connection, put, rows);
    for (const { record, isNew } of puts) {
      if (!isNew) await connection.run(removeFrom([organizationId, record.id, record.children[index]?.length ?? 0]));
    }
  }
}
