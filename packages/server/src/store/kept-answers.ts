import type { KeptAnswer } from './kept-answer.ts';
import { type Connection, sql } from './sql.ts';
import type { Transaction } from './store.ts';

/** What a transaction can do to kept answers. */
export type KeptAnswerWrites = Pick<
  Transaction,
  'findKeptAnswer' | 'keepAnswer' | 'forgetAnswers' | 'forgetAnswersNaming'
>;

/** The statements for kept answers, alike on both engines. */
export function keptAnswerWrites(connection: Connection): KeptAnswerWrites {
  return {
    async findKeptAnswer({ organizationId, userName, target, requestId }) {
      const rows =
        await connection.all<KeptAnswer>(sql`select fingerprint, kept_at as "keptAt", answer from kept_answers
        where organization_id = ${organizationId} and user_name = ${userName} and target = ${target}
        and request_id = ${requestId}`);
      return rows[0];
    },

    keepAnswer: ({ organizationId, userName, target, requestId }, { fingerprint, keptAt, answer }) =>
      connection.run(sql`insert into kept_answers
        (organization_id, user_name, target, request_id, fingerprint, kept_at, answer)
        values (${organizationId}, ${userName}, ${target}, ${requestId}, ${fingerprint}, ${keptAt}, ${answer})`),

    forgetAnswers: (before) => connection.run(sql`delete from kept_answers where kept_at < ${before}`),

    async forgetAnswersNaming(organizationId, id) {
      // SQLite's `like` takes letters of either case for one, PostgreSQL's does not.
      const pattern = `%${id.toLowerCase()}%`;
      const rows = await connection.all(sql`delete from kept_answers where organization_id = ${organizationId}
        and (lower(answer) like ${pattern} or lower(target) like ${pattern}) returning target`);
      return rows.length;
    },
  };
}
