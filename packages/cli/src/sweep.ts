import type { SweepProgress } from '@cosell/server';
import { runningCount } from './progress.ts';

/**
 * Drives a sweep to its end, one batch at a time, and shows on a terminal how many rows it has looked at.
 *
 * @param next does one batch, from where the one before left off
 */
export async function runSweep<Progress extends SweepProgress>(
  label: string,
  next: (progress: Progress | undefined) => Promise<Progress>,
): Promise<Progress> {
  const shown = runningCount(label, process.stderr);
  let progress: Progress | undefined;
  try {
    do {
      progress = await next(progress);
      shown.show(progress.looked);
    } while (!progress.isDone);
    return progress;
  } catch (error) {
    if (progress !== undefined) shown.say('It was broken off. Give the same command again, and it does the rest.');
    throw error;
  } finally {
    shown.end();
  }
}

/** How many there are of something, as a sentence has it. */
export function count(number: number, one: string, several = `${one}s`): string {
  return `${number} ${number === 1 ? one : several}`;
}
