import { failure } from '@cosell/model';
import type { WriterLink } from '../store/sqlite/writer-link.ts';
import type { Line } from './line.ts';
import type { FirstProcess } from './questions.ts';

/** The way to the writer of the first process, which commits together what comes from all workers. */
export function writerOverLine(first: Line<FirstProcess>, schemaNumber: number): WriterLink {
  const running = new Set<Promise<unknown>>();
  return {
    schemaNumber,
    get isOpen() {
      return first.isOpen;
    },
    waiting: undefined,
    watchCommits: () => undefined,
    async write(command, input) {
      if (!first.isOpen) throw failure('storeUnavailable');
      const work = first.ask('transact', command, input);
      running.add(work);
      try {
        return await work;
      } finally {
        running.delete(work);
      }
    },
    async close() {
      await Promise.allSettled(running);
    },
  };
}
