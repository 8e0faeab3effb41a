/** Whether a referral was in a list. */
export type Presence = 'in' | 'out' | 'unknown';

/** What a client is told of a referral that has changed. */
export type Verdict =
  /** What it is now. */
  | 'shown'
  /** That it is not in his list any more. */
  | 'removed'
  /** Nothing. */
  | 'passed'
  /** It cannot be told whether he has it. */
  | 'undecided';

/**
 * What a client is told of a referral that has changed between two states of his list. What happened after the second is
 * told by the next answer, which goes on from there; but nobody is shown what he may not read now.
 *
 * @param was whether it was in the state that he has
 * @param became whether it is in the state up to which he is told; undefined where nothing has happened since
 * @param isThere whether it is in his list now
 */
export function verdictOf(was: Presence, became: Presence | undefined, isThere: boolean): Verdict {
  const then = became ?? (isThere ? 'in' : 'out');
  // It left after that: the next answer says so.
  if (then === 'in') return isThere ? 'shown' : 'passed';
  if (then === 'unknown') return 'undecided';
  if (was === 'unknown') return 'undecided';
  return was === 'in' ? 'removed' : 'passed';
}
