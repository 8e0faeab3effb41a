import type { AggregateSyntax, ComputeSyntax, GroupKeySyntax, TransformationSyntax } from './apply-syntax.ts';
import { functionNames } from './functions.ts';
import { type ExpressionLimits, expressionLimits, type SizeFault } from './limits.ts';
import { parseWhole } from './parse-filter.ts';
import type { Parser } from './parser.ts';
import { blankSearches } from './search-blanks.ts';
import type { PathSegment } from './syntax.ts';
import type { SyntaxFault } from './tokens.ts';

/**
 * Parses `$apply`: the whole grammar of transformations (OData Extension for Data Aggregation 4.0, ABNF), whether or not
 * they can be answered, so that what is legal and unsupported can be told from what is not legal.
 */
export function parseApply(
  text: string,
  limits: ExpressionLimits = expressionLimits,
): readonly TransformationSyntax[] | SyntaxFault | SizeFault {
  const blanked = blankSearches(text);
  if (blanked.kind !== 'blanked') return blanked;
  return parseWhole(blanked.text, limits, (parser) => {
    const found = parseSequence(parser);
    parser.expectEnd('/ and another transformation, or the end');
    // Those within other transformations are not answered.
    return found.map((transformation) => {
      const search = blanked.searches.get(transformation.position);
      return search === undefined ? transformation : { kind: 'search', search, position: transformation.position };
    });
  });
}

const known = 'a transformation such as filter, groupby or aggregate';

function parseSequence(parser: Parser): readonly TransformationSyntax[] {
  const found: TransformationSyntax[] = [];
  do {
    found.push(parser.within(() => parseTransformation(parser)));
  } while (parser.skipSign('/'));
  return found;
}

function parseTransformation(parser: Parser): TransformationSyntax {
  const { kind, value, position } = parser.next;
  if (kind !== 'name') return parser.refuse(known);
  const word = value.toLowerCase();
  if (word === 'identity') {
    parser.take();
    return { kind: 'identity', position };
  }
  // The name of a service's own transformation has its namespace before it.
  if (!Object.hasOwn(transformations, word) && !value.includes('.')) return parser.refuse(known);
  parser.take();
  parser.requireSign('(', `( behind ${value}`);
  const parse = Object.hasOwn(transformations, word) ? transformations[word] : undefined;
  const found = parse?.(parser, position) ?? parseOther(parser, { name: value, position });
  parser.requireSign(')', found.kind === 'filter' ? 'an operator or )' : 'a comma or )');
  return found;
}

type Parse = (parser: Parser, position: number) => TransformationSyntax;

const transformations: Readonly<Record<string, Parse>> = {
  filter: (parser, position) => ({ kind: 'filter', condition: parser.parseExpression(0), position }),
  groupby: parseGroupBy,
  aggregate: (parser, position) => ({ kind: 'aggregate', items: parseList(parser, parseAggregate), position }),
  compute: (parser, position) => ({ kind: 'compute', items: parseList(parser, parseCompute), position }),
  search: (_parser, position) => ({ kind: 'other', what: 'the transformation search', position }),
  concat: parseConcat,
  nest: ofSequences('nest'),
  addnested: ofPath('addnested'),
  join: ofPath('join'),
  outerjoin: ofPath('outerjoin'),
  expand: ofPath('expand'),
  orderby: parseOrder,
  ...Object.fromEntries(
    [
      ...['top', 'skip', 'topcount', 'topsum', 'toppercent', 'bottomcount', 'bottomsum', 'bottompercent'],
      ...['ancestors', 'descendants', 'traverse'],
    ].map((name): [string, Parse] => [name, (parser, position) => parseOther(parser, { name, position })]),
  ),
};

function parseList<Item>(parser: Parser, parseItem: (parser: Parser) => Item): readonly Item[] {
  const items: Item[] = [];
  do {
    items.push(parseItem(parser));
  } while (parser.skipSign(','));
  return items;
}

function parseGroupBy(parser: Parser, position: number): TransformationSyntax {
  parser.requireSign('(', '( before the properties to group by');
  const keys = parseList(parser, parseGroupKey);
  parser.requireSign(')', '/, a comma or )');
  return { kind: 'groupby', keys, inner: parser.skipSign(',') ? parseSequence(parser) : [], position };
}

function parseGroupKey(parser: Parser): GroupKeySyntax {
  const { kind, value, position } = parser.next;
  const isRollup = kind === 'name' && /^rollup(recursive)?$/i.test(value) && parser.isSignAfter('(');
  if (!isRollup) return parsePath(parser);
  parser.take();
  parser.take();
  parseList(parser, parseArgument);
  parser.requireSign(')', 'a comma or )');
  return { kind: 'other', what: value.toLowerCase(), position };
}

/** Names with `/` between them. */
function parsePath(parser: Parser) {
  const { position } = parser.next;
  const segments: PathSegment[] = [];
  do {
    const { kind, value, position: at } = parser.next;
    if (kind !== 'name') return parser.refuse('the name of a property');
    parser.count();
    parser.take();
    segments.push({ name: value, position: at });
  } while (parser.skipSign('/'));
  return { kind: 'path', segments, position } as const;
}

function parseAggregate(parser: Parser): AggregateSyntax {
  const { position } = parser.next;
  if (isPathWithAggregates(parser)) return parseNested(parser);
  const expression = parser.parseExpression(0);
  const isPath = expression.kind === 'path';
  if (isPath && expression.segments.at(-1)?.name.toLowerCase() === '$count' && !parser.isWord('with')) {
    return { kind: 'count', of: expression, ...parseAlias(parser, 'as and a name of your own'), position };
  }
  const name = isPath ? expression.segments.map((segment) => segment.name).join('/') : '';
  if (!parser.isWord('with')) {
    if (!isPath) return parser.refuse('an operator, or with and one of sum, min, max, average and countdistinct');
    // Without a method it is an aggregate that the service itself has declared.
    if (parser.isWord('as')) parseAlias(parser, 'as');
    else if (parser.isWord('from')) skipFrom(parser);
    else if (!parser.isSign(',') && !parser.isSign(')'))
      return parser.refuse('an operator, or with and one of sum, min, max, average and countdistinct');
    return { kind: 'other', what: `the custom aggregate ${name}`, position };
  }
  parser.take();
  const method = parser.next;
  if (method.kind !== 'name') return parser.refuse('one of sum, min, max, average and countdistinct');
  parser.take();
  const hasFrom = parser.isWord('from');
  const from = parser.next.position;
  if (hasFrom) skipFrom(parser);
  const alias = parseAlias(parser, 'as and a name of your own');
  if (hasFrom) return { kind: 'other', what: 'from', position: from };
  return { kind: 'with', expression, method: method.value, methodPosition: method.position, ...alias, position };
}

/** `from country with average from …`, which says by what values are aggregated before they are aggregated again. */
function skipFrom(parser: Parser): void {
  while (parser.skipWord('from')) {
    parsePath(parser);
    if (!parser.skipWord('with')) continue;
    if (parser.next.kind !== 'name') parser.refuse('the name of a method');
    parser.take();
  }
}

/** Whether `a/b(…)` stands here alone, where `b` is no function: aggregates of what a path leads to. */
function isPathWithAggregates(parser: Parser): boolean {
  const isSign = (at: number, signs: string) => {
    const { kind, value } = parser.peek(at);
    return kind === 'sign' && signs.includes(value);
  };
  let at = 0;
  while (parser.peek(at).kind === 'name' && isSign(at + 1, '/')) at += 2;
  const { kind, value } = parser.peek(at);
  const isFunction = functionNames.has(value.toLowerCase()) || /^(any|all|not)$|[.$@]/i.test(value);
  if (kind !== 'name' || isFunction || !isSign(at + 1, '(')) return false;
  let depth = 0;
  for (at += 1; parser.peek(at).kind !== 'end' && parser.peek(at).kind !== 'fault'; at += 1) {
    if (isSign(at, '(')) depth += 1;
    if (isSign(at, ')')) depth -= 1;
    // A function has something behind it: an operator, or `with`.
    if (depth === 0) return isSign(at + 1, ',)');
  }
  return true;
}

function parseNested(parser: Parser): AggregateSyntax {
  const { segments, position } = parsePath(parser);
  parser.requireSign('(', '(');
  parser.within(() => parseList(parser, parseAggregate));
  parser.requireSign(')', 'a comma or )');
  return { kind: 'other', what: `aggregates within ${segments.map(({ name }) => name).join('/')}`, position };
}

function parseCompute(parser: Parser): ComputeSyntax {
  const { position } = parser.next;
  const expression = parser.parseExpression(0);
  return { expression, ...parseAlias(parser, 'an operator, or as and a name of your own'), position };
}

function parseAlias(parser: Parser, expected: string): { readonly alias: string; readonly aliasPosition: number } {
  if (!parser.skipWord('as')) return parser.refuse(expected);
  const { kind, value, position } = parser.next;
  if (kind !== 'name' || /[.#@$]/.test(value)) return parser.refuse('a name of letters, digits and _');
  parser.count();
  parser.take();
  return { alias: value, aliasPosition: position };
}

function parseConcat(parser: Parser, position: number): TransformationSyntax {
  parseSequence(parser);
  if (!parser.isSign(',')) return parser.refuse('a comma and another transformation');
  while (parser.skipSign(',')) parseSequence(parser);
  return { kind: 'other', what: 'the transformation concat', position };
}

function ofSequences(name: string): Parse {
  return (parser, position) => {
    do {
      parseSequence(parser);
      parseAlias(parser, 'as and a name of your own');
    } while (parser.skipSign(','));
    return { kind: 'other', what: `the transformation ${name}`, position };
  };
}

/** A path, perhaps a name for it, and perhaps what is done with what it leads to. */
function ofPath(name: string): Parse {
  return (parser, position) => {
    parsePath(parser);
    if (parser.isWord('as')) parseAlias(parser, 'as');
    while (parser.skipSign(',')) {
      parseSequence(parser);
      if (parser.isWord('as')) parseAlias(parser, 'as');
    }
    return { kind: 'other', what: `the transformation ${name}`, position };
  };
}

function parseOrder(parser: Parser, position: number): TransformationSyntax {
  do {
    parser.parseExpression(0);
    if (!parser.skipWord('desc')) parser.skipWord('asc');
  } while (parser.skipSign(','));
  return { kind: 'other', what: 'the transformation orderby', position };
}

/** Any other: what stands within is expressions, and for hierarchies transformations, too. */
function parseOther(
  parser: Parser,
  { name, position }: { readonly name: string; readonly position: number },
): TransformationSyntax {
  const what = `the transformation ${name}`;
  if (!name.includes('.') || !parser.isSign(')')) parseList(parser, parseArgument);
  return { kind: 'other', what, position };
}

function parseArgument(parser: Parser): void {
  if (parser.next.kind === 'name' && parser.isSignAfter('=')) {
    // The name of a parameter.
    parser.take();
    parser.take();
  }
  if (parser.isWord('keep') && parser.peek(1).value === 'start') {
    parser.take();
    parser.take();
    return;
  }
  const { kind, value } = parser.next;
  const isTransformation = kind === 'name' && Object.hasOwn(transformations, value.toLowerCase());
  if (isTransformation && parser.isSignAfter('(')) parseSequence(parser);
  else parser.parseExpression(0);
  if (!parser.skipWord('desc')) parser.skipWord('asc');
}
