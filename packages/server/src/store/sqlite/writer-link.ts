/** The way to the one writer of a database file, in a thread of this process or in another process. */
export interface WriterLink {
  /** Number of the newest migration that was applied. */
  readonly schemaNumber: number;
  /** Whether there is a writer at the other end. */
  readonly isOpen: boolean;
  /** Runs a command of this name and answers after its commit. A `Failure` undoes it and is thrown here. */
  write(command: string, input: unknown): Promise<unknown>;
  /** Finishes what was asked before, and closes. */
  close(): Promise<void>;
}
