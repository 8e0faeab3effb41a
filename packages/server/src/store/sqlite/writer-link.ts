import type { WatchCommit } from '../signs.ts';

/** The way to the one writer of a database file, in a thread of this process or in another process. */
export interface WriterLink {
  /** Number of the newest migration that was applied. */
  readonly schemaNumber: number;
  /** Whether there is a writer at the other end. */
  readonly isOpen: boolean;
  /** Writes that are not answered yet; undefined where the other end counts them. */
  readonly waiting: number | undefined;
  /** Runs a command of this name and answers after its commit. A `Failure` undoes it and is thrown here. */
  write(command: string, input: unknown): Promise<unknown>;
  /** Tells of each commit, before it is acknowledged, unless the other end does. */
  watchCommits(watch: WatchCommit): void;
  /** Finishes what was asked before, and closes. */
  close(): Promise<void>;
}
