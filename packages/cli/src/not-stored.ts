import { Failure } from '@cosell/model';
import { StartupProblem } from '@cosell/server';

/** The operator is no caller with a token, so he is told in other words that there is no such referral. */
export function notStored(error: unknown, id: string): unknown {
  const isMissing = error instanceof Failure && error.kind === 'referralNotFound';
  return isMissing ? new StartupProblem(`No organisation has a referral ${id}. Check the id.`) : error;
}
