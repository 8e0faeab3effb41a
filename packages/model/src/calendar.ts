import { formatInstantFixed, type Instant, parseInstant } from '@cosell/odata';

/** Days and months in UTC, for rules that count them. */

const secondsPerDay = 86_400;

/** The instant of a text that the exchange itself wrote; any other text is a fault of the program. */
export function instantOf(text: string): Instant {
  const instant = parseInstant(text);
  if (instant === undefined) throw new TypeError('not an instant');
  return instant;
}

/** Seconds since 1970 of a date of the wire; undefined where there is none. */
export function secondsOf(text: string | null | undefined): number | undefined {
  return parseInstant(text ?? '')?.seconds;
}

/** Days since 1970 of a date of the wire; undefined where there is none. */
export function dayOf(text: string | null | undefined): number | undefined {
  const seconds = secondsOf(text);
  return seconds === undefined ? undefined : Math.floor(seconds / secondsPerDay);
}

/** The day so many months later; the last day of a month that is too short. */
export function addMonths(day: number, months: number): number {
  const date = new Date(day * secondsPerDay * 1000);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
  const first = dayFrom(year, month, 1);
  return first + Math.min(date.getUTCDate(), dayFrom(year, month + 1, 1) - first) - 1;
}

/** How many months lie between two days, as a fraction: whole months, and the days of the month that has begun. */
export function monthsBetween(start: number, end: number): { readonly count: number; readonly per: number } {
  const [from, to] = [new Date(start * secondsPerDay * 1000), new Date(end * secondsPerDay * 1000)];
  let whole = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  if (addMonths(start, whole) > end) whole -= 1;
  const begun = addMonths(start, whole);
  const per = addMonths(start, whole + 1) - begun;
  return { count: whole * per + end - begun, per };
}

/** The same instant with seven digits, as instants are stored. */
export function fixedText(text: string): string {
  return formatInstantFixed(instantOf(text));
}

function dayFrom(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return date.getTime() / 1000 / secondsPerDay;
}
