import { type Logger, pino } from 'pino';
import type { Observation, Observe } from './observations.ts';

/** Levels of the log, the quietest last. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/**
 * Writes observations as JSON lines to standard error. Lines are gathered for a moment, because a write for each
 * request costs a third of the throughput; `flush` empties what is left.
 */
export function createLog(level: (typeof logLevels)[number]): { observe: Observe; flush: () => void } {
  const destination = pino.destination({ dest: 2, sync: false, minLength: 4096 });
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  const timer = setInterval(() => destination.flush(), 200).unref();
  return {
    observe: (observation) => show(logger, observation),
    flush: () => {
      clearInterval(timer);
      destination.flushSync();
    },
  };
}

function show(logger: Logger, { kind, ...seen }: Observation): void {
  if (kind === 'tokenRemembered') return;
  if (kind === 'requestBroken') logger.error(seen, kind);
  else if (kind === 'storeFailed' || kind === 'issuerUnreachable') logger.warn(seen, kind);
  else logger.info(seen, kind);
}
