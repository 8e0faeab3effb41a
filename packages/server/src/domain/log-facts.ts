import type { Store, Surroundings, Transaction } from '../store/store.ts';

/** The fact that is another one after the log of changes began anew. */
export const logBeginning = 'log-beginning';

/** The fact that is another one after a person was taken out of what the log keeps of the past. */
export const pastRewritten = 'past-rewritten';

/** What is true of the log of changes as a whole. Each text is compared with a former one, and means nothing else. */
export interface LogFacts {
  readonly beginning: string;
  readonly rewritten: string;
}

/** Reads what is true of the log now. */
export async function readLogFacts(store: Pick<Store, 'findFact'>): Promise<LogFacts> {
  const [beginning = '', rewritten = ''] = [await store.findFact(logBeginning), await store.findFact(pastRewritten)];
  return { beginning, rewritten };
}

/** Makes one of them another, in the transaction that does the thing. */
export function renewLogFact(
  transaction: Transaction,
  { ids }: Pick<Surroundings, 'ids'>,
  fact: typeof logBeginning | typeof pastRewritten,
): Promise<void> {
  return transaction.putFact(fact, ids.guid());
}
