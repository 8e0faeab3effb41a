import type { BindWarning } from './bind-condition.ts';
import type { BindRules } from './bind-path.ts';
import { allOf, type Predicate, type ScalarType, type Value } from './predicate.ts';

/** A method that makes one value of many (OData Extension for Data Aggregation 4.0, section 3.2.1.4). */
export const aggregateMethods = ['sum', 'min', 'max', 'average', 'countdistinct'] as const;

/** The name of such a method. */
export type AggregateMethod = (typeof aggregateMethods)[number];

/** One value of a group: how many it has, or what a method makes of theirs. Nothing has no part in it. */
export type Aggregate =
  | { readonly method: 'count' }
  | {
      readonly method: AggregateMethod;
      readonly value: Value;
    };

/** A property of what `$apply` gives. */
export interface ResultProperty {
  /** Its names from the result on. */
  readonly path: readonly string[];
  readonly type: ScalarType;
  /** Digits behind the point. */
  readonly scale: number;
}

/** What is done with the rows before: the entities, or what the step before has made of them. */
export type ApplyStep =
  | { readonly kind: 'filter'; readonly predicate: Predicate }
  /** A row for each group of rows with the same keys; without keys, one row in any case. */
  | {
      readonly kind: 'group';
      readonly keys: readonly Value[];
      readonly aggregates: readonly Aggregate[];
      /** Of the keys, and then of the aggregates. */
      readonly properties: readonly ResultProperty[];
    };

/** `$apply` with its names and types known. */
export interface ApplyPlan {
  readonly steps: readonly ApplyStep[];
  /** What a row has; undefined where rows are still entities. */
  readonly properties: readonly ResultProperty[] | undefined;
  /** How many of these tell rows apart; none where there is one row only. */
  readonly keyCount: number;
  /** How further expressions, such as `$filter`, are read. */
  readonly rules: BindRules;
  readonly warnings: readonly BindWarning[];
}

/** A plan whose results must meet a condition, too. */
export function filterResults(plan: ApplyPlan, predicate: Predicate | undefined): ApplyPlan {
  return predicate === undefined ? plan : { ...plan, steps: [...plan.steps, { kind: 'filter', predicate }] };
}

/** The condition on entities that a plan begins with. */
export function entityFilter(plan: ApplyPlan): Predicate | undefined {
  const { steps } = plan;
  const before = steps.slice(0, firstGroup(plan)).flatMap((step) => (step.kind === 'filter' ? [step.predicate] : []));
  return before.length === 0 ? undefined : allOf(before);
}

/** A plan for entities that have met the condition that it begins with. */
export function withoutEntityFilter(plan: ApplyPlan): ApplyPlan {
  return { ...plan, steps: plan.steps.slice(firstGroup(plan)) };
}

function firstGroup({ steps }: ApplyPlan): number {
  const place = steps.findIndex(({ kind }) => kind === 'group');
  return place < 0 ? steps.length : place;
}
