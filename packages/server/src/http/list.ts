import { failure } from '@cosell/model';
import { settleIfDue } from '../domain/expiry.ts';
import { listReferrals, totalOrder } from '../domain/list-referrals.ts';
import { requireSearchTexts } from '../domain/search-texts.ts';
import { skipTokenKey } from '../domain/skip-token-key.ts';
import type { ListedReferral } from '../store/list-scope.ts';
import type { Store } from '../store/store.ts';
import { answerApply } from './apply.ts';
import { queryOfReferrals, readApplyQuery } from './apply-query.ts';
import { compressPage } from './compression.ts';
import { type ListQuery, readListQuery } from './list-query.ts';
import { pageLimit } from './page-limit.ts';
import { readPageSize, readPreferences } from './prefer.ts';
import { extensionsOf } from './query-options.ts';
import { collectionPath, linked, requireCaller } from './referrals.ts';
import type { Answer, Asked, Surface } from './route.ts';
import { selectionContext, selectionOf, selectMembers } from './selection.ts';
import { formatSkipToken, type ListPosition, parseSkipToken } from './skip-token.ts';
import { warningHeaders } from './warnings.ts';

/** GET of the collection: facts §12, decisions 13 and 20 to 22. */
export async function answerList(surface: Surface, asked: Asked): Promise<Answer> {
  const { store, surroundings, config } = surface;
  const caller = requireCaller(asked);
  const position = await readPosition(store, asked);
  // A list shows nothing as New whose time has passed.
  const now = await settleIfDue(store, surroundings);
  const options = position?.options ?? asked.options;
  const used = extensionsOf(options, config.extensions);
  if (options.$search !== undefined) await requireSearchTexts(store);
  const applied = options.$apply === undefined ? undefined : readApplyQuery(options, now);
  if (applied !== undefined) {
    const writeToken = async (next: ListPosition) => formatSkipToken(next, caller, await keyOf(store));
    if (applied.plan.properties !== undefined) {
      return answerApply(surface, asked, { query: applied, walk: { position, options, writeToken } });
    }
  }
  // Transformations that only filter leave referrals.
  const query = applied === undefined ? readListQuery(options, now) : queryOfReferrals(applied, options, now);
  const preferred = readPageSize(readPreferences(asked.header('prefer')));
  const pageSize = preferred?.size ?? position?.pageSize ?? null;
  const remaining = position === undefined ? (query.top ?? null) : position.remaining;
  const limit = pageLimit({ top: query.top, remaining, pageSize });
  const { referrals, hasMore, count } = await listReferrals(store, caller, {
    filter: query.filter,
    order: totalOrder(query.order),
    after: position?.after,
    skip: position === undefined ? query.skip : 0,
    limit,
    // Counted once; what others write during the walk does not change the number.
    isCounted: position === undefined && query.isCounted,
  });
  const left = remaining === null ? null : remaining - referrals.length;
  const last = referrals.at(-1);
  const total = position === undefined ? count : (position.count ?? undefined);
  const next =
    hasMore && left !== 0 && last !== undefined
      ? { options, after: last.keys, count: total ?? null, remaining: left, pageSize }
      : undefined;
  const token = next === undefined ? undefined : formatSkipToken(next, caller, await keyOf(store));
  return {
    status: 200,
    headers: headersOf(query, preferred?.applied),
    used,
    compress: compressPage,
    ...bodyOf(referrals, { count: total, token, origin: asked.origin, select: query.select }),
  };
}

/**
 * Where the walk stands that `$skiptoken` continues. The token carries the whole query; the same options may be sent
 * beside it, others not.
 */
async function readPosition(store: Store, asked: Asked): Promise<ListPosition | undefined> {
  const { $skiptoken: token, ...others } = asked.options;
  if (token === undefined) return undefined;
  const position = parseSkipToken(token, requireCaller(asked), await keyOf(store));
  for (const [option, value] of Object.entries(others)) {
    if (position.options[option] !== value) throw failure('skipTokenMismatch', { option });
  }
  return position;
}

async function keyOf(store: Store): Promise<string> {
  const key = await store.findFact(skipTokenKey);
  if (key === undefined) throw new Error('an exchange was opened without a key for skip tokens');
  return key;
}

function headersOf({ warnings }: ListQuery, applied: string | undefined): string[] {
  return [...(applied === undefined ? [] : ['Preference-Applied', applied]), ...warningHeaders(warnings)];
}

interface Around {
  readonly count: number | undefined;
  readonly token: string | undefined;
  readonly origin: string;
  readonly select: readonly string[] | undefined;
}

function bodyOf(referrals: readonly ListedReferral[], { count, token, origin, select }: Around) {
  const collection = origin + collectionPath;
  const selection = select === undefined ? undefined : selectionOf(select);
  const items = referrals.map((referral) => {
    const item = linked(referral, referral.id, origin);
    return selection === undefined ? item : selectMembers(item, selection);
  });
  const context = `${collection}/$metadata#Referrals${selectionContext(select)}`;
  const counted = count === undefined ? '' : `"@odata.count":${count},`;
  const next = token === undefined ? '' : `,"@odata.nextLink":"${collection}?$skiptoken=${token}"`;
  const body = `{"@odata.context":"${context}",${counted}"value":[${items.join(',')}]${next}}`;
  if (select !== undefined) return { body };
  // All that is added is ASCII, so a character of it is a byte.
  const extra = referrals.reduce((sum, { byteLength, document }) => sum + byteLength - document.length, 0);
  return { body, byteLength: body.length + extra };
}
