import { readFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import type { RegistrationData } from '@cosell/model';
import type { FastifyInstance } from 'fastify';
import { startClockwork } from './clockwork.ts';
import { type Config, isLoopback } from './config.ts';
import { loadExchange, loadedExchange } from './domain/load-exchange.ts';
import { readExchangeData } from './exchange-data.ts';
import { createOrigins, type Origins } from './http/origin.ts';
import { routes } from './http/routes.ts';
import { FaultPlan, type Faults, type Sandbox } from './http/sandbox-faults.ts';
import type { BuiltInIssuer } from './identity/built-in-issuer.ts';
import { ExternalIssuer } from './identity/external-issuer.ts';
import { TokenVerifier } from './identity/token-verifier.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { Observe } from './observations.ts';
import { type Exchange, openExchange } from './open-exchange.ts';
import { createOperations, type Operations } from './operations/operations.ts';
import { hostSocket } from './operations/socket-host.ts';
import { socketPathOf } from './operations/socket-path.ts';
import { readSampleExchange, sampleName } from './sample-exchange.ts';
import type { CheckState } from './store/sqlite/file-check.ts';
import { StartupProblem } from './store/startup-problem.ts';
import type { Store, Surroundings } from './store/store.ts';
import { Workers } from './workers/workers.ts';

/** The version of this program. */
export const version = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

/** What an application is built from; nothing else is reached for. */
export interface AppParts {
  readonly config: Config;
  readonly store: Store;
  readonly issuer: BuiltInIssuer;
  readonly surroundings: Surroundings;
  readonly observe: Observe;
  /** Rates, solutions and customers that registrations are judged by. */
  readonly exchangeData: RegistrationData;
  /** This server's addresses; they are known once it listens. */
  readonly origins: () => Origins;
  /** Whether it is a sandbox (decision 36), and what a reset brings back. */
  readonly sandbox: Sandbox | undefined;
  /** What the look through the database file has come to, where there is one. */
  readonly checkState?: CheckState;
  /** What is counted, where the process does not count for itself alone. */
  readonly metrics?: Metrics;
}

/**
 * Builds the HTTP application, not yet listening. The framework is loaded here, because most commands need none and
 * would wait for it.
 */
export async function buildApp({
  config,
  store,
  issuer,
  surroundings,
  observe,
  exchangeData,
  origins,
  sandbox,
  checkState = () => undefined,
  metrics = createMetrics({ store, clock: surroundings.clock }),
}: AppParts): Promise<FastifyInstance> {
  const { createServer } = await import('./http/server.ts');
  const observeAll: Observe = (observation) => {
    metrics.observe(observation);
    observe(observation);
  };
  const verifier = new TokenVerifier({
    builtIn: issuer,
    external: config.issuers.map((trust) => new ExternalIssuer(trust, surroundings.clock, observeAll)),
    origins: () => origins().all,
    requireMfa: config.requireMfa,
    clock: surroundings.clock,
    observe: observeAll,
  });
  const routeNames = routes.map(({ name }) => name);
  const surface = {
    store,
    config,
    issuer,
    metrics,
    version,
    surroundings,
    exchangeData,
    routeNames,
    sandbox,
    checkState,
  };
  return createServer({ surface, routes, verifier, origins, surroundings, observe: observeAll });
}

/** A server that listens. */
export interface RunningServer {
  readonly origin: string;
  readonly operations: Operations;
  /** Whether the store holds the sample exchange. */
  readonly hasSample: boolean;
  /** Whether it is a sandbox. */
  readonly isSandbox: boolean;
  /** Whether there was an exchange before this start. */
  readonly isKnown: boolean;
  readonly schemaNumber: number;
  /** Answers what has arrived, commits, and closes. */
  stop(): Promise<void>;
}

/**
 * Opens the store, loads the sample where it belongs, and listens.
 *
 * @throws StartupProblem in one line for the operator
 */
export async function startServer(
  config: Config,
  surroundings: Surroundings,
  observe: Observe,
): Promise<RunningServer> {
  const isLocal = isLoopback(config.host);
  const loadsSample = config.sandbox ?? isLocal;
  if (config.sandbox === undefined && !isLocal && config.databaseUrl === undefined) refuseSample(config.host);
  // Read before anything is opened, so that a bad file refuses the start and not the first registration.
  const exchangeData = readExchangeData(config.exchangeDataDir);
  const exchange = await openExchange(config, 'start', surroundings);
  if ('holder' in exchange) throw inUse(config.dataDir, exchange.holder?.pid);
  try {
    if (loadsSample && (await isEmpty(exchange.store))) {
      await exchange.store.transact(loadExchange, { name: sampleName, contents: readSampleExchange() });
    }
    const hasSample = (await exchange.store.findFact(loadedExchange)) === sampleName;
    if (hasSample && config.sandbox !== true && !isLocal) refuseSample(config.host);
    const isSandbox = config.sandbox ?? (isLocal && hasSample);
    const parts = { config, surroundings, observe, exchangeData, isSandbox, hasSample };
    return { ...(await host(exchange, parts)), hasSample, isSandbox, isKnown: !exchange.isNew };
  } catch (error) {
    await exchange.close();
    throw error;
  }
}

/** A sandbox, as decision 36 has it. */
export function createSandbox(hasSample: boolean, faults: Faults = new FaultPlan()): Sandbox {
  const contents = hasSample ? { name: sampleName, contents: readSampleExchange() } : undefined;
  return { faults, contents };
}

/** What a server is made of that has its exchange. */
type HostParts = Pick<AppParts, 'config' | 'surroundings' | 'observe' | 'exchangeData'> &
  Pick<RunningServer, 'isSandbox' | 'hasSample'>;

/** Answers requests, in this process or in workers, and does here what is done once. */
async function host(exchange: Exchange, parts: HostParts) {
  const { config, surroundings, observe } = parts;
  const { store, issuer } = exchange;
  const fileCheck = exchange.checkFile();
  void fileCheck?.ended.then((ended) => observe({ kind: 'fileChecked', ...ended }));
  const checkState = () => fileCheck?.state;
  const listening =
    config.workers > 1
      ? await listenInWorkers(store, parts, checkState)
      : await listenHere(exchange, parts, checkState);
  const origin = createOrigins(config, listening.port).ofRequest(undefined, 'http');
  const operations = createOperations(store, issuer, () => origin);
  const socket =
    config.databaseUrl === undefined ? await openSocket(listening, config, operations, observe) : undefined;
  const { schemaNumber } = store;
  const clockwork = startClockwork(store, surroundings, observe);
  observe({ kind: 'serverStarted', address: origin, schemaNumber });
  return {
    origin,
    operations,
    schemaNumber,
    async stop() {
      await Promise.all([listening.close(), socket?.close(stopWithinMs), clockwork.stop()]);
      await exchange.close();
    },
  };
}

/** Something that takes connections on a port. */
export interface Listening {
  readonly port: number;
  /** Answers the requests that have arrived; whoever does not finish his request is cut off. */
  close(): Promise<void>;
}

/** How long a server that stops waits for the requests under way. */
const stopWithinMs = 5_000;
/** How often connections are looked for that have nothing under way any more. */
const lookEveryMs = 50;

function listenHere(
  { store, issuer }: Exchange,
  { config, surroundings, observe, exchangeData, isSandbox, hasSample }: HostParts,
  checkState: CheckState,
): Promise<Listening> {
  const sandbox = isSandbox ? createSandbox(hasSample) : undefined;
  return listen({ config, store, issuer, surroundings, observe, exchangeData, sandbox, checkState });
}

async function listenInWorkers(
  store: Store,
  { config, surroundings, observe, exchangeData, isSandbox, hasSample }: HostParts,
  checkState: CheckState,
): Promise<Listening> {
  const entry = new URL('./worker-process.js', import.meta.url);
  const sandbox = isSandbox ? { hasSample } : undefined;
  const workers = new Workers({ config, store, surroundings, observe, exchangeData, sandbox, checkState, entry });
  try {
    return { port: await workers.start(), close: () => workers.close() };
  } catch (error) {
    throw listenProblem(config, error);
  }
}

/**
 * Builds the application and listens where the settings say.
 *
 * @throws StartupProblem in one line for the operator
 */
async function listen(parts: Omit<AppParts, 'origins'>): Promise<Listening> {
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

async function openSocket(listening: Listening, config: Config, operations: Operations, observe: Observe) {
  try {
    return await hostSocket(socketPathOf(config.dataDir), operations, observe);
  } catch (error) {
    await listening.close();
    if (error instanceof StartupProblem) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartupProblem(`The socket of ${config.dataDir} cannot be opened: ${reason}.`, { cause: error });
  }
}

async function isEmpty(store: Store): Promise<boolean> {
  return (await store.listDirectory()).organizations.length === 0;
}

function refuseSample(host: string): never {
  throw new StartupProblem(
    `The sample exchange does not listen on ${host}, where others could reach it. Give SANDBOX=true to allow that, or SANDBOX=false to start an exchange of your own in an empty DATA_DIR.`,
  );
}

function inUse(dataDir: string, pid: number | undefined): StartupProblem {
  const holder = pid === undefined ? 'another process' : `process ${pid}`;
  return new StartupProblem(`The data folder ${dataDir} is in use by ${holder}. Stop it, or choose another DATA_DIR.`);
}

function listenProblem({ host, port }: Config, error: unknown): unknown {
  const code = (error as { code?: string }).code ?? '';
  if (code === 'EADDRINUSE') {
    return new StartupProblem(`Port ${port} of ${host} is in use. Stop what listens there, or choose another PORT.`);
  }
  if (!/^E[A-Z_]+$/.test(code)) return error;
  return new StartupProblem(`The server cannot listen on ${host}, port ${port}: ${code}. Choose another HOST or PORT.`);
}
