import { Failure } from '@cosell/model';
import { StartupProblem } from '@cosell/server';

/** The operator is no caller with a token, so he is told in other words that there is no such referral. */
export function notStored(error: unknown, id: string, organization?: string): unknown {
  if (!(error instanceof Failure) || error.kind !== 'referralNotFound') return error;
  return new StartupProblem(
    organization === undefined
      ? `No organisation has a referral ${id}. Check the id.`
      : `${organization} has no referral ${id}. Check the id, or leave out --organization.`,
  );
}
