import type { Order } from './writer.ts';

/** The order that is no command, because it stands outside of any transaction. */
export const compactOrder = 'compact the database';

/** Most orders that share one commit, so that the first of them does not wait for too many others. */
const mostOrders = 256;
/** Most orders in bulk among them: what they write is held in memory until the commit. */
const mostInBulk = 10;

/**
 * Orders that wait for the writer. What is written in bulk shares commits as long as nobody else comes: a page that many
 * of its rows are on is then written once. Whoever comes waits for the order under way and for the commit.
 */
export class OrderQueue {
  readonly #bulkCommands: ReadonlySet<string>;
  readonly #compactions: Order[] = [];
  readonly #single: Order[] = [];
  readonly #inBulk: Order[] = [];
  /** Whether the last commit had nothing in bulk although it waited: then it is its turn, so that it never starves. */
  #wasPassedOver = false;

  /** @param bulkCommands names of the commands that write in bulk */
  constructor(bulkCommands: ReadonlySet<string>) {
    this.#bulkCommands = bulkCommands;
  }

  get isEmpty(): boolean {
    return this.#compactions.length + this.#single.length + this.#inBulk.length === 0;
  }

  add(order: Order): void {
    if (order.command === compactOrder) this.#compactions.push(order);
    else if (this.#bulkCommands.has(order.command)) this.#inBulk.push(order);
    else this.#single.push(order);
  }

  takeCompaction(): Order | undefined {
    return this.#compactions.shift();
  }

  /**
   * Takes the orders of one commit, each when the one before it is done.
   *
   * @param look adds what has come in the meantime
   */
  *takeTogether(look: () => void): Generator<Order> {
    let taken = 0;
    let singles = 0;
    let inBulk = 0;
    const isTurnOfBulk = () => inBulk < mostInBulk && (singles === 0 || (inBulk === 0 && this.#wasPassedOver));
    for (; taken < mostOrders; taken += 1) {
      look();
      // However many others wait, the last place is kept for what was passed over.
      const isKept = taken === mostOrders - 1 && inBulk === 0 && this.#wasPassedOver && this.#inBulk.length > 0;
      const single = isKept ? undefined : this.#single.shift();
      const order = single ?? (isTurnOfBulk() ? this.#inBulk.shift() : undefined);
      if (order === undefined) break;
      if (single === undefined) inBulk += 1;
      else singles += 1;
      yield order;
    }
    this.#wasPassedOver = inBulk === 0 && this.#inBulk.length > 0;
  }
}
