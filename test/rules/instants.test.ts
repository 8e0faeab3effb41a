import {
  formatInstantAsGiven,
  formatInstantFixed,
  parseInstant,
  toInstantAsGiven,
  toInstantFixed,
} from '@cosell/odata';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

function fixed(text: string): string | undefined {
  const instant = parseInstant(text);
  return instant === undefined ? undefined : formatInstantFixed(instant);
}

describe('reading an instant', () => {
  it.each([
    ['2020-10-30T21:03:00Z', '2020-10-30T21:03:00.0000000Z'],
    ['2020-10-30t21:03:00z', '2020-10-30T21:03:00.0000000Z'],
    ['2019-02-23T02:05:23.2931817Z', '2019-02-23T02:05:23.2931817Z'],
    ['2019-02-23T02:05:23.2Z', '2019-02-23T02:05:23.2000000Z'],
    ['2019-02-23T02:05:23.29Z', '2019-02-23T02:05:23.2900000Z'],
    ['2019-02-23T02:05:23.293Z', '2019-02-23T02:05:23.2930000Z'],
    ['2019-02-23T02:05:23.2931Z', '2019-02-23T02:05:23.2931000Z'],
    ['2019-02-23T02:05:23.29318Z', '2019-02-23T02:05:23.2931800Z'],
    ['2019-02-23T02:05:52.040469Z', '2019-02-23T02:05:52.0404690Z'],
    ['2020-12-01', '2020-12-01T00:00:00.0000000Z'],
    ['2020-12-01T08:30:00', '2020-12-01T08:30:00.0000000Z'],
    ['2020-12-01T00:30:00+01:00', '2020-11-30T23:30:00.0000000Z'],
    ['2020-12-31T23:30:00.1234567-05:45', '2021-01-01T05:15:00.1234567Z'],
    ['2020-12-01T12:00:00-00:00', '2020-12-01T12:00:00.0000000Z'],
    ['2020-12-01T12:00:00+23:59', '2020-11-30T12:01:00.0000000Z'],
    ['2020-02-29T00:00:00Z', '2020-02-29T00:00:00.0000000Z'],
    ['2000-02-29', '2000-02-29T00:00:00.0000000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.0000000Z'],
    ['0001-01-01T01:00:00+01:00', '0001-01-01T00:00:00.0000000Z'],
    ['0099-12-31T23:59:59Z', '0099-12-31T23:59:59.0000000Z'],
    ['9999-12-31T23:59:59.9999999Z', '9999-12-31T23:59:59.9999999Z'],
    ['1969-12-31T23:59:59.5Z', '1969-12-31T23:59:59.5000000Z'],
  ])('takes %s', (text, expected) => {
    expect(fixed(text)).toBe(expected);
  });

  it.each([
    '',
    ' ',
    'today',
    '2020',
    '2020-10',
    '2020-1-1',
    '20-10-30',
    '20201030',
    '2020/10/30',
    '30.10.2020',
    '10/30/2020',
    '2020-00-10',
    '2020-13-01',
    '2020-10-00',
    '2020-10-32',
    '2021-02-29',
    '1900-02-29',
    '2020-04-31',
    '0000-12-31T23:59:59Z',
    '10000-01-01T00:00:00Z',
    '-0001-01-01T00:00:00Z',
    '+2020-10-30T00:00:00Z',
    '2020-10-30T',
    '2020-10-30Z',
    '2020-10-30T21Z',
    '2020-10-30 21:03:00Z',
    ' 2020-10-30T21:03:00Z',
    '2020-10-30T21:03:00Z ',
    '2020-10-30T21:03:00Z\n',
    '2020-10-30T24:00:00Z',
    '2020-10-30T21:60:00Z',
    '2020-10-30T21:03:60Z',
    '2020-10-30T21:03:00.Z',
    '2020-10-30T21:03:00,5Z',
    '2020-10-30T21:03:00.12345678Z',
    '2020-10-30T21:03:00+1:00',
    '2020-10-30T21:03:00+0100',
    '2020-10-30T21:03:00+01',
    '2020-10-30T21:03:00+24:00',
    '2020-10-30T21:03:00+01:60',
    '2020-10-30T21:03:00 +01:00',
    '2020-10-30T21:03:00ZZ',
    '2020-10-30T21:03:00CET',
    '٢٠٢٠-10-30T21:03:00Z',
    '/Date(1604091780000)/',
    '1604091780',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
  ])('refuses "%s"', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });
});

describe('writing an instant', () => {
  it.each([
    ['2020-12-01', '2020-12-01T00:00:00Z'],
    ['2020-12-01T10:00:00.5+02:00', '2020-12-01T08:00:00.5Z'],
    ['2020-12-01T08:00:00.5000000Z', '2020-12-01T08:00:00.5000000Z'],
  ])('without a fraction unless one was given: %s', (text, expected) => {
    const instant = parseInstant(text);
    expect(instant && formatInstantAsGiven(instant)).toBe(expected);
  });

  const moments = fc.record({
    seconds: fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }),
    fraction: fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 7 }),
  });

  it('is undone by reading, at a fixed width and as given', () => {
    fc.assert(
      fc.property(moments, (moment) => {
        expect(parseInstant(formatInstantAsGiven(moment))).toEqual(moment);
        const text = formatInstantFixed(moment);
        expect(text).toHaveLength(28);
        expect(parseInstant(text)).toEqual({ ...moment, fraction: moment.fraction.padEnd(7, '0') });
      }),
    );
  });

  it('is the same in one step, also for texts that are nearly instants', () => {
    const digits = (length: number) =>
      fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: length, maxLength: length });
    const spelled = fc
      .tuple(digits(4), fc.nat(13), fc.nat(32), fc.nat(25), fc.nat(61), fc.nat(61))
      .map(([year, ...parts]) => [year, ...parts.map((part) => String(part).padStart(2, '0'))])
      .map(([year, month, day, hour, minute, second]) => `${year}-${month}-${day}T${hour}:${minute}:${second}`);
    const ends = fc.tuple(
      fc.constantFrom('', '.', '.5', '.1234567', '.12345678'),
      fc.constantFrom('Z', 'z', '', '+02:00'),
    );
    const texts = fc.oneof(
      fc.tuple(spelled, ends).map(([text, end]) => text + end.join('')),
      moments.map(formatInstantAsGiven),
      moments.map(formatInstantFixed),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const instant = parseInstant(text);
        expect(toInstantFixed(text)).toBe(instant && formatInstantFixed(instant));
        expect(toInstantAsGiven(text)).toBe(instant && formatInstantAsGiven(instant));
      }),
      { numRuns: 500 },
    );
  });

  it('gives texts of a fixed width whose order is the order of time', () => {
    const ticks = ({ seconds, fraction }: { seconds: number; fraction: string }) =>
      BigInt(seconds) * 10_000_000n + BigInt(fraction.padEnd(7, '0'));
    // Neighbours too: two moments far apart would agree by their years alone.
    const near = fc.tuple(moments, moments).map(([one, other]) => ({ ...other, seconds: one.seconds }));
    fc.assert(
      fc.property(moments, fc.oneof(moments, near), (one, other) => {
        const byTime = ticks(one) < ticks(other);
        expect(formatInstantFixed(one) < formatInstantFixed(other)).toBe(byTime);
      }),
    );
  });

  it('means the same moment with every offset', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -60_000_000_000, max: 250_000_000_000 }),
        fc.integer({ min: -1_439, max: 1_439 }),
        (seconds, minutes) => {
          const local = new Date((seconds + minutes * 60) * 1000).toISOString().slice(0, 19);
          const two = (value: number) => String(value).padStart(2, '0');
          const size = Math.abs(minutes);
          const zone = `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
          expect(parseInstant(`${local}${zone}`)).toEqual({ seconds, fraction: '' });
        },
      ),
    );
  });
});
