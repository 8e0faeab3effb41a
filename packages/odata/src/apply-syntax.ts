import type { SearchSyntax } from './parse-search.ts';
import type { Expression, PathSyntax } from './syntax.ts';

/**
 * `$apply` as it is written (OData Extension for Data Aggregation 4.0, section 3), before anything is known of
 * properties. Every node says where it begins.
 */

/** What has a name of its own behind `as`. */
interface Named {
  /** As it is written. */
  readonly alias: string;
  readonly aliasPosition: number;
  readonly position: number;
}

/** One result of `aggregate`. */
export type AggregateSyntax =
  | ({ readonly kind: 'count'; readonly of: PathSyntax } & Named)
  | ({
      readonly kind: 'with';
      readonly expression: Expression;
      readonly method: string;
      readonly methodPosition: number;
    } & Named)
  /** Legal, and not answered here: a custom aggregate, `from`, or aggregates within a path. */
  | { readonly kind: 'other'; readonly what: string; readonly position: number };

/** One thing to group by: a path, or something legal that is not answered here, such as `rollup`. */
export type GroupKeySyntax = PathSyntax | { readonly kind: 'other'; readonly what: string; readonly position: number };

/** One transformation. */
export type TransformationSyntax =
  | { readonly kind: 'filter'; readonly condition: Expression; readonly position: number }
  | { readonly kind: 'search'; readonly search: SearchSyntax; readonly position: number }
  | {
      readonly kind: 'groupby';
      readonly keys: readonly GroupKeySyntax[];
      /** What is done with each group. */
      readonly inner: readonly TransformationSyntax[];
      readonly position: number;
    }
  | { readonly kind: 'aggregate'; readonly items: readonly AggregateSyntax[]; readonly position: number }
  | { readonly kind: 'compute'; readonly items: readonly ComputeSyntax[]; readonly position: number }
  | { readonly kind: 'identity'; readonly position: number }
  /** Legal, and not answered here. */
  | { readonly kind: 'other'; readonly what: string; readonly position: number };

/** One property of `compute`. */
export interface ComputeSyntax extends Named {
  readonly expression: Expression;
}
