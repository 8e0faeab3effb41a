import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection } from '../support/answers.ts';
import { coSellDeal, type Json, leastDeal, microsoftsRecord, privateDeal } from '../support/documented-requests.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { answeredIn, faultNames, faultsIn, type Writer, warningsIn, writingAs } from '../support/writing.ts';

const share = '/consent/consentToShareReferralWithMicrosoftSellers';
const contact = { firstName: 'Sue', lastName: 'Smith', phoneNumber: '1', email: 'sue@contoso.com' };
const profile = (members: Json) => ({ customerProfile: { ...leastDeal().customerProfile, ...members } });
const solutions = (...items: Json[]) => ({ details: { requirements: { solutions: items } } });
const help = { inviteContext: { assistanceRequestCode: 'GeneralOrOther' } };

/** What is missing, and how it is named (decision 29). */
const unmet: readonly (readonly [title: string, members: Json, faults: readonly string[]])[] = [
  ['no type', { type: undefined }, ['missingMember /type']],
  ['no customer', { customerProfile: undefined }, ['missingMember /customerProfile']],
  ['a customer that is null', { customerProfile: null }, ['missingMember /customerProfile']],
  [
    'an empty customer',
    { customerProfile: {} },
    ['missingMember /customerProfile/name', 'missingMember /customerProfile/address'],
  ],
  ['no name of the customer', profile({ name: undefined }), ['missingMember /customerProfile/name']],
  ['an empty name', profile({ name: '' }), ['missingMember /customerProfile/name']],
  ['a blank name', profile({ name: ' \t' }), ['missingMember /customerProfile/name']],
  ['a name that is null', profile({ name: null }), ['missingMember /customerProfile/name']],
  ['no address', profile({ address: undefined }), ['missingMember /customerProfile/address']],
  ['no country', profile({ address: { city: 'Bern' } }), ['missingMember /customerProfile/address/country']],
  ['no consent', { consent: undefined }, ['missingMember /consent']],
  ['a consent that is null', { consent: null }, ['missingMember /consent']],
  ['no details', { details: undefined }, ['missingMember /details']],
  ['a shared deal without a solution', { type: 'Shared' }, ['solutionRequired /details/requirements/solutions']],
  ['help without a contact', help, ['customerContactRequired /customerProfile/team']],
  ...Object.keys(contact).map(
    (name) =>
      [
        `help with a contact without ${name}`,
        { ...help, ...profile({ team: [{ ...contact, [name]: ' ' }] }) },
        ['customerContactRequired /customerProfile/team'],
      ] as const,
  ),
  [
    'help that Microsoft may not see',
    { ...help, ...profile({ team: [contact] }), consent: { consentToShareReferralWithMicrosoftSellers: false } },
    [`sharingRequired ${share}`],
  ],
];

describeOnEachEngine('what a POST must have', (engine) => {
  let server: TestServer;
  let contoso: Writer;
  beforeAll(async () => {
    server = await startTestServer(engine);
    contoso = writingAs(server, users.admin);
  });
  afterAll(() => server.close());
  const post = (members: Json) => contoso.post({ ...leastDeal(), ...members });
  const count = async () => (await contoso.send('GET', collection)).json<{ '@odata.count': number }>()['@odata.count'];

  it.each(unmet)('%s is 400 and named', async (_title, members, faults) => {
    expect(faultNames(await post(members))).toEqual(faults);
  });

  it('a record for Microsoft needs a contact, and may not be hidden from it', async () => {
    const { engagementId } = await contoso.create(privateDeal);
    const deal = JSON.parse(microsoftsRecord(engagementId));
    const consent = { consentToShareReferralWithMicrosoftSellers: false };
    const { inviteContext: _help, ...others } = deal;
    const bare = { ...others, consent, customerProfile: { ...deal.customerProfile, team: [] } };
    expect(faultNames(await contoso.post(bare))).toEqual([
      'customerContactRequired /customerProfile/team',
      `sharingRequired ${share}`,
    ]);
    expect((await contoso.post({ ...others, consent: {} })).status).toBe(200);
  });

  it('names all faults of a body at once, with what is allowed and the nearest name', async () => {
    const before = await count();
    const answer = await contoso.post({
      type: 'Shraed',
      salesStage: '55',
      mpnId: '9',
      nmae: 'x',
      target: [{ type: 'BusinessProfileLocation', id: 'nowhere' }],
      customerProfile: { name: '', address: { country: 'Germany' }, team: 'Sue' },
      consent: { consentToShareReferralWithMicrosoftSellers: false, consentToContact: 'maybe' },
      details: { dealValue: 'much', currency: 'EURO', closingDateTime: 'soon', requirements: { solution: [] } },
      team: [{ firstName: ['Jane'], emial: 'jane@contoso.com' }],
      inviteContext: { assistanceRequestCode: 'QuotesOrLicencing' },
    });
    const named = faultsIn(answer);
    expect(named.map(({ code, target }) => `${code} ${target}`).sort()).toEqual(
      [
        'valueNotAllowed /type',
        'valueNotAllowed /salesStage',
        'valueNotAllowed /mpnId',
        'unknownMember /nmae',
        'targetNotAvailable /target/0/id',
        'missingMember /customerProfile/name',
        'valueNotAllowed /customerProfile/address/country',
        'wrongType /customerProfile/team',
        'wrongType /consent/consentToContact',
        'invalidNumber /details/dealValue',
        'valueNotAllowed /details/currency',
        'invalidDate /details/closingDateTime',
        'unknownMember /details/requirements/solution',
        'wrongType /team/0/firstName',
        'unknownMember /team/0/emial',
        'valueNotAllowed /inviteContext/assistanceRequestCode',
      ].sort(),
    );
    const messageOf = (target: string) => named.find((fault) => fault.target === target)?.message;
    expect(messageOf('/type')).toBe('"Shraed" is not one of Shared, Independent. Did you mean "Shared"?');
    expect(messageOf('/nmae')).toContain('Did you mean "name"?');
    expect(messageOf('/details/requirements/solution')).toContain('Did you mean "solutions"?');
    expect(messageOf('/team/0/emial')).toContain('Did you mean "email"?');
    expect(messageOf('/mpnId')).toContain('5512345, 5598765');
    expect(messageOf('/customerProfile/address/country')).toContain('ISO 3166-1');
    expect(messageOf('/inviteContext/assistanceRequestCode')).toContain('Did you mean "QuotesOrLicensing"?');
    expect(await count()).toBe(before);
  });

  describe('members that have other names', () => {
    const place = (created: Json) =>
      (created.details as { requirements: { additionalRequirements: { attributes: unknown } } }).requirements
        .additionalRequirements.attributes;

    it.each([
      'partnerRole',
      'solutionArea',
      'solutionPlay',
      'customerMarketplaceIntent',
      'PARTNERROLE',
      'SolutionArea',
    ])('%s is stored as an attribute, wherever and however it is written', async (name) => {
      const type = ['PartnerRole', 'SolutionArea', 'SolutionPlay', 'CustomerMarketplaceIntent'].find(
        (known) => known.toLowerCase() === name.toLowerCase(),
      );
      const one = [{ type, id: 'Security' }];
      const forms: readonly (readonly [unknown, readonly object[]])[] = [
        ['Security', one],
        [{ id: 'Security' }, one],
        [{ Id: 'Security', name: 'x' }, one],
        [['Security'], one],
        [[{ id: 'Security' }], one],
        [
          ['Security', { id: 'Other' }],
          [...one, { type, id: 'Other' }],
        ],
        [null, []],
        [[], []],
      ];
      for (const [value, wanted] of forms) {
        const top = answeredIn(await post({ [name]: value }));
        expect(place(top)).toEqual(wanted);
        expect(top).not.toHaveProperty(name);
        const below = { details: { requirements: { additionalRequirements: { [name]: value } } } };
        expect(place(answeredIn(await post(below)))).toEqual(wanted);
      }
      expect(faultNames(await post({ [name]: 5 }))).toEqual([`wrongType /${name}`]);
      expect(faultNames(await post({ [name]: [{ name: 'x' }] }))).toEqual([`wrongType /${name}`]);
    });

    it('are added to the attributes that are there', async () => {
      const attributes = [{ id: 'Yes', type: 'CustomerMarketplaceIntent' }];
      const details = { requirements: { additionalRequirements: { attributes } } };
      const created = answeredIn(await post({ details, solutionArea: 'Security' }));
      expect(place(created)).toEqual([...attributes, { type: 'SolutionArea', id: 'Security' }]);
    });

    it('have no place elsewhere', async () => {
      expect(faultNames(await post({ details: { solutionArea: 'x' } }))).toEqual([
        'unknownMember /details/solutionArea',
      ]);
    });

    it('names of former versions are passed over', async () => {
      const created = answeredIn(
        await post({ attributes: { objectType: 'Referral' }, businessProfileId: 5, OfferId: [], '@a': 1, 'x@y': 2 }),
      );
      for (const name of ['attributes', 'businessProfileId', 'offerId', '@a']) expect(created).not.toHaveProperty(name);
      expect(faultNames(await post({ details: { offerId: 1 } }))).toEqual(['unknownMember /details/offerId']);
    });
  });

  describe('sales stages', () => {
    it.each([
      ['10', ['10', 10, 'Created', 'accepted']],
      ['20', [20, 'Qualify', 'QUALIFIED']],
      ['40', [40, 'Develop', 'developed']],
      ['60', ['60', 'Propose', 'Proposed']],
      ['80', [80, 'Negotiate', 'Negotiated', 'Close']],
      ['100', [100, '100', 'won']],
    ])('%s stands for all of %j', async (percentage, spellings) => {
      for (const salesStage of spellings) {
        expect(answeredIn(await post({ salesStage })).salesStage).toBe(percentage);
      }
    });

    it.each([[0], [15], ['10%'], ['010'], [-10], [10.5], ['Sold'], ['1e1'], [true]])(
      '%j is none',
      async (salesStage) => {
        const [fault] = faultsIn(await post({ salesStage }));
        expect(fault?.target).toBe('/salesStage');
      },
    );
  });

  it('reads enumerations in any case and writes them exactly', async () => {
    const created = answeredIn(
      await post({
        type: 'SHARED',
        qualification: 'salesqualified',
        target: [{ type: 'solutionprofile', id: 'x' }],
        ...solutions({ type: 'nAmE', id: 'SOL-1' }),
        ...profile({ team: [contact], ids: [{ profileType: 'DUNS', id: '1' }] }),
        inviteContext: { assistanceRequestCode: 'proofofconceptordemo' },
      }),
    );
    expect(created).toMatchObject({
      type: 'Shared',
      qualification: 'SalesQualified',
      target: [{ type: 'SolutionProfile' }],
      details: { requirements: { solutions: [{ type: 'Name' }] } },
      customerProfile: { ids: [{ profileType: 'Duns' }] },
      inviteContext: { assistanceRequestCode: 'ProofOfConceptOrDemo' },
    });
  });

  it.each([
    [{ qualification: 'Qualified' }, '/qualification', 'None, Direct, MarketingQualified, SalesQualified'],
    [{ status: 'Open' }, '/status', 'None, New, Active, Closed'],
    [{ substatus: 'Sold' }, '/substatus', 'Pending, Received, Accepted, Won, Lost, Declined, Expired, Error'],
    [{ target: [{ type: 'Place' }] }, '/target/0/type', 'None, BusinessProfileLocation, SolutionProfile'],
    [solutions({ type: 'Kind' }), '/details/requirements/solutions/0/type', 'None, Category, Name'],
    [profile({ ids: [{ profileType: 'Tax' }] }), '/customerProfile/ids/0/profileType', 'Duns, External'],
  ])('%j is refused with the allowed values', async (members, pointer, allowed) => {
    const [fault, ...others] = faultsIn(await post(members));
    expect(others).toEqual([]);
    expect(fault).toMatchObject({ code: 'valueNotAllowed', target: pointer });
    expect(fault?.message).toContain(allowed);
  });

  it('takes a country of ISO 3166-1 and a currency of three letters, and nothing else', async () => {
    for (const country of ['US', 'gb', 'XK', 'DE']) {
      const answer = await post(profile({ address: { country } }));
      if (country === 'XK') expect(faultNames(answer)).toEqual(['valueNotAllowed /customerProfile/address/country']);
      else expect(answeredIn(answer).customerProfile).toMatchObject({ address: { country: country.toUpperCase() } });
    }
    for (const country of ['USA', 'UK', 'U', 'Germany', '840', 840, 'ZZ', ' US']) {
      expect(faultNames(await post(profile({ address: { country } })))).toEqual([
        'valueNotAllowed /customerProfile/address/country',
      ]);
    }
    for (const currency of ['USD', 'eur', 'XTS']) {
      const created = answeredIn(await post({ details: { currency } }));
      expect(created.details).toMatchObject({ currency: currency.toUpperCase() });
    }
    for (const currency of ['EURO', 'US', 'U$D', 978, '€€€']) {
      expect(faultNames(await post({ details: { currency } }))).toEqual(['valueNotAllowed /details/currency']);
    }
  });

  it('keeps values that its lists do not have, and warns of them', async () => {
    const requirements = {
      industries: [{ id: 'Education' }, { id: 'Beekeeping' }],
      products: [{ id: 'DynamicsAX,GP,NAV,SL' }, { id: 'Clippy' }],
      services: [{ id: 'Hardware' }, { id: 'Singing' }],
      solutions: [
        { type: 'Category', id: 'BigData' },
        { type: 'Category', id: 'HugeData' },
        { type: 'Name', id: 'SOL-1' },
      ],
      additionalRequirements: {
        iot: { deviceCategory: 'Toaster', siliconType: 'Others' },
        attributes: [
          { type: 'SolutionArea', id: 'Security' },
          { type: 'SolutionArea', id: 'CloudandAIPlatforms' },
          { type: 'SolutionArea', id: 'Gardening' },
          { type: 'SolutionPlay', id: 'Data Security' },
          { type: 'SolutionPlay', id: 'Foul play' },
          { type: 'Anything', id: 'at all' },
        ],
      },
    };
    const answer = await post({ ...profile({ size: 'Many' }), details: { requirements }, solutionPlay: ['Chess'] });
    expect(answeredIn(answer).details).toMatchObject({
      requirements: { industries: requirements.industries, products: requirements.products },
    });
    const below = '/details/requirements';
    expect(warningsIn(answer).sort()).toEqual(
      [
        '/customerProfile/size',
        `${below}/industries/1/id`,
        `${below}/products/1/id`,
        `${below}/services/1/id`,
        `${below}/solutions/1/id`,
        `${below}/additionalRequirements/iot/deviceCategory`,
        `${below}/additionalRequirements/attributes/2/id`,
        `${below}/additionalRequirements/attributes/4/id`,
        '/solutionPlay',
      ]
        .map((pointer) => `${pointer} unlistedValue`)
        .sort(),
    );
  });

  it('keeps text that is empty as it is, and dates and numbers exactly', async () => {
    const created = answeredIn(
      await post({
        name: '',
        ...profile({ size: '', address: { country: 'US', addressLine2: '' } }),
        details: { dealValue: '12345678901234.5600', closingDateTime: '2025-06-30T02:00:00.5+02:00' },
      }),
    );
    expect(created).toMatchObject({ name: '', customerProfile: { size: '', address: { addressLine2: '' } } });
    expect(created.details).toMatchObject({ closingDateTime: '2025-06-30T00:00:00.5Z' });
    expect((await contoso.send('GET', `${collection}/${created.id}`)).text).toContain('"dealValue":12345678901234.56,');
  });

  it('takes numbers and booleans as text, and digits for text', async () => {
    const created = answeredIn(
      await post({
        name: 42,
        consent: { consentToContact: 'true' },
        details: { dealValue: '1e3', notes: 1.5 },
      }),
    );
    expect(created).toMatchObject({
      name: '42',
      consent: { consentToContact: true },
      details: { dealValue: 1000, notes: '1.5' },
    });
  });
});

describeOnEachEngine('UNKNOWN_PROPERTIES=ignore', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine, { UNKNOWN_PROPERTIES: 'ignore' });
  });
  afterAll(() => server.close());

  it('leaves unknown members out and warns of each', async () => {
    const contoso = writingAs(server, users.admin);
    const deal = { ...JSON.parse(coSellDeal), nots: 1, 'a/b~c': 2 };
    deal.team[0].emial = 'x';
    const answer = await contoso.post(deal);
    const created = answeredIn(answer);
    expect(warningsIn(answer).sort()).toEqual(
      ['/nots', '/a~1b~0c', '/team/0/emial'].map((pointer) => `${pointer} unknownMember`).sort(),
    );
    expect(created).not.toHaveProperty('nots');
    expect(JSON.stringify(created)).not.toContain('emial');
    const value = { email: 'x@contoso.com', shoeSize: 43 };
    const patched = await contoso.patch(created.id, [{ op: 'add', path: '/team/-', value }]);
    expect([patched.status, ...warningsIn(patched)]).toEqual([204, '/team/-/shoeSize unknownMember']);
  });

  it('still refuses a path of a patch that leads nowhere', async () => {
    const contoso = writingAs(server, users.admin);
    const { id } = await contoso.create(privateDeal);
    const answer = await contoso.patch(id, [{ op: 'replace', path: '/nots', value: 'x' }]);
    expect(faultNames(answer)).toEqual(['unknownMember /nots']);
  });
});
