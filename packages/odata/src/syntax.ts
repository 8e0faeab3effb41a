/**
 * Expressions as they are written, before anything is known of properties and types (OData URL Conventions 4.01,
 * section 5.1.1). Every node says where it begins.
 */

/** An operator between two operands. */
export type BinaryOperator =
  | 'or'
  | 'and'
  | 'eq'
  | 'ne'
  | 'gt'
  | 'ge'
  | 'lt'
  | 'le'
  | 'in'
  | 'has'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'divby'
  | 'mod';

/** A value as it is written; what it means depends on what it is compared with. */
export interface LiteralSyntax {
  readonly kind: 'literal';
  readonly form: 'string' | 'number' | 'guid' | 'instant' | 'time' | 'typed' | 'json' | 'boolean' | 'null';
  /** Without quotes. */
  readonly value: string;
  /** The type of `Ns.Color'Red'`. */
  readonly type?: string;
  readonly position: number;
}

/** One step of a path: a property, a type, `$count`, `$it`, a parameter, or a call where there are arguments. */
export interface PathSegment {
  readonly name: string;
  readonly position: number;
  readonly arguments?: readonly Expression[];
  /** The names before the arguments, where there are any: `$filter` in `$count($filter=…)`. */
  readonly argumentNames?: readonly (string | undefined)[];
}

/** Steps with `/` between them; a function call is a path of one step. */
export interface PathSyntax {
  readonly kind: 'path';
  readonly segments: readonly PathSegment[];
  readonly position: number;
}

/** `collection/any(variable: condition)`. */
export interface LambdaSyntax {
  readonly kind: 'lambda';
  readonly operator: 'any' | 'all';
  readonly collection: PathSyntax;
  readonly variable?: string;
  readonly condition?: Expression;
  readonly position: number;
}

/** An operator before its operand. */
export interface UnarySyntax {
  readonly kind: 'unary';
  readonly operator: 'not' | '-';
  readonly operand: Expression;
  readonly position: number;
}

/** An operator and its operands; the position is the operator's. */
export interface BinarySyntax {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly position: number;
}

/** The values on the right of `in`. */
export interface ListSyntax {
  readonly kind: 'list';
  readonly items: readonly LiteralSyntax[];
  readonly position: number;
}

/** Any expression. */
export type Expression = LiteralSyntax | PathSyntax | LambdaSyntax | UnarySyntax | BinarySyntax | ListSyntax;

/** A literal as it may stand in a sentence: a long one is cut off. */
export function showLiteral({ form, value }: LiteralSyntax): string {
  const shown = value.length > 40 ? `${value.slice(0, 40)}…` : value;
  return form === 'string' ? `'${shown}'` : shown;
}
