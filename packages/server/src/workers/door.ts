import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

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
  readonly #addressesOf: (name: string) => Promise<readonly string[]>;
  readonly #servers: Server[] = [];
  readonly #takers: Taker[] = [];
  #waiting: Socket[] = [];

  /** @param find the addresses of a name */
  constructor(find = addressesOf) {
    this.#addressesOf = find;
  }

  /**
   * Listens, and gives the port. Rejects as `net.Server` does. `localhost` is every address of the name, the first of
   * which has to be free, as it is for a server of one process.
   */
  async open(host: string, port: number): Promise<number> {
    const [first = host, ...others] = host === 'localhost' ? await this.#addressesOf(host) : [host];
    const opened = await this.#listen(first, port);
    await Promise.allSettled(others.map((other) => this.#listen(other, opened)));
    return opened;
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
    for (const server of this.#servers.splice(0)) server.close();
    for (const connection of this.#waiting) connection.destroy();
    this.#waiting = [];
  }

  async #listen(host: string, port: number): Promise<number> {
    const server = createServer({ pauseOnConnect: true, noDelay: true }, (connection) => this.#deal(connection));
    server.listen({ host, port });
    await once(server, 'listening');
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  #deal(connection: Socket): void {
    const taker = this.#takers.shift();
    if (taker !== undefined) {
      this.#takers.push(taker);
      taker(connection, () => this.#deal(connection));
    } else if (this.#servers.length > 0 && this.#waiting.length < mostWaiting) this.#waiting.push(connection);
    else connection.destroy();
  }
}

/** None where the name is not known: `net.Server` then says so. */
async function addressesOf(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true }).catch(() => []);
  return found.map(({ address }) => address);
}
