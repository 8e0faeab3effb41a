import { createWriteStream, write as writeToFile } from 'node:fs';
import type { Observation, Observe } from './observations.ts';
import type { Clock } from './store/store.ts';

/** Levels of the log, the quietest last. */
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** A level of the log. */
export type LogLevel = (typeof logLevels)[number];

/** Standard error. */
const logDescriptor = 2;
/** Bytes that are gathered before they are written. */
const mostGathered = 65_536;
/**
 * The same where several processes write to one log: POSIX keeps what is written to a pipe at once in one piece up to
 * 4,096 bytes on Linux (PIPE_BUF) and 512 anywhere; a longer line may still be mixed with others.
 */
const mostGatheredBesideOthers = 4_096;
/** How long a line may wait. */
const longestWaitMs = 200;

/** A log that observes, and that can be emptied before the process ends. */
export interface Log {
  readonly observe: Observe;
  flush(): Promise<void>;
}

/**
 * Writes observations as JSON lines to standard error, each with its level and its time.
 *
 * @param isShared whether other processes write to the same log
 */
export function createLog(level: LogLevel, clock: Clock, isShared = false): Log {
  const { write, flush } = gatherLines(isShared);
  const least = logLevels.indexOf(level);
  const stamp = stampWith(clock);
  return {
    observe(seen) {
      const itsLevel = levelOf(seen);
      if (logLevels.indexOf(itsLevel) < least) return;
      const shown = 'error' in seen ? { ...seen, error: describeError(seen.error) } : seen;
      write(`{"level":"${itsLevel}","time":"${stamp()}",${JSON.stringify(shown).slice(1)}\n`);
    },
    flush,
  };
}

const warnings: ReadonlySet<Observation['kind']> = new Set([
  'storeFailed',
  'clockworkFailed',
  'issuerUnreachable',
  'workerEnded',
]);

function levelOf(seen: Observation): LogLevel {
  const { kind } = seen;
  if (kind === 'requestBroken' || (kind === 'fileChecked' && seen.state === 'failed')) return 'error';
  if (warnings.has(kind)) return 'warn';
  return kind === 'tokenProved' ? 'debug' : 'info';
}

/** What an operator needs of an error; JSON would show none of it. */
function describeError(error: Error): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...(cause instanceof Error ? { cause: describeError(cause) } : {}) };
}

/** Gathers lines and writes them together, because a write for each request is a system call for each. */
function gatherLines(isShared: boolean): { write: (line: string) => void; flush: () => Promise<void> } {
  const most = isShared ? mostGatheredBesideOthers : mostGathered;
  // Without `writev`, what waits is not put together into one long write.
  const pieceByPiece = isShared ? { fs: { write: writeToFile } } : {};
  const output = createWriteStream('', { fd: logDescriptor, autoClose: false, ...pieceByPiece });
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
      const bytes = Buffer.byteLength(line);
      if (size + bytes > most) pass();
      lines.push(line);
      size += bytes;
    },
    flush() {
      clearInterval(timer);
      pass();
      return new Promise((resolve) => output.end(() => resolve()));
    },
  };
}

/** `2026-11-22T21:57:28.503Z`; the part down to the second is made once a second. */
function stampWith(clock: Clock): () => string {
  let second = -1;
  let text = '';
  return () => {
    const now = clock.now();
    if (Math.floor(now / 1000) !== second) {
      second = Math.floor(now / 1000);
      text = new Date(second * 1000).toISOString().slice(0, 20);
    }
    return `${text}${String(now - second * 1000).padStart(3, '0')}Z`;
  };
}
