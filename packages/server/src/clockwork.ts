import { settleIfDue } from './domain/expiry.ts';
import { cleanProviderRecords } from './domain/provider-records.ts';
import type { Observe } from './observations.ts';
import type { Store, Surroundings } from './store/store.ts';

/** How often what is due is looked for; reads settle what they meet at once. */
const everyMs = 1_000;

/** After how many rounds the built-in provider's records are looked through. */
const cleanEvery = 60;

/** How often the head of the audit is logged, beside the start and the stop. */
const headEveryMs = 24 * 3_600_000;

/**
 * Does what the exchange does by itself as time goes by: it closes referrals that nobody has answered, forgets sign-ins
 * that have ended, and logs the head of the audit once a day.
 */
export function startClockwork(store: Store, surroundings: Surroundings, observe: Observe): { stop(): Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  let isBusy = false;
  let isStopped = false;
  let rounds = 0;
  let headAt = surroundings.clock.now();
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    running = round()
      // The next round tries again; a store that is away says so to every request, too.
      .catch((error: unknown) => observe({ kind: 'clockworkFailed', error: error as Error }))
      .finally(() => {
        isBusy = false;
      });
  }, everyMs);
  timer.unref();

  async function round(): Promise<void> {
    await settleIfDue(store, surroundings, () => isStopped);
    if (rounds % cleanEvery === 0) await cleanProviderRecords(store, surroundings, () => isStopped);
    rounds += 1;
    if (surroundings.clock.now() - headAt < headEveryMs) return;
    headAt = surroundings.clock.now();
    observe({ kind: 'auditHead', ...(await store.findAuditHead()) });
  }

  return {
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
