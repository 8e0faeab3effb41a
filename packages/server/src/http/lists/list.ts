import { settleIfDue } from '../../domain/expiry.ts';
import { listReferrals, totalOrder } from '../../domain/list-referrals.ts';
import { requireSearchTexts } from '../../domain/search-texts.ts';
import type { ListedReferral } from '../../store/list-scope.ts';
import type { Store } from '../../store/store.ts';
import { compressPage } from '../compression.ts';
import type { ExtensionName } from '../extensions.ts';
import { readPageSize, readPreferences } from '../prefer.ts';
import { extensionsOf } from '../query-options.ts';
import { collectionPath, linked, requireCaller } from '../referrals.ts';
import type { Answer, Asked, Surface } from '../route.ts';
import { selectionContext, selectionOf, selectMembers } from '../selection.ts';
import { warningHeaders } from '../warnings.ts';
import { answerApply } from './apply.ts';
import { queryOfReferrals, readApplyQuery } from './apply-query.ts';
import { answerDelta } from './delta.ts';
import { type ListQuery, readListQuery } from './list-query.ts';
import { pageLimit } from './page-limit.ts';
import { refuseOthers, tokenKeyOf } from './signed-text.ts';
import { formatSkipToken, type ListPosition, parseSkipToken } from './skip-token.ts';
import { deltaLink, readTracking, trackedOptions } from './tracking.ts';

/** GET of the collection: facts §12, decisions 13 and 20 to 22. */
export async function answerList(surface: Surface, asked: Asked): Promise<Answer> {
  const { store, surroundings, config } = surface;
  const { $deltatoken: deltaToken } = asked.options;
  if (deltaToken !== undefined) return answerDelta(surface, asked, deltaToken);
  const caller = requireCaller(asked);
  const position = await readPosition(store, asked);
  // A list shows nothing as New whose time has passed.
  const now = await settleIfDue(store, surroundings);
  const options = position?.options ?? asked.options;
  const used = extensionsOf(options, config.extensions);
  const applied = options.$apply === undefined ? undefined : readApplyQuery(options, now);
  if (options.$search !== undefined || applied?.isSearching === true) await requireSearchTexts(store);
  const walk = { position, options, now, used };
  if (applied === undefined) return answerPage(surface, asked, readListQuery(options, now), walk);
  if (applied.plan.properties !== undefined) {
    const writeToken = async (next: ListPosition) => formatSkipToken(next, caller, await tokenKeyOf(store));
    return answerApply(surface, asked, { query: applied, walk: { position, options, writeToken } });
  }
  // Transformations that only filter leave referrals.
  return answerPage(surface, asked, queryOfReferrals(applied, options, now), walk);
}

/** Where a walk through a list stands. */
interface Walk {
  /** Undefined on its first page. */
  readonly position: ListPosition | undefined;
  /** Those of the whole query. */
  readonly options: Readonly<Record<string, string>>;
  /** The exchange's time. */
  readonly now: string;
  readonly used: readonly ExtensionName[];
}

/** A page of referrals. */
async function answerPage(
  { store, config }: Surface,
  asked: Asked,
  query: ListQuery,
  { position, options, now, used }: Walk,
): Promise<Answer> {
  const caller = requireCaller(asked);
  const preferences = readPreferences(asked.header('prefer'));
  const preferred = readPageSize(preferences);
  const wished = config.extensions ? readTracking(preferences) : undefined;
  // Changes are tracked from the first page on, or not at all.
  const isTracked = config.extensions && (position === undefined ? wished !== undefined : position.state !== null);
  const tracked = isTracked ? trackedOptions(options) : undefined;
  const pageSize = preferred?.size ?? position?.pageSize ?? null;
  const remaining = position === undefined ? (query.top ?? null) : position.remaining;
  const limit = pageLimit({ top: query.top, remaining, pageSize });
  const { referrals, hasMore, count, state } = await listReferrals(store, caller, {
    filter: query.filter,
    order: totalOrder(query.order),
    after: position?.after,
    skip: position === undefined ? query.skip : 0,
    limit,
    // Counted once; what others write during the walk does not change the number.
    isCounted: position === undefined && query.isCounted,
    tracking: isTracked ? { now, state: position?.state ?? undefined } : undefined,
  });
  const left = remaining === null ? null : remaining - referrals.length;
  const last = referrals.at(-1);
  const total = position === undefined ? count : (position.count ?? undefined);
  const next =
    hasMore && left !== 0 && last !== undefined
      ? { options, after: last.keys, count: total ?? null, remaining: left, pageSize, state: state ?? null }
      : undefined;
  const token = next === undefined ? undefined : formatSkipToken(next, caller, await tokenKeyOf(store));
  const changes =
    tracked === undefined || state === undefined || next !== undefined
      ? undefined
      : deltaLink({ options: tracked, since: state, pageSize }, asked.origin, caller, await tokenKeyOf(store));
  const applied = [preferred?.applied, isTracked ? wished : undefined].filter((one) => one !== undefined);
  return {
    status: 200,
    headers: headersOf(query, applied),
    used: isTracked ? [...used, 'delta'] : used,
    compress: compressPage,
    ...bodyOf(referrals, { count: total, token, deltaLink: changes, origin: asked.origin, select: query.select }),
  };
}

/**
 * Where the walk stands that `$skiptoken` continues. The token carries the whole query; the same options may be sent
 * beside it, others not.
 */
async function readPosition(store: Store, asked: Asked): Promise<ListPosition | undefined> {
  const { $skiptoken: token, ...others } = asked.options;
  if (token === undefined) return undefined;
  const position = parseSkipToken(token, requireCaller(asked), await tokenKeyOf(store));
  refuseOthers(others, position.options, '$skiptoken');
  return position;
}

function headersOf({ warnings }: ListQuery, applied: readonly string[]): string[] {
  const headers = applied.length === 0 ? [] : ['Preference-Applied', applied.join(', ')];
  return [...headers, ...warningHeaders(warnings)];
}

interface Around {
  readonly count: number | undefined;
  readonly token: string | undefined;
  /** On the last page, where changes are tracked. */
  readonly deltaLink: string | undefined;
  readonly origin: string;
  readonly select: readonly string[] | undefined;
}

function bodyOf(referrals: readonly ListedReferral[], { count, token, deltaLink: changes, origin, select }: Around) {
  const collection = origin + collectionPath;
  const selection = select === undefined ? undefined : selectionOf(select);
  const items = referrals.map((referral) => {
    const item = linked(referral, referral.id, origin);
    return selection === undefined ? item : selectMembers(item, selection);
  });
  const context = `${collection}/$metadata#Referrals${selectionContext(select)}`;
  const counted = count === undefined ? '' : `"@odata.count":${count},`;
  const next = token === undefined ? '' : `,"@odata.nextLink":"${collection}?$skiptoken=${token}"`;
  const delta = changes === undefined ? '' : `,"@odata.deltaLink":"${changes}"`;
  const body = `{"@odata.context":"${context}",${counted}"value":[${items.join(',')}]${next}${delta}}`;
  if (select !== undefined) return { body };
  // All that is added is ASCII, so a character of it is a byte.
  const extra = referrals.reduce((sum, { byteLength, document }) => sum + byteLength - document.length, 0);
  return { body, byteLength: body.length + extra };
}
