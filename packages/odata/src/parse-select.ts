import { type ExpressionLimits, expressionLimits, type SizeFault } from './limits.ts';
import { parseWhole } from './parse-filter.ts';
import type { Expression } from './syntax.ts';
import type { SyntaxFault } from './tokens.ts';

/** One item of `$select`: everything, or what an expression names. */
export type SelectSyntax = { readonly kind: 'all' } | Expression;

/** Parses `$select`: names and paths, or `*`, comma between them (OData URL Conventions 4.01, section 5.1.4). */
export function parseSelect(
  text: string,
  limits: ExpressionLimits = expressionLimits,
): readonly SelectSyntax[] | SyntaxFault | SizeFault {
  return parseWhole(text, limits, (parser) => {
    const items: SelectSyntax[] = [];
    do {
      items.push(parser.skipSign('*') ? { kind: 'all' } : parser.parseExpression(0));
    } while (parser.skipSign(','));
    parser.expectEnd('a comma or the end');
    return items;
  });
}
