import { type Failure, failure } from '@cosell/model';
import type { Command } from '../store/store.ts';
import { clockFact, readClockSetting, timeOf } from './exchange-clock.ts';
import { type ExchangeContents, loadExchange, loadedExchange } from './load-exchange.ts';
import { logBeginning, renewLogFact } from './log-facts.ts';

/** Where the clock is to go. */
export interface ClockOrder {
  readonly advanceMs: number;
  /** The instant to go to, in milliseconds since 1970. */
  readonly toMs: number | undefined;
  readonly freeze: boolean | undefined;
}

/** How the clock stands. */
export interface ClockState {
  readonly nowMs: number;
  readonly isFrozen: boolean;
  readonly offsetMs: number;
}

/** The last instant that a clock may show: text of 28 characters has four digits for the year. */
const latestMs = Date.UTC(9000, 0, 1);

/**
 * Sets the exchange's clock, forward only: what has happened would have to be undone to go back (decision 36).
 *
 * @throws Failure `sandboxRefused`
 */
export const setClock: Command<ClockOrder, ClockState> = {
  name: 'setClock',
  async run(transaction, { advanceMs, toMs, freeze }, { clock }) {
    await transaction.lock('clock');
    const setting = await readClockSetting(transaction);
    const before = timeOf(setting, clock);
    const nowMs = (toMs ?? before) + advanceMs;
    if (nowMs < before) {
      const reason = `the clock goes forward only, and it is ${new Date(before).toISOString()}; to go back, reset the exchange with "now"`;
      throw failure('sandboxRefused', { reason });
    }
    if (nowMs > latestMs) throw tooLate();
    const isFrozen = freeze ?? setting.frozenAtMs !== null;
    const offsetMs = nowMs - clock.now();
    const next = { offsetMs, frozenAtMs: isFrozen ? nowMs : null };
    await transaction.putFact(clockFact, JSON.stringify(next));
    return { nowMs, isFrozen, offsetMs };
  },
};

function tooLate(): Failure {
  return failure('sandboxRefused', { reason: 'the clock goes no further than the year 9000' });
}

/** A new beginning. */
export interface ResetOrder {
  /** What the exchange holds afterwards; where there is none, its directory stays. */
  readonly contents: { readonly name: string; readonly contents: ExchangeContents } | undefined;
  /** The instant at which the clock begins, in milliseconds since 1970; the machine's where it is undefined. */
  readonly nowMs: number | undefined;
}

/**
 * Takes all referrals out of the exchange, loads the sample again, and sets the clock, also back.
 *
 * @throws Failure `sandboxRefused`
 */
export const resetExchange: Command<ResetOrder, null> = {
  name: 'resetExchange',
  async run(transaction, { contents, nowMs }, surroundings) {
    await transaction.lock('clock');
    if (nowMs !== undefined && nowMs > latestMs) throw tooLate();
    await transaction.removeReferrals();
    await renewLogFact(transaction, surroundings, logBeginning);
    if (nowMs === undefined) await transaction.removeFact(clockFact);
    else {
      const setting = { offsetMs: nowMs - surroundings.clock.now(), frozenAtMs: null };
      await transaction.putFact(clockFact, JSON.stringify(setting));
    }
    if (contents !== undefined) {
      await transaction.removeDirectory();
      await transaction.removeFact(loadedExchange);
      await loadExchange.run(transaction, contents, surroundings);
    }
    return null;
  },
};
