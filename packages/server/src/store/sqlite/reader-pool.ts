import { failure } from '@cosell/model';
import { queryTimeout } from '../query-timeout.ts';
import type { Load } from '../signs.ts';
import { type Sql, sql, type TimedConnection } from '../sql.ts';
import type { Stopwatch } from '../store.ts';
import { textOf } from './connection.ts';
import { RemoteReader } from './remote-reader.ts';

/** Readings that may wait for a reader. Whoever comes then is told so at once, instead of waiting in vain. */
const mostWaiting = 1_000;

/** What the readers of a database are made from. */
export interface ReaderParts {
  /** The database file. */
  readonly path: string;
  /** The module that runs a reader's thread. */
  readonly entry: URL;
  /** How many threads there are at most. */
  readonly most: number;
  /** How long a reading may take, waiting included. */
  readonly timeoutMs: number;
  readonly stopwatch: Stopwatch;
}

interface Turn {
  readonly resolve: (reader: RemoteReader) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Threads that read what may take long. They start when they are first needed; one that dies is replaced when somebody
 * waits for it.
 */
export class ReaderPool {
  readonly #parts: ReaderParts;
  readonly #readers = new Set<RemoteReader>();
  readonly #free: RemoteReader[] = [];
  readonly #waiting = new Set<Turn>();
  readonly #running = new Set<Promise<unknown>>();
  #closed: Promise<void> | undefined;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
  }

  /** How busy the threads are that have been started. */
  get load(): Load {
    const idle = this.#free.length;
    return { busy: this.#readers.size - idle, idle, waiting: this.#waiting.size };
  }

  /**
   * Has a reader to itself for as long as the work goes on; its queries see the same state and share the time.
   *
   * @throws Failure `queryTimeout`, `storeUnavailable`
   */
  async read<Result>(work: (connection: TimedConnection) => Promise<Result>): Promise<Result> {
    if (this.#closed !== undefined || this.#waiting.size >= mostWaiting) throw failure('storeUnavailable');
    const reading = this.#readBy(this.#parts.stopwatch() + this.#parts.timeoutMs, work);
    this.#running.add(reading);
    try {
      return await reading;
    } finally {
      this.#running.delete(reading);
    }
  }

  /** Finishes what was asked before, which no longer than its time takes, and ends the threads. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#running);
    await Promise.all([...this.#readers].map((reader) => reader.close()));
  }

  async #readBy<Result>(endsAt: number, work: (connection: TimedConnection) => Promise<Result>): Promise<Result> {
    const reader = this.#free.pop() ?? (await this.#nextFree());
    try {
      return await work(this.#connection(reader, endsAt));
    } finally {
      reader.endSnapshot();
      this.#giveBack(reader);
    }
  }

  #nextFree(): Promise<RemoteReader> {
    const { most, timeoutMs } = this.#parts;
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#waiting.delete(turn);
        reject(queryTimeout(timeoutMs));
      };
      const turn = { resolve, reject, timer: setTimeout(giveUp, timeoutMs) };
      this.#waiting.add(turn);
      if (this.#readers.size < most) this.#start();
    });
  }

  #nextTurn(): Turn | undefined {
    const [turn] = this.#waiting;
    if (turn === undefined) return undefined;
    this.#waiting.delete(turn);
    clearTimeout(turn.timer);
    return turn;
  }

  #giveBack(reader: RemoteReader): void {
    if (!this.#readers.has(reader)) return;
    const turn = this.#nextTurn();
    if (turn === undefined) this.#free.push(reader);
    else turn.resolve(reader);
  }

  #start(): void {
    const { entry, path } = this.#parts;
    let isReady = false;
    const reader = new RemoteReader(entry, path, {
      ready: () => {
        isReady = true;
        this.#giveBack(reader);
      },
      lost: (cause) => {
        this.#readers.delete(reader);
        const place = this.#free.indexOf(reader);
        if (place >= 0) this.#free.splice(place, 1);
        // Where threads cannot start, each attempt takes somebody off the queue, so that it does not go on for ever.
        if (!isReady) this.#nextTurn()?.reject(failure('storeUnavailable', {}, { cause }));
        if (this.#waiting.size > 0) this.#start();
      },
    });
    this.#readers.add(reader);
  }

  #connection(reader: RemoteReader, endsAt: number): TimedConnection {
    return {
      dialect: 'sqlite',
      all: async <Row>(query: Sql) => {
        const answer = await reader.ask(textOf(query), query.values, endsAt - this.#parts.stopwatch());
        if (answer.kind === 'rows') return answer.rows as Row[];
        if (answer.kind === 'timeIsUp') throw queryTimeout(this.#parts.timeoutMs);
        throw answer.isOfTheFile ? failure('storeUnavailable', {}, { cause: answer.error }) : answer.error;
      },
      inTime,
    };
  }
}

/**
 * One row of 64 asks, because a call into JavaScript costs several times what a row costs. The column ties the question to
 * its table: without one SQLite asks in the outermost of its loops only, and `any` within `any` runs on for minutes.
 */
function inTime(column: Sql): Sql {
  return sql`(random() & 63 or deadline(${column} > ''))`;
}
