import { setTimeout as sleep } from 'node:timers/promises';
import { failure } from '@cosell/model';
import type { ExchangeContents } from '../../domain/load-exchange.ts';
import { type ProvedClaims, requireMfa } from '../../identity/claims.ts';
import type { Route } from '../route.ts';

/** What a sandbox is made of, beyond the exchange. */
export interface Sandbox {
  readonly faults: Faults;
  /** What a reset brings back; nothing where the exchange does not hold the sample. */
  readonly contents: { readonly name: string; readonly contents: ExchangeContents } | undefined;
}

/** The faults that can be rehearsed. */
export const faultKinds = [
  'tooManyRequests',
  'unavailable',
  'slow',
  'answerLost',
  'mfaRequired',
  'issuerUnreachable',
] as const;

/** The name by which faults of the built-in provider are planned, wherever in it they are met. */
export const providerFaults = 'provider';

/** A fault that the next requests of a route meet. */
export interface PlannedFault {
  /** The route's name, `provider` for the built-in provider, or `*` for all. */
  readonly route: string;
  readonly kind: (typeof faultKinds)[number];
  /** How many requests still meet it. */
  readonly count: number;
  /** How likely a request meets it, 0 to 1; which ones do is decided by the seed alone. */
  readonly probability: number;
  readonly seed: number;
  readonly retryAfterSeconds: number;
  readonly delayMs: number;
}

/** The faults that were asked for, in the order in which they are met. They live as long as the server. */
export interface Faults {
  /** Adds a fault; from then on the next request meets it, whichever process takes it. */
  add(fault: PlannedFault): void | Promise<void>;
  list(): readonly PlannedFault[] | Promise<readonly PlannedFault[]>;
  clear(): void | Promise<void>;
  /** The fault that a request of a route meets, if any. */
  draw(route: string): PlannedFault | undefined | Promise<PlannedFault | undefined>;
}

/** The faults of one process. */
export class FaultPlan implements Faults {
  #planned: { fault: PlannedFault; left: number; chance: () => number }[] = [];

  add(fault: PlannedFault): void {
    this.#planned.push({ fault, left: fault.count, chance: seededChance(fault.seed) });
  }

  list(): PlannedFault[] {
    return this.#planned.map(({ fault, left }) => ({ ...fault, count: left }));
  }

  clear(): void {
    this.#planned = [];
  }

  get isEmpty(): boolean {
    return this.#planned.length === 0;
  }

  draw(route: string): PlannedFault | undefined {
    for (const plan of this.#planned) {
      if (plan.fault.route !== '*' && plan.fault.route !== route) continue;
      if (plan.chance() >= plan.fault.probability) continue;
      plan.left -= 1;
      if (plan.left <= 0) this.#planned = this.#planned.filter((other) => other !== plan);
      return plan.fault;
    }
    return undefined;
  }
}

/** The fault that a request of a route meets, if any; routes of the built-in provider meet those of all of it, too. */
export async function drawFault(
  sandbox: Sandbox | undefined,
  { name, isOfProvider }: Pick<Route, 'name' | 'isOfProvider'>,
): Promise<PlannedFault | undefined> {
  const fault = await sandbox?.faults.draw(name);
  return fault === undefined && isOfProvider === true ? sandbox?.faults.draw(providerFaults) : fault;
}

/**
 * Lets a request meet a fault before it is worked on.
 *
 * @param claims what its token has proved, where it has one
 * @throws Failure `throttled`, `sandboxOutage`, `mfaRequired`, `issuerUnreachable`
 */
export async function rehearse(
  { kind, retryAfterSeconds, delayMs }: PlannedFault,
  claims: ProvedClaims | undefined,
): Promise<void> {
  const seconds = String(retryAfterSeconds);
  if (kind === 'mfaRequired' && claims !== undefined) requireMfa(claims);
  if (kind === 'issuerUnreachable' && claims !== undefined) throw failure('issuerUnreachable');
  if (kind === 'tooManyRequests') throw failure('throttled', { seconds });
  if (kind === 'unavailable') throw failure('sandboxOutage', { seconds });
  if (kind === 'slow') await sleep(delayMs);
}

/** Numbers from 0 to 1 that look like chance and are the same for the same seed (mulberry32). */
function seededChance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
