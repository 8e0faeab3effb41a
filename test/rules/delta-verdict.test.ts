import { type Presence, verdictOf } from '@cosell/server/domain/delta-verdict';
import { describe, expect, it } from 'vitest';

describe('what a client is told of a referral that has changed', () => {
  it.each<[string, Presence, Presence | undefined, boolean, ReturnType<typeof verdictOf>]>([
    ['it was there and is', 'in', undefined, true, 'shown'],
    ['it was not and is', 'out', undefined, true, 'shown'],
    ['it is, and nobody knows what it was', 'unknown', undefined, true, 'shown'],
    ['it was and is not', 'in', undefined, false, 'removed'],
    ['it was not and is not', 'out', undefined, false, 'passed'],
    ['it is not, and nobody knows what it was', 'unknown', undefined, false, 'undecided'],
    ['it came before the end and is still there', 'out', 'in', true, 'shown'],
    ['it left after the end', 'in', 'in', false, 'passed'],
    ['it came after the end', 'out', 'out', true, 'passed'],
    ['it left before the end and came again after it', 'in', 'out', true, 'removed'],
    ['it left before the end, after something nobody knows', 'unknown', 'out', true, 'undecided'],
    ['nobody knows what it became', 'in', 'unknown', true, 'undecided'],
  ])('%s', (_case, was, became, isThere, verdict) => {
    expect(verdictOf(was, became, isThere)).toBe(verdict);
  });

  /** In and out, step by step: before, at the end of the first answer, and when it is given; then the second answer. */
  it('leads to what is there, whatever happened between two answers', () => {
    const ways = [true, false].flatMap((one) =>
      [true, false].flatMap((two) => [true, false].map((three) => [one, two, three])),
    );
    for (const [had = false, atEnd = false, isThere = false] of ways) {
      const presence = (is: boolean): Presence => (is ? 'in' : 'out');
      const first = verdictOf(presence(had), presence(atEnd), isThere);
      const copy = first === 'shown' ? true : first === 'removed' ? false : had;
      const second = verdictOf(presence(atEnd), undefined, isThere);
      const last = second === 'shown' ? true : second === 'removed' ? false : copy;
      expect(last, JSON.stringify([had, atEnd, isThere])).toBe(isThere);
    }
  });
});
