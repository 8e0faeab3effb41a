import type { Referral } from './referral.ts';

/**
 * The life cycle of a referral, as one table (facts §8, decision 17): from it come the rule for a write, what a caller
 * is told that he may do, the page `docs/lifecycle.md`, and its tests.
 */

/** The substatuses that each status can have; no other pair is ever stored by a write. */
export const substatusesOf = {
  New: ['Pending', 'Received'],
  Active: ['Accepted'],
  Closed: ['Won', 'Lost', 'Declined', 'Expired', 'Error'],
} as const;

/** A status with its substatus. */
export type State = {
  [Status in keyof typeof substatusesOf]: `${Status}/${(typeof substatusesOf)[Status][number]}`;
}[keyof typeof substatusesOf];

interface TransitionRow {
  readonly from: readonly State[];
  readonly to: State;
  /** Who makes it: the owner's people, or the exchange by itself. The owner may make all of them. */
  readonly by: 'owner' | 'exchange';
  readonly sentence: string;
}

const incoming = ['New/Pending', 'New/Received'] as const;
const open = [...incoming, 'Active/Accepted'] as const;

/** Every way from one state to another, by name. */
export const transitions = {
  acknowledge: {
    from: ['New/Pending'],
    to: 'New/Received',
    by: 'owner',
    sentence: 'The receiver has seen the referral.',
  },
  setBack: {
    from: ['New/Received'],
    to: 'New/Pending',
    by: 'owner',
    sentence: 'The receiver marks it as not yet seen.',
  },
  accept: { from: incoming, to: 'Active/Accepted', by: 'owner', sentence: 'The receiver takes the referral on.' },
  decline: {
    from: open,
    to: 'Closed/Declined',
    by: 'owner',
    sentence: 'The receiver does not take it on; the reason goes into statusReason.',
  },
  expire: {
    from: open,
    to: 'Closed/Expired',
    by: 'exchange',
    sentence: 'Nobody answered in time; the exchange closes it at its expirationDateTime.',
  },
  win: { from: open, to: 'Closed/Won', by: 'owner', sentence: 'The customer has signed.' },
  lose: {
    from: open,
    to: 'Closed/Lost',
    by: 'owner',
    sentence: 'The deal did not come about; the reason goes into statusReason.',
  },
  closeAsError: {
    from: open,
    to: 'Closed/Error',
    by: 'owner',
    sentence: 'The referral should not have been made, for example a duplicate.',
  },
} as const satisfies Record<string, TransitionRow>;

/** The name of a transition. */
export type TransitionName = keyof typeof transitions;

interface SideEffectRow {
  /** The states whose entering has the effect. */
  readonly into: readonly State[];
  readonly member: 'acceptedDateTime' | 'expirationDateTime' | 'closedDateTime' | 'salesStage';
  /** What the member becomes: the instant of the change, nothing, or a text. */
  readonly becomes: 'now' | 'nothing' | { readonly text: string };
}

const closed = substatusesOf.Closed.map((substatus) => `Closed/${substatus}` as const);

/** What entering a state does besides (facts §8.3). */
export const sideEffects: readonly SideEffectRow[] = [
  { into: ['Active/Accepted'], member: 'acceptedDateTime', becomes: 'now' },
  { into: ['Active/Accepted'], member: 'expirationDateTime', becomes: 'nothing' },
  { into: closed, member: 'closedDateTime', becomes: 'now' },
  { into: ['Closed/Won'], member: 'salesStage', becomes: { text: '100' } },
];

/** The state of a referral; undefined for a pair that only an import can bring. */
export function stateOf({ status, substatus }: Pick<Referral, 'status' | 'substatus'>): State | undefined {
  const allowed: readonly string[] | undefined = Object.hasOwn(substatusesOf, status)
    ? substatusesOf[status as keyof typeof substatusesOf]
    : undefined;
  return allowed?.includes(substatus) === true ? (`${status}/${substatus}` as State) : undefined;
}

/** Whether nothing may change any more, but for what decision 17 names. */
export function isTerminal({ status }: Pick<Referral, 'status'>): boolean {
  return status === 'Closed';
}

/** Whether the referral is still New or Active, so that others can be invited and the deal can be worked on. */
export function isOpen({ status }: Pick<Referral, 'status'>): boolean {
  return status === 'New' || status === 'Active';
}

/** The transition between two states, if the table has one. */
export function transitionBetween(from: State, to: State): TransitionName | undefined {
  const names = Object.keys(transitions) as TransitionName[];
  return names.find((name) => {
    const row: TransitionRow = transitions[name];
    return row.to === to && row.from.includes(from);
  });
}

/** The substatuses that fit a status, for whoever sent another one. */
export function fittingSubstatuses(status: string): readonly string[] {
  return Object.hasOwn(substatusesOf, status) ? substatusesOf[status as keyof typeof substatusesOf] : [];
}

/**
 * Writes what entering a state does besides. Gives a new referral.
 *
 * @param at the instant of the change, as wire text with seven digits
 */
export function entered(referral: Referral, state: State, at: string): Referral {
  const after = { ...referral };
  for (const { member, becomes } of sideEffects.filter(({ into }) => into.includes(state))) {
    if (becomes === 'nothing') delete after[member];
    else after[member] = becomes === 'now' ? at : becomes.text;
  }
  return after;
}
