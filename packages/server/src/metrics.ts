import { AggregatorRegistry, Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Observation } from './observations.ts';

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

/** Counts observations for Prometheus. Labels are templates and codes, never ids or names. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'cosell_http_request_duration_seconds',
    help: 'Time from the arrival of a request to its answer.',
    labelNames: ['route', 'status'],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  const refusals = new Counter({
    name: 'cosell_refusals_total',
    help: 'Requests that were refused, by inner code.',
    labelNames: ['code'],
    registers: [registry],
  });
  const tokens = new Counter({
    name: 'cosell_tokens_proved_total',
    help: 'Access tokens whose signature was checked; the others were remembered.',
    registers: [registry],
  });
  const issuers = new Counter({
    name: 'cosell_issuer_unreachable_total',
    help: 'Times that a trusted issuer could not be reached.',
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    snapshot: () => registry.getMetricsAsJSON(),
    observe(seen) {
      if (seen.kind === 'requestAnswered') {
        requests.observe({ route: seen.route, status: seen.status }, seen.durationMs / 1000);
        if (seen.innerCode !== null) refusals.inc({ code: seen.innerCode });
      } else if (seen.kind === 'tokenProved') tokens.inc();
      else if (seen.kind === 'issuerUnreachable') issuers.inc();
    },
  };
}

/** The metrics of several processes in Prometheus' form: counts are added up, delays averaged. */
export function addUpMetrics(snapshots: readonly MetricsSnapshot[]): Promise<string> {
  return AggregatorRegistry.aggregate([...snapshots]).metrics();
}
