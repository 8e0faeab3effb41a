import type { Clock } from '../store/store.ts';

/** The time as stored text of 28 characters. */
export function fixedNow(clock: Clock): string {
  return `${new Date(clock.now()).toISOString().slice(0, 23)}0000Z`;
}
