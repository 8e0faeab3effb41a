import type { AddressInfo, Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { type AppParts, buildApp } from './application.ts';
import type { Config } from './config.ts';
import { createOrigins } from './http/origin.ts';
import { StartupProblem } from './store/startup-problem.ts';

/** Something that takes connections on a port. */
export interface Listening {
  readonly port: number;
  /** Answers the requests that have arrived; whoever does not finish his request is cut off. */
  close(): Promise<void>;
}

/** How long a server that stops waits for the requests under way, in milliseconds. */
export const stopWithinMs = 5_000;
/** How often connections are looked for that have nothing under way any more. */
const lookEveryMs = 50;

/**
 * Builds the application and listens where the settings say.
 *
 * @throws StartupProblem in one line for the operator
 */
export async function listen(parts: Omit<AppParts, 'origins'>): Promise<Listening> {
  const { config } = parts;
  // Nothing asks for the addresses before the server listens.
  let origins = createOrigins(config, config.port);
  const app = await buildApp({ ...parts, origins: () => origins });
  try {
    await app.listen({ host: config.host, port: config.port });
  } catch (error) {
    throw listenProblem(config, error);
  }
  const { port } = app.server.address() as AddressInfo;
  origins = createOrigins(config, port);
  return { port, close: () => closeApp(app) };
}

/** Something that answers the connections that it is handed. */
export interface Answering extends Pick<Listening, 'close'> {
  take(connection: Socket): void;
}

/** Builds the application for connections that another process takes, on the port that the settings say. */
export async function prepare(parts: Omit<AppParts, 'origins'>): Promise<Answering> {
  const origins = createOrigins(parts.config, parts.config.port);
  const app = await buildApp({ ...parts, origins: () => origins });
  await app.ready();
  // Node begins to watch over connections, so that idle and late ones can be closed, when a server listens.
  app.server.emit('listening');
  const open = new Map<Socket, Promise<void>>();
  return {
    take(connection) {
      const closed = new Promise<void>((resolve) => connection.once('close', () => resolve()));
      open.set(connection, closed);
      void closed.then(() => open.delete(connection));
      app.server.emit('connection', connection);
    },
    close: () => closeApp(app, () => Promise.all(open.values())),
  };
}

/** Closes an application, and with it each connection as soon as it has nothing under way. */
async function closeApp(app: FastifyInstance, drained: () => Promise<unknown> = async () => undefined): Promise<void> {
  const cutOff = setTimeout(() => app.server.closeAllConnections(), stopWithinMs);
  const look = setInterval(() => app.server.closeIdleConnections(), lookEveryMs);
  await app.close();
  await drained();
  clearTimeout(cutOff);
  clearInterval(look);
}

/** What the operator is told when a port cannot be taken; any other fault is given back as it is. */
export function listenProblem({ host, port }: Config, error: unknown): unknown {
  const code = (error as { code?: string }).code ?? '';
  if (code === 'EADDRINUSE') {
    return new StartupProblem(`Port ${port} of ${host} is in use. Stop what listens there, or choose another PORT.`);
  }
  if (!/^E[A-Z_]+$/.test(code)) return error;
  return new StartupProblem(`The server cannot listen on ${host}, port ${port}: ${code}. Choose another HOST or PORT.`);
}
