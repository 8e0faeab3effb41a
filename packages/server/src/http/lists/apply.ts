import { formatResult, type ResultProperty, type ResultRow } from '@cosell/odata';
import { aggregateReferrals, totalOrderOfResults } from '../../domain/aggregate-referrals.ts';
import { compressPage } from '../compression.ts';
import { readPageSize, readPreferences } from '../prefer.ts';
import { collectionPath, requireCaller } from '../referrals.ts';
import type { Answer, Asked, Surface } from '../route.ts';
import { warningHeaders } from '../warnings.ts';
import type { ApplyQuery } from './apply-query.ts';
import { pageLimit } from './page-limit.ts';
import type { ListPosition } from './skip-token.ts';

/** Where a walk stands, and how it goes on. */
export interface Walk {
  readonly position: ListPosition | undefined;
  readonly options: Readonly<Record<string, string>>;
  /** Writes the token of the page that follows. */
  readonly writeToken: (next: ListPosition) => Promise<string>;
}

/** GET of the collection with `$apply` (OData Extension for Data Aggregation 4.0): results instead of referrals. */
export async function answerApply(
  { store }: Surface,
  asked: Asked,
  { query, walk }: { readonly query: ApplyQuery; readonly walk: Walk },
): Promise<Answer> {
  const { position, options } = walk;
  const preferred = readPageSize(readPreferences(asked.header('prefer')));
  const pageSize = preferred?.size ?? position?.pageSize ?? null;
  const remaining = position === undefined ? (query.top ?? null) : position.remaining;
  const { rows, last, hasMore, count } = await aggregateReferrals(store, requireCaller(asked), {
    plan: query.plan,
    order: totalOrderOfResults(query.order, query.plan),
    after: position?.after,
    skip: position === undefined ? query.skip : 0,
    limit: pageLimit({ top: query.top, remaining, pageSize }),
    isCounted: position === undefined && query.isCounted,
  });
  const left = remaining === null ? null : remaining - rows.length;
  const total = position === undefined ? count : (position.count ?? undefined);
  const next =
    hasMore && left !== 0 && last !== undefined
      ? { options, after: last, count: total ?? null, remaining: left, pageSize, state: null }
      : undefined;
  const token = next === undefined ? undefined : await walk.writeToken(next);
  return {
    status: 200,
    headers: [
      ...(preferred === undefined ? [] : ['Preference-Applied', preferred.applied]),
      ...warningHeaders(query.warnings),
    ],
    used: ['apply'],
    areResults: true,
    compress: compressPage,
    body: bodyOf(query, rows, { count: total, token, collection: asked.origin + collectionPath }),
  };
}

interface Around {
  readonly count: number | undefined;
  readonly token: string | undefined;
  readonly collection: string;
}

function bodyOf(
  { plan, selected }: ApplyQuery,
  rows: readonly ResultRow[],
  { count, token, collection }: Around,
): string {
  const properties = plan.properties ?? [];
  const shown = selected ?? properties;
  const places = shown.map((property) => properties.indexOf(property));
  const items = rows.map((row) =>
    formatResult(
      shown,
      places.map((place) => row[place] ?? null),
    ),
  );
  const counted = count === undefined ? '' : `"@odata.count":${count},`;
  const next = token === undefined ? '' : `,"@odata.nextLink":"${collection}?$skiptoken=${token}"`;
  const context = JSON.stringify(`${collection}/$metadata#Referrals(${shown.map(nameOf).join(',')})`);
  return `{"@odata.context":${context},${counted}"value":[${items.join(',')}]${next}}`;
}

function nameOf({ path }: ResultProperty): string {
  return path.join('/');
}
