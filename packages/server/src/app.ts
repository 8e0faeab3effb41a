import { type AppParts, createSandbox } from './application.ts';
import { openCertificate } from './certificates.ts';
import { startClockwork } from './clockwork.ts';
import { type Config, isLoopback } from './config.ts';
import { loadExchange, loadedExchange } from './domain/load-exchange.ts';
import { readExchangeData } from './exchange-data.ts';
import { createOrigins } from './http/origin.ts';
import { type Listening, listen, listenProblem, stopWithinMs } from './listening.ts';
import type { Observe } from './observations.ts';
import { type Exchange, openExchange } from './open-exchange.ts';
import { giveSamplePassword } from './operations/credential-operations.ts';
import { explainOn } from './operations/explain-on.ts';
import { createOperations, type Operations } from './operations/operations.ts';
import { hostSocket } from './operations/socket-host.ts';
import { socketPathOf } from './operations/socket-path.ts';
import { bundled } from './package-files.ts';
import { readSampleExchange, sampleName } from './sample-exchange.ts';
import type { CheckState } from './store/sqlite/file-check.ts';
import { StartupProblem } from './store/startup-problem.ts';
import type { Store, Surroundings } from './store/store.ts';

/** A server that listens. */
export interface RunningServer {
  readonly origin: string;
  readonly operations: Operations;
  /** The file that clients have to trust to speak with it; undefined where it speaks HTTP or shows what they know. */
  readonly trustFile: string | undefined;
  /** Whether the store holds the sample exchange. */
  readonly hasSample: boolean;
  /** The password of the sample's users, at the one start that has made it. */
  readonly samplePassword: string | undefined;
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
    let samplePassword: string | undefined;
    if (loadsSample && (await isEmpty(exchange.store))) {
      await exchange.store.transact(loadExchange, { name: sampleName, contents: readSampleExchange() });
      samplePassword = await giveSamplePassword(exchange.store);
    }
    const certificate = await openCertificate(config, surroundings.clock);
    const hasSample = (await exchange.store.findFact(loadedExchange)) === sampleName;
    if (hasSample && config.sandbox !== true && !isLocal) refuseSample(config.host);
    const isSandbox = config.sandbox ?? (isLocal && hasSample);
    const parts = { config, surroundings, observe, exchangeData, certificate, isSandbox, hasSample };
    const trustFile = certificate?.trustFile;
    return {
      ...(await host(exchange, parts)),
      trustFile,
      hasSample,
      isSandbox,
      isKnown: !exchange.isNew,
      samplePassword,
    };
  } catch (error) {
    await exchange.close();
    throw error;
  }
}

/** What a server is made of that has its exchange. */
type HostParts = Pick<AppParts, 'config' | 'surroundings' | 'observe' | 'exchangeData' | 'certificate'> &
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
  const origins = () => createOrigins(config, listening.port).all;
  const explain = explainOn({ config, store, issuer, surroundings, origins });
  const operations = { ...createOperations(store, issuer, () => origin), explain };
  const socket =
    config.databaseUrl === undefined ? await openSocket(listening, config, operations, observe) : undefined;
  const { schemaNumber } = store;
  const clockwork = startClockwork(store, surroundings, observe);
  observe({ kind: 'serverStarted', address: origin, schemaNumber });
  const observeHead = async () => {
    // A store that is away says so to whoever asks for more than this.
    const head = await store.findAuditHead().catch(() => undefined);
    if (head !== undefined) observe({ kind: 'auditHead', ...head });
  };
  await observeHead();
  return {
    origin,
    operations,
    schemaNumber,
    async stop() {
      await Promise.all([listening.close(), socket?.close(stopWithinMs), clockwork.stop()]);
      await observeHead();
      await exchange.close();
    },
  };
}

function listenHere(
  { store, issuer }: Exchange,
  { config, surroundings, observe, exchangeData, certificate, isSandbox, hasSample }: HostParts,
  checkState: CheckState,
): Promise<Listening> {
  const sandbox = isSandbox ? createSandbox(hasSample) : undefined;
  return listen({ config, store, issuer, surroundings, observe, exchangeData, certificate, sandbox, checkState });
}

async function listenInWorkers(
  store: Store,
  { config, surroundings, observe, exchangeData, certificate, isSandbox, hasSample }: HostParts,
  checkState: CheckState,
): Promise<Listening> {
  const { Workers } = await import('./workers/workers.ts');
  const entry = bundled('worker-process');
  const sandbox = isSandbox ? { hasSample } : undefined;
  const workers = new Workers({
    config,
    store,
    surroundings,
    observe,
    exchangeData,
    certificate,
    sandbox,
    checkState,
    entry,
  });
  try {
    return { port: await workers.start(), close: () => workers.close() };
  } catch (error) {
    throw listenProblem(config, error);
  }
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
