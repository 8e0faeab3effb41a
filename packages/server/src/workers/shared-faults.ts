import type { Faults } from '../http/sandbox/sandbox-faults.ts';
import type { Line } from './line.ts';
import type { FirstProcess } from './questions.ts';

/**
 * The faults of a worker's sandbox: the first process has the plan. While that is empty, no request has to ask for one;
 * whoever adds a fault is answered when every worker knows.
 */
export class SharedFaults implements Faults {
  readonly #first: Line<FirstProcess>;
  #isFaulty = false;

  constructor(first: Line<FirstProcess>) {
    this.#first = first;
  }

  /** Says whether a fault is planned. */
  expect(isFaulty: boolean): void {
    this.#isFaulty = isFaulty;
  }

  add: Faults['add'] = (fault) => this.#first.ask('addFault', fault);
  list: Faults['list'] = () => this.#first.ask('listFaults');
  clear: Faults['clear'] = () => this.#first.ask('clearFaults');
  draw: Faults['draw'] = (route) => (this.#isFaulty ? this.#first.ask('drawFault', route) : undefined);
}
