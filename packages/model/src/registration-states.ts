import { fixedText } from './calendar.ts';
import type { EnumerationValue } from './enumerations.ts';
import type { Fault } from './faults.ts';
import type { Referral } from './referral.ts';

/** A deal registration as it is stored. */
export type Registration = NonNullable<Referral['registrations']>[number];

/** The state of a registration; `None` while there is none. */
export type RegistrationStatus = EnumerationValue<'RegistrationStatus'>;

interface MoveRow {
  readonly by: 'exchange' | 'partner' | 'Microsoft';
  readonly means: string;
  /** Whether a reason must be given. */
  readonly needsReason?: true;
}

/** What can happen to a registration, and who does it. */
export const registrationMoves = {
  register: { by: 'exchange', means: 'A registration was sent that nothing calls to review.' },
  registerForReview: { by: 'exchange', means: 'A registration was sent that has to be reviewed.' },
  edit: { by: 'partner', means: 'The registration was changed as it was asked for.' },
  approve: { by: 'Microsoft', means: 'The registration is approved.' },
  review: { by: 'Microsoft', means: 'The registration is selected for review.' },
  pass: { by: 'Microsoft', means: 'The review is passed.' },
  fail: { by: 'Microsoft', means: 'The review is failed.' },
  requestAction: { by: 'Microsoft', means: 'The partner is asked to change something.', needsReason: true },
  close: { by: 'Microsoft', means: 'The registration is closed.' },
} as const satisfies Record<string, MoveRow>;

/** The name of something that can happen to a registration. */
export type RegistrationMove = keyof typeof registrationMoves;

interface StateRow {
  readonly means: string;
  /** Where each move leads; what is not named cannot happen. */
  readonly moves: Readonly<Partial<Record<RegistrationMove, RegistrationStatus>>>;
  /** The member of `statusHistory` that says when the state was reached. */
  readonly history?: keyof NonNullable<Registration['statusHistory']>;
}

/**
 * The states and their moves (facts §14.3 "States"). The API has one name for what Microsoft's own pages call
 * registration, review and marketplace validation pending: `ReviewPending` has the moves of all three.
 */
export const registrationStates = {
  None: {
    means: 'Nothing is registered.',
    moves: { register: 'Approved', registerForReview: 'ReviewPending' },
  },
  ReviewPending: {
    means: 'Microsoft has to review it.',
    moves: { approve: 'Approved', pass: 'Passed', fail: 'Failed', requestAction: 'ActionRequired', close: 'Closed' },
    history: 'reviewPendingDateTime',
  },
  ActionRequired: {
    means: 'The partner has to change something; `statusReason` says what.',
    moves: { edit: 'ReviewPending' },
    history: 'actionRequiredDateTime',
  },
  Approved: {
    means: 'It is approved.',
    moves: { review: 'ReviewPending', close: 'Closed' },
    history: 'approvedDateTime',
  },
  Passed: { means: 'It passed the review.', moves: { close: 'Closed' }, history: 'passedDateTime' },
  Failed: { means: 'It failed the review.', moves: { close: 'Closed' }, history: 'failedDateTime' },
  Closed: { means: 'It is closed for good.', moves: {} },
} as const satisfies Record<RegistrationStatus, StateRow>;

/** Where a move leads from a state; undefined where it cannot happen. */
export function moveOf(status: RegistrationStatus, move: RegistrationMove): RegistrationStatus | undefined {
  const row: StateRow | undefined = registrationStates[status];
  return row?.moves[move];
}

/** The state of a registration; one that was imported without a known state has none. */
export function statusOfRegistration({ status }: Registration): RegistrationStatus {
  return status != null && Object.hasOwn(registrationStates, status) ? status : 'None';
}

/** A registration that has just reached a state. */
export function enterState(
  registration: Registration,
  status: RegistrationStatus,
  reason: string | null,
  now: string,
): Registration {
  const { history }: StateRow = registrationStates[status];
  const reached = history === undefined ? {} : { [history]: fixedText(now) };
  return {
    ...registration,
    status,
    statusReason: reason,
    statusHistory: { ...registration.statusHistory, ...reached },
  };
}

/** A decision of Microsoft on a registration. */
export interface ReviewDecision {
  readonly kind: {
    [Move in RegistrationMove]: (typeof registrationMoves)[Move]['by'] extends 'Microsoft' ? Move : never;
  }[RegistrationMove];
  /** Why; the partner reads it as `statusReason`. */
  readonly reason?: string;
}

/** Every decision that Microsoft can make. */
export const reviewDecisions = (Object.keys(registrationMoves) as RegistrationMove[]).filter(isDecision);

/** Carries out a decision of Microsoft, or says why the registration does not allow it. */
export function reviewRegistration(
  registration: Registration,
  { kind, reason }: ReviewDecision,
  now: string,
):
  | { readonly registration: Registration; readonly registrationStatus: RegistrationStatus }
  | { readonly faults: readonly Fault[] } {
  const faults: Fault[] = [];
  const from = statusOfRegistration(registration);
  const to = moveOf(from, kind);
  if (to === undefined) {
    const allowed = reviewDecisions.filter((move) => moveOf(from, move) !== undefined);
    const message = `A registration in ${from} allows ${allowed.join(', ') || 'no decision'}, not ${kind}.`;
    faults.push({ code: 'reviewNotAllowed', message, pointer: '/status', offset: 0 });
  }
  const { needsReason }: MoveRow = registrationMoves[kind];
  const said = reason === undefined || reason.trim() === '' ? null : reason;
  if (needsReason === true && said === null) {
    const message = 'Say in "reason" what the partner has to change.';
    faults.push({ code: 'missingMember', message, pointer: '/reason', offset: 0 });
  }
  if (to === undefined || faults.length > 0) return { faults };
  return { registration: enterState(registration, to, said, now), registrationStatus: to };
}

function isDecision(move: RegistrationMove): move is ReviewDecision['kind'] {
  return registrationMoves[move].by === 'Microsoft';
}
