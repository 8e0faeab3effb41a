import { nearestNames } from '@cosell/odata';

/** No answer names more faults than these, and comparing names is dear: a body can hold ten thousands of wrong ones. */
const mostAdvised = 100;

/** The known name that a wrong one was probably meant to be; undefined where none is near, or enough faults were found. */
export function nearestOf(faults: readonly unknown[], wrong: string, known: readonly string[]): string | undefined {
  return faults.length < mostAdvised ? nearestNames(wrong, known)[0] : undefined;
}
