import type { Rate } from '../config.ts';

/** Buckets that are remembered; each is a key and a number. */
const mostBuckets = 10_000;

/**
 * A bucket of tokens for each key, after the generic cell rate algorithm: all that is remembered of a bucket is the moment
 * at which it will be full again. One that is full is not remembered at all.
 */
export class TokenBuckets {
  readonly rate: Rate;
  /** Milliseconds in which one token comes back. */
  readonly #tokenMs: number;
  /** Milliseconds in which an empty bucket fills up. */
  readonly #fillMs: number;
  readonly #fullAt = new Map<string, number>();

  constructor(rate: Rate) {
    this.rate = rate;
    this.#fillMs = rate.seconds * 1_000;
    this.#tokenMs = this.#fillMs / rate.tokens;
  }

  /** How many buckets are remembered. */
  get size(): number {
    return this.#fullAt.size;
  }

  /** Takes a token out of a bucket. Gives for how many milliseconds there is none, which is 0 when it was taken. */
  take(key: string, nowMs: number): number {
    const fullAt = this.#fullAtOf(key, nowMs) + this.#tokenMs;
    const waitMs = fullAt - nowMs - this.#fillMs;
    // What lies below a thousandth of a millisecond is left by the division above.
    if (waitMs > 0.001) return waitMs;
    this.#remember(key, fullAt, nowMs);
    return 0;
  }

  /** Takes more out of it, or all that there is: for what has turned out to be worse than it looked. */
  charge(key: string, tokens: number, nowMs: number): void {
    const fullAt = this.#fullAtOf(key, nowMs) + tokens * this.#tokenMs;
    this.#remember(key, Math.min(fullAt, nowMs + this.#fillMs), nowMs);
  }

  #fullAtOf(key: string, nowMs: number): number {
    const fullAt = this.#fullAt.get(key) ?? nowMs;
    const latest = nowMs + this.#fillMs;
    if (fullAt <= latest) return Math.max(fullAt, nowMs);
    // The clock was set back. Nobody is shut out for longer than it takes to fill a bucket.
    this.#fullAt.set(key, latest);
    return latest;
  }

  #remember(key: string, fullAt: number, nowMs: number): void {
    if (this.#fullAt.size >= mostBuckets && !this.#fullAt.has(key)) this.#makeRoom(nowMs);
    this.#fullAt.set(key, fullAt);
  }

  /** Forgets the buckets that are full by now; where none is, the one that was first touched. */
  #makeRoom(nowMs: number): void {
    for (const [key, fullAt] of this.#fullAt) if (fullAt <= nowMs) this.#fullAt.delete(key);
    if (this.#fullAt.size < mostBuckets) return;
    const oldest = this.#fullAt.keys().next();
    if (oldest.done !== true) this.#fullAt.delete(oldest.value);
  }
}
