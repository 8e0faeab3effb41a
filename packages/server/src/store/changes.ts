import { modelVersion } from '@cosell/model';
import type { Change, StoredChange } from './change.ts';
import { currentText, type Versioned } from './older-documents.ts';
import { rowsStatements } from './row-statements.ts';
import { type Connection, sql, type TimedConnection } from './sql.ts';
import type { Transaction } from './store.ts';

/** What a transaction can do to the log of changes. */
export type ChangeWrites = Pick<
  Transaction,
  'appendChange' | 'appendChanges' | 'listPast' | 'hadETag' | 'emptyChanges'
>;

/** The statements that write the log, alike on both engines. */
export function changeWrites(connection: Connection): ChangeWrites {
  return {
    appendChange: (change) => appendChanges(connection, change.organizationId, [change]),
    appendChanges: (organizationId, changes) => appendChanges(connection, organizationId, changes),

    async listPast(organizationId, referralId) {
      const untimed = { all: connection.all.bind(connection), dialect: connection.dialect, inTime: () => sql`1 = 1` };
      const changes = await listChanges(untimed, organizationId, referralId);
      return changes.filter(({ kind }) => !kind.startsWith('related'));
    },

    async hadETag(organizationId, referralId, eTag) {
      const rows = await connection.all(sql`select 1 as one from changes where organization_id = ${organizationId}
        and referral_id = ${referralId} and etag_after = ${eTag} limit 1`);
      return rows.length > 0;
    },

    async emptyChanges(organizationId, referralId, kind) {
      // What it reads of others' records has kinds of its own, and one id may stand for both.
      const isOfOthers = kind === 'relatedRemoved' ? sql`like` : sql`not like`;
      const rows = await connection.all(sql`update changes set kind = ${kind}, document_before = null,
        actor_user_id = null, via = null where organization_id = ${organizationId} and referral_id = ${referralId}
        and kind ${isOfOthers} 'related%' returning sequence`);
      return rows.length;
    },
  };
}

/** Every change of a referral in the log of an organisation, the oldest first. */
export async function listChanges(
  connection: TimedConnection,
  organizationId: string,
  referralId: string,
): Promise<StoredChange[]> {
  const rows = await connection.all<StoredChange & Versioned>(sql`select sequence, occurred_at as "occurredAt", kind,
    acted_by as "actedBy", actor_organization_id as "actorOrganizationId", actor_user_id as "actorUserId", via,
    etag_after as "eTagAfter", document_before as "documentBefore", model_version as "modelVersion"
    from changes where ${connection.inTime(sql`sequence`)} and organization_id = ${organizationId}
    and referral_id = ${referralId} order by sequence`);
  return rows.map(({ modelVersion: version, ...row }) => {
    const { documentBefore } = row;
    return {
      ...row,
      sequence: Number(row.sequence),
      documentBefore: documentBefore && currentText(documentBefore, version),
    };
  });
}

/**
 * One sequence for each organisation, without gaps: the numbers are taken in the transaction that uses them, and whoever
 * takes the next one waits for that. They are not asked for by `returning`, for which SQLite keeps what
 * the statement may have to undo, at a cost that grows with all that the transaction has written.
 */
async function appendChanges(
  connection: Connection,
  organizationId: string,
  changes: readonly Change[],
): Promise<void> {
  const count = changes.length;
  if (count === 0) return;
  await connection.run(sql`insert into change_sequences (organization_id, last) values (${organizationId}, ${count})
    on conflict (organization_id) do update set last = change_sequences.last + excluded.last`);
  const rows = changes.map((change, index) => [
    organizationId,
    organizationId,
    // How many come after it.
    count - 1 - index,
    change.referralId,
    change.occurredAt,
    change.kind,
    change.actedBy,
    change.actorOrganizationId,
    change.actorUserId,
    change.via,
    change.eTagAfter,
    change.documentBefore,
    modelVersion,
  ]);
  for (const statement of insertChanges(connection.dialect, rows)) await connection.run(statement);
}

const insertChanges = rowsStatements([
  `insert into changes (organization_id, sequence, referral_id, occurred_at, kind, acted_by,
    actor_organization_id, actor_user_id, via, etag_after, document_before, model_version) values (`,
  ', (select last from change_sequences where organization_id = ',
  ') - ',
  ...Array<string>(10).fill(', '),
  ')',
]);
