import {
  entered,
  enumerations,
  isOpen,
  isTerminal,
  judgeTransition,
  type Referral,
  type State,
  stateOf,
  substatusesOf,
  transitionBetween,
  transitions,
  waysFrom,
} from '@cosell/model';
import { describe, expect, it } from 'vitest';
import { captureText, readWell } from '../support/captures.ts';

/**
 * Facts §8.3 with its "table allows" rows and decision 17, written by hand: which way leads from the state of a row to
 * that of a column. `=` is no change, `-` no way, `!` no way because the state is final.
 */
const table = `
                 P            R            A       W    L     D        X       E
  New/Pending    =            acknowledge  accept  win  lose  decline  expire  closeAsError
  New/Received   setBack      =            accept  win  lose  decline  expire  closeAsError
  Active/Accepted -           -            =       win  lose  decline  expire  closeAsError
  Closed/Won     !            !            !       =    !     !        !       !
  Closed/Lost    !            !            !       !    =     !        !       !
  Closed/Declined !           !            !       !    !     =        !       !
  Closed/Expired !            !            !       !    !     !        =       !
  Closed/Error   !            !            !       !    !     !        !       =
`;

const rows = table
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.trim().split(/\s+/));
const states = rows.map(([state]) => state as State);
const cells = rows.flatMap(([from, ...ways]) =>
  ways.map((way, at) => ({ from: from as State, to: states[at] as State, way })),
);

/** A referral in a state, with everything set that a change of state could touch. */
function referralIn(state: string): Referral {
  const [status, substatus] = state.split('/');
  return readWell(captureText({ status, substatus, salesStage: '40', expirationDateTime: '2030-01-01T00:00:00Z' }));
}

describe('the life cycle', () => {
  it('has a row and a column for every state', () => {
    const all = Object.entries(substatusesOf).flatMap(([status, list]) => list.map((item) => `${status}/${item}`));
    expect(states.toSorted()).toEqual(all.toSorted());
    expect(cells).toHaveLength(all.length ** 2);
    expect(new Set(cells.map(({ way }) => way))).toEqual(new Set([...Object.keys(transitions), '=', '-', '!']));
  });

  it.each(cells)('from $from to $to: $way', ({ from, to, way }) => {
    const [before, after] = [referralIn(from), referralIn(to)];
    const verdict = judgeTransition(before, after);
    const isWay = Object.hasOwn(transitions, way as string);
    expect(transitionBetween(from, to)).toBe(isWay ? way : undefined);
    expect(waysFrom(from).filter((name) => transitions[name].to === to)).toEqual(isWay ? [way] : []);
    if (isWay || way === '=') expect(verdict).toBeUndefined();
    else {
      expect(verdict?.rule).toBe(way === '!' ? 'terminalReferral' : 'transitionNotAllowed');
      expect(verdict?.pointer).toBe('/status');
    }
  });

  const pairs = enumerations.ReferralStatus.flatMap((status) =>
    enumerations.ReferralSubstatus.map((substatus) => ({ status, substatus })),
  ).filter(({ status, substatus }) => !states.includes(`${status}/${substatus}` as State));

  it('knows 36 pairs of status and substatus, of which 28 are no state', () => {
    expect(pairs).toHaveLength(28);
  });

  it.each(pairs)('never stores $status/$substatus', ({ status, substatus }) => {
    expect(stateOf({ status, substatus })).toBeUndefined();
    for (const from of states) {
      const verdict = judgeTransition(referralIn(from), { status, substatus });
      expect(verdict?.rule).toBe(from.startsWith('Closed') ? 'terminalReferral' : 'statusPair');
      if (verdict?.rule === 'statusPair') expect(verdict.pointer).toBe('/substatus');
    }
  });

  it('names the pair where only one half was sent, and what fits the status', () => {
    const accepted = referralIn('Active/Accepted');
    const half = judgeTransition(accepted, { status: 'Closed', substatus: 'Accepted' });
    expect(half?.message).toBe(
      'Closed does not go with Accepted; it goes with Won, Lost, Declined, Expired, Error. Change /status and /substatus together.',
    );
    expect(judgeTransition(accepted, { status: 'Active', substatus: 'Won' })?.message).toBe(
      'Active does not go with Won; it goes with Accepted.',
    );
    expect(judgeTransition(accepted, { status: 'None', substatus: 'None' })?.message).toMatch(/^No referral is ever/);
  });

  it('leaves no way from a pair that only an import can bring, and says so in a whole sentence', () => {
    for (const [status, substatus] of [
      ['None', 'None'],
      ['New', 'Accepted'],
      ['Active', 'Pending'],
    ] as const) {
      const odd = referralIn(`${status}/${substatus}`);
      expect(waysFrom(stateOf(odd))).toEqual([]);
      const verdict = judgeTransition(odd, { status: 'Active', substatus: 'Accepted' });
      expect(verdict).toMatchObject({ rule: 'transitionNotAllowed', pointer: '/status' });
      expect(verdict?.message).toBe(`There is no way from ${status}/${substatus} to Active/Accepted; from here: none.`);
      expect(judgeTransition(odd, odd)).toBeUndefined();
    }
  });

  it.each(states)('is open or final, never both: %s', (state) => {
    const referral = referralIn(state);
    expect(isTerminal(referral)).toBe(state.startsWith('Closed/'));
    expect(isOpen(referral)).toBe(!isTerminal(referral));
    expect(waysFrom(state).length > 0).toBe(isOpen(referral));
  });
});

describe('entering a state', () => {
  const at = '2031-05-05T10:00:00.0000000Z';
  const effects: Readonly<Record<State, Readonly<Record<string, unknown>>>> = {
    'New/Pending': {},
    'New/Received': {},
    'Active/Accepted': { acceptedDateTime: at, expirationDateTime: undefined },
    'Closed/Won': { closedDateTime: at, salesStage: '100' },
    'Closed/Lost': { closedDateTime: at },
    'Closed/Declined': { closedDateTime: at },
    'Closed/Expired': { closedDateTime: at },
    'Closed/Error': { closedDateTime: at },
  };

  it.each(states)('%s sets what facts §8.3 says, and nothing else', (state) => {
    const before = referralIn(state);
    const copy = structuredClone(before);
    const after = entered(before, state, at);
    expect(after).toEqual({ ...before, ...effects[state] });
    expect(before).toEqual(copy);
    expect('expirationDateTime' in after).toBe(state !== 'Active/Accepted');
  });
});
