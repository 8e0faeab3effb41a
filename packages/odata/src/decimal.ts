/**
 * Decimals: Edm.Decimal(18,4) as whole ten-thousandths in a bigint, so that no digit is ever rounded.
 * Both engines store the same integer.
 */

/** A decimal number times 10,000. */
export type TenThousandths = bigint;

const scale = 4;
const mostDigits = 18;
const pattern = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Why a number does not fit: it is no number, or it has more digits than Edm.Decimal(18,4) holds. */
export type DecimalFault = 'notANumber' | 'tooManyDigits';

/** Reads JSON's number forms (`10000`, `-0.5`, `1.25e3`). More digits than fit are a fault, never rounded. */
export function parseDecimal(text: string): TenThousandths | DecimalFault {
  const match = pattern.exec(text);
  if (match === null) return 'notANumber';
  const [, sign, whole = '', part = '', exponent = '0'] = match;
  const digits = (whole + part).replace(/^0+/, '');
  if (digits === '') return 0n;
  // The value is digits × 10^shift ten-thousandths.
  const shift = Number(exponent) - part.length + scale;
  const kept = shift < 0 ? digits.slice(0, shift) : digits;
  if (shift < 0 && /[1-9]/.test(digits.slice(shift))) return 'tooManyDigits';
  if (kept.length + Math.max(shift, 0) > mostDigits) return 'tooManyDigits';
  const magnitude = BigInt(kept === '' ? '0' : kept) * 10n ** BigInt(Math.max(shift, 0));
  return sign === '-' ? -magnitude : magnitude;
}

/** Writes a decimal without padding: `10000`, `0.5`, `-12.3456`. */
export function formatDecimal(value: TenThousandths): string {
  const magnitude = value < 0n ? -value : value;
  const whole = magnitude / 10_000n;
  const part = (magnitude % 10_000n).toString().padStart(scale, '0').replace(/0+$/, '');
  return `${value < 0n ? '-' : ''}${whole}${part === '' ? '' : `.${part}`}`;
}
