import { judgeRegistration, type Registration, registrationRules } from '@cosell/model';
import { describe, expect, it } from 'vitest';
import {
  documentedRegistration,
  documentedRequest,
  factsOf,
  findings,
  type Json,
  judge,
  type Request,
  readDeal,
  wonDeal,
} from '../support/won-deal.ts';

type Change = (request: Request) => void;

const contract = ({ registration }: Request) => registration.contract as Json;
const solution = ({ registration }: Request) => (registration.solutionDetails as Json[])[0] as Json;
const marketplace = (request: Request) => solution(request).marketplaceTransactionDetails as Json;
const details = ({ deal }: Request) => deal.details as Json;
const offered = (request: Request) => (details(request).requirements as { solutions: Json[] }).solutions;

/** Sets members of the contract, or of the solution, or of the deal. */
const inContract =
  (members: Json): Change =>
  (request) =>
    Object.assign(contract(request), members);
const inSolution =
  (members: Json): Change =>
  (request) =>
    Object.assign(solution(request), members);
const inDeal =
  (members: Json): Change =>
  ({ deal }) =>
    Object.assign(deal, members);
const inDetails =
  (members: Json): Change =>
  (request) =>
    Object.assign(details(request), members);
const inMarketplace =
  (members: Json): Change =>
  (request) =>
    Object.assign(marketplace(request), members);
const inEngagement =
  (members: Partial<Request['engagement']>): Change =>
  ({ engagement }) =>
    Object.assign(engagement, members);
const all =
  (...changes: Change[]): Change =>
  (request) => {
    for (const change of changes) change(request);
  };
const nothing: Change = () => undefined;

const r = '/registrations/0';
const s = `${r}/solutionDetails/0`;

/** For each row of the table: a change that it applies to, and one as near to it as can be that it does not apply to. */
const rows: Readonly<Record<string, readonly [applies: Change, holds: Change]>> = {
  'dealNotWon /substatus': [inDeal({ substatus: 'Lost' }), nothing],
  'dealNotShared /consent/consentToShareReferralWithMicrosoftSellers': [
    inDeal({ consent: {} }),
    all(inDeal({ consent: {} }), inEngagement({ isMicrosoftInvited: true, microsoftAccepted: true })),
  ],
  'microsoftNotAccepted /engagementId': [
    inEngagement({ isMicrosoftInvited: true }),
    inEngagement({ isMicrosoftInvited: true, microsoftAccepted: true }),
  ],
  'solutionAssessment /details/requirements/solutions': [
    (request) => offered(request).push({ id: 'x', solutionType: 'Solution Assessment' }),
    (request) => offered(request).push({ id: 'x', solutionType: '3P' }),
  ],
  'dealValueTooLow /details/dealValue': [inDetails({ dealValue: 24999.9999 }), inDetails({ dealValue: 25000 })],
  [`solutionNotEligible ${s}/id`]: [inSolution({ id: 'sol-34190-csv' }), inSolution({ id: 'sol-34104-ebb' })],
  [`valueNotAllowed ${r}/type`]: [({ registration }) => delete registration.type, nothing],
  [`oneSolution ${r}/solutionDetails`]: [
    ({ registration }) => (registration.solutionDetails as Json[]).push({ id: 'SOL-15974-MQF' }),
    nothing,
  ],
  [`missingMember ${r}/contract/value`]: [inContract({ value: null }), inContract({ value: 0 })],
  [`missingMember ${r}/contract/currency`]: [inContract({ currency: null }), inContract({ currency: 'EUR' })],
  [`missingMember ${r}/contract/term`]: [inContract({ term: null }), inContract({ term: 'finite' })],
  [`missingMember ${r}/contract/startDateTime`]: [inContract({ startDateTime: null }), nothing],
  [`missingMember ${r}/contract/endDateTime`]: [
    inContract({ endDateTime: null }),
    inContract({ endDateTime: null, term: 'Perpetual' }),
  ],
  [`missingMember ${r}/contract/signDateTime`]: [inContract({ signDateTime: null }), nothing],
  [`missingMember ${s}/id`]: [inSolution({ id: '' }), inSolution({ id: 'x' })],
  [`missingMember ${s}/value`]: [inSolution({ value: null }), inSolution({ value: 0 })],
  [`missingMember ${s}/isDeployedOnAzure`]: [inSolution({ isDeployedOnAzure: null }), nothing],
  [`missingMember ${s}/primaryDeploymentOn`]: [inSolution({ primaryDeploymentOn: null }), nothing],
  [`missingMember ${s}/pricingModel`]: [inSolution({ pricingModel: null }), nothing],
  [`missingMember ${s}/marketplaceTransactionDetails/marketplaceTransactionDateTime`]: [
    inMarketplace({ isMarketplaceTransacted: true }),
    inMarketplace({ isMarketplaceTransacted: true, marketplaceTransactionDateTime: '2025-02-28' }),
  ],
  [`valueNotAllowed ${r}/contract/term`]: [inContract({ term: 'Monthly' }), inContract({ term: 'perpetual' })],
  [`valueNotAllowed ${s}/primaryDeploymentOn`]: [
    inSolution({ primaryDeploymentOn: 'Microsoft' }),
    inSolution({ primaryDeploymentOn: 'Partner' }),
  ],
  [`valueNotAllowed ${s}/pricingModel`]: [inSolution({ pricingModel: 'Free' }), inSolution({ pricingModel: 'other' })],
  [`invalidCurrency ${r}/contract/currency`]: [inContract({ currency: 'US' }), inContract({ currency: 'usd' })],
  [`invalidCurrency ${s}/currency`]: [inSolution({ currency: '$' }), inSolution({ currency: null })],
  [`amountNegative ${r}/contract/value`]: [inContract({ value: -0.0001 }), inContract({ value: 0 })],
  [`amountNegative ${s}/value`]: [inSolution({ value: -1 }), inSolution({ value: 0 })],
  [`annualValueTooLow ${r}/contract/value`]: [inContract({ value: 25000 }), inContract({ value: 25000.0001 })],
  [`solutionValueTooHigh ${s}/value`]: [inSolution({ value: 50000.0001 }), inSolution({ value: 50000 })],
  [`signedInFuture ${r}/contract/signDateTime`]: [
    inContract({ signDateTime: '2025-03-06T00:00:00Z' }),
    inContract({ signDateTime: '2025-03-05T23:59:59Z' }),
  ],
  [`signedTooLongAgo ${r}/contract/signDateTime`]: [
    all(inDeal({ createdDateTime: '2024-12-01' }), inContract({ signDateTime: '2025-01-03' })),
    all(inDeal({ createdDateTime: '2024-12-01' }), inContract({ signDateTime: '2025-01-04' })),
  ],
  [`signedBeforeDeal ${r}/contract/signDateTime`]: [
    inContract({ signDateTime: '2025-01-09T23:59:59Z' }),
    inContract({ signDateTime: '2025-01-10T00:00:00Z' }),
  ],
  [`signedTooLate ${r}/contract/signDateTime`]: [
    all(inDeal({ createdDateTime: '2024-02-27T00:00:00Z' }), inSolution({ pricingModel: 'PayAsYouGo' })),
    all(inDeal({ createdDateTime: '2024-02-28T00:00:00Z' }), inSolution({ pricingModel: 'PayAsYouGo' })),
  ],
  [`startedTooLongAgo ${r}/contract/startDateTime`]: [
    inContract({ startDateTime: '2024-12-04' }),
    inContract({ startDateTime: '2024-12-05' }),
  ],
  [`endsBeforeStart ${r}/contract/endDateTime`]: [
    inContract({ endDateTime: '2025-02-28T23:59:59Z' }),
    inContract({ endDateTime: '2025-03-01' }),
  ],
  [`notDeployedOnAzure ${s}/isDeployedOnAzure`]: [inSolution({ isDeployedOnAzure: false }), nothing],
  'customerNotManaged /customerProfile': [
    inDeal({ customerProfile: { name: 'Contoso Customer Inc', address: { country: 'CA' } } }),
    inDeal({ customerProfile: { name: ' contoso  customer INC', address: { country: 'us' } } }),
  ],
  'dealValueMissing /details/dealValue': [inDetails({ dealValue: null }), nothing],
  'dealRateMissing /details/currency': [inDetails({ currency: 'SEK' }), inDetails({ currency: 'eur' })],
  [`contractRateMissing ${r}/contract/currency`]: [inContract({ currency: 'SEK' }), inContract({ currency: 'eur' })],
  [`solutionRateMissing ${s}/currency`]: [inSolution({ currency: 'SEK' }), inSolution({ currency: null })],
  'wonTooSoon /closedDateTime': [
    inDeal({ closedDateTime: '2025-01-13T11:59:59Z' }),
    inDeal({ closedDateTime: '2025-01-13T12:00:00Z' }),
  ],
  'severalPartners /engagementId': [inEngagement({ otherPartners: 1 }), nothing],
  'helpNotSent /inviteContext/assistanceRequestCode': [
    inDeal({ inviteContext: { assistanceRequestCode: 'GeneralOrOther' } }),
    all(
      inDeal({ inviteContext: { assistanceRequestCode: 'GeneralOrOther' } }),
      inEngagement({ isMicrosoftInvited: true, microsoftAccepted: true }),
    ),
  ],
  [`payAsYouGo ${s}/pricingModel`]: [inSolution({ pricingModel: 'PayAsYouGo' }), nothing],
  [`annualValueHigh ${r}/contract/value`]: [inContract({ value: 1000000.0001 }), inContract({ value: 1000000 })],
  [`marketplaceTransaction ${s}/marketplaceTransactionDetails/isMarketplaceTransacted`]: [
    inMarketplace({ isMarketplaceTransacted: true, marketplaceTransactionDateTime: '2025-02-28' }),
    inMarketplace({ marketplaceTransactionDateTime: '2025-02-28' }),
  ],
  [`solutionNotInCatalogue ${s}/id`]: [
    all(inSolution({ id: 'SOL-1-NEW' }), (request) => offered(request).push({ id: 'SOL-1-NEW' })),
    nothing,
  ],
  [`solutionNotInDeal ${s}/id`]: [
    (request) => offered(request).splice(0, 1, { id: 'SOL-15974-MQF' }),
    inSolution({ id: 'sol-34104-ebb' }),
  ],
};

/** What is found in the documented request with a change. */
function foundWith(change: Change): { faults: string[]; review: string[] } {
  const request = documentedRequest();
  change(request);
  return findings(judge(request));
}

describe('the documented registration', () => {
  it('is approved at once on a won deal, and gets what the server sets', () => {
    expect(judge(documentedRequest())).toEqual({
      registrations: [
        {
          id: 'REG-1',
          registrationDateTime: '2025-03-05T10:00:00.0000000Z',
          status: 'Approved',
          statusReason: null,
          contract: {
            currency: 'USD',
            value: 500_000_000n,
            term: 'Finite',
            startDateTime: '2025-03-01T00:00:00Z',
            endDateTime: '2026-03-01T00:00:00Z',
            signDateTime: '2025-02-28T00:00:00Z',
          },
          solutionDetails: [
            {
              id: 'SOL-34104-EBB',
              name: 'Contoso Supply',
              currency: 'USD',
              value: 450_000_000n,
              isDeployedOnAzure: true,
              primaryDeploymentOn: 'Customer',
              pricingModel: 'Other',
              marketplaceTransactionDetails: { isMarketplaceTransacted: false },
            },
          ],
          statusHistory: { approvedDateTime: '2025-03-05T10:00:00.0000000Z' },
          type: 'AzureIPCoSell',
        },
      ],
      registrationStatus: 'Approved',
      review: [],
    });
  });

  it('waits for a review where something calls for it, and says why', () => {
    const request = documentedRequest();
    inSolution({ pricingModel: 'PayAsYouGo' })(request);
    inEngagement({ otherPartners: 2 })(request);
    const verdict = judge(request);
    expect(verdict).toMatchObject({ registrationStatus: 'ReviewPending' });
    const [registration] = 'faults' in verdict ? [] : verdict.registrations;
    expect(registration).toMatchObject({
      status: 'ReviewPending',
      statusReason:
        'Several partners work on the deal; only the one with the contract registers it. The solution is paid as it is used.',
      statusHistory: { reviewPendingDateTime: '2025-03-05T10:00:00.0000000Z' },
    });
  });

  it('passes when it is won in the same patch', () => {
    const request = documentedRequest();
    const before = readDeal({ ...request.deal, status: 'Active', substatus: 'Accepted', closedDateTime: null });
    const after = readDeal({ ...request.deal, closedDateTime: null, registrations: [request.registration] });
    const verdict = judgeRegistration({ before, after, facts: factsOf(request) });
    expect(verdict).toMatchObject({ registrationStatus: 'Approved', review: [] });
  });

  it('ignores what only the server sets', () => {
    const request = documentedRequest();
    const own = { id: 'mine', status: 'Passed', statusReason: 'mine', registrationDateTime: '2020-01-01' };
    Object.assign(request.registration, own, { statusHistory: { passedDateTime: '2020-01-01' } });
    expect(judge(request)).toEqual(judge(documentedRequest()));
  });

  it.each([
    ['that of the deal', nothing, 'Contoso Supply'],
    ['that of the catalogue', inDetails({ requirements: {} }), 'Supply by the catalogue'],
    ['that of the client', all(inSolution({ id: 'x', name: 'Mine' })), 'Mine'],
    ['none', inSolution({ id: 'x' }), null],
  ])('takes as name of the solution %s', (_title, change, name) => {
    const request = documentedRequest();
    change(request);
    expect(judge(request)).toMatchObject({ registrations: [{ solutionDetails: [{ name }] }] });
  });
});

describe('the table of rules', () => {
  const nameOf = ({ judges, code, pointer }: (typeof registrationRules)[number]) =>
    `${code} ${judges === 'deal' ? '' : r}${pointer}`;

  it('has a case for each row', () => {
    expect(registrationRules.map(nameOf).toSorted()).toEqual(Object.keys(rows).toSorted());
  });

  it.each(registrationRules.map((row) => [nameOf(row), row.kind] as const))('%s: %s', (name, kind) => {
    const [applies, holds] = rows[name] ?? [];
    if (applies === undefined || holds === undefined) return expect(name).toBe('a row with a case');
    const [applied, held] = [foundWith(applies), foundWith(holds)];
    expect(kind === 'refuse' ? applied.faults : applied.review).toContain(name);
    expect([...held.faults, ...held.review]).not.toContain(name);
  });

  it('tells all faults at once', () => {
    const change = all(inDeal({ substatus: 'Lost' }), inContract({ value: null, signDateTime: '2025-03-09' }));
    expect(foundWith(change).faults).toEqual([
      'dealNotWon /substatus',
      `missingMember ${r}/contract/value`,
      `signedInFuture ${r}/contract/signDateTime`,
    ]);
  });

  it('asks nothing of a solution that is not there', () => {
    const without = (request: Request) => {
      request.registration.solutionDetails = [];
    };
    expect(foundWith(without).faults).toEqual([`oneSolution ${r}/solutionDetails`]);
  });

  it('refuses an empty registration for all that it lacks', () => {
    const request = { ...documentedRequest(), registration: {} };
    const lacks = ['value', 'currency', 'term', 'startDateTime', 'endDateTime', 'signDateTime'];
    expect(findings(judge(request)).faults).toEqual([
      `valueNotAllowed ${r}/type`,
      `oneSolution ${r}/solutionDetails`,
      ...lacks.map((name) => `missingMember ${r}/contract/${name}`),
    ]);
  });
});

describe('a year of a contract', () => {
  const low = `annualValueTooLow ${r}/contract/value`;
  const high = `annualValueHigh ${r}/contract/value`;

  it.each<[string, Json, string[]]>([
    ['of less than a year is worth all of it', { value: 25001, endDateTime: '2025-04-01' }, []],
    ['of a day is worth all of it', { value: 25001, endDateTime: '2025-03-01' }, []],
    ['of two years is worth half of it', { value: 50000, endDateTime: '2027-03-01' }, [low]],
    ['of two years is worth half of more', { value: 50000.0002, endDateTime: '2027-03-01' }, []],
    ['of three years with a leap year is worth a third', { value: 75000.0003, endDateTime: '2028-03-01' }, []],
    ['of three years to the last day is worth a little more', { value: 75000, endDateTime: '2028-02-29' }, []],
    ['of a year and a half is worth two thirds', { value: 37500, endDateTime: '2026-09-01' }, [low]],
    ['of a year and a half is worth two thirds of more', { value: 37500.0002, endDateTime: '2026-09-01' }, []],
    [
      'of months and days is counted by the days of the last month',
      { value: 28220, startDateTime: '2025-02-15', endDateTime: '2026-04-01' },
      [low],
    ],
    [
      'of months and days is worth more with a little more',
      { value: 28230, startDateTime: '2025-02-15', endDateTime: '2026-04-01' },
      [],
    ],
    ['that is perpetual is worth a sixth', { value: 150000, term: 'Perpetual', endDateTime: null }, [low]],
    ['that is perpetual is worth a sixth of more', { value: 150000.0006, term: 'Perpetual', endDateTime: null }, []],
    ['that is perpetual has no end that counts', { value: 150000, term: 'Perpetual' }, [low]],
    ['of six years with six million is not much', { value: 6_000_000, term: 'Perpetual', endDateTime: null }, []],
    ['of six years with more is much', { value: 6_000_000.0006, term: 'Perpetual', endDateTime: null }, [high]],
    [
      'from the end of a month to a shorter one',
      { value: 25001, startDateTime: '2025-01-31', endDateTime: '2026-02-28' },
      [low],
    ],
  ])('%s', (_title, members, expected) => {
    const found = foundWith(inContract(members));
    expect([...found.faults, ...found.review].filter((name) => name === low || name === high)).toEqual(expected);
  });

  it.each<[string, Json, string[]]>([
    ['is counted by the latest rate up to the month', { currency: 'EUR', value: 20000 }, [low]],
    ['is enough by that rate', { currency: 'EUR', value: 20000.0001 }, []],
    ['is counted by an older rate where there is no other', { currency: 'JPY', value: 3_750_000 }, [low]],
    ['is not counted by a rate to come', { currency: 'SEK', value: 1 }, []],
  ])('in another currency %s', (_title, members, expected) => {
    expect(foundWith(all(inContract(members), inSolution({ currency: null, value: 0 }))).faults).toEqual(expected);
  });
});

describe('amounts in two currencies', () => {
  const tooHigh = `solutionValueTooHigh ${s}/value`;

  it.each<[string, Json, string[]]>([
    ['are compared in dollars', { currency: 'EUR', value: 40000.0001 }, [tooHigh]],
    ['may be equal in dollars', { currency: 'EUR', value: 40000 }, []],
    ['are left to Microsoft without a rate', { currency: 'SEK', value: 900000 }, []],
  ])('%s', (_title, members, expected) => {
    expect(foundWith(inSolution(members)).faults).toEqual(expected);
  });

  it('of one kind need no rate to be compared', () => {
    const change = all(inContract({ currency: 'SEK' }), inSolution({ currency: 'sek', value: 50001 }));
    expect(foundWith(change).faults).toEqual([tooHigh]);
  });
});

describe('the day of the signature', () => {
  const invited = { isMicrosoftInvited: true, microsoftAccepted: true };
  const early = `signedBeforeDeal ${r}/contract/signDateTime`;

  it.each<[string, string, string[]]>([
    ['is not before the invitation', '2025-03-01T00:00:00Z', [early]],
    ['may be the day of the invitation', '2025-02-28T23:00:00Z', []],
    ['counts from the deal where the invitation was earlier', '2024-12-01T00:00:00Z', []],
  ])('%s', (_title, microsoftInvitedAt, expected) => {
    expect(foundWith(inEngagement({ ...invited, microsoftInvitedAt })).faults).toEqual(expected);
  });

  it('of a pay-as-you-go contract is within a year of the invitation', () => {
    const change = all(
      inDeal({ createdDateTime: '2023-01-01' }),
      inSolution({ pricingModel: 'PayAsYouGo' }),
      inEngagement({ ...invited, microsoftInvitedAt: '2024-02-28T10:00:00Z' }),
    );
    expect(foundWith(change).faults).toEqual([]);
  });

  it('may follow the start and precede it', () => {
    expect(foundWith(inContract({ startDateTime: '2024-12-10' })).faults).toEqual([]);
    expect(foundWith(inContract({ startDateTime: '2025-12-10' })).faults).toEqual([]);
  });
});

describe('a customer is known to be managed', () => {
  const managed = 'customerNotManaged /customerProfile';

  it.each<[string, Json, boolean]>([
    ['by an id of the same type', { ids: [{ profileType: 'External', id: '6-abcdefg23' }] }, true],
    ['by no id of another type', { ids: [{ profileType: 'Duns', id: '6-ABCDEFG23' }] }, false],
    ['by name and country', { name: 'Contoso Customer Inc', address: { country: 'US' } }, true],
    ['by no name alone', { name: 'Contoso Customer Inc' }, false],
    ['by no country alone', { address: { country: 'US' } }, false],
  ])('%s', (_title, customerProfile, isManaged) => {
    expect(foundWith(inDeal({ customerProfile })).review.includes(managed)).toBe(!isManaged);
  });
});

describe('registrations of a deal', () => {
  const { registrations: _none, ...deal } = wonDeal();
  const facts = factsOf(documentedRequest());
  const stored = (status: string | null, members: Json = {}): Json => ({
    id: 'REG-7',
    registrationDateTime: '2025-03-04T09:00:00Z',
    status,
    statusReason: 'Correct the value.',
    ...documentedRegistration(),
    statusHistory: { reviewPendingDateTime: '2025-03-04T09:00:00Z', actionRequiredDateTime: '2025-03-04T12:00:00Z' },
    ...members,
  });
  const judgeLists = (held: Json[], wanted: Json[], now = facts.now) =>
    judgeRegistration({
      before: readDeal({ ...deal, registrationStatus: 'Failed', registrations: held }),
      after: readDeal({ ...deal, registrations: wanted }),
      facts: { ...facts, now },
    });
  /** The stored registration with a change of one member. */
  const edited = (path: string, value: Json[string], status: string | null = 'ActionRequired'): Json => {
    const copy = structuredClone(stored(status));
    const steps = path.split('/').slice(1);
    const last = steps.pop() ?? '';
    const parent = steps.reduce<Json>((at, step) => at[step] as Json, copy);
    parent[last] = value;
    return copy;
  };

  it('stay as they are where nothing differs', () => {
    for (const status of ['ReviewPending', 'ActionRequired', 'Approved', 'Closed', 'SomethingElse', null]) {
      const verdict = judgeLists([stored(status)], [stored(status)]);
      const { registrations } = readDeal({ registrations: [stored(status)] });
      expect(verdict).toEqual({ registrations, registrationStatus: 'Failed', review: [] });
    }
    expect(judgeLists([], [])).toEqual({ registrations: [], registrationStatus: 'Failed', review: [] });
  });

  it('stay as they are where only the text of an amount or a date differs', () => {
    const other = stored('Approved', { contract: { ...(stored(null).contract as Json), value: '50000.0' } });
    expect(findings(judgeLists([stored('Approved')], [other]))).toEqual({ faults: [], review: [] });
  });

  it('keep what a fixed member was when it is left out', () => {
    const { id: _id, status: _status, statusHistory: _history, type: _type, ...rest } = stored('ActionRequired');
    const verdict = judgeLists([stored('ActionRequired')], [rest]);
    expect(verdict).toMatchObject({
      registrations: [{ id: 'REG-7', status: 'ActionRequired', type: 'AzureIPCoSell' }],
    });
  });

  it.each<[string, Json[], Json[], string[]]>([
    ['are not taken away', [stored('Failed')], [], ['registrationRemoved /registrations']],
    [
      'are not two',
      [stored('Failed')],
      [stored('Failed'), documentedRegistration()],
      ['onlyOneRegistration /registrations/1'],
    ],
    [
      'do not come in pairs',
      [],
      [documentedRegistration(), documentedRegistration()],
      ['onlyOneRegistration /registrations/1'],
    ],
  ])('%s', (_title, held, wanted, expected) => {
    expect(findings(judgeLists(held, wanted)).faults).toEqual(expected);
  });

  it.each<[string, Json[string]]>([
    ['/contract/startDateTime', '2025-03-02T00:00:00Z'],
    ['/contract/endDateTime', '2027-01-01T00:00:00Z'],
    ['/contract/signDateTime', '2025-02-27T00:00:00Z'],
    ['/contract/term', 'Perpetual'],
    ['/contract/value', 200000],
    ['/solutionDetails/0/value', 49999],
    ['/solutionDetails/0/currency', 'EUR'],
    ['/solutionDetails/0/primaryDeploymentOn', 'Partner'],
    ['/solutionDetails/0/pricingModel', 'PayAsYouGo'],
    ['/solutionDetails/0/marketplaceTransactionDetails/isMarketplaceTransacted', null],
    ['/solutionDetails/0/marketplaceTransactionDetails/marketplaceTransactionDateTime', '2025-02-01T00:00:00Z'],
  ])('wait for a review again when the partner changes %s as he was asked to', (path, value) => {
    const base = stored('ActionRequired', { contract: { ...(stored(null).contract as Json), value: 160000 } });
    const wanted = edited(path, value);
    if (path !== '/contract/value') (wanted.contract as Json).value = 160000;
    const verdict = judgeLists([base], [wanted]);
    expect(verdict).toMatchObject({ registrationStatus: 'ReviewPending' });
    if ('faults' in verdict) return;
    const [expected] = readDeal({ registrations: [wanted] }).registrations ?? [];
    expect(verdict.registrations).toEqual([
      {
        ...expected,
        status: 'ReviewPending',
        statusReason: value === 'PayAsYouGo' ? 'The solution is paid as it is used.' : null,
        statusHistory: {
          reviewPendingDateTime: '2025-03-05T10:00:00.0000000Z',
          actionRequiredDateTime: '2025-03-04T12:00:00.0000000Z',
        },
      },
    ]);
  });

  it.each<[string, Json[string]]>([
    ['/id', 'other'],
    ['/type', 'Other'],
    ['/status', 'Approved'],
    ['/statusReason', 'other'],
    ['/registrationDateTime', '2025-03-05T00:00:00Z'],
    ['/contract/currency', 'EUR'],
    ['/solutionDetails/0/id', 'SOL-15974-MQF'],
    ['/solutionDetails/0/name', 'Other'],
    ['/statusHistory/approvedDateTime', '2025-03-05T00:00:00Z'],
    ['/solutionDetails', []],
  ])('do not change at %s', (path, value) => {
    const { faults } = findings(judgeLists([stored('ActionRequired')], [edited(path, value)]));
    expect(faults).toEqual([`registrationMemberFixed ${r}${path}`]);
  });

  it.each(['ReviewPending', 'Approved', 'Passed', 'Failed', 'Closed', 'None', 'SomethingElse', null])(
    'do not change in the state %s',
    (status) => {
      const { faults } = findings(judgeLists([stored(status)], [edited('/contract/value', 60000, status)]));
      expect(faults).toEqual([`registrationNotEditable ${r}`]);
    },
  );

  it('can be brought to Azure by a change', () => {
    const elsewhere = edited('/solutionDetails/0/isDeployedOnAzure', false);
    const verdict = judgeLists([elsewhere], [stored('ActionRequired')]);
    expect(verdict).toMatchObject({
      registrationStatus: 'ReviewPending',
      registrations: [{ solutionDetails: [{ isDeployedOnAzure: true }] }],
    });
  });

  it('obey the rules when they are changed', () => {
    const wanted = edited('/contract/value', 20000);
    expect(findings(judgeLists([stored('ActionRequired')], [wanted])).faults).toEqual([
      `annualValueTooLow ${r}/contract/value`,
      `solutionValueTooHigh ${s}/value`,
    ]);
    const emptied = edited('/contract/signDateTime', null);
    expect(findings(judgeLists([stored('ActionRequired')], [emptied])).faults).toEqual([
      `missingMember ${r}/contract/signDateTime`,
    ]);
  });

  it('count sixty and ninety days back from their registration, and the future from now', () => {
    const wanted = edited('/contract/value', 60000);
    const late = '2025-09-01T00:00:00Z';
    expect(findings(judgeLists([stored('ActionRequired')], [wanted], late)).faults).toEqual([]);
    const signedLater = edited('/contract/signDateTime', '2025-08-31');
    expect(findings(judgeLists([stored('ActionRequired')], [signedLater], late)).faults).toEqual([]);
    const signedTooEarly = edited('/contract/startDateTime', '2024-12-03');
    expect(findings(judgeLists([stored('ActionRequired')], [signedTooEarly], late)).faults).toEqual([
      `startedTooLongAgo ${r}/contract/startDateTime`,
    ]);
  });

  it('are not blamed for what an import left out and nobody can change', () => {
    const imported = stored('ActionRequired', { type: null, contract: { value: 50000, term: 'Finite' } });
    const wanted = structuredClone(imported);
    const dates = { startDateTime: '2025-03-01', endDateTime: '2026-03-01', signDateTime: '2025-02-28' };
    Object.assign(wanted.contract as Json, dates);
    expect(findings(judgeLists([imported], [wanted])).faults).toEqual([]);
  });

  it('never change the deal that they are judged by', () => {
    const before = readDeal({ ...deal, registrations: [stored('ActionRequired')] });
    const after = readDeal({ ...deal, registrations: [edited('/contract/value', 60000)] });
    const copies = structuredClone([before, after]);
    const verdict = judgeRegistration({ before, after, facts });
    const registrations: Registration[] = 'faults' in verdict ? [] : verdict.registrations;
    expect(registrations[0]?.contract?.value).toBe(600_000_000n);
    expect([before, after]).toEqual(copies);
  });
});
