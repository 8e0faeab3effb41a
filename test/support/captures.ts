import { enumerations, membersOf, notesFor, type PropertySchema, readReferral, referralTable } from '@cosell/model';
import fc from 'fast-check';

/** Captured referrals: the documented pair (facts §18.4), small ones made by hand, and generated ones. */

/** The organisations of the documented pair. */
export const contoso = '7d23e5ca-19dc-4eaa-aac8-5e6b559f0d1d';

/** The documented pair, as text: one record of Contoso's, one of Microsoft's (abbreviated there, as in the facts). */
export const documentedPair: readonly [string, string] = [
  `{ "id": "4111fffc-f9ee-4d53-bba6-569135228642", "engagementId": "37ef26aa-1d15-4533-9f93-a69bd33ab1e5", "name": "Test Cosell Invite_20",
    "organizationId": "${contoso}", "organizationName": "Contoso Company",
    "lastModifiedVia": null, "lastRunId": null, "externalReferenceId": null,
    "createdDateTime": "2025-02-23T02:05:23.2931817Z", "updatedDateTime": "2025-02-23T02:05:23.2931817Z", "expirationDateTime": null,
    "status": "Active", "substatus": "Accepted", "statusReason": null, "qualification": "SalesQualified", "type": "Shared",
    "referralSource": null, "eTag": "\\"00006d10-0000-0700-0000-67ba82630000\\"", "favorite": false, "campaignId": null, "salesStage": null,
    "quality": "Unknown", "isSpam": false, "direction": "Outgoing", "mpnId": "5512345", "referralProgram": null, "dealSensitivity": "None",
    "createdVia": null, "tags": [], "acceptedDateTime": "2025-02-23T02:05:23.2931817Z", "closedDateTime": null, "callToAction": null, "registrationStatus": "None",
    "target": [ { "type": "SolutionProfile", "id": "SOL-34104-EBB" } ],
    "customerProfile": { "name": "Contoso Customer Inc", "size": "10to50employees", "isMatchingComplete": true,
      "address": { "addressLine1": "One Microsoft Way", "addressLine2": "34", "city": "Redmond", "state": "WA", "postalCode": "98052", "country": "US", "region": null },
      "team": [ { "firstName": "Sue", "lastName": "Smith", "phoneNumber": "1234567890", "email": "sue.smith@contoso.com", "title": null, "contactPreference": null } ],
      "ids": [ { "profileType": "Duns", "id": "795986822" }, { "profileType": "External", "id": "6-ABCDEFG23" } ] },
    "consent": { "consentToToShareInfoWithOthers": true, "consentToContact": true, "consentToShareReferralWithMicrosoftSellers": true },
    "details": { "notes": "…", "dealValue": 50000, "currency": "USD", "closingDateTime": "2025-11-14T00:00:00Z", "customerRequestedContact": null, "customerAction": null, "incentiveLevel": null,
      "requirements": { "industries": [], "products": [], "services": [],
        "solutions": [ { "id": "SOL-34104-EBB", "name": "Contoso Supply", "type": "Name", "price": null, "quantity": null, "currency": null, "publisherName": null, "solutionType": null, "closingDateTime": null } ],
        "offers": [], "salesPlays": [],
        "additionalRequirements": { "iot": { "customerLicenseAgreementNumber": null, "deviceCategory": null, "siliconType": null, "azureCertifiedDevice": false, "attachServices": false }, "attributes": [] } } },
    "team": [ { "firstName": "John", "lastName": "Doe", "phoneNumber": "1231231234", "email": "john.doe@contoso.com", "title": null, "contactPreference": null } ],
    "inviteContext": { "notes": "Please help us with a POC for this customer", "assistanceRequestCode": "ProofOfConceptOrDemo", "invitedMpnId": null, "invitedBy": { "organizationId": "${contoso}", "organizationName": "Contoso Company" } },
    "links": { "relatedReferrals": { "uri": "https://api.partner.microsoft.com/v1.0/engagements/referrals?$filter=engagementId eq '37ef26aa-1d15-4533-9f93-a69bd33ab1e5'", "method": "GET" },
      "self": { "uri": "https://api.partner.microsoft.com/v1.0/engagements/referrals/4111fffc-f9ee-4d53-bba6-569135228642", "method": "GET" } },
    "trackingInfo": { "microsoftMsxId": null, "microsoftUSFedOpportunityId": null, "microsoftUSFedLeadId": null, "migratedPSCDealId": null, "migratedPSCPartnerDealId": null },
    "registrations": [] }`,
  `{ "id": "49d90c72-3326-4f61-aacc-2cb57970448c", "engagementId": "37ef26aa-1d15-4533-9f93-a69bd33ab1e5", "name": "Test Cosell Invite_20",
    "organizationId": "msft", "organizationName": "Microsoft",
    "createdDateTime": "2025-02-23T02:05:24.1000000Z", "updatedDateTime": "2025-02-23T02:05:24.1000000Z", "expirationDateTime": "2025-03-09T00:00:00Z",
    "status": "New", "substatus": "Pending", "statusReason": null, "qualification": "SalesQualified", "type": "Shared",
    "eTag": "\\"00006d11-0000-0700-0000-67ba82640000\\"", "direction": "Incoming", "acceptedDateTime": null, "closedDateTime": null,
    "target": [ { "type": "BusinessProfileLocation", "id": "msft" } ],
    "inviteContext": { "notes": "Please help us with a POC for this customer", "assistanceRequestCode": "ProofOfConceptOrDemo", "invitedMpnId": null, "invitedBy": { "organizationId": "${contoso}", "organizationName": "Contoso Company" } },
    "trackingInfo": { "microsoftMsxId": null } }`,
];

/** What every captured referral has, and no more. */
export const leastMembers = {
  id: 'c5fbb3b6-be74-4795-9fb5-4324c73fed37',
  engagementId: '65edc0b5-3485-41b7-a17e-dfa9ef4706e2',
  organizationId: contoso,
  createdDateTime: '2020-10-30T21:03:00.0000000Z',
  updatedDateTime: '2020-10-30T21:03:00.0000000Z',
  status: 'New',
  substatus: 'Pending',
  type: 'Independent',
} as const;

/** A captured referral as text: the least members, with others instead of or beside them. */
export function captureText(members: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ ...leastMembers, ...members });
}

/** Reads a captured referral that has no fault. */
export function readWell(text: string) {
  const reading = readReferral(text);
  if ('faults' in reading) throw new Error(JSON.stringify(reading.faults));
  return reading.referral;
}

const digits = (least: number, most: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: least, maxLength: most });
const wellFormed = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\0'));
const guids = fc.uuid();
const amounts = fc
  .tuple(fc.constantFrom('', '-'), fc.bigInt(0n, 10n ** 14n - 1n), digits(0, 4))
  .map(([sign, whole, part]) => `${sign}${whole}${part === '' ? '' : `.${part}`}`);
const instants = fc
  .tuple(fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true }), digits(0, 7))
  .map(([date, part]) => JSON.stringify(`${date.toISOString().slice(0, 19)}${part === '' ? '' : `.${part}`}Z`));
/** JSON text of any shape, numbers of any length among them. */
export const anyJson: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('null', 'true', 'false', '12345678901234567890.123', '0.10', '-0', '1E+400'),
    wellFormed.map((text) => JSON.stringify(text)),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
    fc.dictionary(wellFormed, tie('value'), { maxKeys: 3 }).map(objectText),
  ),
})).value;

function objectText(members: Record<string, string>): string {
  return `{${Object.entries(members)
    .map(([name, text]) => `${JSON.stringify(name)}:${text}`)
    .join(',')}}`;
}

/** The JSON text of one property, as a capture may have it; null where the property may be null. */
function valueTexts(schema: PropertySchema): fc.Arbitrary<string> {
  const { kind, enumeration, governs, absent } = notesFor(schema);
  const orNull = (texts: fc.Arbitrary<string>) =>
    fc.oneof({ weight: 4, arbitrary: texts }, { weight: 1, arbitrary: fc.constant('null') });
  switch (kind) {
    case 'id':
      return guids.map((id) => JSON.stringify(id));
    case 'text':
      return absent === null
        ? orNull(wellFormed.map((text) => JSON.stringify(text)))
        : wellFormed.map((text) => JSON.stringify(text));
    case 'choice': {
      const known: fc.Arbitrary<string> = fc.constantFrom(...enumerations[enumeration as keyof typeof enumerations]);
      const texts = governs === true ? known : fc.oneof(known, fc.constant('SomethingNew'));
      return texts.map((text) => JSON.stringify(text));
    }
    case 'flag':
      return fc.boolean().map(String);
    case 'amount':
      return orNull(amounts);
    case 'instant':
    case 'date':
      return instants;
    case 'record':
      return absent === null ? orNull(memberTexts(schema)) : memberTexts(schema);
    case 'list':
      return fc.array(memberTexts(schema), { maxLength: 2 }).map((items) => `[${items.join(',')}]`);
    case 'anything':
      return anyJson;
  }
}

/** Some members of an object of the table, with unknown ones between them. */
function memberTexts(schema: PropertySchema, always: readonly string[] = []): fc.Arbitrary<string> {
  const known = membersOf(schema).filter(([name]) => schema !== referralTable || name !== 'links');
  const texts = Object.fromEntries(known.map(([name, member]) => [name, valueTexts(member)]));
  const unknownName = fc.oneof(
    fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'offerId', 'ſtatus'),
    wellFormed.filter((name) => !name.includes('@')).map((name) => `x${name}`),
  );
  return fc
    .tuple(
      fc.record(texts, { requiredKeys: always as string[] }),
      fc.uniqueArray(fc.tuple(unknownName, anyJson), { maxLength: 2, selector: ([name]) => name }),
    )
    .map(([members, unknown]) => {
      const parts = [...Object.entries(members), ...unknown].map(([name, text]) => `${JSON.stringify(name)}:${text}`);
      return `{${parts.join(',')}}`;
    });
}

/** Rich captured referrals: any members of the table with any values, and unknown members at every depth. */
export const captures: fc.Arbitrary<string> = memberTexts(referralTable, Object.keys(leastMembers));
