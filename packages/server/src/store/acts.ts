import type { StoredAct } from './act.ts';
import { type Connection, sql } from './sql.ts';
import type { Transaction } from './store.ts';

/** What a transaction can do to the audit. */
export type ActWrites = Pick<Transaction, 'appendAct'>;

/** The statement that adds to the audit, alike on both engines. */
export function actWrites(connection: Connection): ActWrites {
  return {
    appendAct: ({ occurredAt, kind, actedBy, organizationId, actor, via, requestId, subjectHash, details }) =>
      connection.run(sql`insert into acts (sequence, occurred_at, kind, acted_by, organization_id, actor, via, request_id,
          subject_hash, details)
        select coalesce(max(sequence), 0) + 1, ${occurredAt}, ${kind}, ${actedBy}, ${organizationId}, ${actor}, ${via},
          ${requestId}, ${subjectHash}, ${details} from acts`),
  };
}

/** The audit, the oldest record first. */
export async function listActs(connection: Connection): Promise<StoredAct[]> {
  const rows = await connection.all<StoredAct>(sql`select sequence, occurred_at as "occurredAt", kind,
    acted_by as "actedBy", organization_id as "organizationId", actor, via, request_id as "requestId", subject_hash as "subjectHash", details from acts order by sequence`);
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
}
