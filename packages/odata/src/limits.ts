/** How large an expression may be. */
export interface ExpressionLimits {
  /** Characters. */
  readonly length: number;
  /** Parentheses, calls and operators within each other. */
  readonly depth: number;
  /** Operators, values and properties. */
  readonly nodes: number;
  /** Keys to sort by: each is compared with the one before it in every row that a page comes after. */
  readonly keys: number;
}

/**
 * What an expression may be where the service does not say otherwise. A next link carries it once more, in base64, and
 * must itself fit into the header of a request.
 */
export const expressionLimits: ExpressionLimits = { length: 8_000, depth: 60, nodes: 600, keys: 20 };

/**
 * What a search may be. SQLite counts conditions within a condition twice, and takes no more than 1,000 levels; a search
 * of 500 words is too much for it.
 */
export const searchLimits: ExpressionLimits = { ...expressionLimits, nodes: 300 };

/** An expression that is larger than is allowed. */
export interface SizeFault {
  readonly kind: 'tooLarge';
  readonly limit: keyof ExpressionLimits;
  readonly allowed: number;
}
