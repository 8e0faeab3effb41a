import { dayOf, fixedText } from './calendar.ts';
import type { Fault, FaultCode } from './faults.ts';
import { isPlainObject, isSameValue } from './json-value.ts';
import type { Referral } from './referral.ts';

/** How long a justification may be, in characters (facts §14.3). */
export const longestJustification = 5_000;

/** Within how many days of its registration a deal may ask for an exception (facts §14.3). */
export const exceptionWithinDays = 60;

/** The substatuses in which a closed deal may ask for an exception. */
export const exceptionSubstatuses: readonly string[] = ['Won', 'Lost', 'Error'];

/** What becomes of the exception of a deal, as JSON text, or every fault of the request. */
export type ExceptionVerdict =
  | { readonly faults: readonly Fault[] }
  | { readonly exception: string | null | undefined };

/**
 * Judges the difference between the exceptions of a deal before and after a patch (facts §14.3): a request, once for a
 * deal, or none.
 */
export function judgeException(before: Referral, after: Referral, now: string): ExceptionVerdict {
  const [held, wanted] = [parseException(before.exception), parseException(after.exception)];
  if (isSameValue(held, wanted)) return { exception: before.exception };
  if (held !== null) {
    return refuse('exceptionRepeated', '', 'A deal asks for an exception once, and the request stays as it is.');
  }
  const faults = [...formFaults(wanted), ...dealFaults(after, now)];
  if (faults.length > 0) return { faults };
  // The form was checked above.
  const { justification } = wanted as { justification: string };
  return { exception: JSON.stringify({ justification, status: 'ReviewPending', requestedDateTime: fixedText(now) }) };
}

/** Carries out Microsoft's decision on a request for an exception. */
export function reviewException(
  exception: string | null | undefined,
  decision: 'approved' | 'rejected',
  now: string,
): ExceptionVerdict {
  const held = parseException(exception);
  if (!isPlainObject(held) || held.status !== 'ReviewPending') {
    return refuse('reviewNotAllowed', '/status', 'No request for an exception is waiting for a decision.');
  }
  const status = decision === 'approved' ? 'Approved' : 'Rejected';
  return { exception: JSON.stringify({ ...held, status, decidedDateTime: fixedText(now) }) };
}

function formFaults(wanted: unknown): Fault[] {
  const form = 'Write {"justification": "…"} here.';
  if (!isPlainObject(wanted)) return [fault('exceptionMalformed', '', form)];
  // What the server sets may be sent back to it (decision 12).
  const known = ['justification', 'status', 'requestedDateTime', 'decidedDateTime'];
  const faults = Object.keys(wanted)
    .filter((name) => !known.includes(name))
    .map((name) => fault('exceptionMalformed', `/${name}`, form));
  const { justification } = wanted;
  if (typeof justification !== 'string' || justification.trim() === '') {
    faults.push(fault('missingMember', '/justification', 'Say in "justification" why an exception should be made.'));
  } else if ([...justification].length > longestJustification) {
    const message = `A justification has at most ${longestJustification} characters.`;
    faults.push(fault('exceptionTooLong', '/justification', message));
  }
  return faults;
}

function dealFaults({ status, substatus, registrations }: Referral, now: string): Fault[] {
  const faults: Fault[] = [];
  if (status !== 'Closed' || !exceptionSubstatuses.includes(substatus)) {
    const message = `Only a deal that is closed as ${exceptionSubstatuses.join(' or ')} can ask for an exception.`;
    faults.push(fault('exceptionNotAllowed', '', message));
  }
  const registered = dayOf(registrations?.[0]?.registrationDateTime);
  if (registered !== undefined && (dayOf(now) ?? registered) - registered > exceptionWithinDays) {
    const message = `An exception is asked for within ${exceptionWithinDays} days of the registration.`;
    faults.push(fault('exceptionTooLate', '', message));
  }
  return faults;
}

/** An exception is kept as JSON text that was read before. */
function parseException(text: string | null | undefined): unknown {
  return text == null ? null : JSON.parse(text);
}

function refuse(code: FaultCode, pointer: string, message: string): ExceptionVerdict {
  return { faults: [fault(code, pointer, message)] };
}

function fault(code: FaultCode, pointer: string, message: string): Fault {
  return { code, message, pointer: `/exception${pointer}`, offset: 0 };
}
