import { isSharedWithMicrosoft } from './deal-type.ts';
import type { Difference } from './differences.ts';
import {
  fittingSubstatuses,
  isTerminal,
  type State,
  stateOf,
  type TransitionName,
  transitionBetween,
  transitions,
} from './lifecycle.ts';
import type { PropertyNotes } from './property.ts';
import { membersOf, notesFor, type PropertySchema } from './property.ts';
import { type Referral, referralTable } from './referral.ts';

/**
 * What may be changed, when and why not. One function decides a write and tells a caller beforehand what it would
 * decide (`Prefer: include-annotations="cosell.*"`).
 */

/** The rules by which a change is refused; the names are stable, clients branch on them. */
export const writeRules = {
  notTheOwner: 'Only the organisation that owns a record changes it.',
  terminalReferral: 'A closed referral stays as it is: Won, Lost, Declined, Expired and Error are final.',
  statusPair: 'Status and substatus must fit together after the whole change; send both.',
  transitionNotAllowed: 'The life cycle has no way from the present state to the new one.',
  frozenOnceShared: 'What Microsoft may have read is not changed any more: contacts, help code and notes, once set.',
  neverTakenBack: 'A referral that Microsoft may see stays visible to it.',
  registrationNeedsWon: 'Deals are registered when they are Won.',
  exceptionNeedsClosed: 'An exception is asked for once, on a Won, Lost or Error referral.',
} as const satisfies Record<string, string>;

/** The name of a rule. */
export type WriteRule = keyof typeof writeRules;

/** Why a change is refused. */
export interface Refusal {
  readonly rule: WriteRule;
  /** JSON pointer of what may not change. */
  readonly pointer: string;
  readonly message: string;
}

/** A property that may be changed after creation: one row of the table of writable paths (decision 14). */
export interface WritablePath {
  readonly pointer: string;
  readonly notes: PropertyNotes;
  readonly description: string;
}

/** Every writable path, in the order of the wire; what lies below a path is writable with it. */
export const writablePaths: readonly WritablePath[] = writableBelow(referralTable, '');

function writableBelow(schema: PropertySchema, pointer: string): WritablePath[] {
  return membersOf(schema).flatMap(([name, member]) => {
    const notes = notesFor(member);
    const place = `${pointer}/${name}`;
    if (notes.kind === 'record') return writableBelow(member, place);
    return notes.write === 'change' || notes.write === 'later'
      ? [{ pointer: place, notes, description: member.description ?? '' }]
      : [];
  });
}

/**
 * Whether a property of a referral may change now, whatever its new value.
 *
 * @returns undefined when it may
 */
export function judgeProperty(before: Referral, pointer: string, notes: PropertyNotes): Refusal | undefined {
  if (pointer === '/registrations') {
    return before.substatus === 'Won' ? undefined : refusal('registrationNeedsWon', pointer);
  }
  if (pointer === '/exception') {
    const mayAsk = ['Won', 'Lost', 'Error'].includes(before.substatus) && before.exception === undefined;
    return mayAsk ? undefined : refusal('exceptionNeedsClosed', pointer);
  }
  if (isTerminal(before)) {
    return refusal('terminalReferral', pointer, `The referral is ${before.substatus}, and that is final.`);
  }
  if (notes.frozen === 'onceShared' && isSharedWithMicrosoft(before) && isSet(before, pointer, notes)) {
    return refusal(pointer.includes('consent') ? 'neverTakenBack' : 'frozenOnceShared', pointer);
  }
  return undefined;
}

/** Whether a referral may go from one state to another. */
export function judgeTransition(before: Referral, after: Pick<Referral, 'status' | 'substatus'>): Refusal | undefined {
  if (before.status === after.status && before.substatus === after.substatus) return undefined;
  if (isTerminal(before)) return final(before);
  const to = stateOf(after);
  if (to === undefined) return refusal('statusPair', '/substatus', pairMessage(before, after));
  const from = stateOf(before);
  if (from !== undefined && transitionBetween(from, to) !== undefined) return undefined;
  // A pair that only an import can bring leads nowhere.
  const ways = waysFrom(from).map((name) => transitions[name].to);
  const open = ways.length === 0 ? 'none' : ways.join(', ');
  const message = `There is no way from ${before.status}/${before.substatus} to ${to}; from here: ${open}.`;
  return refusal('transitionNotAllowed', '/status', message);
}

function final({ substatus }: Pick<Referral, 'substatus'>): Refusal {
  return refusal('terminalReferral', '/status', `The referral is ${substatus}, and that is final.`);
}

function pairMessage(before: Referral, after: Pick<Referral, 'status' | 'substatus'>): string {
  const fitting = fittingSubstatuses(after.status);
  if (fitting.length === 0) return `No referral is ever ${after.status}; a status is New, Active or Closed.`;
  const alone = after.substatus === before.substatus ? ' Change /status and /substatus together.' : '';
  return `${after.status} does not go with ${after.substatus}; it goes with ${fitting.join(', ')}.${alone}`;
}

/** The transitions that the table has from a state. */
export function waysFrom(state: State | undefined): TransitionName[] {
  if (state === undefined) return [];
  const names = Object.keys(transitions) as TransitionName[];
  return names.filter((name) => (transitions[name].from as readonly State[]).includes(state));
}

/** Everything that forbids a change, by the differences that it makes. */
export function judgeChange(before: Referral, after: Referral, differences: readonly Difference[]): Refusal[] {
  const refusals: Refusal[] = [];
  const moves = differences.some(({ pointer }) => pointer === '/status' || pointer === '/substatus');
  const transition = moves ? judgeTransition(before, after) : undefined;
  if (transition !== undefined) refusals.push(transition);
  for (const { pointer, notes } of differences) {
    if (pointer === '/status' || pointer === '/substatus') continue;
    const verdict = judgeProperty(before, pointer, notes);
    if (verdict !== undefined) refusals.push(verdict);
  }
  return refusals;
}

/** One thing that a caller may do now, or why he may not. */
export interface Capability {
  /** A transition by its name, or the pointer of a writable path. */
  readonly action: string;
  readonly isAllowed: boolean;
  readonly rule?: WriteRule;
  readonly reason?: string;
}

/** What may be done with a referral now, each by the function that would decide the write. */
export function capabilitiesOf(referral: Referral, isOwner: boolean): Capability[] {
  const names = Object.keys(transitions) as TransitionName[];
  const verdicts: (readonly [string, Refusal | undefined])[] = [
    ...names.map((name) => [name, judgeTransition(referral, parseState(transitions[name].to))] as const),
    ...writablePaths
      .filter(({ pointer }) => pointer !== '/status' && pointer !== '/substatus')
      .map(({ pointer, notes }) => [pointer, judgeProperty(referral, pointer, notes)] as const),
  ];
  return verdicts.map(([action, verdict]) => {
    const refused = isOwner ? (sameState(action, referral) ?? verdict) : refusal('notTheOwner', action);
    if (refused === undefined) return { action, isAllowed: true };
    return { action, isAllowed: false, rule: refused.rule, reason: refused.message };
  });
}

/** A transition into the state that a referral is in already is none. */
function sameState(action: string, referral: Referral): Refusal | undefined {
  const row = Object.hasOwn(transitions, action) ? transitions[action as TransitionName] : undefined;
  if (row === undefined || row.to !== stateOf(referral)) return undefined;
  if (isTerminal(referral)) return final(referral);
  return refusal('transitionNotAllowed', '/status', `The referral is ${row.to} already.`);
}

function parseState(state: State): Pick<Referral, 'status' | 'substatus'> {
  const [status, substatus] = state.split('/');
  return { status, substatus } as Pick<Referral, 'status' | 'substatus'>;
}

function isSet(referral: Referral, pointer: string, { absent }: PropertyNotes): boolean {
  let value: unknown = referral;
  for (const name of pointer.slice(1).split('/')) value = (value as Record<string, unknown> | undefined)?.[name];
  if (Array.isArray(value)) return value.length > 0;
  return value !== undefined && value !== null && value !== '' && value !== absent;
}

/** Makes a refusal; without a message of its own it says the rule. */
export function refusal(rule: WriteRule, pointer: string, message: string = writeRules[rule]): Refusal {
  return { rule, pointer, message };
}
