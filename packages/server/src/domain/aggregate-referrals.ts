import {
  type ApplyPlan,
  entityFilter,
  type OrderKey,
  parseResultValue,
  propertyValue,
  type ResultRow,
  withoutEntityFilter,
} from '@cosell/odata';
import type { ListPage } from '../store/list-scope.ts';
import type { Store } from '../store/store.ts';
import type { AdmittedCaller } from './caller.ts';
import { scopeOf } from './list-referrals.ts';

/** What a caller asks of the referrals that he sees. */
export interface ApplyQuestion extends ListPage {
  /** Transformations that give results, and no referrals. */
  readonly plan: ApplyPlan;
  /** Whether all results are to be counted. */
  readonly isCounted: boolean;
}

/** A page of results. */
export interface ApplyAnswer {
  readonly rows: readonly ResultRow[];
  /** The keys of the last of them. */
  readonly last: readonly (string | null)[] | undefined;
  /** Whether more come after them. */
  readonly hasMore: boolean;
  /** All results, if they were to be counted. */
  readonly count: number | undefined;
}

/** The order that was asked for, made total by the properties that the results are grouped by. */
export function totalOrderOfResults(asked: readonly OrderKey[], plan: ApplyPlan): readonly OrderKey[] {
  const named = asked.flatMap(({ value }) => (value.kind === 'property' ? value.property.segments.join('/') : []));
  const keys = (plan.properties ?? []).slice(0, plan.keyCount).filter(({ path }) => !named.includes(path.join('/')));
  const rest = keys.map(({ path, type, scale }): OrderKey => {
    return { value: propertyValue({ scope: 0, segments: path, type, scale }), isDescending: false };
  });
  return [...asked, ...rest];
}

/**
 * What transformations make of the referrals that this caller sees: those of the list that the filter before the first
 * grouping asks for, and of others' records no more than their views.
 */
export async function aggregateReferrals(
  store: Store,
  caller: AdmittedCaller,
  question: ApplyQuestion,
): Promise<ApplyAnswer> {
  const plan = withoutEntityFilter(question.plan);
  const scope = await scopeOf(store, caller, entityFilter(question.plan));
  const { after, skip, limit, isCounted } = question;
  return store.scan(async (scans) => {
    // One more than the page tells whether there are more.
    const found = await scans.aggregateReferrals(scope, plan, { ...question, limit: limit === 0 ? 0 : limit + 1 });
    const hasMore = found.length > limit;
    const page = found.slice(0, limit);
    // A whole answer on one page is counted already.
    const isWhole = after === undefined && skip === 0 && limit > 0 && !hasMore;
    const count = !isCounted ? undefined : isWhole ? found.length : await scans.countAggregates(scope, plan);
    const rows = page.map(({ values }) =>
      (plan.properties ?? []).map((property, index) => parseResultValue(property, values[index] ?? null)),
    );
    return { rows, last: page.at(-1)?.keys, hasMore, count };
  });
}
