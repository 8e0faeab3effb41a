import { Worker } from 'node:worker_threads';
import { failure } from '@cosell/model';
import type { SqlValue } from '../sql.ts';
import type { ReaderAnswer, ReaderMessage, ReaderOrder } from './reader-port.ts';

/** What happens to a reader. */
export interface ReaderEvents {
  /** It can be asked. */
  ready(): void;
  /** Its thread has ended. */
  lost(cause: Error): void;
}

interface Pending {
  readonly resolve: (answer: ReaderAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** A reader in a thread of its own, which is asked one query at a time. */
export class RemoteReader {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  #pending: Pending | undefined;
  #lostBy: Error | undefined;

  /** @param entry the module that runs a reader's thread */
  constructor(entry: URL, path: string, events: ReaderEvents) {
    this.#worker = new Worker(entry, { workerData: { path }, execArgv: [] });
    this.#worker.on('message', (message: ReaderMessage) => {
      if (message === 'ready') return events.ready();
      this.#pending?.resolve(message);
      this.#pending = undefined;
    });
    let cause = new Error('a reader has stopped');
    this.#worker.on('error', (error) => {
      cause = error;
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#lostBy = cause;
        this.#pending?.reject(cause);
        this.#pending = undefined;
        events.lost(cause);
        resolve();
      });
    });
  }

  /**
   * Runs a query. It ends by itself when its time is up; the answer then is `timeIsUp`.
   *
   * @throws TypeError where another is under way
   * @throws Failure `storeUnavailable` where the thread ends in between
   */
  async ask(text: string, values: readonly SqlValue[], withinMs: number): Promise<ReaderAnswer> {
    if (this.#pending !== undefined) throw new TypeError('a reader is asked one query at a time');
    try {
      if (this.#lostBy !== undefined) throw this.#lostBy;
      return await new Promise((resolve, reject) => {
        this.#pending = { resolve, reject };
        this.#tell({ text, values, withinMs });
      });
    } catch (cause) {
      throw failure('storeUnavailable', {}, { cause });
    }
  }

  /** Lets go of the state that the queries so far have seen. */
  endSnapshot(): void {
    this.#tell('end');
  }

  /**
   * Waits for the query under way, and ends the thread. It is never terminated: one that is in a statement would take
   * the process with it.
   */
  close(): Promise<void> {
    this.#tell('close');
    return this.#ended;
  }

  #tell(order: ReaderOrder): void {
    this.#worker.postMessage(order);
  }
}
