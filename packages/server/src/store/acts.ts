import type { ActsAsked, StoredAct } from './act.ts';
import { type ChainHead, hashOfAct } from './act-chain.ts';
import { type Connection, type Sql, sql, type TimedConnection } from './sql.ts';
import type { Transaction } from './store.ts';

/** What a transaction can do to the audit. */
export type ActWrites = Pick<Transaction, 'appendAct'>;

/** The statement that adds to the audit, alike on both engines. No other one writes there. */
export function actWrites(connection: Connection): ActWrites {
  return {
    async appendAct(act) {
      const head = await findAuditHead(connection);
      const sequence = head.sequence + 1;
      const hash = hashOfAct(head.hash, { ...act, sequence });
      const { occurredAt, kind, actedBy, organizationId, actor, via, requestId, subjectHash, details } = act;
      await connection.run(sql`insert into acts (sequence, occurred_at, kind, acted_by, organization_id, actor, via,
          request_id, subject_hash, details, hash)
        values (${sequence}, ${occurredAt}, ${kind}, ${actedBy}, ${organizationId}, ${actor}, ${via}, ${requestId},
          ${subjectHash}, ${details}, ${hash})`);
    },
  };
}

/** Where the chain of records stands; without a record at 0. */
export async function findAuditHead(connection: Connection): Promise<ChainHead> {
  const [last] = await connection.all<ChainHead>(sql`select sequence, hash from acts order by sequence desc limit 1`);
  return { sequence: Number(last?.sequence ?? 0), hash: last?.hash ?? '' };
}

/** Records of the audit. */
export async function listActs(connection: TimedConnection, asked: ActsAsked): Promise<StoredAct[]> {
  const { isNewestFirst, behind, most, organizationId, kind, actor, from, to, subjectHash } = asked;
  const wanted: Sql[] = [
    ...(behind === undefined ? [] : [isNewestFirst ? sql`sequence < ${behind}` : sql`sequence > ${behind}`]),
    ...(organizationId === undefined ? [] : [sql`organization_id = ${organizationId}`]),
    ...(kind === undefined ? [] : [sql`kind = ${kind}`]),
    ...(actor === undefined ? [] : [sql`actor = ${actor}`]),
    ...(from === undefined ? [] : [sql`occurred_at >= ${from}`]),
    ...(to === undefined ? [] : [sql`occurred_at < ${to}`]),
    ...(subjectHash === undefined ? [] : [sql`subject_hash = ${subjectHash}`]),
  ];
  const where = wanted.reduce((all, one) => sql`${all} and ${one}`, connection.inTime(sql`sequence`));
  const order = isNewestFirst ? sql`sequence desc` : sql`sequence`;
  const rows = await connection.all<StoredAct>(sql`select sequence, occurred_at as "occurredAt", kind,
    acted_by as "actedBy", organization_id as "organizationId", actor, via, request_id as "requestId",
    subject_hash as "subjectHash", details, hash from acts where ${where} order by ${order} limit ${most}`);
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
}
