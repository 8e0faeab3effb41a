import { createOperations, type DirectoryChange } from '@cosell/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, comparable, expectEnvelope } from '../support/answers.ts';
import { coSellDeal, leastDeal, microsoftsRecord, privateDeal } from '../support/documented-requests.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { ids, organizations, unknownIds, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { answeredIn, faultNames, faultsIn, warningsIn, writingAs } from '../support/writing.ts';

/** Business profiles of the sample's locations. */
const places = {
  redmond: 'c0ffee00-5512-4345-8000-000000000001',
  london: 'c0ffee00-5598-4765-8000-000000000001',
  bern: 'c0ffee00-7700-4001-8000-000000000001',
} as const;
const at = (id: string) => ({ target: [{ type: 'BusinessProfileLocation', id }] });
const jane = { firstName: 'Jane', lastName: 'Doe', phoneNumber: '1', email: 'JANE.DOE@Contoso.com' };

/** Engagements of the sample, by one of their records. */
const engagements = {
  lead: '65edc0b5-3485-41b7-a17e-dfa9ef4706e2',
  coSell: '37ef26aa-1d15-4533-9f93-a69bd33ab1e5',
  london: '0b1c2d3e-4f5a-4b6c-8d7e-9f0a1b2c3d4e',
  partnerLed: '7c8d9e0f-1a2b-4c3d-8e4f-5a6b7c8d9e0f',
  marketplace: 'f0e1d2c3-b4a5-4968-8778-695a4b3c2d1e',
  tailspin: '1f2e3d4c-5b6a-4798-8a9b-acbdcedfe0f1',
  joint: '8e9f0a1b-2c3d-4e5f-8a6b-7c8d9e0f1a2b',
  won: '3e4f5a6b-7c8d-4e9f-8a0b-1c2d3e4f5a6b',
  expired: '5a6b7c8d-9e0f-4a1b-8c2d-3e4f5a6b7c8d',
} as const;

/**
 * What becomes of a record that each user asks Microsoft, or Contoso where he is Microsoft, to have in each engagement:
 * `made`; `second` where that organisation has an open one; `none` where the user has no open record that he may write.
 */
const table = `
              admin   member  london  seller  tailspin
  lead        made    none    none    none    none
  coSell      second  none    none    second  none
  london      made    none    made    none    none
  partnerLed  made    made    none    none    none
  marketplace none    none    none    none    none
  tailspin    none    none    none    none    made
  joint       made    none    none    none    made
  won         none    none    none    none    none
  expired     none    none    none    none    none
`;
const [header = [], ...rows] = table
  .trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));
const cells = rows.flatMap(([engagement, ...outcomes]) =>
  outcomes.map((outcome, column) => ({
    user: header[column] as keyof typeof users,
    engagement: engagement as keyof typeof engagements,
    outcome,
  })),
);

describeOnEachEngine('who creates what', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server.close());
  const as = (user: string) => writingAs(server, user);

  it('each user for his own organisation, but nobody without a role', async () => {
    for (const [user, organizationId] of [
      [users.admin, organizations.contoso],
      [users.member, organizations.contoso],
      [users.london, organizations.contoso],
      [users.seller, organizations.microsoft],
      [users.tailspin, organizations.tailspin],
    ] as const) {
      const created = answeredIn(await as(user).post({ ...leastDeal(), team: [jane] }));
      expect(created).toMatchObject({ organizationId, direction: 'Outgoing', status: 'Active' });
    }
    for (const body of [coSellDeal, '{', '{}']) {
      expectEnvelope(await as(users.nobody).post(body), 403, 'roleMissing');
    }
    expectEnvelope(await server.ask(collection, { method: 'POST', body: '{}' }), 401, 'tokenMissing');
  });

  it('a Referral User who is on the team reads what he created', async () => {
    const answer = await as(users.member).post({ ...leastDeal(), team: [jane] });
    expect(warningsIn(answer)).toEqual([]);
    const { id } = answeredIn(answer);
    expect((await as(users.member).read(id)).id).toBe(id);
    expect((await as(users.member).patch(id, [])).status).toBe(204);
  });

  it('a Referral User who is not on the team is warned, and cannot read what he created', async () => {
    const answer = await as(users.member).post(privateDeal);
    expect(warningsIn(answer)).toEqual(['/team notOnTeam']);
    const { id } = answeredIn(answer);
    expectEnvelope(await as(users.member).send('GET', `${collection}/${id}`), 403, 'notOnTeam');
    expect((await as(users.admin).read(id)).id).toBe(id);
    expect(warningsIn(await as(users.admin).post(privateDeal))).toEqual([]);
  });

  it('an admin of one location creates there, and nowhere else', async () => {
    const london = as(users.london);
    expect(await london.create(leastDeal())).toMatchObject({ mpnId: '5598765' });
    expect(await london.create({ ...leastDeal(), mpnId: 5598765 })).toMatchObject({ mpnId: '5598765' });
    for (const mpnId of ['5512345', '7700001', 'x', '']) {
      const answer = await london.post({ ...leastDeal(), mpnId });
      expect(faultNames(answer)).toEqual(['valueNotAllowed /mpnId']);
      expect(faultsIn(answer)[0]?.message).toBe('Name a location that you create referrals for: 5598765.');
    }
  });

  it("whoever creates for the whole company may name any of its locations, and no other company's", async () => {
    for (const mpnId of ['5512345', '5598765', null]) {
      expect(await as(users.admin).create({ ...leastDeal(), mpnId })).toMatchObject({ mpnId });
    }
    for (const mpnId of ['7700001', '0', '']) {
      expect(faultNames(await as(users.admin).post({ ...leastDeal(), mpnId }))).toEqual(['valueNotAllowed /mpnId']);
    }
  });

  it('a target of one\u2019s own organisation makes a record of one\u2019s own', async () => {
    const created = await as(users.admin).create({ ...leastDeal(), ...at(places.london) });
    expect(created).toMatchObject({ organizationId: organizations.contoso, status: 'Active', direction: 'Outgoing' });
  });

  describe('a lead that is sent', () => {
    const lead = { ...leastDeal(), ...at(places.bern), externalReferenceId: 'CRM-1', campaignId: 'C', favorite: true };

    it('belongs to whom it is sent to, and its sender reads the first line', async () => {
      const sent = await as(users.admin).create(lead);
      expect(sent).toMatchObject({
        organizationId: organizations.tailspin,
        status: 'New',
        substatus: 'Pending',
        direction: 'Incoming',
        type: 'Independent',
        customerProfile: { name: 'Fabrikam Inc' },
      });
      expect(await as(users.tailspin).read(sent.id)).toMatchObject({
        mpnId: '7700001',
        externalReferenceId: null,
        campaignId: null,
        favorite: false,
        inviteContext: { invitedBy: { organizationId: organizations.contoso, organizationName: 'Contoso Company' } },
      });
      expectEnvelope(await as(users.admin).patch(sent.id, []), 403, 'notTheOwner');
      expectEnvelope(await as(users.seller).send('GET', `${collection}/${sent.id}`), 404, 'referralNotFound');
    });

    it('has its sender written by the exchange, whoever was named', async () => {
      const invitedBy = { organizationId: 'msft', organizationName: 'Microsoft' };
      const sent = await as(users.admin).create({ ...lead, inviteContext: { invitedBy, notes: 'Call them' } });
      expect(await as(users.tailspin).read(sent.id)).toMatchObject({
        inviteContext: { notes: 'Call them', invitedBy: { organizationId: organizations.contoso } },
      });
    });

    it('is not a shared deal, which needs a record of one\u2019s own first', async () => {
      const deal = { ...JSON.parse(coSellDeal), ...at('msft') };
      expect(faultNames(await as(users.admin).post(deal))).toEqual(['missingMember /engagementId']);
    });
  });

  it('a target that nobody has is 400, alike for what does not exist and what is no location', async () => {
    const answers = [];
    for (const id of [unknownIds[0] ?? '', organizations.tailspin, 'x', '', 'SOL-1', '7700001']) {
      const answer = await as(users.admin).post({ ...leastDeal(), ...at(id) });
      expect(faultNames(answer)).toEqual(['targetNotAvailable /target/0/id']);
      answers.push(comparable(answer));
    }
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  it('two organisations are not targeted at once', async () => {
    const target = [...at('msft').target, ...at(places.bern).target];
    const body = { ...JSON.parse(privateDeal), consent: {}, target };
    expect(faultNames(await as(users.admin).post(body))).toEqual(['tooManyReceivers /target/1/id']);
  });

  it("one's own organisation has one open record in an engagement", async () => {
    const { engagementId } = await as(users.admin).create(privateDeal);
    expect(faultNames(await as(users.admin).post({ ...leastDeal(), engagementId }))).toEqual([
      'secondOpenRecord /target',
    ]);
  });

  it('several organisations join one engagement, each once', async () => {
    const admin = as(users.admin);
    const { engagementId } = await admin.create(coSellDeal);
    const forTailspin = { ...JSON.parse(microsoftsRecord(engagementId)), ...at(places.bern) };
    const [first, second] = [await admin.create(microsoftsRecord(engagementId)), await admin.create(forTailspin)];
    expect([first.organizationId, second.organizationId]).toEqual(['msft', organizations.tailspin]);
    for (const body of [microsoftsRecord(engagementId), forTailspin]) {
      expect(faultNames(await admin.post(body))).toEqual(['secondOpenRecord /target/0/id']);
    }
    // Once one of them is closed, that organisation may be asked again.
    const declined = [
      { op: 'replace', path: '/status', value: 'Closed' },
      { op: 'replace', path: '/substatus', value: 'Declined' },
    ];
    expect((await as(users.tailspin).patch(second.id, declined)).status).toBe(204);
    expect((await admin.post(forTailspin)).status).toBe(200);
  });

  it('a member of an engagement may invite others in his turn', async () => {
    const { engagementId } = await as(users.admin).create(coSellDeal);
    const invited = { ...JSON.parse(microsoftsRecord(engagementId)), ...at(places.bern) };
    const theirs = await as(users.admin).create(invited);
    expect(await as(users.tailspin).create(microsoftsRecord(engagementId))).toMatchObject({ organizationId: 'msft' });
    expect((await as(users.tailspin).read(theirs.id)).type).toBe('Shared');
  });
});

describeOnEachEngine('roles of one location', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server.close());
  const change = (input: DirectoryChange) =>
    createOperations(server.exchange.store, server.exchange.issuer, () => server.origin).changeDirectory(input);

  it('whoever has two locations says which', async () => {
    await change({ kind: 'addRole', user: users.london, role: 'ReferralAdmin', mpnId: '5512345' });
    const london = writingAs(server, users.london);
    expect(faultNames(await london.post(leastDeal()))).toEqual(['missingMember /mpnId']);
    for (const mpnId of ['5512345', '5598765']) {
      expect(await london.create({ ...leastDeal(), mpnId })).toMatchObject({ mpnId });
    }
  });

  it('a Referral User of one location creates there, too', async () => {
    await change({ kind: 'addRole', user: users.nobody, role: 'ReferralUser', mpnId: '5512345' });
    expect(await writingAs(server, users.nobody).create(leastDeal())).toMatchObject({ mpnId: '5512345' });
    const elsewhere = { ...leastDeal(), mpnId: '5598765' };
    expect(faultNames(await writingAs(server, users.nobody).post(elsewhere))).toEqual(['valueNotAllowed /mpnId']);
  });
});

describeOnEachEngine('a second record of an engagement', (engine) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer(engine);
  });
  afterAll(() => server.close());
  const refusedAt = (user: string, engagementId: string) => {
    const to = user === users.seller ? places.redmond : 'msft';
    const deal = { ...JSON.parse(microsoftsRecord(engagementId)), ...at(to) };
    // What would be made is not, so that the cells do not depend on each other.
    return writingAs(server, user).post(deal, { prefer: 'validate-only' });
  };

  it.each(cells)('of $engagement for $user: $outcome', async ({ user, engagement, outcome }) => {
    const answer = await refusedAt(users[user], engagements[engagement]);
    if (outcome === 'made') {
      expect(answeredIn(answer)).toMatchObject({ engagementId: engagements[engagement], status: 'New' });
      return;
    }
    if (outcome === 'second') {
      expect(faultNames(answer)).toEqual(['secondOpenRecord /target/0/id']);
      return;
    }
    expect(faultNames(answer)).toEqual(['engagementNotAvailable /engagementId']);
    // A foreign engagement cannot be told from one that does not exist.
    const unknown = await refusedAt(users[user], unknownIds[0] ?? '');
    expect(comparable(answer)).toEqual(comparable(unknown));
  });

  it('has an id of the documented form, in either case', async () => {
    const admin = writingAs(server, users.admin);
    const upper = microsoftsRecord(engagements.partnerLed.toUpperCase());
    expect((await admin.post(upper, { prefer: 'validate-only' })).status).toBe(200);
    for (const id of ['x', '', ids.lead.replaceAll('-', ''), 5, true]) {
      const body = { ...JSON.parse(microsoftsRecord('')), engagementId: id };
      const [fault] = faultsIn(await admin.post(body));
      expect(fault?.target).toBe('/engagementId');
    }
    const absent = { ...JSON.parse(microsoftsRecord('')), engagementId: null };
    expect(faultNames(await admin.post(absent))).toEqual(['missingMember /engagementId']);
  });
});
