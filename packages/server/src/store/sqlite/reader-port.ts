import type { MessagePort } from 'node:worker_threads';
import type { SqlValue } from '../sql.ts';
import type { Stopwatch } from '../store.ts';
import { isFileTrouble } from './file-trouble.ts';
import { SqliteReader, TimeIsUp } from './reader.ts';

/** What a reader's thread is told. Between two `end`s all queries see the same state. */
export type ReaderOrder =
  | { readonly text: string; readonly values: readonly SqlValue[]; readonly withinMs: number }
  | 'end'
  | 'close';

/** What it says: that it is ready, and then one answer to each query. */
export type ReaderMessage = 'ready' | ReaderAnswer;

/** What became of a query. */
export type ReaderAnswer =
  | { readonly kind: 'rows'; readonly rows: unknown[] }
  | { readonly kind: 'timeIsUp' }
  | { readonly kind: 'failed'; readonly error: Error; readonly isOfTheFile: boolean };

/** Runs a reader behind a port. */
export function serveReader(port: MessagePort, path: string, stopwatch: Stopwatch): void {
  const reader = new SqliteReader(path, stopwatch);
  const say = (message: ReaderMessage) => port.postMessage(message);
  port.on('message', (order: ReaderOrder) => {
    if (order === 'end') reader.endSnapshot();
    else if (order === 'close') {
      reader.close();
      port.close();
    } else say(answerTo(reader, order));
  });
  say('ready');
}

function answerTo(reader: SqliteReader, { text, values, withinMs }: Exclude<ReaderOrder, string>): ReaderAnswer {
  try {
    return { kind: 'rows', rows: reader.all(text, values, withinMs) };
  } catch (thrown) {
    if (thrown instanceof TimeIsUp) return { kind: 'timeIsUp' };
    // What crosses between threads keeps its message and its stack, and no code of SQLite.
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    return { kind: 'failed', error, isOfTheFile: isFileTrouble(error) };
  }
}
