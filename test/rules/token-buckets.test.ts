import { readConfig } from '@cosell/server';
import { TokenBuckets } from '@cosell/server/http/token-buckets';
import { describe, expect, it } from 'vitest';

describe('a bucket of tokens', () => {
  it('gives what it holds at once, then one each time that one has come back', () => {
    const buckets = new TokenBuckets({ tokens: 6, seconds: 60 });
    expect([1, 2, 3, 4, 5, 6].map(() => buckets.take('a', 0))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(buckets.take('a', 0)).toBe(10_000);
    expect(buckets.take('a', 4_000)).toBe(6_000);
    // What was refused has cost nothing.
    expect(buckets.take('a', 10_000)).toBe(0);
    expect(buckets.take('a', 10_000)).toBe(10_000);
    expect(buckets.take('b', 10_000)).toBe(0);
    expect([1, 2, 3, 4, 5, 6, 7].map(() => buckets.take('a', 1_000_000) === 0).filter(Boolean)).toHaveLength(6);
  });

  it('gives as much as its rate in the long run, however it is asked', () => {
    const buckets = new TokenBuckets({ tokens: 7, seconds: 3 });
    let given = 0;
    for (let now = 0; now <= 300_000; now += 13) if (buckets.take('a', now) === 0) given += 1;
    // Seven at the start, and 7/3 a second for 300 seconds.
    expect(given).toBeGreaterThanOrEqual(700);
    expect(given).toBeLessThanOrEqual(707);
  });

  it('is charged for more, but never owes more than it holds', () => {
    const buckets = new TokenBuckets({ tokens: 10, seconds: 10 });
    buckets.charge('a', 9, 0);
    expect([buckets.take('a', 0), buckets.take('a', 0)]).toEqual([0, 1_000]);
    for (let round = 0; round < 100; round += 1) buckets.charge('a', 9, 0);
    expect(buckets.take('a', 0)).toBe(1_000);
    expect(buckets.take('a', 1_000)).toBe(0);
  });

  it('shuts nobody out for longer when the clock is set back', () => {
    const buckets = new TokenBuckets({ tokens: 2, seconds: 2 });
    for (const now of [1e12, 1e12, 1e12]) buckets.take('a', now);
    expect(buckets.take('a', 0)).toBe(1_000);
    expect(buckets.take('a', 1_000)).toBe(0);
  });

  it('is forgotten when it is full, and there are never more than 10,000', () => {
    const buckets = new TokenBuckets({ tokens: 2, seconds: 2 });
    for (let key = 0; key < 25_000; key += 1) buckets.take(`key ${key}`, key / 1_000);
    expect(buckets.size).toBeLessThanOrEqual(10_000);
    buckets.take('later', 100_000);
    expect(buckets.size).toBe(1);
  });
});

describe('a limit as a setting', () => {
  it.each([
    ['600/60', { tokens: 600, seconds: 60 }],
    ['1/1', { tokens: 1, seconds: 1 }],
    ['off', 'off'],
    ['', undefined],
  ])('"%s" is read', (text, rate) => {
    expect(readConfig({ RATE_LIMIT_USER: text }).rateLimitUser).toEqual(rate);
  });

  it.each(['600', '600/', '0/60', '60/0', '-1/60', '1.5/60', '600/60s', 'on'])('"%s" is refused', (text) => {
    expect(() => readConfig({ RATE_LIMIT_ADDRESS: text })).toThrow(
      `RATE_LIMIT_ADDRESS must be off, or <requests>/<seconds> such as 3000/60, not "${text}".`,
    );
  });
});
