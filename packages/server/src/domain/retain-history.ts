import { failure } from '@cosell/model';
import type { Command, Transaction } from '../store/store.ts';
import { recordAct } from './acts.ts';
import { exchangeTime, fixedText } from './exchange-clock.ts';
import { type SweepPart, type SweepProgress, sweepOn } from './sweep.ts';

/** How much of the past is to stay. */
export interface Retaining {
  /** Days, months or years back from now, such as `90d`, `18m` or `3y`. */
  readonly history: string;
  /** Only say what would be removed. */
  readonly isDryRun: boolean;
  /** Where the former transaction left off; undefined for the first. */
  readonly progress?: Retention;
}

/** Where it stands. */
export interface Retention extends SweepProgress {
  /** The instant from which on everything stays, text of 28 characters. */
  readonly before: string;
}

/** Numbers of a log that one transaction looks at: it reads no document. */
const mostNumbers = 1_000;

/**
 * Removes what referrals were before an instant, one batch at a time: the documents of older changes. That something
 * changed, when and by whom stays, and every log keeps its numbers.
 *
 * @throws Failure `cleanUpRefused`
 */
export const retainHistory: Command<Retaining, Retention> = {
  name: 'retainHistory',
  async run(transaction, { history, isDryRun, progress }, surroundings) {
    // Reckoned once: all batches remove what was before the same instant, and the audit has that one.
    const before = progress?.before ?? beginningOf(history, await exchangeTime(transaction, surroundings.clock));
    const record = (kind: 'retentionBegun' | 'retentionDone', details: object) =>
      recordAct(transaction, surroundings, { kind, subject: undefined, details: { history, before, ...details } });
    if (progress === undefined && !isDryRun) await record('retentionBegun', {});
    const next = await sweepOn(transaction, [forgetOlder(transaction, before, isDryRun)], progress, mostNumbers);
    if (next.isDone && !isDryRun) await record('retentionDone', next.counts);
    return { ...next, before };
  },
};

function forgetOlder(transaction: Transaction, before: string, isDryRun: boolean): SweepPart {
  return async (organizationId, after, most) => {
    const afterSequence = Number(after);
    const looked = Math.min(most, (await transaction.lastChange(organizationId)) - afterSequence);
    const changes = await transaction.forgetPast(organizationId, { afterSequence, most, before, isDryRun });
    return { looked, last: String(afterSequence + looked), counts: { changes } };
  };
}

/**
 * The instant from which on history stays, as text of 28 characters. A month that is too short ends with its last day.
 *
 * @throws Failure `cleanUpRefused` where the text is no such time
 */
export function beginningOf(history: string, nowMs: number): string {
  const [, count = '', unit = ''] = /^([1-9]\d{0,3})([dmy])$/.exec(history) ?? [];
  if (unit === '') {
    const reason = `"${history}" is no length of time; write days, months or years as 90d, 18m or 3y`;
    throw failure('cleanUpRefused', { reason });
  }
  const then = new Date(nowMs);
  if (unit === 'd') then.setUTCDate(then.getUTCDate() - Number(count));
  else {
    const day = then.getUTCDate();
    then.setUTCMonth(then.getUTCMonth() - Number(count) * (unit === 'y' ? 12 : 1), 1);
    const lastDay = new Date(Date.UTC(then.getUTCFullYear(), then.getUTCMonth() + 1, 0)).getUTCDate();
    then.setUTCDate(Math.min(day, lastDay));
  }
  // Nothing is older than this, and instants of four digits compare as text.
  return then.getTime() < Date.UTC(1900) ? fixedText(Date.UTC(1900)) : fixedText(then.getTime());
}
