import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** Connections that may wait while there is nobody to take them. */
const mostWaiting = 1_000;

/** Somebody who takes connections: another process. Gives the connection back by `pass` where it did not reach him. */
export type Taker = (connection: Socket, pass: () => void) => void;

/**
 * The port of a server whose requests are answered by other processes. It takes connections, unread, and deals them
 * out in turns.
 *
 * `node:cluster` does this too, but a connection that is on its way to a process that dies is never closed there: its
 * client waits for ever.
 */
export class Door {
  readonly #server = createServer({ pauseOnConnect: true, noDelay: true }, (connection) => this.#deal(connection));
  readonly #takers: Taker[] = [];
  #waiting: Socket[] = [];

  /** Listens, and gives the port. Rejects as `net.Server` does. */
  async open(host: string, port: number): Promise<number> {
    this.#server.listen({ host, port });
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** Deals connections out to one more, beginning with those that have waited. */
  add(taker: Taker): void {
    this.#takers.push(taker);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const connection of waiting) this.#deal(connection);
  }

  remove(taker: Taker): void {
    const place = this.#takers.indexOf(taker);
    if (place >= 0) this.#takers.splice(place, 1);
  }

  /** Takes no more connections. Of those that wait, nothing was read. */
  close(): void {
    this.#server.close();
    for (const connection of this.#waiting) connection.destroy();
    this.#waiting = [];
  }

  #deal(connection: Socket): void {
    const taker = this.#takers.shift();
    if (taker !== undefined) {
      this.#takers.push(taker);
      taker(connection, () => this.#deal(connection));
    } else if (this.#server.listening && this.#waiting.length < mostWaiting) this.#waiting.push(connection);
    else connection.destroy();
  }
}
