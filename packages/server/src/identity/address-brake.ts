import { waitAfter } from '../domain/slow-down.ts';

/** Failures of an address before it waits: behind one address may be a whole office. */
const freeFailures = 20;
/** Longest wait of an address, so that one person does not shut out the office. */
const longestWaitMs = 60_000;
const forgottenAfterMs = 3_600_000;
/** Addresses that are remembered; whoever has more of them meets the slow-down of each user all the same. */
const mostAddresses = 10_000;

interface Tally {
  readonly failures: number;
  readonly untilMs: number;
}

/** Slows down addresses from which sign-ins fail. It is in memory, each process for itself. */
export class AddressBrake {
  readonly #tallies = new Map<string, Tally>();

  /** Whole seconds for which nothing is tried for an address. */
  secondsLeft(address: string, nowMs: number): number {
    const { untilMs = 0 } = this.#tallies.get(networkOf(address)) ?? {};
    return Math.max(0, Math.ceil((untilMs - nowMs) / 1000));
  }

  /** Counts a failure. One that has failed lately is forgotten last. */
  noteFailure(address: string, nowMs: number): void {
    const key = networkOf(address);
    const before = this.#tallies.get(key);
    const failures = before === undefined || nowMs - before.untilMs > forgottenAfterMs ? 1 : before.failures + 1;
    this.#tallies.delete(key);
    const [oldest] = this.#tallies.keys();
    if (this.#tallies.size >= mostAddresses && oldest !== undefined) this.#tallies.delete(oldest);
    const wait = failures <= freeFailures ? 0 : Math.min(longestWaitMs, waitAfter(failures - freeFailures + 4));
    this.#tallies.set(key, { failures, untilMs: nowMs + wait });
  }
}

/** One subscriber has a whole /64 of IPv6 (RFC 6177). */
function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').length;
  return [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...(tail ?? '').split(':')]
    .slice(0, 4)
    .join(':');
}
