import {
  enumerations,
  isMarketplaceLead,
  membersOf,
  notesFor,
  type PropertySchema,
  referralTable,
  valueLists,
} from '@cosell/model';
import { describe, expect, it } from 'vitest';
import { captureText, readWell } from '../support/captures.ts';

/** How many values each list has (facts §6.14 to §7.10, ISO 3166-1). */
const counts = {
  closeReasons: 8,
  countries: 249,
  customerSizes: 11,
  deviceCategories: 38,
  errorReasons: 9,
  industries: 14,
  partnerRoles: 8,
  products: 20,
  services: 10,
  siliconTypes: 30,
  solutionAreas: 3,
  solutionCategories: 48,
  solutionPlays: 16,
} as const;

describe.each(Object.entries(valueLists))('the list %s', (name, list) => {
  it('is complete', () => {
    expect(list.values).toHaveLength(counts[name as keyof typeof counts]);
  });

  it('holds no value twice, in whichever case', () => {
    expect(new Set(list.values.map((value) => value.toLowerCase())).size).toBe(list.values.length);
  });

  it('holds no value with stray white space, and says of which year it is', () => {
    expect(list.values.filter((value) => value === '' || value !== value.trim())).toEqual([]);
    expect(list.year).toBeGreaterThanOrEqual(2018);
    expect(list.year).toBeLessThanOrEqual(2026);
  });
});

describe('the lists', () => {
  it('are those that are counted here', () => {
    expect(Object.keys(valueLists).sort()).toEqual(Object.keys(counts).sort());
  });

  it.each([
    ['products', 'DynamicsAX,GP,NAV,SL'],
    ['services', 'CustomSolution(ISV)'],
    ['industries', 'Agriculture, Forestry, & Fishing'],
    ['customerSizes', 'Morethan20000employees'],
    ['solutionCategories', 'Dynamics365forFinanceOperations'],
    ['countries', 'GB'],
    ['countries', 'SS'],
    ['countries', 'AX'],
  ] as const)('keep what is easily lost: %s has "%s"', (name, value) => {
    expect(valueLists[name].values).toContain(value);
  });

  it.each(['UK', 'EU', 'XK', 'AN', 'SU', 'ZZ', 'us'])('have no country %s', (code) => {
    expect(valueLists.countries.values).not.toContain(code);
  });

  it('have countries as two letters in their order', () => {
    const { values } = valueLists.countries;
    expect(values.filter((code) => !/^[A-Z]{2}$/.test(code))).toEqual([]);
    expect([...values].sort()).toEqual(values);
  });
});

describe('enumerations', () => {
  it('have the documented values in their documented positions (facts §6)', () => {
    expect(enumerations).toEqual({
      ReferralStatus: ['None', 'New', 'Active', 'Closed'],
      ReferralSubstatus: ['None', 'Pending', 'Received', 'Accepted', 'Won', 'Lost', 'Declined', 'Expired', 'Error'],
      ReferralType: ['Shared', 'Independent'],
      ReferralQualification: ['None', 'Direct', 'MarketingQualified', 'SalesQualified'],
      SolutionType: ['None', 'Category', 'Name'],
      ReferralTargetType: ['None', 'BusinessProfileLocation', 'SolutionProfile'],
      ReferralDirection: ['Incoming', 'Outgoing'],
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
    });
  });

  it('are each used by a property', () => {
    const used = new Set<string>();
    const walk = (schema: PropertySchema) => {
      for (const [, member] of membersOf(schema)) {
        const { enumeration } = notesFor(member);
        if (enumeration !== undefined) used.add(enumeration);
        walk(member);
      }
    };
    walk(referralTable);
    expect([...used].sort()).toEqual(Object.keys(enumerations).sort());
  });
});

describe('a marketplace lead', () => {
  const lead = { type: 'Independent', qualification: 'Direct', referralSource: 'AzureMarketplace' };

  it.each([
    [lead, true],
    [{ ...lead, referralSource: 'AppSource' }, true],
    [{ ...lead, referralSource: 'Azure Marketplace' }, true],
    [{ ...lead, referralSource: ' azure  MARKETPLACE ' }, true],
    [{ ...lead, referralSource: 'app source' }, true],
    [{ ...lead, qualification: 'direct' }, true],
    [{ ...lead, referralSource: 'Azure portal' }, false],
    [{ ...lead, referralSource: '' }, false],
    [{ ...lead, referralSource: null }, false],
    [{ ...lead, referralSource: undefined }, false],
    [{ ...lead, qualification: 'SalesQualified' }, false],
    [{ ...lead, qualification: 'None' }, false],
    [{ ...lead, qualification: undefined }, false],
    [{ ...lead, type: 'Shared' }, false],
  ])('%j: %s', (members, expected) => {
    expect(isMarketplaceLead(readWell(captureText(members)))).toBe(expected);
  });
});
