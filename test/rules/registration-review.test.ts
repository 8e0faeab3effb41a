import {
  enumerations,
  judgeException,
  longestJustification,
  moveOf,
  type Registration,
  type RegistrationMove,
  type RegistrationStatus,
  type ReviewDecision,
  registrationMoves,
  registrationStates,
  reviewException,
  reviewRegistration,
} from '@cosell/model';
import { describe, expect, it } from 'vitest';
import { type Json, readDeal } from '../support/won-deal.ts';

const now = '2025-03-06T08:00:00.1Z';
const fixedNow = '2025-03-06T08:00:00.1000000Z';

/** Facts §14.3 "States", each cell by hand: where a move leads, or a dash where it cannot happen. */
const matrix = `
                register  registerForReview  edit           approve   review         pass    fail    requestAction   close
None            Approved  ReviewPending      -              -         -              -       -       -               -
ReviewPending   -         -                  -              Approved  -              Passed  Failed  ActionRequired  Closed
ActionRequired  -         -                  ReviewPending  -         -              -       -       -               -
Approved        -         -                  -              -         ReviewPending  -       -       -               Closed
Passed          -         -                  -              -         -              -       -       -               Closed
Failed          -         -                  -              -         -              -       -       -               Closed
Closed          -         -                  -              -         -              -       -       -               -`;

const [head = [], ...lines] = matrix
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));
const cells = lines.flatMap(([status = '', ...targets]) =>
  targets.map((target, at) => [status, head[at], target === '-' ? undefined : target]),
) as [RegistrationStatus, RegistrationMove, RegistrationStatus | undefined][];

const histories: Partial<Record<RegistrationStatus, string>> = {
  ReviewPending: 'reviewPendingDateTime',
  ActionRequired: 'actionRequiredDateTime',
  Passed: 'passedDateTime',
  Failed: 'failedDateTime',
  Approved: 'approvedDateTime',
};

const inState = (status: RegistrationStatus): Registration => ({
  id: 'REG-1',
  status,
  statusReason: 'before',
  statusHistory: { reviewPendingDateTime: '2025-01-01T00:00:00.0000000Z' },
});

describe('the states of a registration', () => {
  it('are those of the API, and the matrix has a cell for each move', () => {
    expect(Object.keys(registrationStates)).toEqual(enumerations.RegistrationStatus);
    expect(lines.map(([status]) => status)).toEqual(enumerations.RegistrationStatus);
    expect(head).toEqual(Object.keys(registrationMoves));
    expect(cells).toHaveLength(63);
  });

  it.each(cells)('%s, %s: %s', (status, move, target) => {
    expect(moveOf(status, move)).toBe(target);
  });

  const decisions = cells.filter(([, move]) => registrationMoves[move].by === 'Microsoft');

  it.each(decisions)('%s is left by the decision %s for %s', (status, move, target) => {
    const before = inState(status);
    const kind = move as ReviewDecision['kind'];
    const outcome = reviewRegistration(before, { kind, reason: 'because' }, now);
    expect(before).toEqual(inState(status));
    if (target === undefined) {
      expect(outcome).toMatchObject({ faults: [{ code: 'reviewNotAllowed', pointer: '/status' }] });
      return;
    }
    const history = histories[target];
    const reached = history === undefined ? {} : { [history]: fixedNow };
    expect(outcome).toEqual({
      registration: {
        id: 'REG-1',
        status: target,
        statusReason: 'because',
        statusHistory: { ...before.statusHistory, ...reached },
      },
      registrationStatus: target,
    });
  });

  it('are left without a reason where none is needed', () => {
    const outcome = reviewRegistration(inState('ReviewPending'), { kind: 'approve' }, now);
    expect(outcome).toMatchObject({ registration: { status: 'Approved', statusReason: null } });
  });

  it.each([undefined, '', '  '])('are not left for an action with the reason %j', (reason) => {
    const decision: ReviewDecision = { kind: 'requestAction', ...(reason === undefined ? {} : { reason }) };
    expect(reviewRegistration(inState('ReviewPending'), decision, now)).toMatchObject({
      faults: [{ code: 'missingMember', pointer: '/reason' }],
    });
  });

  it('that nobody knows allow no decision', () => {
    const { registrations = [] } = readDeal({ registrations: [{ status: 'Invented' }, {}] });
    for (const registration of registrations) {
      expect(reviewRegistration(registration, { kind: 'close' }, now)).toMatchObject({
        faults: [{ code: 'reviewNotAllowed', message: 'A registration in None allows no decision, not close.' }],
      });
    }
  });
});

describe('a request for an exception', () => {
  const deal = (members: Json = {}): Json => ({ status: 'Closed', substatus: 'Won', ...members });
  const ask = (members: Json, exception: Json[string], instant = now) =>
    judgeException(readDeal(deal(members)), readDeal({ ...deal(members), exception }), instant);
  const pending = { justification: 'The customer signed late.', status: 'ReviewPending', requestedDateTime: fixedNow };
  const registered = (registrationDateTime: string): Json => ({ registrations: [{ registrationDateTime }] });
  const request = { justification: 'The customer signed late.' };
  const codes = (outcome: ReturnType<typeof ask>) =>
    'faults' in outcome ? outcome.faults.map(({ code, pointer }) => `${code} ${pointer}`) : outcome.exception;

  it.each<[string, Json]>([
    ['on a won deal', {}],
    ['on a lost deal', { substatus: 'Lost' }],
    ['on a deal closed as error', { substatus: 'Error' }],
    ['on the sixtieth day after the registration', registered('2025-01-05T23:59:59Z')],
    ['where the registration has no date', { registrations: [{}] }],
    ['where the deal had none said outright', { exception: null }],
  ])('is kept and waits for a decision %s', (_title, members) => {
    expect(codes(ask(members, request))).toBe(JSON.stringify(pending));
  });

  it.each<[string, Json, Json[string], string[]]>([
    ['on an active deal', { status: 'Active', substatus: 'Accepted' }, request, ['exceptionNotAllowed /exception']],
    ['on a declined deal', { substatus: 'Declined' }, request, ['exceptionNotAllowed /exception']],
    ['on an expired deal', { substatus: 'Expired' }, request, ['exceptionNotAllowed /exception']],
    ['after sixty days', registered('2025-01-04T23:59:59Z'), request, ['exceptionTooLate /exception']],
    ['as a text', {}, 'please', ['exceptionMalformed /exception']],
    ['as a list', {}, [request], ['exceptionMalformed /exception']],
    ['without a justification', {}, {}, ['missingMember /exception/justification']],
    ['with an empty one', {}, { justification: ' ' }, ['missingMember /exception/justification']],
    ['with one that is no text', {}, { justification: 1 }, ['missingMember /exception/justification']],
    ['with other members', {}, { ...request, urgency: 1 }, ['exceptionMalformed /exception/urgency']],
    ['a second time', { exception: pending }, { justification: 'Again.' }, ['exceptionRepeated /exception']],
    ['that takes an earlier one away', { exception: pending }, null, ['exceptionRepeated /exception']],
    [
      'that changes a decision',
      { exception: { ...pending, status: 'Rejected' } },
      pending,
      ['exceptionRepeated /exception'],
    ],
    [
      'with several faults, all at once',
      { status: 'Active', substatus: 'Accepted', ...registered('2024-01-01') },
      {},
      ['missingMember /exception/justification', 'exceptionNotAllowed /exception', 'exceptionTooLate /exception'],
    ],
  ])('is refused %s', (_title, members, exception, expected) => {
    expect(codes(ask(members, exception))).toEqual(expected);
  });

  it('has at most 5,000 characters, counted as people count them', () => {
    expect(longestJustification).toBe(5_000);
    expect(codes(ask({}, { justification: '😀'.repeat(5_000) }))).toContain('ReviewPending');
    expect(codes(ask({}, { justification: 'a'.repeat(5_001) }))).toEqual(['exceptionTooLong /exception/justification']);
  });

  it('does not decide itself', () => {
    const own = { ...request, status: 'Approved', requestedDateTime: '2020-01-01', decidedDateTime: '2020-01-01' };
    expect(codes(ask({}, own))).toBe(JSON.stringify(pending));
  });

  it('changes nothing when it is sent back as it is, on whichever deal', () => {
    const imported = { reason: 'other', n: 1 };
    for (const status of ['New', 'Active', 'Closed']) {
      expect(codes(ask({ status, exception: imported }, { n: 1, reason: 'other' }))).toBe(JSON.stringify(imported));
    }
    expect(judgeException(readDeal(deal()), readDeal(deal()), now)).toEqual({ exception: undefined });
  });

  it.each([
    ['approved', 'Approved'],
    ['rejected', 'Rejected'],
  ] as const)('is %s by Microsoft', (decision, status) => {
    const outcome = reviewException(JSON.stringify(pending), decision, '2025-03-20');
    const decided = { ...pending, status, decidedDateTime: '2025-03-20T00:00:00.0000000Z' };
    expect(codes(outcome)).toBe(JSON.stringify(decided));
  });

  it.each([undefined, null, '"text"', '{}', JSON.stringify({ ...pending, status: 'Approved' })])(
    'is not decided where none waits: %j',
    (exception) => {
      expect(codes(reviewException(exception, 'approved', now))).toEqual(['reviewNotAllowed /exception/status']);
    },
  );
});
