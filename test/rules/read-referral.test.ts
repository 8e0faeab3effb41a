import { type Reading, readReferral } from '@cosell/model';
import { describe, expect, it } from 'vitest';
import { captureText, leastMembers, readWell } from '../support/captures.ts';

/** Code and pointer of each fault, in their order. */
function faultsOf(reading: Reading): string[] {
  return 'faults' in reading ? reading.faults.map(({ code, pointer }) => `${code} ${pointer}`) : [];
}

const faultsWith = (members: Readonly<Record<string, unknown>>) => faultsOf(readReferral(captureText(members)));

describe('faults of a captured referral', () => {
  it.each([
    [{ id: 'nope' }, 'invalidId /id'],
    [{ id: 'c5fbb3b67be747959fb54324c73fed37' }, 'invalidId /id'],
    [{ id: '{c5fbb3b6-be74-4795-9fb5-4324c73fed37}' }, 'invalidId /id'],
    [{ id: 'msft' }, 'invalidId /id'],
    [{ id: 7 }, 'invalidId /id'],
    [{ id: null }, 'wrongType /id'],
    [{ id: {} }, 'wrongType /id'],
    [{ organizationId: 'contoso' }, 'invalidId /organizationId'],
    [{ engagementId: 'msft' }, 'invalidId /engagementId'],
    [{ status: 'Open' }, 'valueNotAllowed /status'],
    [{ status: null }, 'wrongType /status'],
    [{ status: ['New'] }, 'wrongType /status'],
    [{ substatus: '' }, 'valueNotAllowed /substatus'],
    [{ type: 'shared ' }, 'valueNotAllowed /type'],
    [{ direction: 'Sideways' }, 'valueNotAllowed /direction'],
    [{ createdDateTime: 'yesterday' }, 'invalidDate /createdDateTime'],
    [{ updatedDateTime: 1_604_091_780 }, 'invalidDate /updatedDateTime'],
    [{ closedDateTime: '2021-02-29' }, 'invalidDate /closedDateTime'],
    [{ favorite: 'yes' }, 'wrongType /favorite'],
    [{ favorite: 1 }, 'wrongType /favorite'],
    [{ name: ['a'] }, 'wrongType /name'],
    [{ name: {} }, 'wrongType /name'],
    [{ customerProfile: [] }, 'wrongType /customerProfile'],
    [{ customerProfile: 'Fabrikam' }, 'wrongType /customerProfile'],
    [{ customerProfile: { team: { firstName: 'Sue' } } }, 'wrongType /customerProfile/team'],
    [{ team: [null] }, 'wrongType /team/0'],
    [{ team: ['Sue'] }, 'wrongType /team/0'],
    [{ team: 'Sue' }, 'wrongType /team'],
    [{ details: { dealValue: 'a lot' } }, 'invalidNumber /details/dealValue'],
    [{ details: { dealValue: '' } }, 'invalidNumber /details/dealValue'],
    [{ details: { dealValue: true } }, 'invalidNumber /details/dealValue'],
    [{ details: { dealValue: 0.00001 } }, 'tooManyDigits /details/dealValue'],
    [{ details: { dealValue: '100000000000000' } }, 'tooManyDigits /details/dealValue'],
  ])('%j', (members, fault) => {
    expect(faultsWith(members)).toEqual([fault]);
  });

  it('are all reported at once, each with its place', () => {
    const text = captureText({
      id: 1,
      status: 'Gone',
      customerProfile: {
        address: 'here',
        team: [{ firstName: [] }, 7, { contactPreference: { disableNotifications: 'no' } }],
      },
      details: { dealValue: 'x', closingDateTime: 'soon', requirements: { solutions: [{ price: '1.23456' }] } },
      registrations: [{ contract: { term: {} } }],
    });
    const reading = readReferral(text);
    expect(faultsOf(reading)).toEqual([
      'invalidId /id',
      'valueNotAllowed /status',
      'wrongType /customerProfile/address',
      'wrongType /customerProfile/team/0/firstName',
      'wrongType /customerProfile/team/1',
      'wrongType /customerProfile/team/2/contactPreference/disableNotifications',
      'invalidNumber /details/dealValue',
      'invalidDate /details/closingDateTime',
      'tooManyDigits /details/requirements/solutions/0/price',
      'wrongType /registrations/0/contract/term',
    ]);
    const offsets = 'faults' in reading ? reading.faults.map(({ offset }) => text.slice(offset, offset + 3)) : [];
    expect(offsets.slice(0, 3)).toEqual(['1,"', '"Go', '"he']);
    expect('faults' in reading && reading.faults.every(({ message }) => message.length > 10)).toBe(true);
  });

  it.each(Object.keys(leastMembers))('say that "%s" is missing', (name) => {
    expect(faultsWith({ [name]: undefined })).toEqual([`missingMember /${name}`]);
  });

  it('name every missing member of an empty object', () => {
    expect(faultsOf(readReferral('{}'))).toEqual(Object.keys(leastMembers).map((name) => `missingMember /${name}`));
  });

  it('do not call a member missing that is there and wrong, in whichever letters', () => {
    const { status: _status, id: _id, ...others } = leastMembers;
    expect(faultsOf(readReferral(JSON.stringify({ ...others, STATUS: 'Open', Id: 'x' })))).toEqual([
      'valueNotAllowed /status',
      'invalidId /id',
    ]);
  });

  it.each(['[]', '"x"', '7', 'null', 'true'])('a referral is an object, not %s', (text) => {
    expect(faultsOf(readReferral(text))).toEqual(['wrongType ']);
  });

  it.each([
    ['{"a":1,}', ['invalidJson ']],
    ['{"a":1,"a":1}', ['duplicateMember /a']],
    [`${'['.repeat(65)}`, ['tooDeep ']],
    ['{"team":[{"email":"\\u0000"}]}', ['invalidText /team/0/email']],
  ])('%s is no JSON to read', (text, faults) => {
    expect(faultsOf(readReferral(text))).toEqual(faults);
  });
});

describe('values in another JSON type', () => {
  it('a text may hold a number', () => {
    const { details } = readWell(captureText({ details: { dealValue: '10000' } }));
    expect(details?.dealValue).toBe(100_000_000n);
    expect(readWell(captureText({ details: { dealValue: '1.25e3' } })).details?.dealValue).toBe(12_500_000n);
  });

  it('a number is as exact as its digits', () => {
    const text = captureText({ details: { dealValue: 1 } }).replace('"dealValue":1', '"dealValue":99999999999999.9999');
    expect(readWell(text).details?.dealValue).toBe(999_999_999_999_999_999n);
  });

  it('a text member takes a number by its digits, and a boolean by its name', () => {
    const text = captureText({ name: 1, mpnId: 2, statusReason: true, externalReferenceId: false })
      .replace('"name":1', '"name":12345678901234567890')
      .replace('"mpnId":2', '"mpnId":1.50E+2');
    const { name, mpnId, statusReason, externalReferenceId } = readWell(text);
    expect({ name, mpnId, statusReason, externalReferenceId }).toEqual({
      name: '12345678901234567890',
      mpnId: '1.50E+2',
      statusReason: 'true',
      externalReferenceId: 'false',
    });
  });

  it('a text may hold true or false', () => {
    const referral = readWell(
      captureText({ favorite: 'true', isSpam: 'false', consent: { consentToContact: 'true' } }),
    );
    expect([referral.favorite, referral.isSpam, referral.consent?.consentToContact]).toEqual([true, false, true]);
  });

  it('an empty list may be written as an empty object, as the documentation of 2019 does', () => {
    const { customerProfile, team } = readWell(captureText({ customerProfile: { ids: {} }, team: {} }));
    expect([customerProfile?.ids, team]).toEqual([[], []]);
    expect(faultsWith({ customerProfile: { ids: { Duns: '1' } } })).toEqual(['wrongType /customerProfile/ids']);
  });

  it.each([
    [{ id: leastMembers.id.toUpperCase() }, { id: leastMembers.id }],
    [{ organizationId: 'MSFT' }, { organizationId: 'msft' }],
    [{ status: 'nEW' }, { status: 'New' }],
    [{ qualification: 'salesqualified' }, { qualification: 'SalesQualified' }],
    [{ qualification: 'FutureQualified' }, { qualification: 'FutureQualified' }],
    [{ createdDateTime: '2020-10-30T23:03:00.5+02:00' }, { createdDateTime: '2020-10-30T21:03:00.5000000Z' }],
    [{ expirationDateTime: '2020-12-01' }, { expirationDateTime: '2020-12-01T00:00:00Z' }],
    [{ direction: undefined }, { direction: 'Incoming' }],
    [{ direction: 'outgoing' }, { direction: 'Outgoing' }],
    [{ salesStage: 40 }, { salesStage: '40' }],
    [{ salesStage: 'Whatever' }, { salesStage: 'Whatever' }],
    [
      { inviteContext: { assistanceRequestCode: 'Un\u212anown' } },
      { inviteContext: { assistanceRequestCode: 'Un\u212anown' } },
    ],
  ])('%j is kept as %j', (members, expected) => {
    expect(readWell(captureText(members))).toMatchObject(expected);
  });
});
