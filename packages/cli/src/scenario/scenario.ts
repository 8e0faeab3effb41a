import type { OperationName } from '@cosell/client';

/** A step of a list or an object: what leads from an expectation's root to one of its values. */
export type Step = string | number;

/** A value of a scenario that is looked at later, with the lines that its parts stand on. */
export interface Placed<Value> {
  readonly value: Value;
  /** The line of a part; of the nearest that has one, where the part itself came from elsewhere in the file. */
  readonly lineOf: (path: readonly Step[]) => number;
}

/** A request to the API by the name of its route. Texts may hold references. */
export interface Call {
  readonly operation: OperationName;
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What another party does, by way of the sandbox. Texts may hold references. */
export interface Act {
  readonly act: string;
  /** What goes with it: the referral or engagement, a reason, a patch, a body … */
  readonly input: Readonly<Record<string, unknown>>;
}

/** What the answer of a step must be. */
export interface Expected {
  readonly status?: number;
  /** Members that the body must have; others may be there. */
  readonly body?: unknown;
}

/** How a step must be refused. */
export interface ExpectedError {
  readonly status?: number;
  readonly code?: string;
  readonly innerCode?: string;
  /** Codes that must be among those of the details. */
  readonly details?: readonly string[];
}

/** One step: somebody does one thing. */
export interface ScenarioStep {
  readonly line: number;
  readonly sentence: string;
  /** How long the exchange's clock goes on before it, as ISO 8601 has it. */
  readonly after?: string;
  /** A user of the directory, or, of an act, `msft` or an organisation's id. */
  readonly as: string;
  readonly action: Call | Act;
  /** The name that the answer is kept under. */
  readonly save?: string;
  readonly expect?: Placed<Expected>;
  readonly expectError?: Placed<ExpectedError>;
}

/** A story that can be played on an exchange. */
export interface Scenario {
  readonly name: string;
  readonly about: string;
  /** When the story begins by the exchange's clock. */
  readonly startsAt?: string;
  readonly steps: readonly ScenarioStep[];
}
