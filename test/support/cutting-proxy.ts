import { connect, createServer, type Socket } from 'node:net';

type Moment = 'before' | 'after' | 'silent';

/** Stands between a program and its database, and loses connections at chosen moments. */
export interface CuttingProxy {
  /** The address of the database by way of the proxy. */
  readonly url: string;
  /**
   * Cuts the connection on which the next message with a text is seen: before it reaches the server, or after the
   * server has answered it, so that the answer is lost; or leaves it open and carries nothing more.
   */
  cutAt(text: string, moment: Moment): void;
  /** How often it has cut. */
  readonly cuts: number;
  close(): Promise<void>;
}

/** Starts a proxy to the database of an address. */
export async function startCuttingProxy(target: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let order: { text: string; moment: Moment } | undefined;
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let losesAnswer = false;
    let isSilent = false;
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', end).on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on('data', (data) => {
      if (isSilent) return undefined;
      if (order === undefined || !data.includes(order.text)) return upstream.write(data);
      const { moment } = order;
      order = undefined;
      cuts += 1;
      if (moment === 'silent') {
        isSilent = true;
        return undefined;
      }
      if (moment === 'before') return end();
      losesAnswer = true;
      return upstream.write(data);
    });
    upstream.on('data', (data) => (losesAnswer ? end() : client.write(data)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = new URL(target);
  url.port = String(typeof address === 'object' && address !== null ? address.port : 0);
  return {
    url: url.href,
    cutAt(text, moment) {
      order = { text, moment };
    },
    get cuts() {
      return cuts;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
