import { type Logger, pino } from 'pino';
import type { Observation, Observe } from './observations.ts';
import type { Clock } from './store/store.ts';

/** Levels of the log, the quietest last. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/**
 * Writes observations as JSON lines to standard error. Lines are gathered for a moment, because a write for each
 * request costs a third of the throughput; `flush` empties what is left.
 */
export function createLog(level: (typeof logLevels)[number], clock: Clock): { observe: Observe; flush: () => void } {
  const destination = pino.destination({ dest: 2, sync: false, minLength: 65_536, maxWrite: 131_072 });
  const logger = pino({ level, base: null, timestamp: stampWith(clock) }, destination);
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
  if (kind === 'tokenProved') return;
  if (kind === 'requestBroken') logger.error(seen, kind);
  else if (kind === 'storeFailed' || kind === 'issuerUnreachable') logger.warn(seen, kind);
  else logger.info(seen, kind);
}

/** `,"time":"2026-11-22T21:57:28.503Z"`; the part down to the second is made once a second. */
function stampWith(clock: Clock): () => string {
  let second = -1;
  let text = '';
  return () => {
    const now = clock.now();
    if (Math.floor(now / 1000) !== second) {
      second = Math.floor(now / 1000);
      text = `,"time":"${new Date(second * 1000).toISOString().slice(0, 20)}`;
    }
    return `${text}${String(now - second * 1000).padStart(3, '0')}Z"`;
  };
}
