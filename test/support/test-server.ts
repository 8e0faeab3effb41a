import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  buildApp,
  type Config,
  createOperations,
  createSandbox,
  type Exchange,
  type Observation,
  readConfig,
  surroundings,
} from '@cosell/server';
import { openCertificate } from '@cosell/server/certificates';
import { loadExchange } from '@cosell/server/domain/load-exchange';
import { readExchangeData } from '@cosell/server/exchange-data';
import { createOrigins } from '@cosell/server/http/origin';
import { readSampleExchange } from '@cosell/server/sample-exchange';
import { type Engine, openAt, type Place } from './engines.ts';

/** An answer as it came over the wire. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they were sent. */
  readonly rawHeaders: readonly string[];
  readonly bytes: Buffer;
  /** The same as text, where it is one. */
  readonly text: string;
  json<Shape = Record<string, unknown>>(): Shape;
}

/** A request to a test server. */
export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A real server on a real port, over a real store with the sample exchange. */
export interface TestServer {
  readonly origin: string;
  readonly port: number;
  readonly exchange: Exchange;
  /** Where it is, for whoever looks into the database. */
  readonly place: Place;
  readonly config: Config;
  readonly observations: Observation[];
  /** Milliseconds that the server's clock is ahead of the machine's; tests may set it. */
  readonly clock: { aheadMs: number };
  /** Sends a path exactly as it is written. */
  ask(path: string, asking?: Asking): Promise<WireAnswer>;
  /** An access token of the built-in issuer for a sample user. */
  tokenOf(user: string): Promise<string>;
  /** `ask` with a token of a sample user. */
  askAs(user: string, path: string, asking?: Asking): Promise<WireAnswer>;
  /** Ends the server and leaves its place as it is, so that another can be started there. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a server with the sample exchange on an engine. `environment` are settings, as they would be given; a place that
 * was used before has its exchange already.
 */
export async function startTestServer(
  engine: Engine,
  environment: Readonly<Record<string, string>> = {},
  usedPlace?: Place,
): Promise<TestServer> {
  const config = readConfig({ LOG_LEVEL: 'silent', ...environment });
  const place = usedPlace ?? (await engine.makeSamplePlace());
  const exchange = await openAt(place, config);
  const { store, issuer } = exchange;
  // A place that a test has made may be empty.
  await store.transact(loadExchange, { name: 'sample', contents: readSampleExchange() });
  const observations: Observation[] = [];
  const clock = { aheadMs: 0 };
  let origins = createOrigins(config, 0);
  const app = await buildApp({
    config,
    store,
    issuer,
    surroundings: { ...surroundings, clock: { now: () => surroundings.clock.now() + clock.aheadMs } },
    observe: (observation) => observations.push(observation),
    origins: () => origins,
    exchangeData: readExchangeData(),
    sandbox: config.sandbox === false ? undefined : createSandbox(true),
    checkState: () => exchange.checkFile()?.state,
    certificate: await openCertificate(config, surroundings.clock),
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  origins = createOrigins(config, port);
  const origin = origins.ofRequest(undefined, 'http');
  const operations = createOperations(store, issuer, () => origin);
  const ask = (path: string, asking: Asking = {}) => send(port, path, asking);
  const stop = async () => {
    await app.close();
    await exchange.close();
  };
  const tokenOf = async (user: string) => (await operations.mintToken({ user })).token;
  // Signing a token takes longer than most of what is asked with it.
  const tokens = new Map<string, Promise<string>>();
  const keptTokenOf = (user: string) => {
    const key = `${user} ${clock.aheadMs}`;
    const token = tokens.get(key) ?? tokenOf(user);
    tokens.set(key, token);
    return token;
  };
  return {
    origin,
    port,
    exchange,
    place,
    config,
    observations,
    clock,
    ask,
    tokenOf,
    askAs: async (user, path, asking = {}) =>
      ask(path, { ...asking, headers: { authorization: `Bearer ${await keptTokenOf(user)}`, ...asking.headers } }),
    stop,
    async close() {
      await stop();
      await place.remove();
    },
  };
}

/** Connections that are kept for the next request: a new one for each would take half of the time. */
const agent = new Agent({ keepAlive: true });

/** Sends one request. */
export function send(port: number, path: string, { method = 'GET', headers = {}, body }: Asking): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const sending = request({ host: '127.0.0.1', port, path, method, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const text = bytes.toString();
        const { statusCode = 0, headers: answered, rawHeaders } = response;
        resolve({
          status: statusCode,
          headers: answered,
          rawHeaders,
          bytes,
          text,
          json: <Shape>() => JSON.parse(text) as Shape,
        });
      });
    });
    sending.on('error', reject);
    sending.end(body);
  });
}
