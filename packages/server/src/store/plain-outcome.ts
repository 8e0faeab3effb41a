import { Failure, type PlainFailure } from '@cosell/model';

/** How a piece of work has ended, as plain data: it crosses between threads and processes. */
export type PlainOutcome = { readonly output: unknown } | { readonly failure: PlainFailure } | { readonly bug: string };

/** The plain form of what was thrown: a refusal, or a bug with the place where it happened. */
export function thrownOutcome(error: unknown): PlainOutcome {
  if (error instanceof Failure) return { failure: error.toPlain() };
  return { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

/**
 * The output of work that was done elsewhere.
 *
 * @throws Failure that was thrown there, or an Error that tells of the bug
 */
export function outputOf(outcome: PlainOutcome): unknown {
  if ('output' in outcome) return outcome.output;
  throw 'failure' in outcome
    ? Failure.fromPlain(outcome.failure)
    : new Error(`it has failed elsewhere: ${outcome.bug}`);
}
