import type { BindFault } from './bind-path.ts';
import type { StopWith } from './stop.ts';
import type { Expression, PathSegment } from './syntax.ts';

/** The expression that a parameter alias stands for (OData URL Conventions 4.01, section 5.3); undefined where none was given. */
export type AliasLookup = (name: string) => Expression | undefined;

/** Each use is bound anew, so that a short query could otherwise ask for a very long one. */
const mostUses = 20;

/**
 * Puts the expressions of parameter aliases in their places. One that was not given is null. Faults in them are then
 * reported where the alias stands.
 */
export function resolveAliases(whole: Expression, lookup: AliasLookup, stop: StopWith<BindFault>): Expression {
  let uses = 0;
  const resolve = (expression: Expression, isWithinAlias: boolean): Expression => {
    const name = aliasName(expression);
    if (name === undefined) return mapParts(expression, (part) => resolve(part, isWithinAlias));
    const { position } = expression;
    uses += 1;
    if (isWithinAlias) return stop({ kind: 'unsupported', position, what: `the alias ${name} within another` });
    if (uses > mostUses) return stop({ kind: 'unsupported', position, what: `more than ${mostUses} uses of aliases` });
    const found = lookup(name);
    if (found === undefined) return { kind: 'literal', form: 'null', value: 'null', position };
    return resolve(moveTo(position, found), true);
  };
  return resolve(whole, false);
}

function aliasName(expression: Expression): string | undefined {
  if (expression.kind !== 'path' || expression.segments.length !== 1) return undefined;
  const [only] = expression.segments;
  // With a dot in it, it is an annotation.
  return only?.arguments === undefined && /^@[^.#]+$/.test(only?.name ?? '') ? only?.name : undefined;
}

/** An expression with each of its direct parts replaced. */
function mapParts(expression: Expression, map: (part: Expression) => Expression): Expression {
  switch (expression.kind) {
    case 'binary':
      return { ...expression, left: map(expression.left), right: map(expression.right) };
    case 'unary':
      return { ...expression, operand: map(expression.operand) };
    case 'path':
      return { ...expression, segments: mapSegments(expression.segments, map) };
    case 'lambda': {
      const { collection, condition } = expression;
      const list = { ...collection, segments: mapSegments(collection.segments, map) };
      return { ...expression, collection: list, ...(condition === undefined ? {} : { condition: map(condition) }) };
    }
    default:
      return expression;
  }
}

function mapSegments(segments: readonly PathSegment[], map: (part: Expression) => Expression): PathSegment[] {
  return segments.map((segment) =>
    segment.arguments === undefined ? segment : { ...segment, arguments: segment.arguments.map(map) },
  );
}

/** An expression all of whose parts stand at one place. */
function moveTo(position: number, expression: Expression): Expression {
  const moved = mapParts(expression, (part) => moveTo(position, part));
  if (moved.kind === 'list') return { ...moved, position, items: moved.items.map((item) => ({ ...item, position })) };
  if (moved.kind === 'lambda') {
    const { segments } = moved.collection;
    return { ...moved, position, collection: { ...moved.collection, position, segments: movedSegments(segments) } };
  }
  return moved.kind === 'path'
    ? { ...moved, position, segments: movedSegments(moved.segments) }
    : { ...moved, position };

  function movedSegments(segments: readonly PathSegment[]): PathSegment[] {
    return segments.map((segment) => ({ ...segment, position }));
  }
}
