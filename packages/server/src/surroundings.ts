import { randomUUID } from 'node:crypto';
import type { Surroundings } from './store/store.ts';

/** The machine's own clock and randomness: the one place that reads them. */
export const surroundings: Surroundings = {
  clock: { now: () => Date.now() },
  ids: { guid: () => randomUUID() },
};

/** Milliseconds since this thread began, by a clock that nobody sets. */
export const stopwatch = (): number => performance.now();
