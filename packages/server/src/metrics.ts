import { setTimeout as pause } from 'node:timers/promises';
import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { expiryLag } from './domain/expiry.ts';
import { signingKeyAge } from './domain/signing-keys.ts';
import type { Observation, Observe } from './observations.ts';
import type { StoreSigns, WatchCommit } from './store/signs.ts';
import type { Clock, Store } from './store/store.ts';

/** What one process has counted, as plain data. */
export type MetricsSnapshot = readonly object[];

/** The metrics of this process. */
export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** What is counted so far, to be added to what other processes have counted. */
  snapshot(): Promise<MetricsSnapshot>;
  observe(observation: Observation): void;
}

/** What is watched besides what is observed. */
export interface Watched {
  readonly store: Store;
  /** The machine's clock; undefined where another process says what holds for the whole exchange. */
  readonly clock: Clock | undefined;
}

/** How long a question to the database may take. Metrics answer also while it does not. */
const askWithinMs = 1_000;

/**
 * Counts observations and commits for Prometheus, and looks at the signs of trouble whenever somebody asks. Labels are
 * templates and codes, never ids or names.
 */
export function createMetrics(watched: Watched): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  watched.store.watchCommits(commitCounter(registry));
  const show = signGauges(registry);
  const look = async () => show(await readSigns(watched));
  return {
    contentType: registry.contentType,
    async text() {
      await look();
      return registry.metrics();
    },
    async snapshot() {
      await look();
      return registry.getMetricsAsJSON();
    },
    observe: observationCounter(registry),
  };
}

/** The metrics of several processes in Prometheus' form: each is added up, averaged or taken from the first, as it says. */
export function addUpMetrics(snapshots: readonly MetricsSnapshot[]): Promise<string> {
  return AggregatorRegistry.aggregate([...snapshots]).metrics();
}

function observationCounter(registry: Registry): Observe {
  const registers = [registry];
  const requests = new Histogram({
    name: 'cosell_http_request_duration_seconds',
    help: 'Time from the arrival of a request to its answer.',
    labelNames: ['route', 'status'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const refusals = new Counter({
    name: 'cosell_refusals_total',
    help: 'Requests that were refused, by inner code, and by the check that failed where there is one.',
    labelNames: ['code', 'check'],
    registers,
  });
  const tokens = new Counter({
    name: 'cosell_tokens_proved_total',
    help: 'Access tokens whose signature was checked; the others were remembered.',
    registers,
  });
  const issuers = new Counter({
    name: 'cosell_issuer_unreachable_total',
    help: 'Times that a trusted issuer could not be reached.',
    registers,
  });
  return (seen) => {
    if (seen.kind === 'requestAnswered') {
      requests.observe({ route: seen.route, status: seen.status }, seen.durationMs / 1000);
      const { innerCode: code, check } = seen;
      if (code !== null) refusals.inc(check === undefined ? { code } : { code, check });
    } else if (seen.kind === 'tokenProved') tokens.inc();
    else if (seen.kind === 'issuerUnreachable') issuers.inc();
  };
}

function commitCounter(registry: Registry): WatchCommit {
  const durations = new Histogram({
    name: 'cosell_commit_duration_seconds',
    help: 'Time that the database took to make a transaction durable.',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  const writes = new Histogram({
    name: 'cosell_commit_writes',
    help: 'Writes that shared a commit.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers: [registry],
  });
  return (commit) => {
    durations.observe(commit.durationMs / 1000);
    writes.observe(commit.writes);
  };
}

/** Everything that is looked at when somebody asks. What cannot be read is undefined. */
interface Signs extends StoreSigns {
  readonly expiryLagMs: number | undefined;
  readonly keyAgeMs: number | undefined;
}

async function readSigns({ store, clock }: Watched): Promise<Signs> {
  const signs = store.signs();
  if (clock === undefined) return { ...signs, expiryLagMs: undefined, keyAgeMs: undefined };
  const [expiryLagMs, keyAgeMs] = await Promise.all([
    inTime(expiryLag(store, { clock })),
    inTime(signingKeyAge(store, { clock })),
  ]);
  return { ...signs, expiryLagMs, keyAgeMs };
}

function inTime<Value>(value: Promise<Value>): Promise<Value | undefined> {
  return Promise.race([value.catch(() => undefined), pause(askWithinMs, undefined, { ref: false })]);
}

/** A gauge: how several processes' values become one, and its value or its values by state. */
interface SignGauge {
  readonly name: string;
  readonly help: string;
  /** `first` for what is the same in all processes. */
  readonly aggregator: 'sum' | 'first';
  value(signs: Signs): number | Readonly<Record<string, number>> | undefined;
}

const gauges: readonly SignGauge[] = [
  {
    name: 'cosell_writes_waiting',
    help: 'Writes that were asked for and are not acknowledged yet.',
    aggregator: 'sum',
    value: ({ writesWaiting }) => writesWaiting,
  },
  {
    name: 'cosell_readers',
    help: 'Threads that read lists, counts and histories from SQLite, by state.',
    aggregator: 'sum',
    value: ({ readers }) => readers && { busy: readers.busy, idle: readers.idle },
  },
  {
    name: 'cosell_readings_waiting',
    help: 'Lists, counts and histories that wait for a thread.',
    aggregator: 'sum',
    value: ({ readers }) => readers?.waiting,
  },
  {
    name: 'cosell_postgres_connections',
    help: 'Connections to PostgreSQL that are busy or idle, and what waits for one.',
    aggregator: 'sum',
    value: ({ connections }) => connections && { ...connections },
  },
  {
    name: 'cosell_database_bytes',
    help: 'Size of the SQLite file.',
    aggregator: 'first',
    value: ({ databaseBytes }) => databaseBytes,
  },
  {
    name: 'cosell_sqlite_wal_bytes',
    help: 'Size of the write-ahead log beside the SQLite file.',
    aggregator: 'first',
    value: ({ logBytes }) => logBytes,
  },
  {
    name: 'cosell_expiry_lag_seconds',
    help: 'How long the referral that is due first has waited to be closed; 0 when nothing is due.',
    aggregator: 'first',
    value: ({ expiryLagMs }) => inSeconds(expiryLagMs),
  },
  {
    name: 'cosell_signing_key_age_seconds',
    help: 'Age of the key that the built-in issuer signs with.',
    aggregator: 'first',
    value: ({ keyAgeMs }) => inSeconds(keyAgeMs),
  },
];

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}

/** Shows the gauges of signs; one whose value is not known has no sample. */
function signGauges(registry: Registry): (signs: Signs) => void {
  const shown = gauges.map(({ value, ...described }) => {
    const gauge = new Gauge({ ...described, labelNames: ['state'], registers: [registry] });
    return { gauge, value };
  });
  return (signs) => {
    for (const { gauge, value } of shown) {
      gauge.reset();
      const now = value(signs);
      if (typeof now === 'number') gauge.set(now);
      else for (const [state, count] of Object.entries(now ?? {})) gauge.set({ state }, count);
    }
  };
}
