import { formatTicks, ticksOf } from './instant.ts';
import type { Operation } from './operations.ts';

const ticksASecond = 10_000_000n;
/** Ticks from the year 1 to 1970. */
const ticksBefore1970 = 621_355_968_000_000_000n;
const lastTick = 2_534_023_007_999_999_999n;

/** A number that stands in a text at a fixed place. */
function digits(start: number, length: number, result: 'integer' | 'decimal' = 'integer') {
  return {
    result,
    evaluate: (text: string) => BigInt(text.slice(start, start + length)),
    sql: `cast(substr({0}, ${start + 1}, ${length}) as bigint)`,
  };
}

/** A part of a text at a fixed place. */
function part(start: number, length: number, result: 'date' | 'time') {
  return {
    result,
    evaluate: (text: string) => text.slice(start, start + length),
    sql: `substr({0}, ${start + 1}, ${length})`,
  };
}

/**
 * Operations on instants, dates and times of day. They are UTC text of fixed width, so each part stands in its place.
 * A tick is a ten-millionth of a second since 1970, which is as fine as an instant is.
 */
export const timeOperations = {
  year: digits(0, 4),
  month: digits(5, 2),
  day: digits(8, 2),
  hour: digits(11, 2),
  minute: digits(14, 2),
  second: digits(17, 2),
  fractionalseconds: digits(20, 7, 'decimal'),
  hourOfTime: digits(0, 2),
  minuteOfTime: digits(3, 2),
  secondOfTime: digits(6, 2),
  fractionOfTime: digits(9, 7, 'decimal'),
  date: part(0, 10, 'date'),
  time: part(11, 16, 'time'),
  /** The first instant of a date. */
  midnight: {
    result: 'instant',
    evaluate: (date: string) => `${date}T00:00:00.0000000Z`,
    sql: "({0} || 'T00:00:00.0000000Z')",
  },
  ticks: {
    result: 'duration',
    evaluate: (instant: string) => ticksOf(instant),
    sql: {
      sqlite: `(cast(strftime('%s', substr({0}, 1, 19)) as bigint) * ${ticksASecond} + cast(substr({0}, 21, 7) as bigint))`,
      postgres: `(cast(extract(epoch from cast(substr({0}, 1, 19) as timestamp)) as bigint) * ${ticksASecond}
        + cast(substr({0}, 21, 7) as bigint))`,
    },
  },
  /** The instant of a number of ticks; null outside the years 1 to 9999. */
  instant: {
    result: 'instant',
    evaluate: (ticks: bigint) => (ticks < -ticksBefore1970 || ticks > lastTick ? null : formatTicks(ticks)),
    sql: {
      sqlite: instantSql(
        (seconds) => `strftime('%Y-%m-%dT%H:%M:%S', ${seconds}, 'unixepoch')`,
        (ticks) => `printf('%07d', ${ticks})`,
      ),
      postgres: `(${instantSql(
        (seconds) => `to_char(timestamp '1970-01-01' + make_interval(secs => ${seconds}), 'YYYY-MM-DD"T"HH24:MI:SS')`,
        (ticks) => `lpad(cast(${ticks} as text), 7, '0')`,
      )}) collate "C"`,
    },
  },
} as const satisfies Record<string, Operation>;

/** From the year 1 on, because a division cuts off towards zero. */
function instantSql(seconds: (count: string) => string, fraction: (ticks: string) => string): string {
  const since1 = `({0} + ${ticksBefore1970})`;
  return `case when {0} between ${-ticksBefore1970} and ${lastTick} then
      ${seconds(`(${since1} / ${ticksASecond} - ${ticksBefore1970 / ticksASecond})`)}
      || '.' || ${fraction(`${since1} % ${ticksASecond}`)} || 'Z' end`;
}
