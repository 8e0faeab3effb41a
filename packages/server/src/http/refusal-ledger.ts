import { type GatheredRefusal, recordRefusals } from '../domain/record-refusals.ts';
import type { Observe } from '../observations.ts';
import type { Store } from '../store/store.ts';

/** Refusals that can be told apart until the next time they are recorded. */
const mostApart = 1_000;
/** How often they are recorded, and so for how long the same ones are one record. */
const everyMs = 60_000;

/** A refusal after a token was proved. */
export type ProvedRefusal = Omit<GatheredRefusal, 'count'>;

/**
 * Gathers refusals for the audit: the same user, code and route within a minute are one record with a count. A client that
 * goes on asking writes one record a minute, and whoever asks for everything fills a bounded list.
 */
export class RefusalLedger {
  readonly #store: Pick<Store, 'transact'>;
  readonly #observe: Observe;
  readonly #timer: NodeJS.Timeout;
  #gathered = new Map<string, ProvedRefusal & { count: number }>();
  #others = 0;
  #isClosed = false;

  constructor(store: Pick<Store, 'transact'>, observe: Observe) {
    this.#store = store;
    this.#observe = observe;
    this.#timer = setInterval(() => void this.flush(), everyMs).unref();
  }

  note(refusal: ProvedRefusal): void {
    const { tenantId, subject, code, route } = refusal;
    const key = JSON.stringify([tenantId, subject, code, route]);
    const known = this.#gathered.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#gathered.size < mostApart) this.#gathered.set(key, { ...refusal, count: 1 });
    else this.#others += 1;
    // A worker still answers what has arrived when it begins to stop.
    if (this.#isClosed) void this.flush();
  }

  /** Records what was gathered. What cannot be recorded is counted with the next. */
  async flush(): Promise<void> {
    if (this.#gathered.size === 0 && this.#others === 0) return;
    const refusals = [...this.#gathered.values()];
    const others = this.#others;
    this.#gathered = new Map();
    this.#others = 0;
    try {
      await this.#store.transact(recordRefusals, { refusals, others });
    } catch (error) {
      this.#others += others + refusals.reduce((sum, { count }) => sum + count, 0);
      this.#observe({ kind: 'clockworkFailed', error: error as Error });
    }
  }

  /** Records what there is; what comes after this is recorded at once. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.flush();
  }
}
