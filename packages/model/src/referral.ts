import type { Static } from 'typebox';
import {
  amount,
  anything,
  choice,
  date,
  flag,
  id,
  instant,
  type Kept,
  list,
  optionalRecord,
  type PropertySchema,
  record,
  table,
  text,
} from './property.ts';

/**
 * The one table of what a referral is (facts §5 to §7, decision 2). The order of the members is the order on the wire.
 * Types, schemas, OpenAPI, CSDL and the columns of both engines are derived from it; `CONTRIBUTING.md` shows how to add
 * a property.
 */

const person = {
  firstName: text('First name.', { column: 'first_name', filterable: true, searched: true }),
  lastName: text('Last name.', { column: 'last_name', filterable: true, searched: true }),
  phoneNumber: text('Telephone number.', { column: 'phone_number', filterable: true }),
  email: text('E-mail address.', { column: 'email', filterable: true, searched: true }),
  title: text('Job title.', { column: 'title', filterable: true }),
  contactPreference: optionalRecord(
    'How the person wishes to be contacted.',
    {
      locale: text('Culture name such as `en-us`.'),
      disableNotifications: flag('True when the person wants no notifications.', false),
    },
    { typeName: 'ContactPreference' },
  ),
  linkedInProfileUrl: text('Address of the LinkedIn profile.', { emit: 'whenSet' }),
  emailValidationStatus: text('Whether the e-mail address was found valid.', { write: 'server', emit: 'whenSet' }),
  phoneValidationStatus: text('Whether the telephone number was found valid.', { write: 'server', emit: 'whenSet' }),
};

const tag = { id: text('Id of the value.') };

const organization = {
  organizationId: text('Id of the organisation.'),
  organizationName: text('Name of the organisation.', { searched: true }),
};

const link = (description: string) =>
  record(
    description,
    {
      uri: text('Absolute address.', { write: 'server', share: 'always' }),
      method: text('HTTP method.', { write: 'server', share: 'always' }),
    },
    { write: 'server', share: 'always', typeName: 'Link' },
  );

const solution = {
  id: text('Id of the solution, such as `SOL-34104-EBB`.', { column: 'solution_id', filterable: true, searched: true }),
  name: text('Name of the solution.', { column: 'name', filterable: true, searched: true }),
  type: choice('SolutionType', 'Whether the id is a category or a catalogue id.', 'None', {
    column: 'type',
    filterable: true,
  }),
  price: amount('Price of one unit.'),
  quantity: amount('Number of units.'),
  currency: text('Currency of the price, ISO 4217.', { format: 'currency' }),
  publisherName: text('Who publishes the solution.'),
  solutionType: text('Another classification, such as `3P`.'),
  closingDateTime: date('When the customer means to close, for device deals.'),
};

const contract = {
  value: amount('Total contract value.'),
  currency: text('Currency of the value, ISO 4217.', { format: 'currency' }),
  startDateTime: date('First day of the contract.'),
  endDateTime: date('Last day of the contract; none when perpetual.'),
  signDateTime: date('Day of the signature.'),
  term: choice('ContractTerm', 'Whether the contract ends.', null),
};

const registeredSolution = {
  id: text('Id of the solution.'),
  name: text('Name of the solution.'),
  value: amount('Value of the solution in the contract.'),
  isDeployedOnAzure: flag('True when it runs on Azure.', null),
  primaryDeploymentOn: choice('PrimaryDeploymentOn', 'Whose subscription it runs in.', null),
  pricingModel: choice('PricingModel', 'How it is paid.', null),
  marketplaceTransactionDetails: record('Whether it was bought through the marketplace.', {
    isMarketplaceTransacted: flag('True when it was.', null),
    marketplaceTransactionDateTime: date('When it was bought there.'),
  }),
  currency: text('Currency of the value, ISO 4217.', { emit: 'whenSet', format: 'currency' }),
};

const registration = {
  id: text('Id of the registration.', { write: 'server', searched: true }),
  registrationDateTime: instant('When it was registered.', { write: 'server' }),
  status: choice('RegistrationStatus', 'State of the review.', 'None', { write: 'server' }),
  statusReason: text('Why it is in this state.', { write: 'server' }),
  contract: record('The contract with the customer.', contract, { typeName: 'Contract' }),
  solutionDetails: list('The solutions that are registered.', registeredSolution),
  statusHistory: record(
    'When each state was reached.',
    {
      reviewPendingDateTime: instant('When the review began.', { write: 'server' }),
      actionRequiredDateTime: instant('When an action was asked for.', { write: 'server' }),
      passedDateTime: instant('When the review was passed.', { write: 'server' }),
      failedDateTime: instant('When the review was failed.', { write: 'server' }),
      approvedDateTime: instant('When it was approved.', { write: 'server' }),
    },
    { write: 'server' },
  ),
  type: choice('RegistrationType', 'Kind of registration.', null, { emit: 'whenSet' }),
};

const customerProfile = {
  name: text('Name of the customer.', {
    column: 'customer_name',
    share: 'always',
    filterable: true,
    sortable: true,
    searched: true,
  }),
  size: text('Number of employees.', { column: 'customer_size', values: 'customerSizes', filterable: true }),
  isMatchingComplete: flag('True when the customer was matched to an account.', false, { write: 'server' }),
  address: record(
    'Where the customer is.',
    {
      addressLine1: text('First line.', { share: 'always', searched: true }),
      addressLine2: text('Second line.', { share: 'always', searched: true }),
      city: text('City.', { column: 'customer_city', share: 'always', filterable: true, searched: true }),
      state: text('State or province.', {
        column: 'customer_state',
        share: 'always',
        filterable: true,
        searched: true,
      }),
      postalCode: text('Postal code.', {
        column: 'customer_postal_code',
        share: 'always',
        filterable: true,
        searched: true,
      }),
      country: text('Two-letter code of ISO 3166-1.', {
        column: 'customer_country',
        values: 'countries',
        format: 'country',
        share: 'always',
        filterable: true,
        sortable: true,
        searched: true,
      }),
      region: text('Region, such as `Washington`.', { share: 'always', searched: true }),
    },
    { share: 'always', typeName: 'Address' },
  ),
  team: list('Contacts at the customer.', person, {
    table: 'referral_customer_contacts',
    typeName: 'Member',
    write: 'change',
    frozen: 'onceShared',
    share: 'consented',
    filterable: true,
  }),
  ids: list('Ids of the customer elsewhere.', {
    profileType: choice('ProfileType', 'Whose id it is.', null),
    id: text('The id.', { searched: true }),
  }),
  isMaccEligible: flag('True when the customer has a consumption commitment.', null, {
    write: 'server',
    emit: 'whenSet',
  }),
  activities: anything('What is known of the customer.', { write: 'server' }),
};

const consent = {
  consentToToShareInfoWithOthers: flag('Personal data may be shared with others. (The doubled "To" is real.)', false, {
    share: 'always',
  }),
  consentToContact: flag('The people named may be contacted.', false, { share: 'always' }),
  consentToShareReferralWithMicrosoftSellers: flag(
    "Microsoft's sellers may see the referral; never taken back.",
    false,
    {
      column: 'is_shared_with_microsoft',
      write: 'change',
      frozen: 'onceShared',
      share: 'always',
      filterable: true,
    },
  ),
  consentToMicrosoftToContactSpecificPartners: flag('Microsoft may contact certain partners.', null, {
    emit: 'whenSet',
    share: 'always',
  }),
};

const requirements = {
  industries: list('Industries of the customer.', tag, { typeName: 'Tag', values: 'industries' }),
  products: list('Products that the customer asks for.', tag, { typeName: 'Tag', values: 'products' }),
  services: list('Services that the customer asks for.', tag, { typeName: 'Tag', values: 'services' }),
  solutions: list('Solutions on offer.', solution, {
    table: 'referral_solutions',
    typeName: 'SolutionTag',
    write: 'change',
    filterable: true,
  }),
  offers: list('Offers.', tag, { typeName: 'Tag' }),
  salesPlays: list('Sales plays.', tag, { typeName: 'Tag' }),
  additionalRequirements: record('What else is required.', {
    iot: record('For device deals.', {
      customerLicenseAgreementNumber: text('Number of the licence agreement.'),
      deviceCategory: text('Category of the device.', { values: 'deviceCategories' }),
      siliconType: text('Silicon of the device.', { values: 'siliconTypes' }),
      azureCertifiedDevice: flag('True when the device is certified.', false),
      attachServices: flag('True when services are attached.', false),
    }),
    attributes: list(
      'Named attributes, such as the marketplace intent.',
      { type: text('Name of the attribute.'), id: text('Its value.') },
      { write: 'change', extension: 'patchAndPut' },
    ),
  }),
};

const details = {
  notes: text('Notes on the deal.', { write: 'change', searched: true }),
  dealValue: amount('Estimated value of the deal.', {
    column: 'deal_value',
    write: 'change',
    filterable: true,
    sortable: true,
  }),
  currency: text('Currency of the value, ISO 4217.', {
    column: 'currency',
    write: 'change',
    format: 'currency',
    filterable: true,
  }),
  closingDateTime: date('When the customer means to close.', {
    column: 'closing_at',
    write: 'change',
    filterable: true,
    sortable: true,
  }),
  customerRequestedContact: flag('The customer asked to be contacted.', null, { write: 'server' }),
  customerAction: text('What the customer did.', { write: 'server' }),
  incentiveLevel: text('Level of the incentive.', { write: 'server' }),
  requirements: record('What the customer needs.', requirements, { typeName: 'Requirements' }),
};

const server = { write: 'server', share: 'always' } as const;

export const referralSchema = table({
  id: id('Identifies the referral.', { ...server, column: 'id', filterable: true, sortable: true, searched: true }),
  engagementId: id('Ties the records of all parties to one deal.', {
    column: 'engagement_id',
    share: 'always',
    filterable: true,
    searched: true,
  }),
  name: text('Name of the deal.', {
    column: 'name',
    write: 'change',
    extension: 'patch',
    share: 'always',
    filterable: true,
    sortable: true,
    searched: true,
  }),
  organizationId: id('The organisation that owns this record: a GUID, or `msft`.', {
    ...server,
    column: 'organization_id',
    filterable: true,
  }),
  organizationName: text('Its name.', { ...server, column: 'organization_name', filterable: true }),
  lastModifiedVia: text('The client that changed it last.', {
    write: 'server',
    column: 'last_modified_via',
    filterable: true,
  }),
  lastRunId: text('Kept for connectors that mark their own runs.'),
  externalReferenceId: text("The owner's own id for it, such as the one in a CRM.", {
    column: 'external_reference_id',
    write: 'change',
    filterable: true,
    searched: true,
  }),
  createdDateTime: instant('When it was created.', {
    ...server,
    column: 'created_at',
    filterable: true,
    sortable: true,
  }),
  updatedDateTime: instant('When it was changed last.', {
    ...server,
    column: 'updated_at',
    filterable: true,
    sortable: true,
  }),
  expirationDateTime: date('When it expires unless it is accepted; null when it never does.', {
    ...server,
    column: 'expires_at',
    filterable: true,
    sortable: true,
  }),
  status: choice('ReferralStatus', 'Where it is in its life cycle.', 'None', {
    column: 'status',
    write: 'change',
    share: 'always',
    filterable: true,
    sortable: true,
    governs: true,
  }),
  substatus: choice('ReferralSubstatus', 'The finer state within the status.', 'None', {
    column: 'substatus',
    write: 'change',
    share: 'always',
    filterable: true,
    sortable: true,
    governs: true,
  }),
  statusReason: text('Why it is in this state, for example why it was lost.', {
    column: 'status_reason',
    write: 'change',
    share: 'always',
    filterable: true,
    searched: true,
  }),
  qualification: choice('ReferralQualification', 'How it was qualified.', 'None', {
    column: 'qualification',
    share: 'always',
    filterable: true,
  }),
  type: choice('ReferralType', 'Whether one party or several work on it.', 'Independent', {
    column: 'type',
    share: 'always',
    filterable: true,
    governs: true,
  }),
  referralSource: text('Where a marketplace lead came from.', {
    write: 'server',
    column: 'referral_source',
    filterable: true,
  }),
  eTag: text('Version of the record, with its quotes; send it in If-Match.', server),
  favorite: flag('Marked as a favourite.', false, {
    column: 'is_favorite',
    write: 'change',
    extension: 'patchAndPut',
    filterable: true,
  }),
  campaignId: text('Id of the marketing campaign.', {
    column: 'campaign_id',
    write: 'change',
    filterable: true,
    searched: true,
  }),
  salesStage: text('Percentage of the way to a signed deal.', {
    column: 'sales_stage',
    write: 'change',
    format: 'salesStage',
    share: 'always',
    filterable: true,
  }),
  quality: text('Quality of a lead.', { write: 'server', absent: 'Unknown', column: 'quality', filterable: true }),
  isSpam: flag('Marked as spam.', false, { write: 'server', column: 'is_spam', filterable: true }),
  direction: choice('ReferralDirection', 'Seen from the owner: created by his own people or by others.', 'Incoming', {
    ...server,
    column: 'direction',
    filterable: true,
    governs: true,
  }),
  mpnId: text('The location that it belongs to; null for the whole company.', {
    column: 'mpn_id',
    filterable: true,
    searched: true,
  }),
  referralProgram: text('Go-to-market programme.', { column: 'referral_program', write: 'change', filterable: true }),
  dealSensitivity: text('How confidential the deal is.', { write: 'server', absent: 'None' }),
  createdVia: text('The client that created it.', { write: 'server', column: 'created_via', filterable: true }),
  tags: list('Labels.', { tag: text('The label.', { searched: true }) }, { write: 'server' }),
  acceptedDateTime: instant('When it was accepted; for an outgoing one, when it was created.', {
    ...server,
    column: 'accepted_at',
    filterable: true,
    sortable: true,
  }),
  closedDateTime: instant('When it was closed.', { ...server, column: 'closed_at', filterable: true, sortable: true }),
  callToAction: text('What the customer clicked in the marketplace.', {
    write: 'server',
    column: 'call_to_action',
    filterable: true,
  }),
  registrationStatus: choice('RegistrationStatus', 'State of the deal registration.', 'None', {
    write: 'server',
    column: 'registration_status',
    filterable: true,
  }),
  target: list(
    'Whom it is for.',
    {
      type: choice('ReferralTargetType', 'Kind of target.', 'None', { share: 'always' }),
      id: text('Id of the location or solution, or `msft`.', { share: 'always', searched: true }),
    },
    { share: 'always' },
  ),
  customerProfile: record('The customer.', customerProfile, { share: 'always' }),
  consent: record('What may be done with the data.', consent, { share: 'always' }),
  details: record('The deal.', details),
  team: list('The people who work on it.', person, {
    table: 'referral_team_members',
    typeName: 'Member',
    write: 'change',
    share: 'accepted',
    filterable: true,
  }),
  inviteContext: record('What the inviting organisation says.', {
    notes: text('Notes to the invited organisation.', {
      write: 'change',
      extension: 'patchAndPut',
      frozen: 'onceShared',
      searched: true,
    }),
    assistanceRequestCode: choice('AssistanceRequestCode', 'What help is asked for.', 'Unknown', {
      column: 'assistance_request_code',
      write: 'change',
      extension: 'patchAndPut',
      frozen: 'onceShared',
      filterable: true,
    }),
    invitedMpnId: text('Location that is invited.', { searched: true }),
    invitedBy: record('Who invites.', organization),
  }),
  links: record(
    'Addresses of this referral and of its engagement.',
    { relatedReferrals: link('All records of the engagement.'), self: link('This record.') },
    server,
  ),
  trackingInfo: record(
    "Ids in Microsoft's systems.",
    {
      microsoftMsxId: text('Id of the opportunity.', {
        write: 'server',
        share: 'accepted',
        column: 'microsoft_msx_id',
        filterable: true,
        searched: true,
      }),
      microsoftUSFedOpportunityId: text('Id of the federal opportunity.', {
        write: 'server',
        share: 'accepted',
        searched: true,
      }),
      microsoftUSFedLeadId: text('Id of the federal lead.', { write: 'server', share: 'accepted', searched: true }),
      migratedPSCDealId: text('Id in the former system.', { write: 'server', share: 'accepted', searched: true }),
      migratedPSCPartnerDealId: text("The partner's id in the former system.", {
        write: 'server',
        share: 'accepted',
        searched: true,
      }),
    },
    { write: 'server', share: 'accepted' },
  ),
  registrations: list('Deal registrations.', registration, { write: 'later', typeName: 'Registration' }),
  isAutoRegistrationEnabled: flag('True when the deal registers itself.', null, { write: 'server', emit: 'whenSet' }),
  exception: anything('The request for an exception from the registration rules.', {
    write: 'later',
    extension: 'patch',
  }),
});

type Table = Static<typeof referralSchema>;
type Always =
  | 'id'
  | 'engagementId'
  | 'organizationId'
  | 'createdDateTime'
  | 'updatedDateTime'
  | 'status'
  | 'substatus'
  | 'type'
  | 'direction';

/**
 * A referral in memory. Members that were never set are missing; unknown members are kept under `kept`. Instants are
 * the text of the wire, decimals whole ten-thousandths.
 */
export type Referral = { -readonly [K in Exclude<keyof Table, Always>]?: Table[K] } & {
  -readonly [K in Always]: NonNullable<Table[K]>;
} & Kept;

/** The table as plain data, for whoever derives something from it. */
export const referralTable: PropertySchema = referralSchema as PropertySchema;
