import { settleIfDue } from './domain/expiry.ts';
import type { Observe } from './observations.ts';
import type { Store, Surroundings } from './store/store.ts';

/** How often what is due is looked for; reads settle what they meet at once. */
const everyMs = 1_000;

/** Does what the exchange does by itself as time goes by: it closes referrals that nobody has answered. */
export function startClockwork(store: Store, surroundings: Surroundings, observe: Observe): { stop(): Promise<void> } {
  let running: Promise<unknown> = Promise.resolve();
  let isBusy = false;
  let isStopped = false;
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    running = settleIfDue(store, surroundings, () => isStopped)
      // The next round tries again; a store that is away says so to every request, too.
      .catch((error: unknown) => observe({ kind: 'clockworkFailed', error: error as Error }))
      .finally(() => {
        isBusy = false;
      });
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
