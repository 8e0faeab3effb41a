import { largestNumber } from './number-operations.ts';

/** A number as it is calculated with: whole units, and how many digits of them stand behind the point. */
export interface ExactNumber {
  readonly units: bigint;
  readonly scale: number;
  /** Whether it is written without a point, which division asks. */
  readonly isWhole: boolean;
}

/** Digits behind the point that a calculation keeps. */
export const largestScale = 8;

const pattern = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i;

/** Reads a number with as few digits behind the point as it needs; undefined where it has too many, or is none. */
export function parseNumber(text: string): ExactNumber | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', part = '', exponent] = match;
  let digits = (whole + part).replace(/^0+(?=\d)/, '');
  let scale = part.length - Number(exponent ?? 0);
  while (scale > 0 && digits.length > 1 && digits.endsWith('0')) {
    digits = digits.slice(0, -1);
    scale -= 1;
  }
  if (digits === '0') scale = 0;
  if (scale > largestScale || digits.length - Math.min(scale, 0) > 19) return undefined;
  const magnitude = BigInt(digits) * 10n ** BigInt(Math.max(-scale, 0));
  if (magnitude > largestNumber) return undefined;
  const isWhole = match[3] === undefined && exponent === undefined;
  return { units: sign === '-' ? -magnitude : magnitude, scale: Math.max(scale, 0), isWhole };
}

/** Writes a number of whole units without padding: `10000`, `0.5`, `-12.3456`. */
export function formatNumber(units: bigint, scale: number): string {
  const magnitude = units < 0n ? -units : units;
  const unit = 10n ** BigInt(scale);
  const part = scale === 0 ? '' : (magnitude % unit).toString().padStart(scale, '0').replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${magnitude / unit}${part === '' ? '' : `.${part}`}`;
}
