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

/** Writes a duration as `parseDuration` reads it: `P1DT2H30M1.5S`, `PT0S`. */
export function formatDuration(ticks: bigint): string {
  const magnitude = ticks < 0n ? -ticks : ticks;
  const seconds = magnitude / ticksASecond;
  const fraction = (magnitude % ticksASecond).toString().padStart(7, '0').replace(/0+$/, '');
  const parts = [
    [(seconds / 3600n) % 24n, 'H'],
    [(seconds / 60n) % 60n, 'M'],
  ] as const;
  const days = seconds / 86_400n;
  const rest = `${seconds % 60n}${fraction === '' ? '' : `.${fraction}`}`;
  const clock = parts.filter(([number]) => number > 0n).map(([number, unit]) => `${number}${unit}`);
  if (rest !== '0' || (clock.length === 0 && days === 0n)) clock.push(`${rest}S`);
  return `${ticks < 0n ? '-' : ''}P${days > 0n ? `${days}D` : ''}${clock.length > 0 ? `T${clock.join('')}` : ''}`;
}
