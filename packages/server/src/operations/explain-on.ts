import type { ExplainParts } from './explain.ts';
import type { Operations } from './operations.ts';

/** The operation `explain`. What proves tokens is loaded when somebody asks for it: no other command waits for that. */
export function explainOn(parts: ExplainParts): Operations['explain'] {
  return async (input) => {
    const { createExplain } = await import('./explain.ts');
    return createExplain(parts)(input);
  };
}
