import { isMarketplaceLead, type Referral, readStored } from '@cosell/model';
import { allOf, evaluate, type Predicate, propertyValue } from '@cosell/odata';
import { beginnings, ends } from '../store/change.ts';
import type { ListedReferral, ListScope } from '../store/list-scope.ts';
import type { ChangedReferral, FormerState } from '../store/log-scans.ts';
import { referralReader } from '../store/referral-reader.ts';
import type { SnapshotScans, Store } from '../store/store.ts';
import type { AdmittedCaller } from './caller.ts';
import { type Presence, presenceBeforeEnd, verdictOf } from './delta-verdict.ts';
import { scopeOf, standingOf, totalOrder } from './list-referrals.ts';
import {
  changesUnknown,
  type ListState,
  listState,
  mostChanges,
  refuseOtherLog,
  refuseOutdated,
} from './list-state.ts';
import { readLogFacts } from './log-facts.ts';
import { canReachState } from './visibility.ts';

/** A caller's question what has changed in his list. */
export interface DeltaQuestion {
  readonly filter: Predicate | undefined;
  /** The state that he has. */
  readonly since: ListState;
  /** Where the former page left off; undefined for the first. */
  readonly place: DeltaPlace | undefined;
  /** How many referrals at most. */
  readonly limit: number;
  /** The exchange's time, text of 28 characters. */
  readonly now: string;
}

/** Where an answer of several pages stands. All of them go up to one state, whatever happens meanwhile. */
export interface DeltaPlace {
  readonly until: ListState;
  /** The number of the last change that was told of. */
  readonly after: number;
}

/** One referral that has changed: as it is now, or that it is not in the list any more. */
export type DeltaItem =
  | { readonly kind: 'shown'; readonly referral: ListedReferral }
  | {
      readonly kind: 'removed';
      readonly id: string;
      /** Whether it is gone, or is only not among what was asked for. */
      readonly reason: 'deleted' | 'changed';
    };

/** A page of what has changed. */
export interface DeltaAnswer {
  readonly items: readonly DeltaItem[];
  /** Where the next page goes on; undefined after the last. */
  readonly next: DeltaPlace | undefined;
  /** The state that the client has after the last page. */
  readonly until: ListState;
}

/** Changed referrals that are looked at together, and for one page: most of them may be out of the caller's sight. */
const together = 100;
const mostLookedAt = 1_000;

/** One page of a delta on its way. */
interface Search {
  readonly scans: SnapshotScans;
  readonly caller: AdmittedCaller;
  readonly scope: ListScope;
  readonly since: ListState;
  readonly until: number;
  /** Whether anything has happened after that. */
  readonly isBehind: boolean;
}

/**
 * What has changed in a caller's list since a state of it, in the order of the last changes, each referral once.
 * What is in his list now is read as the list reads it; what was in it is reckoned from the log, and only of what is not
 * there now.
 *
 * @throws Failure `changesUnknown` where he has to begin again with the list, `queryTimeout`
 */
export async function listDelta(store: Store, caller: AdmittedCaller, question: DeltaQuestion): Promise<DeltaAnswer> {
  const { filter, since, place, limit, now } = question;
  const scope = await scopeOf(store, caller, filter);
  const standing = await standingOf(store, caller, scope, now);
  refuseOutdated(since, standing);
  const answer = await store.scan(async (scans) => {
    await refuseOtherLog(scans, since, scope.organizationId);
    if (place !== undefined) await refuseOtherLog(scans, place.until, scope.organizationId);
    const end = await scans.logEnd(scope.organizationId);
    if (end.sequence - since.sequence > mostChanges)
      throw changesUnknown(`more than ${mostChanges} changes came after it`);
    const until = place?.until ?? listState(end, standing);
    const search: Search = {
      scans,
      caller,
      scope,
      since,
      until: until.sequence,
      isBehind: end.sequence > until.sequence,
    };
    const { items, after } = await searchPage(search, place?.after ?? since.sequence, limit);
    return { items, next: after === undefined ? undefined : { until, after }, until };
  });
  const { beginning, rewritten } = await readLogFacts(store);
  if (beginning !== since.beginning) throw changesUnknown('the exchange was reset');
  // Of somebody who reaches everything and asks for everything, nothing is decided by what was rewritten.
  if (needsPast(scope) && rewritten !== since.rewritten) throw changesUnknown('a person was erased from the past');
  return answer;
}

function needsPast({ reach, filter }: ListScope): boolean {
  return reach !== undefined || filter !== undefined;
}

/** The referrals of a page, and the number of the last change that was looked at if more may come. */
async function searchPage(
  search: Search,
  from: number,
  limit: number,
): Promise<{ items: DeltaItem[]; after: number | undefined }> {
  const { scans, scope, until } = search;
  const { organizationId, engagementId } = scope;
  const items: DeltaItem[] = [];
  let after = from;
  let lookedAt = 0;
  while (lookedAt < mostLookedAt) {
    // One more than there is room for tells whether there are more.
    const most = Math.min(together, limit - items.length) + 1;
    const window = { organizationId, after, until, hasViews: engagementId !== undefined };
    const changed = await scans.listChanged(window, most);
    for (const { change, item } of await judge(search, changed)) {
      if (item !== undefined && items.length === limit) return { items, after };
      if (item !== undefined) items.push(item);
      after = change.sequence;
    }
    if (changed.length < most) return { items, after: undefined };
    if (items.length === limit) return { items, after };
    lookedAt += changed.length;
  }
  return { items, after };
}

/** What the caller is told of each. */
async function judge(
  search: Search,
  changed: readonly ChangedReferral[],
): Promise<{ change: ChangedReferral; item: DeltaItem | undefined }[]> {
  const ids = changed.map(({ id }) => id);
  const present = await listPresent(search, ids);
  const became = search.isBehind ? await presencesAfter(search, search.until, changed) : new Map<string, Presence>();
  const gone = changed.filter(({ id }) => (became.get(id) ?? (present.has(id) ? 'in' : 'out')) === 'out');
  const was = await presencesAfter(search, search.since.sequence, gone);
  await addWhatPagesShowed(search, gone, was);
  return changed.map((change) => {
    const { id, kind } = change;
    const referral = present.get(id);
    const verdict = verdictOf(was.get(id) ?? 'out', became.get(id), referral !== undefined);
    if (verdict === 'undecided') throw changesUnknown('what a referral was before is not kept any more');
    if (verdict === 'shown' && referral !== undefined) return { change, item: { kind: 'shown', referral } };
    if (verdict !== 'removed') return { change, item: undefined };
    return { change, item: { kind: 'removed', id, reason: ends.has(kind) ? 'deleted' : 'changed' } };
  });
}

/** Those that the caller's list has now, as it shows them. */
async function listPresent(
  { scans, scope }: Search,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ListedReferral>> {
  const id = propertyValue({ scope: 0, segments: ['id'], type: 'text' });
  const isOne: Predicate = { kind: 'oneOf', value: id, values: ids };
  const filter = scope.filter === undefined ? isOne : allOf([scope.filter, isOne]);
  const order = totalOrder([{ value: id, isDescending: false }]);
  const page = { order, after: undefined, skip: 0, limit: ids.length };
  const found = await scans.listReferrals({ ...scope, filter }, page);
  return new Map(found.map((referral) => [referral.id, referral]));
}

/** Whether referrals were in the list at a number of the log. Those that have not changed since then are left out. */
async function presencesAfter(
  search: Search,
  after: number,
  changed: readonly ChangedReferral[],
): Promise<Map<string, Presence>> {
  const { organizationId, engagementId } = search.scope;
  const window = { organizationId, after, hasViews: engagementId !== undefined };
  const ids = changed.map(({ id }) => id);
  const former = await search.scans.listFormer(window, ids);
  const lastETags = new Map(changed.map(({ id, eTagAfter }) => [id, eTagAfter]));
  return new Map(former.map((state) => [state.id, presenceOf(search, state, lastETags.get(state.id) ?? '')]));
}

/**
 * Adds to what was in the list at its first page what its later pages may have shown: anything that it was until the last
 * of them was read.
 */
async function addWhatPagesShowed(
  search: Search,
  gone: readonly ChangedReferral[],
  was: Map<string, Presence>,
): Promise<void> {
  const { scans, scope, since } = search;
  if (since.readUntil === since.sequence) return;
  const atTheEnd = await presencesAfter(search, since.readUntil, gone);
  for (const { id, eTagAfter } of gone) {
    const seen = new Set([was.get(id), atTheEnd.get(id)]);
    const window = { ...scope, until: since.readUntil, hasViews: scope.engagementId !== undefined };
    for (let after = since.sequence; !seen.has('in'); ) {
      const steps = await scans.listSteps({ ...window, after }, id, together);
      for (const step of steps) seen.add(presenceOf(search, step, eTagAfter));
      if (steps.length < together) break;
      after = steps.at(-1)?.sequence ?? after;
    }
    was.set(id, seen.has('in') ? 'in' : seen.has('unknown') ? 'unknown' : 'out');
  }
}

function presenceOf({ caller, scope }: Search, { kind, document, wasKnown }: FormerState, end: string): Presence {
  if (document !== null) {
    const referral = readStored(document);
    return (kind.startsWith('related') ? isShown(scope, referral) : isListed(caller, scope, referral)) ? 'in' : 'out';
  }
  if (beginnings.has(kind)) return 'out';
  if (!ends.has(kind)) return 'unknown';
  // Of what was deleted nothing is kept, but that it was there.
  if (!wasKnown) return 'out';
  if (needsPast(scope)) return 'unknown';
  return presenceBeforeEnd(end);
}

/** Whether an own record, as it was, is in a list. */
function isListed(caller: AdmittedCaller, { filter }: ListScope, referral: Referral): boolean {
  return !isMarketplaceLead(referral) && canReachState(caller, referral) && holds(filter, referral);
}

/** Whether what was shown of another's record is in a list. */
function isShown({ engagementId, filter }: ListScope, referral: Referral): boolean {
  return referral.engagementId === engagementId && holds(filter, referral);
}

function holds(filter: Predicate | undefined, referral: Referral): boolean {
  return filter === undefined || evaluate(filter, referral, referralReader);
}
