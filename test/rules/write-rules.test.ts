import {
  type Capability,
  capabilitiesOf,
  differencesBetween,
  judgeChange,
  patchReferral,
  type Referral,
  readPatch,
  type TransitionName,
  transitions,
  writablePaths,
  writeRules,
} from '@cosell/model';
import { describe, expect, it } from 'vitest';
import { captureText, readWell } from '../support/captures.ts';

/**
 * Every writable path, by the swagger's list (facts §14.1), decision 14 and facts §14.3, with a value that changes it in
 * the referrals below. Of a list, `/-` is written with it.
 */
const documented: Readonly<Record<string, unknown>> = {
  '/campaignId': 'C-9',
  '/consent/consentToShareReferralWithMicrosoftSellers': 'other',
  '/customerProfile/team': [{ firstName: 'New', email: 'new@fabrikam.com' }],
  '/details/closingDateTime': '2031-01-01T00:00:00Z',
  '/details/currency': 'EUR',
  '/details/dealValue': 99,
  '/details/notes': 'new notes',
  '/details/requirements/solutions': [{ id: 'SOL-9-NEW', type: 'Name' }],
  '/externalReferenceId': 'CRM-9',
  '/referralProgram': 'programme',
  '/salesStage': '60',
  '/statusReason': 'new reason',
  '/team': [{ firstName: 'New', email: 'new@contoso.com' }],
  '/registrations': [{ type: 'AzureIPCoSell' }],
};
const ofExtensions: Readonly<Record<string, unknown>> = {
  '/name': 'new name',
  '/favorite': true,
  '/inviteContext/notes': 'new notes',
  '/inviteContext/assistanceRequestCode': 'QuotesOrLicensing',
  '/details/requirements/additionalRequirements/attributes': [{ type: 'T', id: 'x' }],
  '/exception': { justification: 'because' },
};
const changes = { ...documented, ...ofExtensions };

const states = [
  ...['New/Pending', 'New/Received', 'Active/Accepted'],
  ...['Closed/Won', 'Closed/Lost', 'Closed/Declined', 'Closed/Expired', 'Closed/Error'],
];

const person = { firstName: 'Sue', lastName: 'Smith', phoneNumber: '1', email: 'sue@fabrikam.com' };
const filled = {
  customerProfile: { name: 'Fabrikam', team: [person] },
  inviteContext: { notes: 'Please help', assistanceRequestCode: 'GeneralOrOther' },
};
const shared = { consent: { consentToShareReferralWithMicrosoftSellers: true } };

/** What a referral may be beside its state: each decides about some path. */
const variants: readonly [string, Readonly<Record<string, unknown>>][] = [
  ['private and empty', {}],
  ['private and filled', filled],
  ['shared with Microsoft and empty', shared],
  ['shared with Microsoft and filled', { ...shared, ...filled }],
  ['with an exception asked for', { ...shared, exception: { justification: 'before', status: 'ReviewPending' } }],
];

function referralIn(state: string, variant: Readonly<Record<string, unknown>>): Referral {
  const [status, substatus] = state.split('/');
  return readWell(captureText({ status, substatus, ...variant }));
}

/** The rules that forbid a patch, as the write finds them. */
function refusedBy(before: Referral, members: Readonly<Record<string, unknown>>): string[] {
  const operations = Object.entries(members).map(([path, value]) => ({ op: 'replace', path, value }));
  const { content, faults } = readPatch(JSON.stringify(operations), { unknownProperties: 'refuse' });
  if (content === undefined || faults.length > 0) throw new Error(JSON.stringify(faults));
  const patched = patchReferral(before, content, { allowsExtensions: true });
  if (!('after' in patched)) throw new Error(JSON.stringify(patched));
  const differences = differencesBetween(before, patched.after);
  expect(differences.map(({ pointer }) => pointer).length).toBeGreaterThan(0);
  return judgeChange(before, patched.after, differences).map(({ rule }) => rule);
}

/** A value that differs from the one that is there. */
function otherThan(before: Referral, path: string): unknown {
  if (path !== '/consent/consentToShareReferralWithMicrosoftSellers') return changes[path as keyof typeof changes];
  return before.consent?.consentToShareReferralWithMicrosoftSellers !== true;
}

const cases = states.flatMap((state) => variants.map(([title, variant]) => ({ state, title, variant })));

describe('the table of writable paths', () => {
  it('has the paths of the swagger, of the registrations and of decision 14, and no others', () => {
    const paths = writablePaths.map(({ pointer }) => pointer);
    expect(paths.toSorted()).toEqual([...Object.keys(changes), '/status', '/substatus'].toSorted());
    const extensions = writablePaths.filter(({ notes }) => notes.extension !== undefined).map(({ pointer }) => pointer);
    expect(extensions.toSorted()).toEqual(Object.keys(ofExtensions).toSorted());
  });
});

describe.each(cases)('what is said of a referral that is $state, $title, is what a write meets:', (given) => {
  const before = referralIn(given.state, given.variant);
  const said = new Map(capabilitiesOf(before, true).map((capability) => [capability.action, capability]));
  const agree = (capability: Capability | undefined, rules: readonly string[]) => {
    expect(capability?.rule === undefined ? [] : [capability.rule]).toEqual(rules);
    expect(capability?.isAllowed).toBe(rules.length === 0);
    expect(capability?.reason === undefined).toBe(rules.length === 0);
  };

  it('of every path', () => {
    expect([...said.keys()].toSorted()).toEqual([...Object.keys(changes), ...Object.keys(transitions)].toSorted());
    for (const path of Object.keys(changes))
      agree(said.get(path), refusedBy(before, { [path]: otherThan(before, path) }));
  });

  it('of every transition', () => {
    for (const name of Object.keys(transitions) as TransitionName[]) {
      const { to } = transitions[name];
      const [status, substatus] = to.split('/');
      if (to === given.state) {
        // To send the state that is there passes, because it changes nothing; it is no way all the same.
        expect(said.get(name)?.isAllowed).toBe(false);
        continue;
      }
      agree(said.get(name), refusedBy(before, { '/status': status, '/substatus': substatus }));
    }
  });

  it('to somebody who does not own it: nothing', () => {
    for (const { action, isAllowed, rule, reason } of capabilitiesOf(before, false)) {
      expect([action, isAllowed, rule, reason]).toEqual([action, false, 'notTheOwner', writeRules.notTheOwner]);
    }
  });
});

describe('the rules, one by one:', () => {
  const allowed = (state: string, variant: Readonly<Record<string, unknown>>) =>
    capabilitiesOf(referralIn(state, variant), true)
      .filter(({ isAllowed, action }) => isAllowed && action.startsWith('/'))
      .map(({ action }) => action)
      .toSorted();
  const ordinary = Object.keys(changes).filter((path) => path !== '/registrations' && path !== '/exception');

  it('an open referral is changed everywhere but in registrations and exception', () => {
    for (const state of states.slice(0, 3)) expect(allowed(state, filled)).toEqual(ordinary.toSorted());
  });

  it('what Microsoft may have read is frozen if it was set: contacts, help code and notes, and the flag itself', () => {
    const frozen = ['/inviteContext/notes', '/inviteContext/assistanceRequestCode', '/customerProfile/team'];
    const flag = '/consent/consentToShareReferralWithMicrosoftSellers';
    const without = (paths: readonly string[]) => ordinary.filter((path) => !paths.includes(path)).toSorted();
    expect(allowed('Active/Accepted', { ...shared, ...filled })).toEqual(without([...frozen, flag]));
    expect(allowed('Active/Accepted', shared)).toEqual(without([flag]));
  });

  it('a closed one is final: Won takes registrations, and Won, Lost and Error one exception', () => {
    expect(allowed('Closed/Won', shared)).toEqual(['/exception', '/registrations']);
    expect(allowed('Closed/Lost', shared)).toEqual(['/exception']);
    expect(allowed('Closed/Error', shared)).toEqual(['/exception']);
    expect(allowed('Closed/Declined', shared)).toEqual([]);
    expect(allowed('Closed/Expired', shared)).toEqual([]);
    const asked = { exception: { justification: 'before' } };
    expect(allowed('Closed/Won', asked)).toEqual(['/registrations']);
    expect(allowed('Closed/Lost', asked)).toEqual([]);
  });

  it('a patch that breaks several is told all of them', () => {
    const before = referralIn('Active/Accepted', { ...shared, ...filled });
    const rules = refusedBy(before, {
      '/status': 'Closed',
      '/registrations': [{ type: 'AzureIPCoSell' }],
      '/inviteContext/notes': 'x',
      '/consent/consentToShareReferralWithMicrosoftSellers': false,
      '/details/notes': 'fine',
    });
    expect(rules.toSorted()).toEqual(['frozenOnceShared', 'neverTakenBack', 'registrationNeedsWon', 'statusPair']);
  });
});
