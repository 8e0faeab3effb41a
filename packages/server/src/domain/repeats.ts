import { failure } from '@cosell/model';
import type { KeptAnswerKey } from '../store/kept-answer.ts';
import type { Surroundings, Transaction } from '../store/store.ts';
import { fixedText } from './exchange-clock.ts';
import type { WriteOutcome } from './write-outcome.ts';

/** A request that its client may send again (OASIS Repeatable Requests 1.0, decision 24). */
export interface Repeat {
  readonly key: KeptAnswerKey;
  /** Hash of what makes the request this one: its body and the headers that decide about it. */
  readonly fingerprint: string;
}

/** How long answers are kept, by the machine's clock. */
export const keptForMs = 24 * 60 * 60 * 1000;

/**
 * Does a write once: what was answered to the same request before is answered again. The answer is kept in the write's
 * own transaction, so a request whose answer was lost is either done and kept, or neither.
 *
 * @throws Failure `repeatabilityConflict` when the id was used for another request
 */
export async function once(
  transaction: Transaction,
  { clock }: Surroundings,
  repeat: Repeat | undefined,
  write: () => Promise<WriteOutcome>,
): Promise<WriteOutcome> {
  if (repeat === undefined) return write();
  const { organizationId, userName, requestId } = repeat.key;
  await transaction.lock(`repeat ${organizationId} ${userName} ${requestId}`);
  const now = clock.now();
  const kept = await transaction.findKeptAnswer(repeat.key);
  if (kept !== undefined && kept.keptAt >= fixedText(now - keptForMs)) {
    if (kept.fingerprint !== repeat.fingerprint) throw failure('repeatabilityConflict');
    return { ...(JSON.parse(kept.answer) as WriteOutcome), isReplay: true };
  }
  await transaction.forgetAnswers(fixedText(now - keptForMs));
  const outcome = await write();
  const keptAt = fixedText(now);
  await transaction.keepAnswer(repeat.key, {
    fingerprint: repeat.fingerprint,
    keptAt,
    answer: JSON.stringify(outcome),
  });
  return outcome;
}
