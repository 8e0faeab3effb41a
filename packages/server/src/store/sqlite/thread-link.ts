import { Worker } from 'node:worker_threads';
import { failure } from '@cosell/model';
import { outputOf } from '../plain-outcome.ts';
import type { WatchCommit } from '../signs.ts';
import { StartupProblem } from '../startup-problem.ts';
import type { Outcome } from './writer.ts';
import type { WriterLink } from './writer-link.ts';
import type { WriterMessage, WriterOrder } from './writer-port.ts';

/**
 * Starts the thread that owns the only writing connection, and waits until the database has the newest schema.
 *
 * @param path the database file, in a folder that this process has locked
 * @param entry the module that the thread runs
 * @throws StartupProblem where the operator can mend it
 */
export async function startWriterThread(path: string, entry: URL): Promise<WriterLink> {
  const worker = new Worker(entry, { workerData: { path }, execArgv: [] });
  const schemaNumber = await new Promise<number>((resolve, reject) => {
    worker.once('message', (message: WriterMessage) => {
      if (message.kind === 'ready') return resolve(message.schemaNumber);
      const problem = message.kind === 'refused' ? message.problem : 'the writer did not start';
      const isOperators = message.kind === 'refused' && message.isOperators;
      return reject(isOperators ? new StartupProblem(problem) : new Error(problem));
    });
    worker.once('error', reject);
  });
  return new ThreadLink(worker, schemaNumber);
}

interface Pending {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: unknown) => void;
}

class ThreadLink implements WriterLink {
  readonly schemaNumber: number;
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #lastOrder = 0;
  #isOpen = true;
  #closed: (() => void) | undefined;
  #watch: WatchCommit = () => undefined;

  constructor(worker: Worker, schemaNumber: number) {
    this.schemaNumber = schemaNumber;
    this.#worker = worker;
    worker.on('message', (message: WriterMessage) => this.#hear(message));
    worker.on('error', (error) => this.#lose(error));
    worker.on('exit', () => this.#lose(new Error('the writer has stopped')));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get waiting(): number {
    return this.#pending.size;
  }

  watchCommits(watch: WatchCommit): void {
    this.#watch = watch;
  }

  write(command: string, input: unknown): Promise<unknown> {
    if (!this.#isOpen) return Promise.reject(failure('storeUnavailable'));
    this.#lastOrder += 1;
    const id = this.#lastOrder;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#tell({ id, command, input });
    });
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const closed = new Promise<void>((resolve) => {
      this.#closed = resolve;
    });
    this.#tell('close');
    await closed;
  }

  #tell(order: WriterOrder): void {
    this.#worker.postMessage(order);
  }

  #hear(message: WriterMessage): void {
    if (message.kind === 'closed') this.#closed?.();
    if (message.kind !== 'outcomes') return;
    if (message.commit !== undefined) this.#watch(message.commit);
    for (const outcome of message.outcomes) {
      const pending = this.#pending.get(outcome.id);
      this.#pending.delete(outcome.id);
      if (pending !== undefined) settle(pending, outcome);
    }
  }

  #lose(cause: Error): void {
    this.#isOpen = false;
    this.#closed?.();
    for (const { reject } of this.#pending.values()) reject(failure('storeUnavailable', {}, { cause }));
    this.#pending.clear();
  }
}

function settle(pending: Pending, outcome: Outcome): void {
  try {
    pending.resolve(outputOf(outcome));
  } catch (error) {
    pending.reject(error);
  }
}
