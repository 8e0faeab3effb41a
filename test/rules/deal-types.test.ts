import { dealTypeOf, dealTypes, enumerations, type Referral, requirements, unmetRequirements } from '@cosell/model';
import { describe, expect, it } from 'vitest';
import { captureText, readWell } from '../support/captures.ts';

/** Decision 34, every case: help asked, shared with Microsoft's sellers, others in the engagement. */
const dealTable = [
  [false, false, false, 'private'],
  [false, true, false, 'partnerLed'],
  [true, false, false, 'coSell'],
  [true, true, false, 'coSell'],
  [false, false, true, 'coSell'],
  [false, true, true, 'coSell'],
  [true, false, true, 'coSell'],
  [true, true, true, 'coSell'],
] as const;

const referral = (members: Readonly<Record<string, unknown>>): Referral => readWell(captureText(members));

describe('the kind of a deal', () => {
  it.each(dealTable)('help %s, shared %s, others %s: %s', (isHelpAsked, isShared, hasOthers, kind) => {
    const deal = referral({
      inviteContext: { assistanceRequestCode: isHelpAsked ? 'GeneralOrOther' : 'Unknown' },
      consent: { consentToShareReferralWithMicrosoftSellers: isShared },
    });
    expect(dealTypeOf(deal, hasOthers)).toBe(kind);
  });

  it('is private where nothing is said', () => {
    for (const members of [
      {},
      { consent: {} },
      { inviteContext: {} },
      { inviteContext: { assistanceRequestCode: 'Unknown' } },
    ]) {
      expect(dealTypeOf(referral(members), false)).toBe('private');
    }
  });

  it('is co-sell by any code of help but Unknown', () => {
    for (const assistanceRequestCode of enumerations.AssistanceRequestCode) {
      const kind = dealTypeOf(referral({ inviteContext: { assistanceRequestCode } }), false);
      expect(kind).toBe(assistanceRequestCode === 'Unknown' ? 'private' : 'coSell');
    }
  });

  it('goes only upward as others join, the flag is set and help is asked', () => {
    const rank = new Map(dealTypes.map((kind, at) => [kind, at]));
    for (const [help, shared, others, kind] of dealTable) {
      for (const [moreHelp, moreShared, moreOthers, more] of dealTable) {
        const isMore = (!help || moreHelp) && (!shared || moreShared) && (!others || moreOthers);
        if (isMore) expect(rank.get(more)).toBeGreaterThanOrEqual(rank.get(kind) ?? 0);
      }
    }
  });
});

const person = { firstName: 'Sue', lastName: 'Smith', phoneNumber: '1', email: 'sue@fabrikam.com' };
const solutions = (count: number) => Array.from({ length: count }, (_, at) => ({ id: `SOL-${at}`, type: 'Name' }));
const people = (count: number) => Array.from({ length: count }, () => person);

describe('what must hold of a whole referral (decision 29)', () => {
  const unmet = (members: Readonly<Record<string, unknown>>, isForMicrosoft = false) =>
    unmetRequirements(referral(members), isForMicrosoft).map(({ code, pointer }) => `${code} ${pointer}`);
  const help = { inviteContext: { assistanceRequestCode: 'GeneralOrOther' } };
  const contacts = { customerProfile: { team: [person] } };
  const refusal = { consent: { consentToShareReferralWithMicrosoftSellers: false } };
  const wanted = {
    solution: 'solutionRequired /details/requirements/solutions',
    contact: 'customerContactRequired /customerProfile/team',
    sharing: 'sharingRequired /consent/consentToShareReferralWithMicrosoftSellers',
  };

  it('is nothing of an independent deal for oneself', () => {
    expect(unmet({})).toEqual([]);
    expect(unmet(refusal)).toEqual([]);
  });

  it('is a solution of a shared one', () => {
    expect(unmet({ type: 'Shared' })).toEqual([wanted.solution]);
    expect(unmet({ type: 'Shared', details: { requirements: { solutions: [] } } })).toEqual([wanted.solution]);
    expect(unmet({ type: 'Shared', details: { requirements: { solutions: solutions(1) } } })).toEqual([]);
  });

  it('is a contact with all four fields, and no refusal to share, where help is asked or Microsoft is the target', () => {
    expect(unmet(help)).toEqual([wanted.contact]);
    expect(unmet({}, true)).toEqual([wanted.contact]);
    expect(unmet({ ...help, ...refusal })).toEqual([wanted.contact, wanted.sharing]);
    expect(unmet({ ...contacts, ...refusal }, true)).toEqual([wanted.sharing]);
    expect(unmet({ ...help, ...contacts })).toEqual([]);
    expect(unmet({ ...contacts, consent: { consentToShareReferralWithMicrosoftSellers: true } }, true)).toEqual([]);
  });

  it.each(Object.keys(person))('counts no contact whose %s is missing, null, or empty', (field) => {
    for (const value of [undefined, null, '', '  ']) {
      const { [field as keyof typeof person]: _left, ...others } = person;
      const contact = value === undefined ? others : { ...person, [field]: value };
      expect(unmet({ ...help, customerProfile: { team: [contact] } })).toEqual([wanted.contact]);
      expect(unmet({ ...help, customerProfile: { team: [contact, person] } })).toEqual([]);
    }
  });

  it('is at most fifty solutions, people and contacts', () => {
    const many = (count: number) =>
      unmet({
        team: people(count),
        customerProfile: { team: people(count) },
        details: { requirements: { solutions: solutions(count) } },
      });
    expect(many(50)).toEqual([]);
    expect(many(51)).toEqual([
      'tooManyItems /details/requirements/solutions',
      'tooManyItems /team',
      'tooManyItems /customerProfile/team',
    ]);
  });

  it('is told in a sentence each', () => {
    for (const { message } of requirements) expect(message).toMatch(/^[A-Z].*\.$/);
  });
});
