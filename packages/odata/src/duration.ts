import { largestNumber } from './number-operations.ts';

const pattern = /^([+-]?)P(?:(\d{1,7})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,11})(?:\.(\d{1,7}))?S)?)?$/i;
const ticksASecond = 10_000_000n;

/**
 * Reads a duration of days, hours, minutes and seconds (OData ABNF `durationValue`), such as `P1DT2H30M1.5S`, in
 * ten-millionths of a second; undefined for anything else.
 */
export function parseDuration(text: string): bigint | undefined {
  const match = pattern.exec(text);
  if (match === null || !/\d/.test(text) || /T$/i.test(text)) return undefined;
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = ''] = match;
  const whole = ((BigInt(days) * 24n + BigInt(hours)) * 60n + BigInt(minutes)) * 60n + BigInt(seconds);
  const ticks = whole * ticksASecond + BigInt(fraction.padEnd(7, '0'));
  if (ticks > largestNumber) return undefined;
  return sign === '-' ? -ticks : ticks;
}
