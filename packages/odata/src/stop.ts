class Stop {
  readonly fault: unknown;
  constructor(fault: unknown) {
    this.fault = fault;
  }
}

/** Ends a walk from wherever it is. */
export type StopWith<Fault> = (fault: Fault) => never;

/**
 * Runs a walk that may end early: its result, or the fault it stopped with. So a parser says in one line, deep in its
 * recursion, what is wrong, and its caller gets a value all the same.
 */
export function untilStopped<Result, Fault>(walk: (stop: StopWith<Fault>) => Result): Result | Fault {
  try {
    return walk((fault) => {
      throw new Stop(fault);
    });
  } catch (thrown) {
    // Only this function's own walk throws it, with a fault of the type that it was given.
    if (thrown instanceof Stop) return thrown.fault as Fault;
    throw thrown;
  }
}
