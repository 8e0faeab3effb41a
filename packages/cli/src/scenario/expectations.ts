import type { ReferralApiError } from '@cosell/client';
import type { ExpectedError, Step } from './scenario.ts';

/** Something that is not as it should be: where in the expectation, and what is there instead. */
export interface Mismatch {
  readonly path: readonly Step[];
  readonly message: string;
}

/** What an expectation can ask of a value beside being equal: `{ $count: 2 }`. */
const tests: Readonly<Record<string, (operand: unknown, actual: unknown) => string | undefined>> = {
  $absent: (operand, actual) =>
    (operand === true) === (actual === undefined) ? undefined : operand === true ? 'not to be there' : 'to be there',
  $matches: (operand, actual) =>
    typeof actual === 'string' && new RegExp(String(operand), 'u').test(actual) ? undefined : `to match ${operand}`,
  $count: (operand, actual) =>
    Array.isArray(actual) && actual.length === operand ? undefined : `to be a list of ${operand}`,
};

/** The names of those tests. */
export const testNames: readonly string[] = Object.keys(tests);

/** What is wrong with a test itself, before anything is played. */
export function faultOfTest(name: string, operand: unknown): string | undefined {
  if (name === '$absent') return typeof operand === 'boolean' ? undefined : '$absent must be true or false';
  if (name === '$count') {
    return Number.isInteger(operand) && Number(operand) >= 0 ? undefined : '$count must be a whole number';
  }
  try {
    return typeof operand === 'string' && new RegExp(operand, 'u') ? undefined : '$matches must be a text';
  } catch (error) {
    return `$matches must be a regular expression: ${(error as Error).message}`;
  }
}

/** Whether an expectation is made of tests and not a value to be equal to. */
export function isTests(expected: unknown): expected is Record<string, unknown> {
  return isObject(expected) && Object.keys(expected).some((name) => name.startsWith('$'));
}

/**
 * Holds a value to what is expected of it. Of an object, the members that are expected must be there as they are
 * expected, and others may be there too; a list has as many items as expected, each as expected.
 */
export function compare(expected: unknown, actual: unknown, path: readonly Step[]): Mismatch[] {
  if (isTests(expected)) {
    return Object.entries(expected).flatMap(([name, operand]) => {
      const wish = tests[name]?.(operand, actual);
      return wish === undefined ? [] : [mismatch(path, wish, actual, [...path, name])];
    });
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [mismatch(path, `to be a list of ${expected.length}`, actual)];
    if (actual.length !== expected.length) return [mismatch(path, `to be a list of ${expected.length}`, actual)];
    return expected.flatMap((item, index) => compare(item, actual[index], [...path, index]));
  }
  if (isObject(expected)) {
    if (!isObject(actual)) return [mismatch(path, 'to be an object', actual)];
    return Object.entries(expected).flatMap(([name, item]) =>
      compare(item, Object.hasOwn(actual, name) ? actual[name] : undefined, [...path, name]),
    );
  }
  return expected === actual ? [] : [mismatch(path, `to be ${JSON.stringify(expected)}`, actual)];
}

/** Holds a refusal to what is expected of it. */
export function compareError(expected: ExpectedError, error: ReferralApiError): Mismatch[] {
  const { status, code, innerCode, details } = expected;
  const codes = error.details.map((detail) => detail.code);
  const differing = Object.entries({ status, code, innerCode }).flatMap(([name, wanted]) =>
    wanted === undefined ? [] : compare(wanted, error[name as 'status' | 'code' | 'innerCode'], [name]),
  );
  const missing = (details ?? []).flatMap((wanted, index) =>
    codes.includes(wanted)
      ? []
      : [{ path: ['details', index], message: `expected details to have ${wanted}, but they have ${list(codes)}` }],
  );
  return [...differing, ...missing];
}

function mismatch(path: readonly Step[], wish: string, actual: unknown, at: readonly Step[] = path): Mismatch {
  return { path: at, message: `expected ${path.join('.')} ${wish}, but it ${shown(actual)}` };
}

function shown(actual: unknown): string {
  if (actual === undefined) return 'is not there';
  if (Array.isArray(actual) && actual.length > 3) return `is a list of ${actual.length}`;
  const text = JSON.stringify(actual);
  return `is ${text.length <= 200 ? text : `${text.slice(0, 200)}…`}`;
}

function list(codes: readonly string[]): string {
  return codes.length === 0 ? 'none' : codes.join(', ');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
