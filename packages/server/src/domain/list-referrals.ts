import { guidPattern } from '@cosell/model';
import { andTerms, type OrderKey, type Predicate, propertyValue, requiredValue } from '@cosell/odata';
import type { ListedReferral, ListPage, ListScope } from '../store/list-scope.ts';
import type { Store } from '../store/store.ts';
import type { AdmittedCaller } from './caller.ts';
import { type ListState, listState, refuseOutdated, type Standing } from './list-state.ts';
import { readLogFacts } from './log-facts.ts';
import { canSeeView } from './visibility.ts';

/** What a caller asks of the list. */
export interface ListQuestion extends ListPage {
  readonly filter: Predicate | undefined;
  /** Whether all matches are to be counted. */
  readonly isCounted: boolean;
  /** Where the caller is going to ask what has changed since; undefined else. */
  readonly tracking: { readonly now: string; readonly state: ListState | undefined } | undefined;
}

/** A page of the list as this caller may see it. */
export interface ListAnswer {
  readonly referrals: readonly ListedReferral[];
  /** Whether more come after them. */
  readonly hasMore: boolean;
  /** All matches, if they were to be counted. */
  readonly count: number | undefined;
  /** The state of the list at its first page, if its changes are to be tracked. */
  readonly state: ListState | undefined;
}

const newestFirst: OrderKey = {
  value: propertyValue({ scope: 0, segments: ['createdDateTime'], type: 'instant' }),
  isDescending: true,
};

/** The order that was asked for, or the newest first, made total by the id (decision 20). */
export function totalOrder(asked: readonly OrderKey[]): readonly OrderKey[] {
  const keys = asked.length === 0 ? [newestFirst] : asked;
  const at = keys.findIndex(({ value }) => value.kind === 'property' && value.property.segments.join('/') === 'id');
  if (at >= 0) return keys.slice(0, at + 1);
  // In the direction of the key before it, so that one index serves both.
  const isDescending = keys.at(-1)?.isDescending === true;
  return [...keys, { value: propertyValue({ scope: 0, segments: ['id'], type: 'text' }), isDescending }];
}

/**
 * The referrals that this caller sees and asks for: his organisation's own, as far as his roles reach, and the views of
 * the other members where he asks for one engagement that he has a reachable record in (decisions 9, 11 and 13).
 */
export async function listReferrals(store: Store, caller: AdmittedCaller, question: ListQuestion): Promise<ListAnswer> {
  const scope = await scopeOf(store, caller, question.filter);
  // One more than the page tells whether there are more.
  const limit = question.limit === 0 ? 0 : question.limit + 1;
  const { tracking } = question;
  const standing = tracking && (await standingOf(store, caller, scope, tracking.now));
  // Pages of one list are of one caller with one reach.
  if (standing !== undefined && tracking?.state !== undefined) refuseOutdated(tracking.state, standing);
  return store.scan(async (scans) => {
    const found = await scans.listReferrals(scope, { ...question, limit });
    const hasMore = found.length > question.limit;
    // A whole list on one page is counted already.
    const isWhole = question.after === undefined && question.skip === 0 && question.limit > 0 && !hasMore;
    const count = !question.isCounted ? undefined : isWhole ? found.length : await scans.countReferrals(scope);
    const referrals = found.slice(0, question.limit);
    if (standing === undefined) return { referrals, hasMore, count, state: undefined };
    const end = await scans.logEnd(scope.organizationId);
    const begun = tracking?.state;
    const state = begun === undefined ? listState(end, standing) : { ...begun, readUntil: end.sequence };
    return { referrals, hasMore, count, state };
  });
}

/** The state of a list as it is now, without the list: whoever asks for it wants to hear of changes only. */
export async function latestState(
  store: Store,
  caller: AdmittedCaller,
  { filter, now }: { readonly filter: Predicate | undefined; readonly now: string },
): Promise<ListState> {
  const standing = await standingOf(store, caller, await scopeOf(store, caller, filter), now);
  return store.scan(async (scans) => listState(await scans.logEnd(caller.organizationId), standing));
}

/** What a caller is as he asks. It is read before the snapshot: what changes in between makes its state outdated. */
export async function standingOf(
  store: Store,
  caller: AdmittedCaller,
  { engagementId }: ListScope,
  now: string,
): Promise<Standing> {
  return { caller, isMember: engagementId !== undefined, facts: await readLogFacts(store), now };
}

/** What a caller may see of what a filter asks for. */
export async function scopeOf(store: Store, caller: AdmittedCaller, filter: Predicate | undefined): Promise<ListScope> {
  const { organizationId, email, grant } = caller;
  const asked = filter === undefined ? undefined : engagementOf(filter);
  const isMember = asked !== undefined && (await canSeeView(store, caller, asked));
  return {
    organizationId,
    reach: grant.isWholeOrganisation
      ? undefined
      : { locations: grant.locations, teamEmail: grant.isTeamMember ? email : undefined },
    filter,
    engagementId: isMember ? asked : undefined,
  };
}

/** The engagement that every match of a filter is of, by `engagementId eq` as a term that must hold. */
function engagementOf(filter: Predicate): string | undefined {
  for (const term of andTerms(filter)) {
    const value = requiredValue(term, 'engagementId');
    if (typeof value === 'string' && guidPattern.test(value)) return value;
  }
  return undefined;
}
