import { type Arithmetic, calculate, isNumber, type StopAt, withScale } from './bind-number.ts';
import { foldCall } from './fold.ts';
import type { Value } from './predicate.ts';

/**
 * Calculates with instants, dates and durations (OData URL Conventions 4.01, section 5.1.1.4); undefined where the
 * operator does not know the types. Everything is reckoned in ten-millionths of a second.
 */
export function calculateTime(operator: Arithmetic, left: Value, right: Value, stopAt: StopAt): Value | undefined {
  const isPoint = left.type === 'instant' || left.type === 'date';
  if (operator === 'add' || operator === 'sub') {
    if (left.type === 'duration' && right.type === 'duration') return foldCall(operator, [left, right], 'duration');
    if (operator === 'sub' && isPoint && right.type === left.type) {
      return foldCall('sub', [toTicks(left), toTicks(right)], 'duration');
    }
    if (isPoint && right.type === 'duration') return shift(operator, left, right);
    if (operator === 'add' && left.type === 'duration' && (right.type === 'instant' || right.type === 'date')) {
      return shift('add', right, left);
    }
    return undefined;
  }
  if (operator === 'mul' && isNumber(left) && right.type === 'duration') return times(right, left, stopAt);
  if (left.type !== 'duration' || !isNumber(right) || operator === 'mod') return undefined;
  if (operator === 'mul') return times(left, right, stopAt);
  return foldCall('quotient', [withScale(left, left.scale + right.scale, stopAt), right], 'duration');
}

/** The instant of a value that may be a date. */
export function toInstant(value: Value): Value {
  return value.type === 'date' ? foldCall('midnight', [value], 'instant') : value;
}

/** How many seconds a duration has. */
export function toSeconds(duration: Value): Value {
  // The ticks are those seconds already, with seven digits behind the point.
  return { ...duration, type: 'decimal' };
}

function shift(operator: 'add' | 'sub', point: Value, by: Value): Value {
  const instant = foldCall('instant', [foldCall(operator, [toTicks(point), by], 'duration')], 'instant');
  return point.type === 'date' ? foldCall('date', [instant], 'date') : instant;
}

function toTicks(point: Value): Value {
  // What was reckoned before goes on as it is; only the last instant must be one.
  if (point.kind === 'call' && point.operation === 'instant' && point.operands[0] !== undefined)
    return point.operands[0];
  return foldCall('ticks', [toInstant(point)], 'duration');
}

function times(duration: Value, number: Value, stopAt: StopAt): Value {
  return withScale({ ...calculate('mul', toSeconds(duration), number, stopAt), type: 'duration' }, 7, stopAt);
}
