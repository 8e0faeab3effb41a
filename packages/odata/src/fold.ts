import { operationNamed } from './operations.ts';
import { type Scalar, type ScalarType, scaleOf, type Value } from './predicate.ts';

/** A value that every row has. */
export function constantOf(value: Scalar | null, type: ScalarType, scale = scaleOf(type)): Value {
  return { kind: 'constant', value, type, scale };
}

/** Whether a value is nothing for every row. */
export function isNothing(value: Value): boolean {
  return value.kind === 'constant' && value.value === null;
}

/** A call; where the answer is the same for every row, it is that answer. */
export function foldCall(
  operation: string,
  operands: readonly Value[],
  type: ScalarType,
  scale = scaleOf(type),
): Value {
  const known: Scalar[] = [];
  for (const operand of operands) {
    if (operand.kind !== 'constant') continue;
    if (operand.value === null) return constantOf(null, type, scale);
    known.push(operand.value);
  }
  if (known.length < operands.length) {
    const height = 1 + Math.max(...operands.map((operand) => (operand.kind === 'call' ? operand.height : 0)));
    return { kind: 'call', operation, operands, height, type, scale };
  }
  return constantOf(call(operation, known), type, scale);
}

/** What an operation gives for values that are there; the binder sees to their types. */
export function call(operation: string, operands: readonly Scalar[]): Scalar | null {
  const { evaluate } = operationNamed(operation) as { evaluate(...operands: readonly Scalar[]): Scalar | null };
  return evaluate(...operands);
}
