import { Failure, failure } from '@cosell/model';
import type { Command, Store } from '../store/store.ts';
import { changeReferral } from './change-referral.ts';
import { createReferral } from './create-referral.ts';
import { failedOrderSlot, type JoinedOrder, writeTogether } from './write-together.ts';

interface Waiting {
  readonly order: JoinedOrder;
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Commands that can be joined; whatever else is written on the way, such as what falls due, is no part of it. */
const joinable: ReadonlySet<string> = new Set([createReferral.name, changeReferral.name]);

/** Why the other requests of a group fail, too. */
export function siblingFailed(): Failure {
  return failure('dependencyFailed', { reason: 'another request of its atomicity group has failed' });
}

/**
 * Makes one transaction of the writes of several requests. Each goes its way as far as its write and waits there; when
 * all have come so far, they are done together. If one has failed before, or fails then, nothing is done.
 */
export class JoinedWrites {
  readonly #store: Pick<Store, 'transact'>;
  readonly #size: number;
  readonly #waiting = new Map<number, Waiting>();
  #ended = 0;
  #hasFailed = false;
  #isDone = false;

  /** @param size how many requests there are */
  constructor(store: Pick<Store, 'transact'>, size: number) {
    this.#store = store;
    this.#size = size;
  }

  /** Where the request at a place writes; each writes once. */
  at(place: number): Pick<Store, 'transact'> {
    return {
      transact: <Input, Output>(command: Command<Input, Output>, input: Input): Promise<Output> => {
        if (!joinable.has(command.name)) return this.#store.transact(command, input);
        return new Promise((resolve, reject) => {
          // The name says which of the two orders it is, and the output is that of its command.
          const order = { command: command.name, input } as unknown as JoinedOrder;
          this.#waiting.set(place, { order, resolve: resolve as (output: unknown) => void, reject });
          void this.#goOn();
        });
      },
    };
  }

  /** Notes that a request has been answered. One that fails before its write keeps the others from theirs. */
  end(hasFailed: boolean): void {
    this.#ended += 1;
    this.#hasFailed ||= hasFailed;
    void this.#goOn();
  }

  async #goOn(): Promise<void> {
    if (this.#isDone || this.#waiting.size + this.#ended < this.#size) return;
    this.#isDone = true;
    const waiting = [...this.#waiting].sort(([one], [other]) => one - other).map(([, each]) => each);
    if (this.#hasFailed) {
      for (const { reject } of waiting) reject(siblingFailed());
      return;
    }
    if (waiting.length === 0) return;
    try {
      const outcomes = await this.#store.transact(writeTogether, { orders: waiting.map(({ order }) => order) });
      for (const [place, { resolve }] of waiting.entries()) resolve(outcomes[place]);
    } catch (error) {
      const failed = error instanceof Failure ? error.slots[failedOrderSlot] : undefined;
      // Where no order is named, as when the database is away, all of them share the reason.
      for (const [place, { reject }] of waiting.entries()) {
        reject(failed === undefined || failed === String(place) ? error : siblingFailed());
      }
    }
  }
}
