import { isOlder, modelVersion } from '@cosell/model';
import type { KeptAnswer, KeptAnswerKey } from './kept-answer.ts';
import { currentText, upToDateRow, type Versioned } from './older-documents.ts';
import { type Connection, sql } from './sql.ts';
import type { Transaction } from './store.ts';
import type { PastDocument, SweptDocument, SweptView } from './swept-rows.ts';

/** What a transaction can do when it goes through everything that is stored, a page at a time. */
export type SweepWrites = Pick<
  Transaction,
  | 'nextOrganization'
  | 'pageDocuments'
  | 'pageViews'
  | 'pagePast'
  | 'lastChange'
  | 'rewritePast'
  | 'forgetPast'
  | 'pageKeptAnswers'
  | 'replaceAnswer'
  | 'removeAnswer'
>;

interface Linked extends Versioned {
  readonly linksOffset: number;
}

/** The statements that go through everything, alike on both engines. Each page is found by its table's primary key. */
export function sweepWrites(connection: Connection): SweepWrites {
  return {
    async nextOrganization(after) {
      // Whoever has a referral or a view of one has a change of it, too.
      const rows = await connection.all<{ id: string }>(sql`select id from (select organization_id as id
        from change_sequences where organization_id > ${after} order by organization_id limit 1) as logged
        union select id from (select id from organizations where id > ${after} order by id limit 1) as known
        order by id limit 1`);
      return rows[0]?.id;
    },

    async pageDocuments(organizationId, afterId, most) {
      const rows = await connection.all<SweptDocument & Linked>(sql`select id,
        document, links_offset as "linksOffset", engagement_id as "engagementId", model_version as "modelVersion"
        from referral_documents where organization_id = ${organizationId} and id > ${afterId} order by id limit ${most}`);
      return rows.map(upToDateRow);
    },

    async pageViews(readerOrganizationId, afterId, most) {
      const rows = await connection.all<SweptView & Linked>(sql`select id,
        document, links_offset as "linksOffset", owner_organization_id as "ownerOrganizationId", sharing,
        engagement_id as "engagementId", due_at as "dueAt", model_version as "modelVersion" from referral_views
        where organization_id = ${readerOrganizationId} and id > ${afterId} order by id limit ${most}`);
      return rows.map(upToDateRow);
    },

    async pagePast(organizationId, afterSequence, most) {
      const rows = await connection.all<PastDocument & Versioned>(sql`select sequence,
        document_before as document, actor_organization_id as "actorOrganizationId", actor_user_id as "actorUserId", via,
        model_version as "modelVersion" from changes
        where organization_id = ${organizationId} and sequence > ${afterSequence} order by sequence limit ${most}`);
      return rows.map(({ modelVersion: version, ...row }) => ({
        ...row,
        sequence: Number(row.sequence),
        document: row.document && currentText(row.document, version),
        isOlder: isOlder(version),
      }));
    },

    async lastChange(organizationId) {
      const rows = await connection.all<{ last: number | string }>(
        sql`select last from change_sequences where organization_id = ${organizationId}`,
      );
      return Number(rows[0]?.last ?? 0);
    },

    rewritePast: (organizationId, { sequence, document, actorUserId, via }) =>
      connection.run(sql`update changes set document_before = ${document}, actor_user_id = ${actorUserId}, via = ${via},
        model_version = ${modelVersion} where organization_id = ${organizationId} and sequence = ${sequence}`),

    async forgetPast(organizationId, { afterSequence, most, before, isDryRun }) {
      const old = sql`organization_id = ${organizationId} and sequence > ${afterSequence}
        and sequence <= ${afterSequence + most} and occurred_at < ${before} and document_before is not null`;
      const rows = await connection.all(
        isDryRun
          ? sql`select sequence from changes where ${old}`
          : sql`update changes set document_before = null where ${old} returning sequence`,
      );
      return rows.length;
    },

    pageKeptAnswers(organizationId, [userName, target, requestId], most) {
      return connection.all<KeptAnswerKey & KeptAnswer>(sql`select organization_id as "organizationId",
        user_name as "userName", target, request_id as "requestId", fingerprint, kept_at as "keptAt", answer
        from kept_answers where organization_id = ${organizationId}
        and (user_name, target, request_id) > (${userName}, ${target}, ${requestId})
        order by user_name, target, request_id limit ${most}`);
    },

    replaceAnswer: (key, answer) =>
      connection.run(sql`update kept_answers set answer = ${answer} where ${isAnswer(key)}`),

    removeAnswer: (key) => connection.run(sql`delete from kept_answers where ${isAnswer(key)}`),
  };
}

function isAnswer({ organizationId, userName, target, requestId }: KeptAnswerKey) {
  return sql`organization_id = ${organizationId} and user_name = ${userName} and target = ${target}
    and request_id = ${requestId}`;
}
