/**
 * The enumerations of the contract, in the order of their documented positions (facts §6). They are read without regard
 * to case and written exactly.
 */
export const enumerations = {
  ReferralStatus: ['None', 'New', 'Active', 'Closed'],
  ReferralSubstatus: ['None', 'Pending', 'Received', 'Accepted', 'Won', 'Lost', 'Declined', 'Expired', 'Error'],
  ReferralType: ['Shared', 'Independent'],
  ReferralQualification: ['None', 'Direct', 'MarketingQualified', 'SalesQualified'],
  ReferralDirection: ['Incoming', 'Outgoing'],
  ReferralTargetType: ['None', 'BusinessProfileLocation', 'SolutionProfile'],
  SolutionType: ['None', 'Category', 'Name'],
  AssistanceRequestCode: [
    'Unknown',
    'GeneralOrOther',
    'CustomerTechnicalArchitecture',
    'ProofOfConceptOrDemo',
    'QuotesOrLicensing',
    'PostSalesCustomerSuccess',
    'WorkloadSpecificValueProposition',
  ],
  ProfileType: ['Duns', 'External'],
  RegistrationType: ['AzureIPCoSell'],
  RegistrationStatus: ['None', 'ReviewPending', 'ActionRequired', 'Approved', 'Passed', 'Failed', 'Closed'],
  ContractTerm: ['Perpetual', 'Finite'],
  PrimaryDeploymentOn: ['Customer', 'Partner'],
  PricingModel: ['PayAsYouGo', 'Other'],
} as const satisfies Record<string, readonly string[]>;

/** The name of an enumeration. */
export type EnumerationName = keyof typeof enumerations;

/** The values of one enumeration. */
export type EnumerationValue<Name extends EnumerationName> = (typeof enumerations)[Name][number];
