import { randomUUID } from 'node:crypto';
import type { Surroundings } from './store/store.ts';

/** The machine's own clock and randomness: the one place that reads them. */
export const surroundings: Surroundings = {
  clock: { now: () => Date.now() },
  ids: { guid: () => randomUUID() },
  stopwatch: () => performance.now(),
};
