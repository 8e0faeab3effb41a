import { beginningOf } from '@cosell/server/domain/retain-history';
import { expect, it } from 'vitest';

it.each([
  ['1d', '2026-03-01T10:00:00Z', '2026-02-28T10:00:00.0000000Z'],
  ['90d', '2026-11-23T00:00:00Z', '2026-08-25T00:00:00.0000000Z'],
  ['1m', '2026-03-31T23:59:59Z', '2026-02-28T23:59:59.0000000Z'],
  ['18m', '2026-08-31T00:00:00Z', '2025-02-28T00:00:00.0000000Z'],
  ['12m', '2026-11-23T00:00:00Z', '2025-11-23T00:00:00.0000000Z'],
  ['1y', '2024-02-29T12:00:00Z', '2023-02-28T12:00:00.0000000Z'],
  ['4y', '2024-02-29T12:00:00Z', '2020-02-29T12:00:00.0000000Z'],
  ['9999y', '2026-11-23T00:00:00Z', '1900-01-01T00:00:00.0000000Z'],
])('%s before %s history begins at %s', (history, now, beginning) => {
  expect(beginningOf(history, Date.parse(now))).toBe(beginning);
});

it.each(['', '0d', '01d', '3', 'y', '3w', '3Y', ' 3y', '3y ', '-3y', '1.5y', 'P3Y', '10000d', '３y'])(
  'the text "%s" is no length of time',
  (history) => {
    expect(() => beginningOf(history, 0)).toThrow(
      /is no length of time; write days, months or years as 90d, 18m or 3y/,
    );
  },
);
