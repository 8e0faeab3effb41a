import {
  formatReferral,
  isAccepted,
  membersOf,
  notesFor,
  type PropertySchema,
  type Referral,
  referralTable,
  sharingOf,
  viewAt,
} from '@cosell/model';
import { describe, expect, it } from 'vitest';
import { captureText, leastMembers, readWell } from '../support/captures.ts';

const sharedView = (owned: Referral, reader: Referral) => viewAt(owned, sharingOf(owned, reader));

/** Decision 13, as it is written there. What no row names is never shown. */
const shownAlways = [
  'id, engagementId, name, organizationId, organizationName',
  'createdDateTime, updatedDateTime, expirationDateTime, acceptedDateTime, closedDateTime',
  'status, substatus, statusReason, salesStage, type, qualification, direction, eTag',
  'target',
  'consent.consentToToShareInfoWithOthers, consent.consentToContact',
  'consent.consentToShareReferralWithMicrosoftSellers, consent.consentToMicrosoftToContactSpecificPartners',
  'customerProfile.name, customerProfile.address.addressLine1, customerProfile.address.addressLine2',
  'customerProfile.address.city, customerProfile.address.state, customerProfile.address.postalCode',
  'customerProfile.address.country, customerProfile.address.region',
].flatMap((row) => row.split(', '));
const shownOnceAccepted = [
  'team, trackingInfo.microsoftMsxId, trackingInfo.microsoftUSFedOpportunityId, trackingInfo.microsoftUSFedLeadId',
  'trackingInfo.migratedPSCDealId, trackingInfo.migratedPSCPartnerDealId',
].flatMap((row) => row.split(', '));
const shownWithConsent = ['customerProfile.team'];

/** Paths of everything that is shown or hidden as one: lists and values, below the objects. */
function pathsOf(schema: PropertySchema, before = ''): string[] {
  return membersOf(schema).flatMap(([name, member]) =>
    name === 'links'
      ? []
      : notesFor(member).kind === 'record'
        ? pathsOf(member, `${before}${name}.`)
        : [`${before}${name}`],
  );
}

/** A value of the wire that is not the default of its property. */
function unusual(schema: PropertySchema, path: string): unknown {
  const { kind, absent } = notesFor(schema);
  const allowed = (schema as { enum?: readonly (string | null)[] }).enum ?? [];
  if (kind === 'choice') return allowed.findLast((value) => value !== absent && value !== null);
  if (kind === 'flag') return absent !== true;
  if (kind === 'amount') return 12.5;
  if (kind === 'instant' || kind === 'date') return '2024-05-06T07:08:09.1234567Z';
  if (kind === 'anything') return { about: path };
  if (kind === 'list') return [unusualMembers(schema, `${path}[]`)];
  if (kind === 'record') return unusualMembers(schema, path);
  return `the ${path}`;
}

function unusualMembers(schema: PropertySchema, path: string): Record<string, unknown> {
  const members = membersOf(schema).filter(([name]) => name !== 'links');
  return {
    ...Object.fromEntries(members.map(([name, member]) => [name, unusual(member, `${path}.${name}`)])),
    stranger: path,
  };
}

/** Every member is set, to nothing usual. */
function fullReferral(members: Readonly<Record<string, unknown>>): Referral {
  const { id, engagementId, organizationId } = leastMembers;
  const consent = { ...(unusualMembers(referralTable, '').consent as object), ...(members.consent as object) };
  return readWell(
    JSON.stringify({ ...unusualMembers(referralTable, ''), id, engagementId, organizationId, ...members, consent }),
  );
}

function written(referral: Referral): Record<string, unknown> {
  const { beforeLinks, afterLinks } = formatReferral(referral);
  return JSON.parse(beforeLinks + afterLinks) as Record<string, unknown>;
}

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce((owner, name) => (owner as Record<string, unknown> | null)?.[name], value);
}

const reader = (substatus: string, status = 'Active') =>
  readWell(captureText({ organizationId: 'msft', status, substatus }));
const accepted = { status: 'Active', substatus: 'Accepted' };
const noConsent = { consent: { consentToToShareInfoWithOthers: false } };

const situations = [
  ['nobody has accepted', fullReferral({ status: 'New', substatus: 'Pending' }), reader('Pending', 'New'), []],
  ['only the owner has accepted', fullReferral(accepted), reader('Received', 'New'), []],
  ['only the reader has accepted', fullReferral({ status: 'New', substatus: 'Pending' }), reader('Accepted'), []],
  ['the reader has declined', fullReferral(accepted), reader('Declined', 'Closed'), []],
  ["the reader's record has expired", fullReferral(accepted), reader('Expired', 'Closed'), []],
  ["the reader's record is closed as an error", fullReferral(accepted), reader('Error', 'Closed'), []],
  ['the owner has declined', fullReferral({ status: 'Closed', substatus: 'Declined' }), reader('Accepted'), []],
  [
    'both have accepted, without consent',
    fullReferral({ ...accepted, ...noConsent }),
    reader('Accepted'),
    shownOnceAccepted,
  ],
  [
    'both have accepted, with consent',
    fullReferral(accepted),
    reader('Accepted'),
    [...shownOnceAccepted, ...shownWithConsent],
  ],
  [
    'both have won or lost what they accepted',
    fullReferral({ status: 'Closed', substatus: 'Won' }),
    reader('Lost', 'Closed'),
    [...shownOnceAccepted, ...shownWithConsent],
  ],
] as const;

/** A value without the unknown members that the full referral has everywhere. */
function withoutStrangers(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null), (name, member) => (name === 'stranger' ? undefined : member));
}

describe.each(situations)('what another member of the engagement reads when %s', (_title, owned, readersOwn, also) => {
  const view = written(sharedView(owned, readersOwn));
  const whole = written(owned);
  const nothing = written(readWell(captureText()));
  const shown = new Set<string>([...shownAlways, ...also]);

  it.each(pathsOf(referralTable))('%s', (path) => {
    expect(at(view, path)).toEqual(shown.has(path) ? withoutStrangers(at(whole, path)) : at(nothing, path));
  });

  it('holds no member that the table does not know, also not in the items of lists', () => {
    expect(JSON.stringify(whole)).toContain('"stranger":');
    expect(JSON.stringify(view)).not.toContain('"stranger":');
  });
});

describe('the table of what is shown', () => {
  it('names properties that there are', () => {
    const paths = pathsOf(referralTable);
    expect([...shownAlways, ...shownOnceAccepted, ...shownWithConsent].filter((path) => !paths.includes(path))).toEqual(
      [],
    );
    expect(paths.length).toBeGreaterThan(70);
  });

  it('is proved with a referral on which nothing has its default', () => {
    const [whole, nothing] = [written(fullReferral(accepted)), written(readWell(captureText()))];
    const never = pathsOf(referralTable).filter((path) => !shownAlways.includes(path));
    expect(never.filter((path) => JSON.stringify(at(whole, path)) === JSON.stringify(at(nothing, path)))).toEqual([]);
  });

  it('leaves the record itself alone', () => {
    const owned = fullReferral(accepted);
    const before = written(owned);
    sharedView(owned, reader('Pending', 'New'));
    expect(written(owned)).toEqual(before);
  });
});

it.each([
  ['None', false],
  ['Pending', false],
  ['Received', false],
  ['Accepted', true],
  ['Won', true],
  ['Lost', true],
  ['Declined', false],
  ['Expired', false],
  ['Error', false],
])('a record that is %s counts as accepted: %s', (substatus, expected) => {
  expect(isAccepted(readWell(captureText({ substatus })))).toBe(expected);
});
