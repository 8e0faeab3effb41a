import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Taker } from './door.ts';

/** The message that goes with a connection: its number, which the worker confirms. */
export interface Handed {
  readonly connection: number;
}

interface Leaving {
  readonly connection: Socket;
  readonly pass: () => void;
  isSent: boolean;
}

/**
 * Connections on their way to a worker. Each is held open here until the worker confirms it: Node would close a
 * connection by itself when it has arrived, but never one that was on its way to a process that dies.
 */
export class HandOver {
  readonly #process: ChildProcess;
  readonly #leaving = new Map<number, Leaving>();
  #last = 0;

  constructor(process: ChildProcess) {
    this.#process = process;
  }

  readonly take: Taker = (connection, pass) => {
    this.#last += 1;
    const leaving: Leaving = { connection, pass, isSent: false };
    this.#leaving.set(this.#last, leaving);
    const handed: Handed = { connection: this.#last };
    this.#process.send(handed, connection, { keepOpen: true }, () => {
      leaving.isSent = true;
    });
  };

  /** The worker has this connection. */
  confirm(number: number): void {
    this.#leaving.get(number)?.connection.destroy();
    this.#leaving.delete(number);
  }

  /** The worker is gone: what was not sent goes to others; of the rest it may have read something. */
  end(): void {
    for (const { connection, pass, isSent } of this.#leaving.values()) {
      if (isSent) connection.destroy();
      else pass();
    }
    this.#leaving.clear();
  }
}
