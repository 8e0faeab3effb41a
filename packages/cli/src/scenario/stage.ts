import { createTransport } from '@cosell/client';
import type { Stage } from './player.ts';
import { createSandbox } from './sandbox.ts';

/** The name that stands for the exchange's operator where tokens are given by name. */
export const operator = 'operator';

/** A stage on an exchange that answers at an origin. `tokenOf` is asked before every request, by user or `operator`. */
export function createStage(origin: string, tokenOf: (user: string) => Promise<string>): Stage {
  const transportOf = (user: string) => createTransport({ origin, token: () => tokenOf(user) });
  return { transportOf, sandbox: createSandbox(transportOf(operator)) };
}
