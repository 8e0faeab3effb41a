import { type ExpressionLimits, expressionLimits, type SizeFault } from './limits.ts';
import { Parser } from './parser.ts';
import { type StopWith, untilStopped } from './stop.ts';
import type { Expression, LiteralSyntax } from './syntax.ts';
import { malformed, type SyntaxFault, showCharacter, tokenize } from './tokens.ts';
import { type ValueForm, valueForms } from './value-forms.ts';

/**
 * Parses `$filter`: the whole grammar of operators, calls, paths and lambdas, whether or not it can be answered, so that
 * what is legal and unsupported can be told from what is not legal.
 */
export function parseFilter(
  text: string,
  limits: ExpressionLimits = expressionLimits,
): Expression | SyntaxFault | SizeFault {
  return parseWhole(text, limits, (parser) => parser.parseExpression(0));
}

/**
 * Parses one value as it stands in an expression: in quotes, with its type, or bare. With a form, the text is a value of
 * that form alone and without quotes, as in a header or a key.
 */
export function parseLiteral(text: string, form?: ValueForm): LiteralSyntax | SyntaxFault | SizeFault {
  if (form === undefined) return parseWhole(text, expressionLimits, (parser) => parser.parseLiteral());
  const reach = valueForms[form](text, 0);
  const wrongAt = 'wrongAt' in reach ? reach.wrongAt : reach.end < text.length ? reach.end : undefined;
  if (wrongAt !== undefined)
    return malformed(wrongAt, showCharacter(text, wrongAt), `what belongs there in a value of the form ${form}`);
  if (form === 'duration' || form === 'enumeration') {
    return { kind: 'literal', form: 'typed', type: form, value: text, position: 0 };
  }
  return { kind: 'literal', form: form === 'date' ? 'instant' : form, value: text, position: 0 };
}

/** Runs a parser over a whole text; what stops it is the answer. */
export function parseWhole<Result>(
  text: string,
  limits: ExpressionLimits,
  parse: (parser: Parser) => Result,
): Result | SyntaxFault | SizeFault {
  if (text.length > limits.length) return { kind: 'tooLarge', limit: 'length', allowed: limits.length };
  const tokens = tokenize(text);
  return untilStopped((stop: StopWith<SyntaxFault | SizeFault>) => {
    const parser = new Parser(tokens, limits, stop);
    const result = parse(parser);
    parser.expectEnd();
    return result;
  });
}
