/** Attempts that may fail one after the other before the next one has to wait. */
const freeAttempts = 4;
/** However many have failed, nobody waits longer: a lock for good would hand the key to whoever wants others out. */
const longestWaitMs = 900_000;
/** After so long without an attempt what failed before is forgotten. */
const forgottenAfterMs = 3_600_000;

/** What has failed, and until when nothing is tried. */
export interface Failed {
  readonly failedAttempts: number;
  /** Milliseconds since 1970; null where nothing has failed. */
  readonly slowedUntilMs: number | null;
}

/** How long to wait after so many failures: from the fifth on one second, and twice as long each time. */
export function waitAfter(failedAttempts: number): number {
  if (failedAttempts <= freeAttempts) return 0;
  return Math.min(longestWaitMs, 1_000 * 2 ** (failedAttempts - freeAttempts - 1));
}

/** Whole seconds for which nothing is tried any more; 0 when an attempt may be made. */
export function secondsLeft({ slowedUntilMs }: Failed, nowMs: number): number {
  return slowedUntilMs === null ? 0 : Math.max(0, Math.ceil((slowedUntilMs - nowMs) / 1000));
}

/** The same after a further attempt, which counts as failed until it has succeeded. */
export function afterAttempt({ failedAttempts, slowedUntilMs }: Failed, nowMs: number): Failed {
  const isForgotten = slowedUntilMs === null || nowMs - slowedUntilMs > forgottenAfterMs;
  const count = isForgotten ? 1 : failedAttempts + 1;
  return { failedAttempts: count, slowedUntilMs: nowMs + waitAfter(count) };
}
