import type { SqlDialect, WordQuery } from '@cosell/odata';
import { type Sql, sql, type TimedConnection } from './sql.ts';

/**
 * The ids of an organisation's referrals, and of what it reads of others', whose searchable text has these words. The
 * index of words finds them: FTS5 on SQLite, GIN on PostgreSQL. Both have the organisation among the words of a row, so
 * that what others have costs nothing. Undefined where it would not be faster.
 */
export function havingWords(
  organizationId: string,
  required: WordQuery,
  { dialect, inTime }: TimedConnection,
): Sql | undefined {
  const query = indexQuery(organizationId, required, dialect);
  if (query === undefined) return undefined;
  if (dialect === 'postgres') return foundOnPostgres(query);
  return sql`select found.referral_id as id from referral_search_words as indexed
    cross join referral_search as found on found.rowid = indexed.rowid
    where ${inTime(sql`found.position`)} and indexed.referral_search_words match ${query}
    and found.organization_id = ${organizationId}`;
}

/**
 * Whether the index of words finds as many rows as that. On SQLite the rows themselves are not looked at; a few of them may
 * be others', where their text has the organisation as a word.
 */
export async function hasMatches(
  connection: TimedConnection,
  organizationId: string,
  required: WordQuery,
  many: number,
): Promise<boolean> {
  const query = indexQuery(organizationId, required, connection.dialect);
  if (query === undefined) return false;
  const found =
    connection.dialect === 'postgres'
      ? foundOnPostgres(query)
      : sql`select 1 as one from referral_search_words where referral_search_words match ${query}`;
  const rows = await connection.all<{ number: number | string }>(
    sql`select count(*) as number from (${found} limit ${many}) as found`,
  );
  return Number(rows[0]?.number) >= many;
}

/** Row-level security would keep the operator away from the index; the function asks for its organisation itself. */
function foundOnPostgres(query: string): Sql {
  return sql`select found.referral_id as id from cosell_find_words(${query}) as found`;
}

/** What an engine's index is asked; undefined where that would not be faster. */
function indexQuery(organizationId: string, required: WordQuery, dialect: SqlDialect): string | undefined {
  const words = askable(required, deepest);
  if (words === undefined) return undefined;
  return dialect === 'postgres' ? postgresQuery(words) : `${quoted(organizationId)} AND ${sqliteQuery(words)}`;
}

/** What FTS5 reads is bounded; and of many words that must all be there, a few find hardly more than all. */
const deepest = 6;
const mostTogether = 8;
const mostInstead = 40;

/** What an index can be asked of a query: all that has its words, and perhaps more. */
function askable(query: WordQuery, depth: number): WordQuery | undefined {
  if (query.kind === 'word') return isCommon(query) ? undefined : query;
  if (depth === 0) return undefined;
  const terms = query.terms.map((term) => askable(term, depth - 1));
  const known = terms.filter((term) => term !== undefined);
  if (query.kind === 'or') {
    return known.length < terms.length || terms.length > mostInstead ? undefined : { kind: 'or', terms: known };
  }
  if (known.length === 0) return undefined;
  // Long words are rare.
  return { kind: 'and', terms: known.sort((one, other) => lengthOf(other) - lengthOf(one)).slice(0, mostTogether) };
}

/**
 * How very many words begin. To put their rows together takes an index longer than to look at the texts (1.2 s instead of
 * some ms for a page of `a` in 100,000 referrals), and nothing breaks it off.
 */
function isCommon({ word, isBeginning }: Extract<WordQuery, { kind: 'word' }>): boolean {
  return isBeginning && /^[a-z0-9]{1,2}$/.test(word);
}

function lengthOf(query: WordQuery): number {
  return query.kind === 'word' ? query.word.length : Math.min(...query.terms.map(lengthOf));
}

/** In the language of FTS5. */
function sqliteQuery(query: WordQuery): string {
  if (query.kind === 'word') return `${quoted(query.word)}${query.isBeginning ? ' *' : ''}`;
  return `(${query.terms.map(sqliteQuery).join(query.kind === 'and' ? ' AND ' : ' OR ')})`;
}

/** In the language of `tsquery`. Words are letters and digits, so nothing in them is more than itself. */
function postgresQuery(query: WordQuery): string {
  if (query.kind === 'word') return `'${query.word}'${query.isBeginning ? ':*' : ''}`;
  return `(${query.terms.map(postgresQuery).join(query.kind === 'and' ? ' & ' : ' | ')})`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
