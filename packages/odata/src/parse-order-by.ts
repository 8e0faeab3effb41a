import { type ExpressionLimits, expressionLimits, type SizeFault } from './limits.ts';
import { parseWhole } from './parse-filter.ts';
import type { Expression } from './syntax.ts';
import type { SyntaxFault } from './tokens.ts';

/** One key of `$orderby`. */
export interface OrderBySyntax {
  readonly expression: Expression;
  readonly isDescending: boolean;
}

/** Parses `$orderby`: expressions with `asc` or `desc`, comma between them (OData URL Conventions 4.01, section 5.1.5). */
export function parseOrderBy(
  text: string,
  limits: ExpressionLimits = expressionLimits,
): readonly OrderBySyntax[] | SyntaxFault | SizeFault {
  const keys = parseWhole(text, limits, (parser) => {
    const keys: OrderBySyntax[] = [];
    do {
      const expression = parser.parseExpression(0);
      const isDescending = parser.skipWord('desc');
      if (!isDescending) parser.skipWord('asc');
      keys.push({ expression, isDescending });
    } while (parser.skipSign(','));
    parser.expectEnd('asc, desc, a comma or the end');
    return keys;
  });
  if ('kind' in keys || keys.length <= limits.keys) return keys;
  return { kind: 'tooLarge', limit: 'keys', allowed: limits.keys };
}
