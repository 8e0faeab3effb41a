import { referralQueryRules } from '@cosell/model';
import {
  type ApplyPlan,
  type BindContext,
  bindApply,
  entityFilter,
  filterResults,
  nearestNames,
  parseApply,
  parseSelect,
  type ResultProperty,
} from '@cosell/odata';
import { type ListQuery, readContext, readListQuery, refuse } from './list-query.ts';

/** A list with `$apply`: what the transformations give is what the other options act on. */
export interface ApplyQuery extends Omit<ListQuery, 'filter' | 'select'> {
  readonly plan: ApplyPlan;
  /** Whether some transformation searches. */
  readonly isSearching: boolean;
  /** Which properties of a result to answer with; undefined for all. */
  readonly selected: readonly ResultProperty[] | undefined;
}

/**
 * Gives `$apply` and the options beside it their meaning: OData evaluates `$apply` first (OData Extension for Data
 * Aggregation 4.0, section 3.1), so the others see its results.
 *
 * @throws Failure as `readListQuery`, and `notAggregatable`
 */
export function readApplyQuery(options: Readonly<Record<string, string>>, now: string): ApplyQuery {
  const { $select: select, ...others } = options;
  const { plan, isSearching } = readApply(options.$apply ?? '', readContext(options, now));
  if (options.$search !== undefined && plan.properties !== undefined) {
    return refuse('$search', {
      kind: 'unsupported',
      position: 0,
      what: 'a search of results (write search(…) in $apply)',
    });
  }
  const query = readListQuery(others, now, plan.rules);
  const warnings = [...plan.warnings.map(({ code }) => `$apply ${code}`), ...query.warnings];
  const isOfResults = select !== undefined && plan.properties !== undefined;
  const selected = isOfResults ? readResultSelect(select, plan) : undefined;
  return { ...query, plan: filterResults(plan, query.filter), isSearching, selected, warnings };
}

/** The query of a list of referrals of which transformations have left some. */
export function queryOfReferrals(
  { plan, warnings }: ApplyQuery,
  options: Readonly<Record<string, string>>,
  now: string,
): ListQuery {
  // The plan has `$filter` in it already.
  return { ...readListQuery(options, now), filter: entityFilter(plan), warnings };
}

function readApply(text: string, context: BindContext): Pick<ApplyQuery, 'plan' | 'isSearching'> {
  const transformations = parseApply(text);
  if ('kind' in transformations) return refuse('$apply', transformations);
  const plan = bindApply(transformations, referralQueryRules, context);
  if ('kind' in plan) return refuse('$apply', plan);
  return { plan, isSearching: transformations.some(({ kind }) => kind === 'search') };
}

/** Names and paths, each of which leaves what it leads to. */
function readResultSelect(text: string, { properties = [] }: ApplyPlan): readonly ResultProperty[] | undefined {
  const items = parseSelect(text);
  if ('kind' in items) return refuse('$select', items);
  const wanted = new Set<ResultProperty>();
  for (const item of items) {
    if (item.kind === 'all') return undefined;
    if (item.kind !== 'path' || item.parenthesis !== undefined) {
      const what = 'a value that is no property';
      return refuse('$select', { kind: 'unsupported', position: item.position, what });
    }
    const names = item.segments.map(({ name }) => name.toLowerCase());
    const found = properties.filter(({ path }) => names.every((name, index) => path[index]?.toLowerCase() === name));
    if (found.length === 0) {
      const name = item.segments.map((segment) => segment.name).join('/');
      const known = properties.map(({ path }) => path.join('/'));
      const nearest = nearestNames(name, known);
      return refuse('$select', { kind: 'unknownProperty', position: item.position, name, owner: 'Result', nearest });
    }
    for (const property of found) wanted.add(property);
  }
  return properties.filter((property) => wanted.has(property));
}
