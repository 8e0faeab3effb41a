import { formatReferral } from '@cosell/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captures, captureText, documentedPair, readWell } from '../support/captures.ts';

/** The W22 key order: the sentence at the end of the facts' table of properties, word for word. */
const wireOrder =
  'id, engagementId, name, organizationId, organizationName, lastModifiedVia, lastRunId, externalReferenceId, createdDateTime, updatedDateTime, expirationDateTime, status, substatus, statusReason, qualification, type, referralSource, eTag, favorite, campaignId, salesStage, quality, isSpam, direction, mpnId, referralProgram, dealSensitivity, createdVia, tags, acceptedDateTime, closedDateTime, callToAction, registrationStatus, target, customerProfile, consent, details, team, inviteContext, links, trackingInfo, registrations'.split(
    ', ',
  );

/** The document as it is sent, with links in their place. */
function sent(text: string): string {
  const { beforeLinks, afterLinks } = formatReferral(readWell(text));
  return `${beforeLinks}"links":{},${afterLinks}`;
}

function sentValue<Shape = Record<string, unknown>>(text: string): Shape {
  return JSON.parse(sent(text)) as Shape;
}

const least = captureText();

describe('the order of a referral on the wire', () => {
  it('is the W22 order, and every member of it is always there', () => {
    expect(Object.keys(sentValue(least))).toEqual(wireOrder);
  });

  it('has younger members after it, and unknown ones last', () => {
    const text = captureText({ zzz: 1, exception: {}, isAutoRegistrationEnabled: true, name: 'x' });
    expect(Object.keys(sentValue(text))).toEqual([...wireOrder, 'isAutoRegistrationEnabled', 'exception', 'zzz']);
  });

  it('does not depend on the order of the capture', () => {
    const value = JSON.parse(documentedPair[0]) as Record<string, unknown>;
    const backwards = Object.fromEntries(Object.entries(value).reverse());
    expect(sent(JSON.stringify(backwards))).toBe(sent(documentedPair[0]));
  });

  it('is the order of the documented record within objects', () => {
    // Key order of every object below, by its path; an item of a list stands for all.
    const orders = (value: unknown, path: string, found: Map<string, string[]>): Map<string, string[]> => {
      if (Array.isArray(value)) for (const item of value) orders(item, `${path}[]`, found);
      else if (value !== null && typeof value === 'object') {
        found.set(path, Object.keys(value));
        for (const [name, member] of Object.entries(value)) orders(member, `${path}/${name}`, found);
      }
      return found;
    };
    const documented = orders(JSON.parse(documentedPair[0]), '', new Map());
    const ours = orders(sentValue(documentedPair[0]), '', new Map());
    const paths = [...documented.keys()].filter((path) => !path.startsWith('/links'));
    expect(paths.length).toBeGreaterThan(15);
    for (const path of paths) expect([path, ours.get(path)]).toEqual([path, documented.get(path)]);
  });
});

describe('a member that was never set', () => {
  const written = sentValue<Record<string, unknown>>(least);

  it.each([
    ['favorite', false],
    ['isSpam', false],
    ['quality', 'Unknown'],
    ['qualification', 'None'],
    ['dealSensitivity', 'None'],
    ['registrationStatus', 'None'],
    ['direction', 'Incoming'],
    ['tags', []],
    ['target', []],
    ['team', []],
    ['registrations', []],
    ['name', null],
    ['organizationName', null],
    ['lastModifiedVia', null],
    ['lastRunId', null],
    ['externalReferenceId', null],
    ['expirationDateTime', null],
    ['statusReason', null],
    ['referralSource', null],
    ['campaignId', null],
    ['salesStage', null],
    ['mpnId', null],
    ['referralProgram', null],
    ['createdVia', null],
    ['acceptedDateTime', null],
    ['closedDateTime', null],
    ['callToAction', null],
    [
      'consent',
      {
        consentToToShareInfoWithOthers: false,
        consentToContact: false,
        consentToShareReferralWithMicrosoftSellers: false,
      },
    ],
    [
      'customerProfile',
      {
        name: null,
        size: null,
        isMatchingComplete: false,
        address: {
          addressLine1: null,
          addressLine2: null,
          city: null,
          state: null,
          postalCode: null,
          country: null,
          region: null,
        },
        team: [],
        ids: [],
      },
    ],
    [
      'details',
      {
        notes: null,
        dealValue: null,
        currency: null,
        closingDateTime: null,
        customerRequestedContact: null,
        customerAction: null,
        incentiveLevel: null,
        requirements: {
          industries: [],
          products: [],
          services: [],
          solutions: [],
          offers: [],
          salesPlays: [],
          additionalRequirements: {
            iot: {
              customerLicenseAgreementNumber: null,
              deviceCategory: null,
              siliconType: null,
              azureCertifiedDevice: false,
              attachServices: false,
            },
            attributes: [],
          },
        },
      },
    ],
    [
      'inviteContext',
      {
        notes: null,
        assistanceRequestCode: 'Unknown',
        invitedMpnId: null,
        invitedBy: { organizationId: null, organizationName: null },
      },
    ],
    [
      'trackingInfo',
      {
        microsoftMsxId: null,
        microsoftUSFedOpportunityId: null,
        microsoftUSFedLeadId: null,
        migratedPSCDealId: null,
        migratedPSCPartnerDealId: null,
      },
    ],
  ])('%s has its default', (name, expected) => {
    expect(written[name]).toEqual(expected);
  });

  it.each(['customerProfile', 'consent', 'details', 'inviteContext', 'trackingInfo'])(
    '%s is an object also where the capture has null',
    (name) => {
      expect(sentValue(captureText({ [name]: null }))[name]).toEqual(written[name]);
    },
  );

  it('nested objects are objects also where the capture has null', () => {
    const nulls = {
      customerProfile: { address: null, team: null },
      details: { requirements: { additionalRequirements: { iot: null } } },
      inviteContext: { invitedBy: null },
    };
    expect(sentValue(captureText(nulls))).toEqual(written);
    expect(sentValue(captureText({ details: { requirements: null }, tags: null }))).toEqual(written);
  });

  it('members of a team and solutions have all of their keys', () => {
    const text = captureText({
      team: [{}],
      customerProfile: { team: [{ contactPreference: {} }] },
      details: { requirements: { solutions: [{}] } },
    });
    const { team, customerProfile, details } = sentValue<{
      team: unknown[];
      customerProfile: { team: unknown[] };
      details: { requirements: { solutions: unknown[] } };
    }>(text);
    const person = { firstName: null, lastName: null, phoneNumber: null, email: null, title: null };
    expect(team).toEqual([{ ...person, contactPreference: null }]);
    expect(customerProfile.team).toEqual([
      { ...person, contactPreference: { locale: null, disableNotifications: false } },
    ]);
    expect(details.requirements.solutions).toEqual([
      {
        id: null,
        name: null,
        type: 'None',
        price: null,
        quantity: null,
        currency: null,
        publisherName: null,
        solutionType: null,
        closingDateTime: null,
      },
    ]);
  });

  it('an empty text stays one', () => {
    expect(sentValue(captureText({ name: '', campaignId: '' }))).toMatchObject({ name: '', campaignId: '' });
  });
});

describe('members that are written only when set', () => {
  it.each([
    ['consent', { consentToMicrosoftToContactSpecificPartners: false }],
    ['consent', { consentToMicrosoftToContactSpecificPartners: null }],
    ['customerProfile', { isMaccEligible: true }],
    ['customerProfile', { isMaccEligible: null }],
    ['customerProfile', { activities: [{ any: 'thing' }] }],
    ['customerProfile', { activities: null }],
  ])('%s %j', (name, members) => {
    const [member = ''] = Object.keys(members);
    expect(sent(least)).not.toContain(member);
    expect(sentValue(captureText({ [name]: members }))[name]).toMatchObject(members);
  });

  it.each([
    { linkedInProfileUrl: 'https://x' },
    { linkedInProfileUrl: null },
    { emailValidationStatus: 'Valid' },
    { phoneValidationStatus: null },
  ])('of a person: %j', (members) => {
    const [member = ''] = Object.keys(members);
    expect(sent(captureText({ team: [{}] }))).not.toContain(member);
    expect(sentValue<{ team: unknown[] }>(captureText({ team: [members] })).team[0]).toMatchObject(members);
  });

  it.each([
    { isAutoRegistrationEnabled: false },
    { isAutoRegistrationEnabled: null },
    { exception: { a: 1 } },
    { exception: null },
  ])('at the top: %j', (members) => {
    const [member = ''] = Object.keys(members);
    expect(sent(least)).not.toContain(member);
    expect(sentValue(captureText(members))).toMatchObject(members);
  });
});

describe('what is written', () => {
  it('is read and written again without a change', () => {
    fc.assert(
      fc.property(captures, (text) => {
        const once = sent(text);
        expect(sent(once)).toBe(once);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    [{ createdDateTime: '2019-02-23T02:05:52.040469Z' }, '"createdDateTime":"2019-02-23T02:05:52.0404690Z"'],
    [{ acceptedDateTime: '2019-02-23' }, '"acceptedDateTime":"2019-02-23T00:00:00.0000000Z"'],
    [{ expirationDateTime: '2018-11-13T00:00:00Z' }, '"expirationDateTime":"2018-11-13T00:00:00Z"'],
    [{ expirationDateTime: '2018-11-13T01:00:00.50+01:00' }, '"expirationDateTime":"2018-11-13T00:00:00.50Z"'],
    [{ details: { closingDateTime: '2020-12-01' } }, '"closingDateTime":"2020-12-01T00:00:00Z"'],
    [{ details: { dealValue: '10000.0000' } }, '"dealValue":10000,'],
    [{ details: { dealValue: '0.5000' } }, '"dealValue":0.5,'],
  ])('of %j has the form of the wire', (members, expected) => {
    expect(sent(captureText(members))).toContain(expected);
  });
});
