import { parseDecimal, parseInstant } from '@cosell/odata';
import { describe, expect, it } from 'vitest';
import { readConformance } from '../support/conformance.ts';

interface Case {
  readonly name: string;
  readonly rule: string;
  readonly input: string;
  readonly failAt?: number;
}

/** Whether we read a value of a rule of the OData ABNF. */
const readers: Readonly<Record<string, (text: string) => boolean>> = {
  date: (text) => parseInstant(text) !== undefined,
  dateTimeOffsetValue: (text) => parseInstant(text) !== undefined,
  decimalValue: (text) => typeof parseDecimal(text) === 'bigint',
};

/** Legal OData that no property of a referral can hold, each with its reason. */
const leftOut: Readonly<Record<string, string>> = {
  '0000-01-01': 'instants are of the years 1 to 9999 (decision 4)',
  '-10000-04-01': 'instants are of the years 1 to 9999 (decision 4)',
  '1e-101': 'more than four digits after the point are refused, never rounded (decision 33)',
  INF: 'Edm.Decimal(18,4) has no infinity',
};

const cases = readConformance<Case>('odata-cases.json', 17).filter(({ rule }) => rule in readers);

describe('OASIS OData ABNF: dates and decimals', () => {
  it.runIf(cases.length > 0)('has the cases that this suite was written for', () => {
    expect(cases.length).toBeGreaterThanOrEqual(17);
  });

  it.each(cases.map((given) => [given.rule, given.input, given] as const))('%s %s', (rule, input, { failAt }) => {
    const isLegal = failAt === undefined && leftOut[input] === undefined;
    expect(readers[rule]?.(input)).toBe(isLegal);
  });
});
