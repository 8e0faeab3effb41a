/**
 * Instants: Edm.DateTimeOffset values with up to seven digits of a second (OData 4.01 ABNF `dateTimeOffsetValue`,
 * RFC 3339). A JavaScript `Date` keeps three, so the fraction travels beside it as text.
 */

/** An instant in UTC. `fraction` holds the digits as they were given ('' when there was none). */
export interface Instant {
  /** Whole seconds since 1970-01-01T00:00:00Z. */
  readonly seconds: number;
  /** 0 to 7 digits, as given. */
  readonly fraction: string;
}

const pattern = /^(\d{4})-(\d{2})-(\d{2})(?:[Tt](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,7}))?)?([Zz]|[+-]\d{2}:\d{2})?)?$/;

const earliestSeconds = Date.parse('0001-01-01T00:00:00Z') / 1000;
const latestSeconds = Date.parse('9999-12-31T23:59:59Z') / 1000;

/**
 * Reads RFC 3339 with any offset; a date alone is midnight UTC, and no zone means UTC.
 * Gives undefined for anything else, for days that do not exist and for years outside 0001 to 9999.
 */
export function parseInstant(text: string): Instant | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const offsetMinutes = parseZone(zone);
  if (offsetMinutes === undefined) return undefined;
  date.setUTCHours(Number(hour), Number(minute) - offsetMinutes, Number(second));
  const seconds = date.getTime() / 1000;
  return seconds < earliestSeconds || seconds > latestSeconds ? undefined : { seconds, fraction };
}

function parseZone(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4, 6));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

/** `2020-10-30T21:03:00.0000000Z`: 28 characters, so that text order is time order. */
export function formatInstantFixed(instant: Instant): string {
  return `${secondsText(instant)}.${instant.fraction.padEnd(7, '0')}Z`;
}

/** `2020-12-01T00:00:00Z`: no fraction unless one was given, and then the digits that were given. */
export function formatInstantAsGiven(instant: Instant): string {
  return `${secondsText(instant)}${instant.fraction === '' ? '' : `.${instant.fraction}`}Z`;
}

/** What `formatInstantFixed` writes of a text that `parseInstant` reads; undefined for any other text. */
export function toInstantFixed(text: string): string | undefined {
  if (usual.test(text)) return text.length === 28 ? text : `${text.slice(0, 19)}.${text.slice(20, -1).padEnd(7, '0')}Z`;
  const instant = parseInstant(text);
  return instant === undefined ? undefined : formatInstantFixed(instant);
}

/** What `formatInstantAsGiven` writes of a text that `parseInstant` reads; undefined for any other text. */
export function toInstantAsGiven(text: string): string | undefined {
  if (usual.test(text)) return text;
  const instant = parseInstant(text);
  return instant === undefined ? undefined : formatInstantAsGiven(instant);
}

/**
 * Instants as nearly all are written, in UTC and on a day that every month has: such a text is right as it stands, and
 * no calendar has to be asked.
 */
const usual =
  /^(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,7})?Z$/;

function secondsText(instant: Instant): string {
  return new Date(instant.seconds * 1000).toISOString().slice(0, 19);
}

const ticksASecond = 10_000_000n;

/** Ten-millionths of a second since 1970 of an instant of 28 characters. */
export function ticksOf(fixed: string): bigint {
  const seconds = Date.parse(`${fixed.slice(0, 19)}Z`) / 1000;
  return BigInt(seconds) * ticksASecond + BigInt(fixed.slice(20, 27));
}

/** The instant of 28 characters that is so many ten-millionths of a second after 1970. */
export function formatTicks(ticks: bigint): string {
  const inSecond = ((ticks % ticksASecond) + ticksASecond) % ticksASecond;
  const seconds = Number((ticks - inSecond) / ticksASecond);
  return formatInstantFixed({ seconds, fraction: inSecond.toString().padStart(7, '0') });
}
