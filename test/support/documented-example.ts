/** The by-id example of the documentation (facts §18.6, §18.7), with the mended note. */
export const documentedExample = {
  id: 'c5fbb3b6-be74-4795-9fb5-4324c73fed37',
  engagementId: '65edc0b5-3485-41b7-a17e-dfa9ef4706e2',
  organizationId: '7d23e5ca-19dc-4eaa-aac8-5e6b559f0d1d',
  organizationName: 'Contoso Company',
  createdDateTime: '2020-10-30T21:03:00.0000000Z',
  updatedDateTime: '2020-10-30T21:03:00.0000000Z',
  status: 'New',
  substatus: 'Pending',
  qualification: 'Direct',
  type: 'Independent',
  direction: 'Incoming',
  customerProfile: {
    name: 'Fabrikam Customer Inc',
    address: {
      addressLine1: 'One Microsoft Way',
      addressLine2: '',
      city: 'Redmond',
      state: 'WA',
      postalCode: '98052',
      country: 'US',
    },
  },
  details: {
    notes:
      'We are interested in deploying Microsoft 365 and are looking for support in training our employees. Can you help?',
    dealValue: 10000,
    currency: 'USD',
    closingDateTime: '2020-12-01T00:00:00Z',
    requirements: {
      industries: [{ id: 'Education' }],
      products: [{ id: 'Microsoft365' }],
      services: [{ id: 'LearningAndCertification' }],
      solutions: [{ id: 'SOL-Microsoft365', name: 'Microsoft365' }],
    },
  },
  links: {
    relatedReferrals: {
      uri: "https://api.partner.microsoft.com/v1.0/engagements/referrals?$filter=engagementId eq '65edc0b5-3485-41b7-a17e-dfa9ef4706e2'",
      method: 'GET',
    },
    self: {
      uri: 'https://api.partner.microsoft.com/v1.0/engagements/referrals/c5fbb3b6-be74-4795-9fb5-4324c73fed37',
      method: 'GET',
    },
  },
  eTag: '"2500ec5a-0000-0000-0000-5bf4967d0000"',
};

const member = ['firstName', 'lastName', 'phoneNumber', 'email', 'title', 'contactPreference'];
const memberOf = (list: string) => [
  ...member.map((name) => `${list}[].${name}`),
  `${list}[].contactPreference.locale`,
  `${list}[].contactPreference.disableNotifications`,
];

/** Every member in the order of the wire: W22 for the whole, the first document of facts §18.4 inside objects. */
export const memberOrder = [
  '@odata.context',
  ...words(`id engagementId name organizationId organizationName lastModifiedVia lastRunId externalReferenceId
    createdDateTime updatedDateTime expirationDateTime status substatus statusReason qualification type referralSource
    eTag favorite campaignId salesStage quality isSpam direction mpnId referralProgram dealSensitivity createdVia tags
    acceptedDateTime closedDateTime callToAction registrationStatus target`),
  ...below('target[]', 'type id'),
  'customerProfile',
  ...below('customerProfile', 'name size isMatchingComplete address'),
  ...below('customerProfile.address', 'addressLine1 addressLine2 city state postalCode country region'),
  'customerProfile.team',
  ...memberOf('customerProfile.team'),
  'customerProfile.ids',
  ...below('customerProfile.ids[]', 'profileType id'),
  'consent',
  ...below('consent', 'consentToToShareInfoWithOthers consentToContact consentToShareReferralWithMicrosoftSellers'),
  'details',
  ...below(
    'details',
    'notes dealValue currency closingDateTime customerRequestedContact customerAction incentiveLevel requirements',
  ),
  ...['industries', 'products', 'services'].flatMap((name) => [
    `details.requirements.${name}`,
    `details.requirements.${name}[].id`,
  ]),
  'details.requirements.solutions',
  ...below(
    'details.requirements.solutions[]',
    'id name type price quantity currency publisherName solutionType closingDateTime',
  ),
  ...below('details.requirements', 'offers salesPlays additionalRequirements'),
  'details.requirements.additionalRequirements.iot',
  ...below(
    'details.requirements.additionalRequirements.iot',
    'customerLicenseAgreementNumber deviceCategory siliconType azureCertifiedDevice attachServices',
  ),
  'details.requirements.additionalRequirements.attributes',
  'team',
  ...memberOf('team'),
  'inviteContext',
  ...below('inviteContext', 'notes assistanceRequestCode invitedMpnId invitedBy'),
  ...below('inviteContext.invitedBy', 'organizationId organizationName'),
  'links',
  ...['relatedReferrals', 'self'].flatMap((name) => [`links.${name}`, `links.${name}.uri`, `links.${name}.method`]),
  'trackingInfo',
  ...below(
    'trackingInfo',
    'microsoftMsxId microsoftUSFedOpportunityId microsoftUSFedLeadId migratedPSCDealId migratedPSCPartnerDealId',
  ),
  'registrations',
];

/** The paths of all members of a document in the order of the wire; of a list, those of its first item. */
export function orderOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.length === 0 ? [] : orderOf(value[0], `${path}[]`);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const own = path === '' ? name : `${path}.${name}`;
    return [own, ...orderOf(item, own)];
  });
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function below(path: string, names: string): string[] {
  return words(names).map((name) => `${path}.${name}`);
}
