import type { ChangeKind } from './change.ts';
import { currentText, type Versioned } from './older-documents.ts';
import { commaSeparated, type Sql, sql, type TimedConnection } from './sql.ts';

/** A change by its number. Another log may have another under that number, so it has a mark, too. */
export interface LogPlace {
  /** 0 before the first change. */
  readonly sequence: number;
  /** What happened to what and when, as text. */
  readonly mark: string;
}

/** A referral that has changed, at its last change among those that are looked at. */
export interface ChangedReferral {
  readonly id: string;
  readonly sequence: number;
  readonly kind: ChangeKind;
  readonly eTagAfter: string;
}

/** Which changes are looked at. */
export interface LogWindow {
  readonly organizationId: string;
  /** The numbers that they come after, and go up to. */
  readonly after: number;
  readonly until: number;
  /** Whether changes of what the organisation reads of others are among them. */
  readonly hasViews: boolean;
}

/** What a referral was before a change of it. */
export interface FormerState {
  readonly id: string;
  readonly sequence: number;
  readonly kind: ChangeKind;
  /** Null where there was none, or where it is not kept any more. */
  readonly document: string | null;
  /** Whether there are changes before it, of the referral or of the view, whichever the kind speaks of. */
  readonly wasKnown: boolean;
}

/** Reads of the log of changes of an organisation, for whoever asks what has changed. */
export interface LogScans {
  /** Its last change. */
  logEnd(organizationId: string): Promise<LogPlace>;
  /** The mark of a number; undefined where there is no such change. */
  logMark(organizationId: string, sequence: number): Promise<string | undefined>;
  /** Referrals with changes in a window, each once, in the order of its last change there. */
  listChanged(window: LogWindow, limit: number): Promise<ChangedReferral[]>;
  /** What referrals were before the first change that each has after a number. Those without one are left out. */
  listFormer(window: Omit<LogWindow, 'until'>, ids: readonly string[]): Promise<FormerState[]>;
  /** What one referral was before each of its changes in a window, in their order. */
  listSteps(window: LogWindow, id: string, limit: number): Promise<FormerState[]>;
}

/** The statements that read the log, alike on both engines. */
export function logScansOn(connectionOf: (organizationId: string) => TimedConnection): LogScans {
  const logMark: LogScans['logMark'] = async (organizationId, sequence) => {
    if (sequence === 0) return '';
    const [row] = await connectionOf(organizationId).all<Marked>(sql`select referral_id as id, occurred_at as "at",
      etag_after as "eTag" from changes where organization_id = ${organizationId} and sequence = ${sequence}`);
    return row === undefined ? undefined : `${row.id} ${row.at} ${row.eTag}`;
  };
  return {
    logMark,
    async logEnd(organizationId) {
      const [row] = await connectionOf(organizationId).all<{ last: number | string }>(
        sql`select last from change_sequences where organization_id = ${organizationId}`,
      );
      const sequence = Number(row?.last ?? 0);
      return { sequence, mark: (await logMark(organizationId, sequence)) ?? '' };
    },
    listChanged: (window, limit) => listChanged(connectionOf(window.organizationId), window, limit),
    listFormer: (window, ids) => listFormer(connectionOf(window.organizationId), window, ids),
    listSteps: (window, id, limit) => listSteps(connectionOf(window.organizationId), window, { id, limit }),
  };
}

interface Marked {
  readonly id: string;
  readonly at: string;
  readonly eTag: string;
}

const ofViews = sql`('relatedCreated', 'relatedChanged', 'relatedRemoved')`;

/** The last change is asked for by a subquery that the index ends at once, however often one referral has changed. */
async function listChanged(
  connection: TimedConnection,
  { organizationId, after, until, hasViews }: LogWindow,
  limit: number,
): Promise<ChangedReferral[]> {
  const rows = await connection.all<ChangedReferral & { readonly sequence: number | string }>(sql`select
      one.referral_id as id, one.sequence, one.kind, one.etag_after as "eTagAfter" from changes as one
    where ${connection.inTime(sql`one.sequence`)} and one.organization_id = ${organizationId}
      and one.sequence > ${after} and one.sequence <= ${until} and ${isLookedAt(sql`one`, hasViews)}
      and one.sequence = (select later.sequence from changes as later where ${connection.inTime(sql`later.sequence`)}
        and later.organization_id = ${organizationId} and later.referral_id = one.referral_id
        and later.sequence <= ${until} and ${isLookedAt(sql`later`, hasViews)} order by later.sequence desc limit 1)
    order by one.sequence limit ${limit}`);
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
}

async function listFormer(
  connection: TimedConnection,
  { organizationId, after, hasViews }: Omit<LogWindow, 'until'>,
  ids: readonly string[],
): Promise<FormerState[]> {
  if (ids.length === 0) return [];
  const wanted = commaSeparated(ids.map((id) => sql`(cast(${id} as text))`));
  const rows = await connection.all<Row>(sql`select ${formerColumns(organizationId)}
    from (values ${wanted}) as wanted cross join changes as one
    where ${connection.inTime(sql`one.sequence`)} and one.organization_id = ${organizationId}
      and one.sequence = (select next.sequence from changes as next where ${connection.inTime(sql`next.sequence`)}
        and next.organization_id = ${organizationId} and next.referral_id = wanted.column1
        and next.sequence > ${after} and ${isLookedAt(sql`next`, hasViews)} order by next.sequence limit 1)`);
  return rows.map(formerState);
}

async function listSteps(
  connection: TimedConnection,
  { organizationId, after, until, hasViews }: LogWindow,
  { id, limit }: { readonly id: string; readonly limit: number },
): Promise<FormerState[]> {
  const rows = await connection.all<Row>(sql`select ${formerColumns(organizationId)} from changes as one
    where ${connection.inTime(sql`one.sequence`)} and one.organization_id = ${organizationId}
      and one.referral_id = ${id} and one.sequence > ${after} and one.sequence <= ${until}
      and ${isLookedAt(sql`one`, hasViews)} order by one.sequence limit ${limit}`);
  return rows.map(formerState);
}

function isLookedAt(alias: Sql, hasViews: boolean): Sql {
  return hasViews ? sql`1 = 1` : sql`${alias}.kind not in ${ofViews}`;
}

function formerColumns(organizationId: string): Sql {
  return sql`one.referral_id as id, one.sequence, one.kind, one.document_before as document,
    one.model_version as "modelVersion", case when exists (select 1 from changes as former
      where former.organization_id = ${organizationId} and former.referral_id = one.referral_id
      and former.sequence < one.sequence and (former.kind in ${ofViews}) = (one.kind in ${ofViews}))
    then 1 else 0 end as known`;
}

function formerState({ id, sequence, kind, document, modelVersion, known }: Row): FormerState {
  const text = document && currentText(document, modelVersion);
  return { id, sequence: Number(sequence), kind, document: text, wasKnown: known === 1 };
}

interface Row extends Versioned {
  readonly id: string;
  readonly sequence: number | string;
  readonly kind: ChangeKind;
  readonly document: string | null;
  readonly known: number;
}
