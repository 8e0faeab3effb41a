import type { Change, StoredChange } from './change.ts';
import { insert } from './referrals.ts';
import { type Connection, sql } from './sql.ts';
import type { Transaction } from './store.ts';

/** What a transaction can do to the log of changes. */
export type ChangeWrites = Pick<Transaction, 'appendChange' | 'hadETag'>;

/** The statements that write the log, alike on both engines. */
export function changeWrites(connection: Connection): ChangeWrites {
  return {
    appendChange: (change) => appendChange(connection, change),

    async hadETag(organizationId, referralId, eTag) {
      const rows = await connection.all(sql`select 1 as one from changes where organization_id = ${organizationId}
        and referral_id = ${referralId} and etag_after = ${eTag} limit 1`);
      return rows.length > 0;
    },
  };
}

/** Every change of a referral in the log of an organisation, the oldest first. */
export async function listChanges(
  connection: Connection,
  organizationId: string,
  referralId: string,
): Promise<StoredChange[]> {
  const rows = await connection.all<StoredChange>(sql`select sequence, occurred_at as "occurredAt", kind,
    acted_by as "actedBy", actor_organization_id as "actorOrganizationId", actor_user_id as "actorUserId", via,
    etag_after as "eTagAfter", document_before as "documentBefore"
    from changes where organization_id = ${organizationId} and referral_id = ${referralId} order by sequence`);
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
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
      acted_by: change.actedBy,
      actor_organization_id: change.actorOrganizationId,
      actor_user_id: change.actorUserId,
      via: change.via,
      etag_after: change.eTagAfter,
      document_before: change.documentBefore,
    }),
  );
}
