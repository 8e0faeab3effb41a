import type { BindFault } from './bind-path.ts';
import { constantOf, foldCall } from './fold.ts';
import { largestNumber } from './number-operations.ts';
import { largestScale } from './numbers.ts';
import { totalScale, type Value } from './predicate.ts';
import type { StopWith } from './stop.ts';
import type { BinaryOperator } from './syntax.ts';

/** An operator between two numbers. */
export type Arithmetic = Extract<BinaryOperator, 'add' | 'sub' | 'mul' | 'div' | 'divby' | 'mod'>;

/** Digits behind the point that a division gives, unless its dividend has more. */
const quotientScale = 4;

/** Whether a value is a number. */
export function isNumber({ type }: Value): boolean {
  return type === 'integer' || type === 'decimal';
}

/** Whether a value is a number whose digits its type does not say. */
export function isCalculated(value: Value): boolean {
  return isNumber(value) && (value.kind !== 'property' || value.property.scale !== undefined);
}

/** A sum as a number that can be calculated with, which is nothing where it has too many digits; any other value as it is. */
export function asNumber(value: Value): Value {
  if (value.type !== 'total') return value;
  const unit = 10n ** BigInt(totalScale - value.scale);
  const operands = [value, constantOf(unit, 'integer'), constantOf(10n ** 18n / unit, 'integer')];
  return foldCall('narrowed', operands, 'decimal', value.scale);
}

/** Calculates with two numbers, exactly: the digits behind the point are known before there is a row. */
export function calculate(operator: Arithmetic, left: Value, right: Value, stopAt: StopAt): Value {
  const type = left.type === 'integer' && right.type === 'integer' ? 'integer' : 'decimal';
  switch (operator) {
    case 'mul': {
      const scale = left.scale + right.scale;
      return withScale(foldCall('mul', [left, right], type, scale), Math.min(scale, largestScale), stopAt);
    }
    case 'div':
    case 'divby': {
      if (operator === 'div' && type === 'integer') return foldCall('quotient', [left, right], type, 0);
      const scale = Math.max(quotientScale, left.scale);
      const dividend = withScale(left, scale + right.scale, stopAt);
      return foldCall('quotient', [dividend, right], 'decimal', scale);
    }
    default: {
      const [one, other] = toOneScale(left, right, stopAt);
      return foldCall(operator, [one, other], type, one.scale);
    }
  }
}

/** Says what is wrong with an operand. */
export type StopAt = (sentence: string) => never;

/** Two numbers in the same unit. */
export function toOneScale(left: Value, right: Value, stopAt: StopAt): readonly [Value, Value] {
  const scale = Math.max(left.scale, right.scale);
  return [withScale(left, scale, stopAt), withScale(right, scale, stopAt)];
}

/** A number with so many digits behind the point; what is behind them is cut off. */
export function withScale(number: Value, scale: number, stopAt: StopAt): Value {
  const { type } = number;
  if (scale === number.scale) return number;
  if (scale < number.scale) {
    const unit = constantOf(10n ** BigInt(number.scale - scale), 'integer');
    return foldCall('quotient', [number, unit], type, scale);
  }
  const factor = 10n ** BigInt(scale - number.scale);
  if (number.kind === 'constant' && typeof number.value === 'bigint') {
    const units = number.value * factor;
    if (units > largestNumber || units < -largestNumber)
      return stopAt('a number has too many digits to calculate with');
    return constantOf(units, type, scale);
  }
  return foldCall('mul', [number, constantOf(factor, 'integer')], type, scale);
}

/** Rounds a number to a whole one. */
export function toWhole(operation: 'round' | 'floor' | 'ceiling', number: Value): Value {
  if (number.scale === 0) return number;
  return foldCall(operation, [number, constantOf(10n ** BigInt(number.scale), 'integer')], number.type, 0);
}

/** How a fault of one operand stops the whole. */
export function stopWithin(stop: StopWith<BindFault>, position: number): StopAt {
  return (sentence) => stop({ kind: 'incompatible', position, sentence });
}
