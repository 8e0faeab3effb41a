import type { Surroundings, Transaction } from '../store/store.ts';
import { exchangeTime, fixedText } from './exchange-clock.ts';

/** When a command runs, by the exchange's clock, and the new ids that it may draw. */
export interface Moment {
  readonly ms: number;
  /** The same as stored text of 28 characters. */
  readonly text: string;
  newId(): string;
}

/** The moment at which a transaction runs. */
export async function readMoment(transaction: Transaction, { clock, ids }: Surroundings): Promise<Moment> {
  const ms = await exchangeTime(transaction, clock);
  return { ms, text: fixedText(ms), newId: () => ids.guid() };
}
