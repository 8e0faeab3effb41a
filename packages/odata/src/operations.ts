import { numberOperations } from './number-operations.ts';
import type { Scalar, ScalarType } from './predicate.ts';
import { textOperations } from './text-operations.ts';
import { timeOperations } from './time-operations.ts';

/** An SQL engine whose spelling differs from another's. */
export type SqlDialect = 'sqlite' | 'postgres';

/**
 * One operation, for both interpreters: what it gives in memory and what it is in SQL. Operands are never null; of
 * nothing, every operation is nothing, so its SQL must be null where an operand is.
 */
export interface Operation {
  readonly result: ScalarType;
  evaluate(...operands: never[]): Scalar | null;
  /** SQL with `{0}` for the first operand; one text where both engines read it alike. */
  readonly sql: string | Readonly<Record<SqlDialect, string>>;
  /** Values that every call has behind its own operands. */
  readonly constants?: () => readonly string[];
}

/** All operations, by the names that calls of a predicate have. */
export const operations: Readonly<Record<string, Operation>> = {
  ...textOperations,
  ...timeOperations,
  ...numberOperations,
};

/** The operation of a name that a binder wrote. */
export function operationNamed(name: string): Operation {
  const found = operations[name];
  if (found === undefined) throw new TypeError(`there is no operation ${name}`);
  return found;
}
