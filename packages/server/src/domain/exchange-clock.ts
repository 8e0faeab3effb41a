import type { Clock, Transaction } from '../store/store.ts';

/**
 * The exchange's own clock. In the sandbox it can be ahead of the machine's, or stand still; everything that depends
 * on time follows it but tokens, their keys and the windows for retries, which others reckon by the real time.
 */
export interface ClockSetting {
  /** Milliseconds that the exchange is ahead of the machine; behind it after a reset to a past instant. */
  readonly offsetMs: number;
  /** Where it stands still, in milliseconds since 1970; null while it goes. */
  readonly frozenAtMs: number | null;
}

/** The fact that holds the setting. */
export const clockFact = 'clock';

const unset: ClockSetting = { offsetMs: 0, frozenAtMs: null };

/** Whatever facts can be read from: the store, or a transaction. */
type Facts = Pick<Transaction, 'findFact'>;

/** How the clock is set; a new exchange goes with the machine. */
export async function readClockSetting(facts: Facts): Promise<ClockSetting> {
  const text = await facts.findFact(clockFact);
  return text === undefined ? unset : (JSON.parse(text) as ClockSetting);
}

/** The exchange's time in milliseconds since 1970. */
export async function exchangeTime(facts: Facts, machine: Clock): Promise<number> {
  return timeOf(await readClockSetting(facts), machine);
}

/** The time that a setting gives. */
export function timeOf({ offsetMs, frozenAtMs }: ClockSetting, machine: Clock): number {
  return frozenAtMs ?? machine.now() + offsetMs;
}

/** An instant as stored text of 28 characters. */
export function fixedText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}0000Z`;
}
