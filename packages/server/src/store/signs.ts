/** What shows whether a store keeps up: as of now, in this process. What an engine does not have is undefined. */
export interface StoreSigns {
  /** Writes that were asked for and are not acknowledged; undefined where another process counts them. */
  readonly writesWaiting: number | undefined;
  /** The threads that read what may take long. */
  readonly readers: Load | undefined;
  /** The pool of connections to a database server. */
  readonly connections: Load | undefined;
  /** Undefined where the file cannot be looked at. */
  readonly databaseBytes: number | undefined;
  /** Of the write-ahead log beside the database file. */
  readonly logBytes: number | undefined;
}

/** How much there is to do for those that do it. One that is being started is busy. */
export interface Load {
  readonly busy: number;
  readonly idle: number;
  /** What waits until one of them is free. */
  readonly waiting: number;
}

/** One commit of a transaction that wrote. */
export interface Commit {
  /** How long the database took to make it durable. */
  readonly durationMs: number;
  /** How many commands shared it. */
  readonly writes: number;
}

/** Hears of commits. It never throws and never waits. */
export type WatchCommit = (commit: Commit) => void;
