import { createWriteStream } from 'node:fs';
import { type Logger, pino } from 'pino';
import type { Observation, Observe } from './observations.ts';
import type { Clock } from './store/store.ts';

/** Levels of the log, the quietest last. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** Standard error. */
const logDescriptor = 2;
/** Characters that are gathered before they are written. */
const mostGathered = 65_536;
/** How long a line may wait. */
const longestWaitMs = 200;

/** A log that observes, and that can be emptied before the process ends. */
export interface Log {
  readonly observe: Observe;
  flush(): Promise<void>;
}

/** Writes observations as JSON lines to standard error. */
export function createLog(level: (typeof logLevels)[number], clock: Clock): Log {
  const { write, flush } = gatherLines();
  const options = { level, base: null, timestamp: stampWith(clock), serializers: { error: pino.stdSerializers.err } };
  const logger = pino(options, { write });
  return { observe: (observation) => show(logger, observation), flush };
}

function show(logger: Logger, seen: Observation): void {
  if (seen.kind === 'tokenProved') return;
  if (seen.kind === 'requestBroken') logger.error(seen);
  else if (seen.kind === 'storeFailed' || seen.kind === 'issuerUnreachable') logger.warn(seen);
  else logger.info(seen);
}

/**
 * Gathers lines and writes them together: a write for each request costs a third of the throughput. (pino's own
 * destination counts all that it has gathered again at each line, a sixth of the instructions of a request.)
 */
function gatherLines(): { write: (line: string) => void; flush: () => Promise<void> } {
  const output = createWriteStream('', { fd: logDescriptor, autoClose: false });
  // Whoever read the log has gone; that is no reason to stop.
  output.on('error', () => undefined);
  let lines: string[] = [];
  let size = 0;
  const pass = () => {
    if (lines.length > 0) output.write(lines.join(''));
    lines = [];
    size = 0;
  };
  const timer = setInterval(pass, longestWaitMs).unref();
  return {
    write(line) {
      lines.push(line);
      size += line.length;
      if (size >= mostGathered) pass();
    },
    flush() {
      clearInterval(timer);
      pass();
      return new Promise((resolve) => output.end(() => resolve()));
    },
  };
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
