import { readFileSync } from 'node:fs';
import type { RegistrationData } from '@cosell/model';
import type { FastifyInstance } from 'fastify';
import type { Certificate } from './certificates.ts';
import type { Config } from './config.ts';
import { createCors } from './http/cors.ts';
import { describeService } from './http/metadata.ts';
import type { Origins } from './http/origin.ts';
import { routes } from './http/routes.ts';
import { FaultPlan, type Faults, type Sandbox } from './http/sandbox/sandbox-faults.ts';
import type { BuiltInIssuer } from './identity/built-in-issuer.ts';
import type { Metrics } from './metrics.ts';
import type { Observe } from './observations.ts';
import { packageFile } from './package-files.ts';
import { readSampleExchange, sampleName } from './sample-exchange.ts';
import type { CheckState } from './store/sqlite/file-check.ts';
import type { Store, Surroundings } from './store/store.ts';

/** The version of this program. */
export const version = (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }).version;

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
  /** What the server shows of itself where it speaks HTTPS. */
  readonly certificate?: Certificate | undefined;
  /** What is counted, where the process does not count for itself alone. */
  readonly metrics?: Metrics;
}

/**
 * Builds the HTTP application, not yet listening. The framework and what else only a server needs are loaded here,
 * because a command would wait for them.
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
  certificate,
  metrics: given,
}: AppParts): Promise<FastifyInstance> {
  const [
    { createServer },
    { RateLimits },
    { RefusalLedger },
    { createInteractions },
    { providerRoutes },
    { Providers },
    { ExternalIssuer },
    { createProofParts },
    { TokenVerifier },
    { createMetrics },
  ] = await Promise.all([
    import('./http/server.ts'),
    import('./http/rate-limits.ts'),
    import('./http/refusal-ledger.ts'),
    import('./http/provider/provider-interactions.ts'),
    import('./http/provider/provider-routes.ts'),
    import('./http/provider/providers.ts'),
    import('./identity/external-issuer.ts'),
    import('./identity/prove-user.ts'),
    import('./identity/token-verifier.ts'),
    import('./metrics.ts'),
  ]);
  const metrics = given ?? createMetrics({ store, clock: surroundings.clock });
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
  const proof = createProofParts(store, surroundings);
  const routeNames = routes.map(({ name }) => name);
  const surface = {
    store,
    config,
    issuer,
    proof,
    providers: new Providers({ store, issuer, config, surroundings, proof, observe: observeAll }),
    interactions: createInteractions(store, surroundings),
    metrics,
    version,
    surroundings,
    exchangeData,
    routeNames,
    metadata: describeService(routes, config.extensions),
    sandbox,
    checkState,
  };
  const cors = createCors(config.corsOrigins);
  const refusals = new RefusalLedger(store, observeAll);
  const limits = RateLimits.of(config, sandbox !== undefined, surroundings.clock);
  const server = createServer({
    surface,
    routes,
    rawRoutes: providerRoutes,
    verifier,
    origins,
    surroundings,
    observe: observeAll,
    cors,
    certificate,
    refusals,
    limits,
  });
  // Requests under way are answered by then.
  server.addHook('onClose', () => refusals.close());
  return server;
}

/** A sandbox, as decision 36 has it. */
export function createSandbox(hasSample: boolean, faults: Faults = new FaultPlan()): Sandbox {
  const contents = hasSample ? { name: sampleName, contents: readSampleExchange() } : undefined;
  return { faults, contents };
}
