import { formatDecimal, parseDecimal } from '@cosell/odata';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('reading a decimal', () => {
  it.each([
    ['0', 0n],
    ['-0', 0n],
    ['0.0000', 0n],
    ['0e99999', 0n],
    ['1', 10_000n],
    ['10000', 100_000_000n],
    ['-0.5', -5_000n],
    ['0.0001', 1n],
    ['12.3456', 123_456n],
    ['12.34560000000000000000', 123_456n],
    ['000012.5', 125_000n],
    ['1.25e3', 12_500_000n],
    ['1.25E+3', 12_500_000n],
    ['125000e-7', 125n],
    ['1000e-7', 1n],
    ['0.00001e1', 1n],
    ['99999999999999.9999', 10n ** 18n - 1n],
    ['-99999999999999.9999', 1n - 10n ** 18n],
    ['999999999999999999e-4', 10n ** 18n - 1n],
    ['1e13', 10n ** 17n],
    [`1${'0'.repeat(400)}e-400`, 10_000n],
  ])('takes %s exactly', (text, expected) => {
    expect(parseDecimal(text)).toBe(expected);
  });

  it.each([
    '0.00001',
    '0.99995',
    '12.34567',
    '-12.34567',
    '1e-5',
    '100000000000000',
    '99999999999999.99991',
    '999999999999999999',
    '1e14',
    '1e9999',
    '1e-9999',
    '1e99999',
    '1e-99999',
    `1e${'9'.repeat(400)}`,
    `0.${'0'.repeat(400)}1`,
  ])('never rounds: %s has too many digits', (text) => {
    expect(parseDecimal(text)).toBe('tooManyDigits');
  });

  it.each([
    '',
    ' ',
    '.',
    '5.',
    '.5',
    '+5',
    '--5',
    '1,5',
    '1 000',
    '0x10',
    '1e',
    '1e+',
    '1e1.5',
    '1.2.3',
    '1.2.3e5',
    'NaN',
    'Infinity',
    '-',
    '12n',
    '5\n',
    '٥',
    '1_000',
    'true',
    '$5',
  ])('does not take "%s" for a number', (text) => {
    expect(parseDecimal(text)).toBe('notANumber');
  });

  it('answers a hostile exponent at once', () => {
    const started = performance.now();
    expect(parseDecimal('1e999999999')).toBe('tooManyDigits');
    expect(parseDecimal('1e-999999999')).toBe('tooManyDigits');
    expect(parseDecimal(`${'9'.repeat(1_000_000)}e-999999`)).toBe('tooManyDigits');
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('any number of JSON', () => {
  const numbers = fc.record({
    isNegative: fc.boolean(),
    whole: fc.bigInt(0n, 10n ** 20n).map(String),
    part: fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 8 }),
    exponent: fc.option(fc.integer({ min: -25, max: 25 })),
  });

  it('is read as its exact value, or refused when that does not fit', () => {
    fc.assert(
      fc.property(numbers, ({ isNegative, whole, part, exponent }) => {
        const text = `${isNegative ? '-' : ''}${whole}${part === '' ? '' : `.${part}`}${exponent === null ? '' : `e${exponent}`}`;
        // value × 10^60 is a whole number for all of these; plain arithmetic, nothing of the parser's.
        const scaled = BigInt(whole + part) * 10n ** BigInt(60 - part.length + (exponent ?? 0));
        const unit = 10n ** 56n;
        const fits = scaled % unit === 0n && scaled / unit < 10n ** 18n;
        const expected = isNegative ? -(scaled / unit) : scaled / unit;
        expect(parseDecimal(text)).toBe(fits ? expected : 'tooManyDigits');
      }),
      { numRuns: 1_000 },
    );
  });

  it('is written without padding and read back', () => {
    fc.assert(
      fc.property(fc.bigInt(1n - 10n ** 18n, 10n ** 18n - 1n), (value) => {
        const text = formatDecimal(value);
        expect(text).toMatch(/^-?(0|[1-9]\d*)(\.\d{0,3}[1-9])?$/);
        expect(parseDecimal(text)).toBe(value);
      }),
    );
  });

  it.each([
    [0n, '0'],
    [100_000_000n, '10000'],
    [5_000n, '0.5'],
    [-1n, '-0.0001'],
    [-123_456n, '-12.3456'],
  ])('%s ten-thousandths are written as %s', (value, expected) => {
    expect(formatDecimal(value)).toBe(expected);
  });
});
