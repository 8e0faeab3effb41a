import { applyPatch, readOperations } from '@cosell/model';
import { describe, expect, it } from 'vitest';
import { readConformance } from '../support/conformance.ts';

interface Case {
  readonly comment?: string;
  readonly doc: unknown;
  readonly patch: unknown;
  readonly expected?: unknown;
  readonly error?: string;
  readonly disabled?: boolean;
}

/** The document that a patch makes, or undefined where it is refused. */
function resultOf(document: unknown, patch: unknown): unknown {
  const reading = readOperations(patch);
  if ('faults' in reading) return undefined;
  const outcome = applyPatch(document, reading.operations);
  return 'fault' in outcome ? undefined : outcome.document;
}

const cases = readConformance<Case>('json-patch-cases.json', 48).filter((given) => given.disabled !== true);

describe('json-patch-tests: RFC 6902', () => {
  it.runIf(cases.length > 0)('has the cases that this suite was written for', () => {
    expect(cases.length).toBeGreaterThanOrEqual(40);
    expect(cases.filter((given) => 'expected' in given).length).toBeGreaterThan(20);
    expect(cases.filter((given) => 'error' in given).length).toBeGreaterThan(10);
  });

  it.each(cases.map((given, index) => [index, given.comment ?? JSON.stringify(given.patch), given] as const))(
    '%i: %s',
    (_index, _comment, { doc, patch, expected, error }) => {
      const before = JSON.stringify(doc);
      const result = resultOf(doc, patch);
      expect(JSON.stringify(doc)).toBe(before);
      if (error !== undefined) expect(result).toBeUndefined();
      // A case that expects nothing of the result asks only that the patch applies.
      else if (expected === undefined) expect(result).not.toBeUndefined();
      else expect(result).toStrictEqual(expected);
    },
  );
});
