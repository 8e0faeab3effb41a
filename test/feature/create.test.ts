import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection } from '../support/answers.ts';
import { memberOrder, orderOf } from '../support/documented-example.ts';
import {
  coSellDeal,
  leastDeal,
  microsoftsRecord,
  partnerLedDeal,
  privateDeal,
} from '../support/documented-requests.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { organizations, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { answeredIn, faultNames, type Writer, warningsIn, writingAs } from '../support/writing.ts';

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/;

/** What every deal of one's own is, whatever was posted. */
const ownDeal = {
  organizationId: organizations.contoso,
  organizationName: 'Contoso Company',
  status: 'Active',
  substatus: 'Accepted',
  direction: 'Outgoing',
  expirationDateTime: null,
  closedDateTime: null,
  registrationStatus: 'None',
  registrations: [],
};

describeOnEachEngine('POST of a referral', (engine) => {
  let server: TestServer;
  let contoso: Writer;
  beforeAll(async () => {
    server = await startTestServer(engine);
    contoso = writingAs(server, users.admin);
  });
  afterAll(() => server.close());

  it.each([
    ['private', privateDeal],
    ['partner-led', partnerLedDeal],
    ['co-sell', coSellDeal],
  ])('takes the documented %s deal as it stands, and answers the whole referral', async (_kind, text) => {
    const answer = await contoso.post(text);
    const created = answeredIn(answer);
    expect(created).toMatchObject(ownDeal);
    expect(created.createdDateTime).toMatch(instant);
    expect([created.updatedDateTime, created.acceptedDateTime]).toEqual([
      created.createdDateTime,
      created.createdDateTime,
    ]);
    expect(created['@odata.context']).toBe(`${server.origin}${collection}/$metadata#Referrals/$entity`);
    expect(answer.headers.etag).toBe(created.eTag);
    expect(answer.headers.location).toBe(`${server.origin}${collection}/${created.id}`);
    expect(created.links).toMatchObject({ self: { uri: answer.headers.location } });
    expect(warningsIn(answer)).toEqual([]);
    expect(answer.headers['cosell-extension']).toBeUndefined();
    // What was sent comes back, in the spelling of the wire; the exchange sets the rest.
    const { status: _status, substatus: _substatus, consent, ...sent } = JSON.parse(text);
    expect(created).toMatchObject(sent);
    for (const [name, value] of Object.entries(consent)) {
      expect(created.consent).toHaveProperty(name.charAt(0).toLowerCase() + name.slice(1), value);
    }
    // The answer is the referral as it is read, byte for byte.
    expect((await contoso.send('GET', `${collection}/${created.id}`)).text).toBe(answer.text);
    const others = /consentToMicrosoftToContact|attributes\[\]/;
    const order = orderOf(created).filter((path) => !others.test(path));
    expect(order).toEqual(memberOrder.filter((path) => order.includes(path)));
  });

  it('makes the second record of a co-sell deal for Microsoft', async () => {
    const first = await contoso.create(coSellDeal);
    const answer = await contoso.post(microsoftsRecord(first.engagementId));
    const second = answeredIn(answer);
    const day = new Date(`${String(second.createdDateTime).slice(0, 10)}T00:00:00Z`);
    day.setUTCDate(day.getUTCDate() + 14);
    expect(second).toMatchObject({
      engagementId: first.engagementId,
      organizationId: 'msft',
      organizationName: 'Microsoft',
      status: 'New',
      substatus: 'Pending',
      direction: 'Incoming',
      type: 'Shared',
      acceptedDateTime: null,
      expirationDateTime: `${day.toISOString().slice(0, 19)}Z`,
      name: 'Test Cosell Invite_20',
      customerProfile: { name: 'Contoso Customer Inc', team: [] },
      team: [],
      details: { notes: null, dealValue: null },
    });
    expect(second.id).not.toBe(first.id);
    expect(answer.headers.location).toBe(`${server.origin}${collection}/${second.id}`);
    // The sender reads what he was answered, and Microsoft the whole of it.
    expect((await contoso.send('GET', `${collection}/${second.id}`)).text).toBe(answer.text);
    expect(await writingAs(server, users.seller).read(second.id)).toMatchObject({
      details: { notes: 'Please help us with a POC', dealValue: 50000 },
      inviteContext: {
        notes: 'Please help us with a POC for this customer',
        invitedBy: { organizationId: organizations.contoso, organizationName: 'Contoso Company' },
      },
      customerProfile: { team: [{ email: 'sue.smith@contoso.com' }] },
    });
    // One's own record was shared already, so it stays as it was.
    expect(await contoso.read(first.id)).toEqual(first);
    expect(await writingAs(server, users.seller).read(first.id)).toMatchObject({ status: 'Active', name: first.name });
  });

  it("makes one's own record a shared one, once another party is connected", async () => {
    const first = await contoso.create({ ...JSON.parse(privateDeal) });
    expect(first.type).toBe('Independent');
    await contoso.create(microsoftsRecord(first.engagementId));
    const after = await contoso.read(first.id);
    expect(after).toMatchObject({
      type: 'Shared',
      consent: { consentToShareReferralWithMicrosoftSellers: true },
      createdDateTime: first.createdDateTime,
    });
    expect(after.eTag).not.toBe(first.eTag);
  });

  it("takes the create example of 2019, which has an empty object for the customer's ids and names who invites", async () => {
    const deal = JSON.parse(coSellDeal);
    const sent = {
      ...deal,
      statusReason: '',
      externalReferenceId: null,
      customerProfile: { ...deal.customerProfile, ids: {} },
      consent: { consentToToShareInfoWithOthers: true, consentToContact: true },
      inviteContext: { notes: '', invitedBy: { organizationId: 'msft', organizationName: 'Microsoft' } },
    };
    expect(await contoso.create(sent)).toMatchObject({
      ...ownDeal,
      statusReason: '',
      externalReferenceId: null,
      customerProfile: { ids: [] },
      consent: { ...sent.consent, consentToShareReferralWithMicrosoftSellers: false },
      inviteContext: { ...sent.inviteContext, assistanceRequestCode: 'Unknown' },
    });
  });

  it.each([
    ['names in any case', JSON.stringify(withCase(JSON.parse(coSellDeal), (name) => name.toUpperCase())), {}],
    [
      'Pascal case',
      JSON.stringify(withCase(JSON.parse(coSellDeal), (name) => name[0]?.toUpperCase() + name.slice(1))),
      {},
    ],
    ['a byte order mark', `\ufeff${coSellDeal}`, {}],
    ['its Content-Type twice', coSellDeal, { 'content-type': 'application/json, application/json' }],
    ['a charset', coSellDeal, { 'content-type': 'application/json; charset=UTF-8' }],
    ['OData parameters', coSellDeal, { 'content-type': 'application/json;odata=verbose' }],
    ['text/json', coSellDeal, { 'content-type': 'text/json' }],
    ['no Content-Type', coSellDeal, { 'content-type': '' }],
    ['white space around it', `\r\n\t ${coSellDeal}\n\n`, {}],
  ])('takes the same deal with %s', async (_title, text, headers) => {
    const wanted = await contoso.create(coSellDeal);
    const given = await contoso.create(text, headers);
    expect(masked(given)).toEqual(masked(wanted));
  });

  it('is created at any form of the path', async () => {
    for (const path of [`${collection}/`, `${collection}//`, collection.toUpperCase(), `/${collection}`]) {
      expect((await contoso.send('POST', path, leastDeal())).status).toBe(200);
    }
  });

  it.each([
    ['New', 'Pending'],
    ['New', 'Accepted'],
    ['Active', 'Accepted'],
    ['Closed', 'Won'],
    ['None', 'None'],
    ['Closed', 'Error'],
    ['closed', 'EXPIRED'],
  ])('makes Active/Accepted of a posted %s/%s', async (status, substatus) => {
    expect(await contoso.create({ ...leastDeal(), status, substatus })).toMatchObject(ownDeal);
  });

  it('passes over whatever only the exchange sets', async () => {
    const sent = {
      ...leastDeal(),
      '@odata.context': 'x',
      organizationId: organizations.tailspin,
      organizationName: 'Tailspin Toys',
      createdDateTime: '1999-01-01T00:00:00Z',
      updatedDateTime: 'never',
      expirationDateTime: 5,
      acceptedDateTime: [],
      closedDateTime: '2020-01-01T00:00:00Z',
      referralSource: 'AzureMarketplace',
      callToAction: 'ContactMe',
      eTag: '"x"',
      quality: 'High',
      isSpam: true,
      direction: 'Incoming',
      dealSensitivity: 'Secret',
      createdVia: 'me',
      lastModifiedVia: 'me',
      tags: [{ tag: 'x' }],
      registrationStatus: 'Approved',
      registrations: [{ status: 'Approved' }],
      trackingInfo: { microsoftMsxId: '7-X' },
      links: { self: { uri: 'x' } },
      isAutoRegistrationEnabled: true,
      exception: { justification: 'x' },
      customerProfile: {
        ...leastDeal().customerProfile,
        isMatchingComplete: true,
        isMaccEligible: true,
        activities: { a: 1 },
        'team@odata.count': 5,
      },
      details: { customerRequestedContact: true, customerAction: 'x', incentiveLevel: 'x' },
    };
    const created = await contoso.create(sent);
    expect(masked(created)).toEqual(masked(await contoso.create(leastDeal())));
    expect(created).toMatchObject(ownDeal);
  });

  it('keeps lastRunId, by which connectors know their own writes', async () => {
    expect(await contoso.create({ ...leastDeal(), lastRunId: '085a' })).toMatchObject({ lastRunId: '085a' });
  });

  it('takes a deal with no more than what must be there', async () => {
    expect(await contoso.create(leastDeal())).toMatchObject({
      ...ownDeal,
      name: null,
      mpnId: null,
      qualification: 'None',
      consent: {
        consentToToShareInfoWithOthers: false,
        consentToContact: false,
        consentToShareReferralWithMicrosoftSellers: false,
      },
      customerProfile: { team: [], ids: [] },
      target: [],
      team: [],
    });
  });

  it('sets the share flag of whoever asks for help and leaves it out', async () => {
    const deal = JSON.parse(coSellDeal);
    const { consentToShareReferralWithMicrosoftSellers: _flag, ...consent } = deal.consent;
    const created = await contoso.create({ ...deal, consent });
    expect(created.consent).toMatchObject({ consentToShareReferralWithMicrosoftSellers: true });
  });

  describe('an answer that is posted again', () => {
    it.each([
      ['private', privateDeal],
      ['partner-led', partnerLedDeal],
      ['co-sell', coSellDeal],
    ])('makes a copy of a %s deal, with ids and times of its own', async (_kind, text) => {
      const first = await contoso.post(text);
      const copy = await contoso.create(first.text);
      const original = first.json<typeof copy>();
      expect(masked(copy)).toEqual(masked(original));
      for (const name of ['id', 'engagementId', 'eTag']) expect(copy[name]).not.toBe(original[name]);
    });

    it('may be one that was read, with its links and annotations', async () => {
      const read = await contoso.send('GET', `${collection}/${(await contoso.create(coSellDeal)).id}`, undefined, {
        prefer: 'include-annotations="cosell.*"',
      });
      expect(read.text).toContain('@cosell.');
      expect(masked(await contoso.create(read.text))).toEqual(masked(await contoso.create(coSellDeal)));
    });
  });

  describe('who created it', () => {
    it('is the client as it names itself', async () => {
      const guid = '60858c1b-2062-40ad-b42c-996b6b5b047d';
      const named = await contoso.create(leastDeal(), { 'x-caller-id': guid });
      expect([named.createdVia, named.lastModifiedVia]).toEqual([guid, guid]);
      const longest = 'x'.repeat(64);
      expect((await contoso.create(leastDeal(), { 'x-caller-id': longest })).createdVia).toBe(longest);
    });

    it('is the client of the token where there is no such name, or none that may stand there', async () => {
      const unnamed = await contoso.create(leastDeal());
      const [, claims = ''] = (await server.tokenOf(users.admin)).split('.');
      const { appid, azp } = JSON.parse(Buffer.from(claims, 'base64url').toString());
      expect(unnamed.createdVia).toBe(appid ?? azp ?? null);
      for (const name of ['x'.repeat(65), 'two words', '', 'caf\u00e9']) {
        expect((await contoso.create(leastDeal(), { 'x-caller-id': name })).createdVia).toBe(unnamed.createdVia);
      }
    });
  });

  describe('Prefer: validate-only', () => {
    const count = async (user: string) =>
      (await server.askAs(user, collection)).json<{ '@odata.count': number }>()['@odata.count'];

    it('answers what would be created, and stores nothing', async () => {
      const before = [await count(users.admin), await count(users.seller)];
      const answer = await contoso.post(coSellDeal, { prefer: 'validate-only' });
      const shown = answeredIn(answer);
      expect(masked(shown)).toEqual(masked(await contoso.create(coSellDeal)));
      expect(answer.headers).toMatchObject({
        'preference-applied': 'validate-only',
        'cosell-extension': 'validate-only',
      });
      expect([answer.headers.location, answer.headers.etag]).toEqual([undefined, undefined]);
      expect((await contoso.send('GET', `${collection}/${shown.id}`)).status).toBe(404);
      expect([await count(users.admin), await count(users.seller)]).toEqual([(before[0] ?? 0) + 1, before[1]]);
    });

    it("stores nothing of a second record either, and leaves one's own as it is", async () => {
      const first = await contoso.create(privateDeal);
      const before = [await count(users.admin), await count(users.seller)];
      const shown = answeredIn(await contoso.post(microsoftsRecord(first.engagementId), { prefer: 'validate-only' }));
      expect(shown).toMatchObject({ organizationId: 'msft', status: 'New', engagementId: first.engagementId });
      expect(await contoso.read(first.id)).toEqual(first);
      expect([await count(users.admin), await count(users.seller)]).toEqual(before);
    });

    it('names the same faults, and has the same warnings', async () => {
      const wrong = { ...leastDeal(), type: 'Other', nots: 5, salesStage: 55 };
      const wanted = faultNames(await contoso.post(wrong));
      expect(wanted).toHaveLength(3);
      expect(faultNames(await contoso.post(wrong, { prefer: 'validate-only' }))).toEqual(wanted);
      const unlisted = { ...leastDeal(), details: { requirements: { products: [{ id: 'Azur' }] } } };
      const warned = warningsIn(await contoso.post(unlisted));
      expect(warned).toEqual(['/details/requirements/products/0/id unlistedValue']);
      expect(warningsIn(await contoso.post(unlisted, { prefer: 'validate-only' }))).toEqual(warned);
    });
  });
});

/** A referral without what differs between two that were posted alike. */
function masked(referral: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own = ['id', 'engagementId', 'createdDateTime', 'updatedDateTime', 'acceptedDateTime', 'eTag', 'links'];
  return Object.fromEntries(Object.entries(referral).filter(([name]) => !own.includes(name)));
}

/** The same value with all of its member names in another case. */
function withCase(value: unknown, change: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => withCase(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [change(name), withCase(item, change)]));
}
