import { type Capability, type State, transitionBetween, transitions, writeRules } from '@cosell/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, comparable, expectEnvelope } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import {
  contact,
  deal,
  invitation,
  moving,
  type Operation,
  type Party,
  partyOf,
  type Shown,
  setting,
  sharedDeal,
  targeting,
  targets,
} from '../support/parties.ts';
import { ids, users } from '../support/sample.ts';
import { startTestServer, type TestServer, type WireAnswer } from '../support/test-server.ts';

const states: readonly State[] = [
  'New/Pending',
  'New/Received',
  'Active/Accepted',
  'Closed/Won',
  'Closed/Lost',
  'Closed/Declined',
  'Closed/Expired',
  'Closed/Error',
];

/** The inner code of a refusal, and the rules in its details. */
function rulesOf(answer: WireAnswer): string[] {
  expectEnvelope(answer, 400);
  const { error } = answer.json<{ error: { innerError: { code: string }; details: { code: string }[] } }>();
  return [error.innerError.code, ...error.details.map(({ code }) => code)];
}

const annotated = { prefer: 'include-annotations="cosell.*"' };

describeOnEachEngine('the life cycle', (engine) => {
  let server: TestServer;
  let contoso: Party;
  let tailspin: Party;
  let seller: Party;
  beforeAll(async () => {
    server = await startTestServer(engine);
    [contoso, tailspin, seller] = await Promise.all([
      partyOf(server, users.admin),
      partyOf(server, users.tailspin),
      partyOf(server, users.seller),
    ]);
  });
  afterAll(() => server.close());

  /** A referral of Tailspin's in a state, by the requests that lead to it. */
  async function referralIn(state: State, more: Readonly<Record<string, unknown>> = {}): Promise<Shown> {
    const { id } = state.startsWith('New')
      ? await contoso.create(deal({ target: targeting(targets.tailspin), ...more }))
      : await tailspin.create(deal(more));
    if (state !== 'New/Pending' && state !== 'Active/Accepted') await tailspin.move(id, state);
    const referral = await tailspin.read(id);
    expect(`${referral.status}/${referral.substatus}`).toBe(state);
    return referral;
  }

  describe.each(states)('from %s', (from) => {
    it.each(states)('to %s, as the table has it', async (to) => {
      const before = await referralIn(from);
      const answer = await tailspin.patch(before.id, moving(to, 'a reason'));
      const after = await tailspin.read(before.id);
      const isFinal = from.startsWith('Closed/');
      if (transitionBetween(from, to) !== undefined || (from === to && !isFinal)) {
        expect([answer.status, answer.text, answer.headers.etag]).toEqual([204, '', after.eTag]);
        expect(after).toMatchObject({
          statusReason: 'a reason',
          status: to.split('/')[0],
          substatus: to.split('/')[1],
        });
        expect(after.eTag).not.toBe(before.eTag);
        const { createdDateTime, updatedDateTime, acceptedDateTime, closedDateTime, expirationDateTime } = after;
        expect([createdDateTime, String(updatedDateTime) > String(createdDateTime)]).toEqual([
          before.createdDateTime,
          true,
        ]);
        const isMoved = from !== to;
        expect(acceptedDateTime).toBe(isMoved && to === 'Active/Accepted' ? updatedDateTime : before.acceptedDateTime);
        expect(closedDateTime).toBe(to.startsWith('Closed/') ? updatedDateTime : null);
        expect(expirationDateTime).toBe(to === 'Active/Accepted' ? null : before.expirationDateTime);
        expect(after.salesStage).toBe(to === 'Closed/Won' ? '100' : before.salesStage);
      } else {
        expect(rulesOf(answer)[0]).toBe(isFinal ? 'terminalReferral' : 'changeRefused');
        expect(after).toEqual(before);
        expect(await tailspin.history(before.id)).toHaveLength(
          from === 'New/Pending' || from === 'Active/Accepted' ? 1 : 2,
        );
      }
    });

    it('a repetition of the state that is there passes and changes nothing', async () => {
      const before = await referralIn(from);
      const answer = await tailspin.patch(before.id, moving(from));
      expect([answer.status, answer.headers.etag]).toEqual([204, before.eTag]);
      expect(await tailspin.read(before.id)).toEqual(before);
    });

    it('half a state is refused, and the answer names the pair', async () => {
      const before = await referralIn(from);
      const status = from.startsWith('New') ? 'Active' : from.startsWith('Active') ? 'Closed' : 'Active';
      const answer = await tailspin.patch(before.id, setting({ '/status': status }));
      if (from.startsWith('Closed/')) expect(rulesOf(answer)).toEqual(['terminalReferral', 'terminalReferral']);
      else {
        expect(rulesOf(answer)).toEqual(['changeRefused', 'statusPair']);
        expect(answer.text).toContain('Change /status and /substatus together.');
      }
      expect(await tailspin.read(before.id)).toEqual(before);
    });

    it('a PUT goes by the same table', async () => {
      const before = await referralIn(from);
      const put = (to: string) => {
        const [status, substatus] = to.split('/');
        const body = { ...before, status, substatus };
        return tailspin.ask('PUT', `${collection}/${before.id}`, body, { 'if-match': before.eTag });
      };
      for (const to of states.filter((state) => state !== from && transitionBetween(from, state) === undefined)) {
        expect(rulesOf(await put(to))[0]).toBe(from.startsWith('Closed/') ? 'terminalReferral' : 'changeRefused');
      }
      const way = states.find((to) => transitionBetween(from, to) !== undefined);
      if (way !== undefined) expect((await put(way)).json()).toMatchObject({ substatus: way.split('/')[1] });
    });
  });

  describe('after the end', () => {
    const ends = states.filter((state) => state.startsWith('Closed/'));
    const others: Readonly<Record<string, unknown>> = {
      '/details/notes': 'late',
      '/team': [],
      '/name': 'late',
      '/favorite': true,
      '/statusReason': 'late',
      '/salesStage': '20',
      '/externalReferenceId': 'CRM',
      '/consent/consentToShareReferralWithMicrosoftSellers': true,
      '/customerProfile/team': [],
    };

    it.each(ends)('%s takes nothing but what decision 17 names', async (state) => {
      const before = await referralIn(state);
      for (const [path, value] of Object.entries(others)) {
        const answer = await tailspin.patch(before.id, setting({ [path]: value }));
        expect(rulesOf(answer)).toEqual(['terminalReferral', 'terminalReferral']);
      }
      const registered = await tailspin.patch(before.id, [{ op: 'add', path: '/registrations/-', value: {} }]);
      expect(rulesOf(registered)).toContain(state === 'Closed/Won' ? 'invalidBody' : 'registrationNeedsWon');
      expect(await tailspin.read(before.id)).toEqual(before);
      const ask = (justification: string) => tailspin.patch(before.id, setting({ '/exception': { justification } }));
      if (['Closed/Won', 'Closed/Lost', 'Closed/Error'].includes(state)) {
        expect((await ask('Signed late')).status).toBe(204);
        expect(rulesOf(await ask('Signed later still'))).toContain('exceptionNeedsClosed');
        expect(await tailspin.read(before.id)).toMatchObject({ exception: { justification: 'Signed late' } });
      } else {
        expect(rulesOf(await ask('Too late'))).toContain('exceptionNeedsClosed');
        expect(await tailspin.read(before.id)).toEqual(before);
      }
    });

    it('a whole referral put back as it was read passes', async () => {
      const before = await referralIn('Closed/Won');
      const answer = await tailspin.ask('PUT', `${collection}/${before.id}`, before, { 'if-match': before.eTag });
      expect([answer.status, answer.headers.etag]).toEqual([200, before.eTag]);
    });
  });

  describe('as it is told with a referral', () => {
    const actionsOf = async (party: Party, id: string) => {
      const answer = await party.get(id, annotated);
      expect(answer.headers['cosell-extension']).toBe('annotations');
      expect(answer.headers['preference-applied']).toBe('include-annotations="cosell.*"');
      return answer.json<{ '@cosell.actions': Capability[]; '@cosell.dealType': string }>()['@cosell.actions'];
    };
    const values: Readonly<Record<string, unknown>> = {
      '/name': 'other',
      '/externalReferenceId': 'other',
      '/statusReason': 'other',
      '/favorite': true,
      '/campaignId': 'other',
      '/salesStage': '60',
      '/referralProgram': 'other',
      '/customerProfile/team': [{ ...contact, firstName: 'Other' }],
      '/details/notes': 'other',
      '/details/dealValue': 1,
      '/details/currency': 'EUR',
      '/details/closingDateTime': '2031-01-01',
      '/details/requirements/solutions': [{ id: 'SOL-1-OTH', name: 'Other', type: 'Name' }],
      '/details/requirements/additionalRequirements/attributes': [{ type: 'Other', id: 'x' }],
      '/team': [],
      '/inviteContext/notes': 'other',
      '/inviteContext/assistanceRequestCode': 'QuotesOrLicensing',
      '/registrations': [{ type: 'AzureIPCoSell' }],
      '/exception': { justification: 'other' },
    };
    /** The patch that an action stands for. */
    const patchFor = (action: string, isShared: boolean): Operation[] => {
      if (Object.hasOwn(transitions, action)) return moving(transitions[action as keyof typeof transitions].to);
      if (action.startsWith('/consent')) return setting({ [action]: !isShared });
      // Who asks for help lets Microsoft see the deal, and says so in the same patch (decision 29).
      const isHelp = action === '/inviteContext/assistanceRequestCode' && !isShared;
      const flag = isHelp ? { '/consent/consentToShareReferralWithMicrosoftSellers': true } : {};
      return setting({ [action]: values[action], ...flag });
    };

    it.each(states.flatMap((state) => [[state, false] as const, [state, true] as const]))(
      '%s, shared with Microsoft: %s, the next PATCH agrees with each action',
      async (state, isShared) => {
        const body = isShared ? sharedDeal({ inviteContext: { notes: 'Please' } }) : deal();
        const { consent, inviteContext } = body;
        const { id, eTag } = await referralIn(state, { consent, ...(isShared ? { inviteContext } : {}) });
        const actions = await actionsOf(tailspin, id);
        expect(actions.map(({ action }) => action).toSorted()).toEqual(
          [
            ...Object.keys(transitions),
            ...Object.keys(values),
            '/consent/consentToShareReferralWithMicrosoftSellers',
          ].toSorted(),
        );
        for (const { action, isAllowed, rule, reason } of actions) {
          const patch = patchFor(action, isShared);
          // What is refused changes nothing, so it can be tried as it is; the rest is tried without being stored.
          const answer = await tailspin.patch(id, patch, isAllowed ? { prefer: 'validate-only' } : {});
          const isThere = !action.startsWith('/') && transitions[action as keyof typeof transitions].to === state;
          if (isThere) expect([action, answer.status, isAllowed]).toEqual([action, 204, false]);
          else if (isAllowed) {
            const codes = answer.status === 200 ? [] : rulesOf(answer);
            // A value may be wrong for reasons of its own; no rule of the life cycle stands against it.
            expect([action, codes.filter((code) => Object.hasOwn(writeRules, code))]).toEqual([action, []]);
            expect([action, answer.status === 200 || codes[0] === 'invalidBody']).toEqual([action, true]);
          } else {
            const { error } = answer.json<{ error: { details: { code: string; message: string }[] } }>();
            expect([action, answer.status, error.details[0]?.code]).toEqual([action, 400, rule]);
            expect(error.details[0]?.message).toBe(reason);
          }
        }
        expect((await tailspin.read(id)).eTag).toBe(eTag);
      },
    );

    it('to a member who does not own it: nothing, and the next PATCH agrees', async () => {
      const own = await contoso.create(deal());
      const theirs = await contoso.create(invitation(own.engagementId, targets.microsoft));
      for (const [party, id] of [
        [contoso, theirs.id],
        [seller, own.id],
      ] as const) {
        const actions = await actionsOf(party, id);
        expect(actions.every(({ isAllowed, rule }) => !isAllowed && rule === 'notTheOwner')).toBe(true);
        for (const { action } of actions) {
          expectEnvelope(await party.patch(id, patchFor(action, false)), 403, 'notTheOwner');
        }
      }
    });

    it('stands after everything else, and changes nothing of it', async () => {
      for (const id of [ids.coSell, ids.won, ids.lead]) {
        const [plain, told] = [await contoso.get(id), await contoso.get(id, annotated)];
        expect(told.text.startsWith(plain.text.slice(0, -1))).toBe(true);
        expect(told.headers.etag).toBe(plain.headers.etag);
        const { '@cosell.dealType': dealType, '@cosell.actions': actions, ...others } = told.json<Shown>();
        expect([typeof dealType, Array.isArray(actions), others]).toEqual(['string', true, plain.json()]);
      }
    });

    it('is no part of the past', async () => {
      const { id } = await referralIn('Closed/Won');
      const answer = await tailspin.get(`${id}?asOf=2999-01-01`, annotated);
      expect(answer.json()).not.toHaveProperty(['@cosell.actions']);
      expect(answer.headers).not.toHaveProperty('preference-applied');
    });
  });
});

describeOnEachEngine('with EXTENSIONS=off', (engine) => {
  let server: TestServer;
  let contoso: Party;
  beforeAll(async () => {
    server = await startTestServer(engine, { EXTENSIONS: 'off' });
    contoso = await partyOf(server, users.admin);
  });
  afterAll(() => server.close());

  it('the preference is ignored: the same bytes', async () => {
    for (const id of [ids.coSell, ids.coSellOfMicrosoft, ids.won, ids.london]) {
      expect(comparable(await contoso.get(id, annotated))).toEqual(comparable(await contoso.get(id)));
    }
  });

  it('validate-only is ignored, as a real service ignores what it does not know: the change is made', async () => {
    const { id } = await contoso.create(deal());
    const answer = await contoso.patch(id, moving('Closed/Won'), { prefer: 'validate-only' });
    expect([answer.status, answer.headers['preference-applied']]).toEqual([204, undefined]);
    expect((await contoso.read(id)).substatus).toBe('Won');
  });

  it('the history is no path, and the past no option', async () => {
    expectEnvelope(await contoso.get(`${ids.coSell}/history`), 404, 'routeNotFound');
    expect(comparable(await contoso.get(`${ids.coSell}?asOf=2000-01-01`))).toEqual(
      comparable(await contoso.get(ids.coSell)),
    );
  });
});
