import { type Failure, type Fault, failure, type Refusal } from '@cosell/model';

/** Most faults that one answer names; whoever has more has the same one often. */
export const mostDetails = 100;

/** A body that cannot be taken, with all of its faults (decision 6). */
export function invalidBody(faults: readonly Fault[]): Failure {
  const details = faults
    .slice(0, mostDetails)
    .map(({ code, pointer, message }) => ({ code, target: pointer, message }));
  const rest = faults.length > mostDetails ? `, of which ${mostDetails} are named` : '';
  const count = faults.length === 1 ? 'a fault' : `${faults.length} faults${rest}`;
  return failure('invalidBody', { count }, { details });
}

/** A change that the life cycle does not allow, with everything that forbids it (decision 17). */
export function changeRefused(refusals: readonly Refusal[], substatus: string): Failure {
  const details = refusals
    .slice(0, mostDetails)
    .map(({ rule, pointer, message }) => ({ code: rule, target: pointer, message }));
  if (refusals.some(({ rule }) => rule === 'terminalReferral')) {
    return failure('terminalReferral', { substatus }, { details });
  }
  return failure('changeRefused', { reason: refusals[0]?.message ?? '' }, { details });
}

/** A fault that no place of the text shows, because it lies in what is stored. */
export function faultAt(code: Fault['code'], pointer: string, message: string): Fault {
  return { code, pointer, message, offset: 0 };
}
