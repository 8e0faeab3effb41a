import { importReferrals } from '@cosell/server/domain/import-referrals';
import { setClock } from '@cosell/server/domain/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, comparable, expectEnvelope } from '../support/answers.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import {
  contact,
  deal,
  invitation,
  moving,
  type Operator,
  operatorOf,
  type Party,
  partyOf,
  type Shown,
  setting,
  sharedDeal,
  targeting,
  targets,
} from '../support/parties.ts';
import { ids, organizations, unknownIds, users } from '../support/sample.ts';
import { startTestServer, type TestServer, type WireAnswer } from '../support/test-server.ts';

/** The faults of a 400, as code and target. */
function faultsOf(answer: WireAnswer): string[] {
  expectEnvelope(answer, 400);
  const { error } = answer.json<{ error: { details: { code: string; target: string }[] } }>();
  return error.details.map(({ code, target }) => `${code} ${target}`);
}

const nameOf = ({ organizationName }: Shown) => String(organizationName);

/** What the sender's notes, value and people are; a view shows none of them before it may. */
const secrets = ['Two hundred seats', '4873125', 'Sue', 'John', 'SOL-34104-EBB'];
const secretsIn = ({ text }: WireAnswer) => secrets.filter((secret) => text.includes(secret));

describeOnEachEngine('an engagement', (engine) => {
  let server: TestServer;
  let contoso: Party;
  let member: Party;
  let london: Party;
  let tailspin: Party;
  let seller: Party;
  let operator: Operator;
  beforeAll(async () => {
    server = await startTestServer(engine);
    operator = await operatorOf(server);
    [contoso, member, london, tailspin, seller] = await Promise.all([
      partyOf(server, users.admin),
      partyOf(server, users.member),
      partyOf(server, users.london),
      partyOf(server, users.tailspin),
      partyOf(server, users.seller),
    ]);
  });
  afterAll(() => server.close());

  const engagement = (party: Party, engagementId: string) =>
    party
      .list(`$filter=engagementId eq '${engagementId}'`)
      .then((answer) => answer.json<{ value: Shown[] }>().value)
      .then((found) => found.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1)).map(({ id }) => id));

  describe('with Microsoft, in two requests', () => {
    let own: Shown;
    let theirs: Shown;
    beforeAll(async () => {
      own = await contoso.create(deal({ name: 'Pair' }));
      theirs = await contoso.create(invitation(own.engagementId, targets.microsoft, { name: 'Pair' }));
    });

    it('has a record of the caller and one that Microsoft owns, New and Incoming, with fourteen days to answer', () => {
      expect(own).toMatchObject({ status: 'Active', substatus: 'Accepted', direction: 'Outgoing' });
      expect(own).toMatchObject({ organizationId: organizations.contoso, expirationDateTime: null });
      expect(own.acceptedDateTime).toBe(own.createdDateTime);
      expect(theirs).toMatchObject({ status: 'New', substatus: 'Pending', direction: 'Incoming' });
      expect(theirs).toMatchObject({ organizationId: 'msft', organizationName: 'Microsoft', acceptedDateTime: null });
      expect(theirs.engagementId).toBe(own.engagementId);
      const midnight = Math.floor(Date.parse(String(theirs.createdDateTime)) / 86_400_000) + 14;
      const expected = `${new Date(midnight * 86_400_000).toISOString().slice(0, 19)}Z`;
      expect(theirs.expirationDateTime).toBe(expected);
    });

    it('makes the own record Shared and visible to Microsoft, with a new eTag and a change in the log', async () => {
      const now = await contoso.read(own.id);
      expect(now).toMatchObject({
        type: 'Shared',
        consent: { consentToShareReferralWithMicrosoftSellers: true },
        status: 'Active',
      });
      expect(now.eTag).not.toBe(own.eTag);
      const changes = await contoso.history(own.id);
      expect(changes.map(({ kind, by }) => `${kind} ${by.user}`)).toEqual([
        'created contoso-admin',
        'changed contoso-admin',
      ]);
    });

    it('lets each party read the other one in a list by the engagement, and in no other list', async () => {
      expect(await engagement(contoso, own.engagementId)).toEqual([own.id, theirs.id]);
      expect(await engagement(seller, own.engagementId)).toEqual([own.id, theirs.id]);
      expect(await contoso.ids(`$filter=name eq 'Pair'`)).toEqual([own.id]);
      expect(await seller.ids(`$filter=name eq 'Pair'`)).toEqual([theirs.id]);
      expect(await contoso.ids(`$filter=engagementId eq ${own.engagementId} or status eq 'New'`)).not.toContain(
        theirs.id,
      );
    });

    it('writes the inviting organisation into the record of the invited one, and leaves out what is its own affair', async () => {
      const read = await seller.read(theirs.id);
      const invitedBy = { organizationId: organizations.contoso, organizationName: 'Contoso Company' };
      expect(read.inviteContext).toMatchObject({ invitedBy });
      const private_ = { externalReferenceId: 'CRM-7', campaignId: 'C-7', favorite: true, salesStage: '40' };
      const [mine] = [await contoso.create(deal({ ...private_, statusReason: 'mine', lastRunId: 'run-7' }))];
      expect(mine).toMatchObject(private_);
      const sent = await contoso.create(
        invitation(mine.engagementId, targets.microsoft, { ...private_, statusReason: 'mine', lastRunId: 'run-7' }),
      );
      expect(await seller.read(sent.id)).toMatchObject({
        externalReferenceId: null,
        campaignId: null,
        favorite: false,
        salesStage: null,
        statusReason: null,
        lastRunId: null,
      });
    });

    it('is written by the owner of each record only', async () => {
      const pairs = [
        [contoso, theirs.id],
        [seller, own.id],
      ] as const;
      for (const [party, id] of pairs) {
        const before = comparable(await party.get(id));
        for (const answer of [
          await party.patch(id, moving('Active/Accepted')),
          await party.patch(id, 'no patch' as never),
          await party.patch(id, moving('Active/Accepted'), { 'if-match': '"stale"' }),
          await party.ask('PUT', `${collection}/${id}`, {}, { 'if-match': '*' }),
          await party.ask('PUT', `${collection}/${id}`, {}),
        ]) {
          expectEnvelope(answer, 403, 'notTheOwner');
        }
        expect(comparable(await party.get(id))).toEqual(before);
      }
    });

    it('shows the first line before acceptance, people and ids after it, contacts where the owner agrees', async () => {
      expect(secretsIn(await contoso.get(theirs.id))).toEqual([]);
      expect(secretsIn(await seller.get(own.id))).toEqual([]);
      await seller.move(theirs.id, 'Active/Accepted');
      expect(secretsIn(await seller.get(own.id))).toEqual(['Sue', 'John']);
      expect(secretsIn(await contoso.get(theirs.id))).toEqual(['Sue', 'John']);
      const seen = await seller.read(own.id);
      expect(seen).toMatchObject({ details: { notes: null, dealValue: null }, customerProfile: { team: [contact] } });
      expect(await contoso.read(theirs.id)).toMatchObject({ status: 'Active', expirationDateTime: null });
    });

    it('can be found by what a view shows and not by what it hides', async () => {
      const inEngagement = `$filter=engagementId eq ${own.engagementId} and organizationId eq 'msft' and `;
      expect(await contoso.ids(`${inEngagement}status eq 'Active'`)).toEqual([theirs.id]);
      expect(await contoso.ids(`${inEngagement}details/dealValue gt 0`)).toEqual([]);
      expect(await contoso.ids(`${inEngagement}details/dealValue eq null`)).toEqual([theirs.id]);
      expect(await contoso.ids(`${inEngagement}details/requirements/solutions/any()`)).toEqual([]);
      expect(await contoso.ids(`${inEngagement}team/any(t:t/email eq 'john.doe@contoso.com')`)).toEqual([theirs.id]);
    });
  });

  it('with a partner is made by the id of one of its locations, and reaches that location', async () => {
    const own = await contoso.create(deal());
    const theirs = await contoso.create(invitation(own.engagementId, targets.tailspin.toUpperCase()));
    expect(theirs).toMatchObject({ organizationId: organizations.tailspin, mpnId: null });
    expect(await tailspin.read(theirs.id)).toMatchObject({ mpnId: '7700001', status: 'New' });
    // Microsoft has no part in it.
    expect((await seller.get(own.id)).status).toBe(404);
    expect(await contoso.read(own.id)).toMatchObject({
      type: 'Shared',
      consent: { consentToShareReferralWithMicrosoftSellers: false },
    });
  });

  it('of three parties lets each read the two others', async () => {
    const own = await contoso.create(deal({ type: 'Shared' }));
    const [ofTailspin, ofMicrosoft] = [
      await contoso.create(invitation(own.engagementId, targets.tailspin)),
      await contoso.create(invitation(own.engagementId, targets.microsoft)),
    ];
    const all = [own.id, ofMicrosoft.id, ofTailspin.id];
    for (const party of [contoso, tailspin, seller]) expect(await engagement(party, own.engagementId)).toEqual(all);
    await tailspin.move(ofTailspin.id, 'Active/Accepted');
    // Microsoft has not accepted: it reads the first line of both, and Tailspin that of Microsoft's.
    expect((await tailspin.read(own.id)).team).toHaveLength(1);
    expect((await tailspin.read(ofMicrosoft.id)).team).toEqual([]);
    for (const id of [own.id, ofTailspin.id]) expect((await seller.read(id)).team).toEqual([]);
  });

  it('grows by any of its members, and not by whoever has closed his record', async () => {
    const own = await contoso.create(deal());
    const theirs = await contoso.create(invitation(own.engagementId, targets.tailspin));
    await tailspin.move(theirs.id, 'Active/Accepted');
    await contoso.move(own.id, 'Closed/Lost');
    const refused = await contoso.post(invitation(own.engagementId, targets.microsoft));
    expect(faultsOf(refused)).toEqual(['engagementNotAvailable /engagementId']);
    const third = await tailspin.create(invitation(own.engagementId, targets.microsoft));
    expect((await seller.read(third.id)).inviteContext).toMatchObject({
      invitedBy: { organizationId: organizations.tailspin },
    });
  });

  describe('that begins with a lead sent', () => {
    const lead = () => contoso.create(deal({ target: targeting(targets.tailspin), name: 'Sent lead' }));

    it('has one record, which the receiver owns; its sender reads the first line of it', async () => {
      const sent = await lead();
      expect(sent).toMatchObject({ organizationId: organizations.tailspin, status: 'New', team: [] });
      expect(await engagement(contoso, sent.engagementId)).toEqual([sent.id]);
      expect(secretsIn(await contoso.get(sent.id))).toEqual([]);
      expect(secretsIn(await tailspin.get(sent.id))).toEqual(secrets);
      expectEnvelope(await contoso.patch(sent.id, moving('Active/Accepted')), 403, 'notTheOwner');
    });

    it('shows its sender that it was accepted or declined, and why, and no more than before', async () => {
      const [taken, declined] = [await lead(), await lead()];
      await tailspin.move(taken.id, 'Active/Accepted');
      await tailspin.move(declined.id, 'Closed/Declined', 'No capacity');
      expect(await contoso.read(taken.id)).toMatchObject({ status: 'Active', team: [] });
      expect(await contoso.read(declined.id)).toMatchObject({ substatus: 'Declined', statusReason: 'No capacity' });
      for (const { id } of [taken, declined]) expect(secretsIn(await contoso.get(id))).toEqual([]);
    });

    it('is seen by the sender’s people with a role for the whole organisation only', async () => {
      const { id } = await lead();
      for (const party of [member, london]) expectEnvelope(await party.get(id), 404, 'referralNotFound');
    });
  });

  it('is opened by no e-mail on a team of another organisation', async () => {
    const team = [{ firstName: 'Tim', email: 'admin@tailspintoys.com' }];
    const own = await contoso.create(deal({ team }));
    expectEnvelope(await tailspin.get(own.id), 404, 'referralNotFound');
  });

  describe('refuses', () => {
    it('a second open record for one organisation, and takes one after the first was closed', async () => {
      const own = await contoso.create(deal());
      const first = await contoso.create(invitation(own.engagementId, targets.tailspin));
      const again = () => contoso.post(invitation(own.engagementId, targets.tailspin));
      expect(faultsOf(await again())).toEqual(['secondOpenRecord /target/0/id']);
      await tailspin.move(first.id, 'Active/Accepted');
      expect(faultsOf(await again())).toEqual(['secondOpenRecord /target/0/id']);
      await tailspin.move(first.id, 'Closed/Lost');
      expect((await again()).status).toBe(200);
    });

    it('a second open record of one’s own', async () => {
      const { engagementId } = await contoso.create(deal());
      expect(faultsOf(await contoso.post(deal({ engagementId, type: 'Shared' })))).toEqual([
        'secondOpenRecord /target',
      ]);
    });

    it('with one text: an engagement of others, one out of reach, a closed one, one of nothing', async () => {
      const ofTailspin = await tailspin.create(deal());
      const closed = await contoso.create(deal());
      await contoso.move(closed.id, 'Closed/Won');
      const outOfReach = await contoso.create(deal({ mpnId: '5512345' }));
      const attempts = [
        [contoso, unknownIds[0]],
        [contoso, ofTailspin.engagementId],
        [contoso, closed.engagementId],
        [london, outOfReach.engagementId],
        [member, outOfReach.engagementId],
        [seller, outOfReach.engagementId],
      ] as const;
      const answers = [];
      for (const [party, engagementId] of attempts) {
        answers.push(comparable(await party.post(invitation(engagementId ?? '', targets.tailspin))));
      }
      expect(answers[0]?.status).toBe(400);
      for (const answer of answers) expect(answer).toEqual(answers[0]);
    });

    it('with one text: a target that nobody has, whether it has the form of one or not', async () => {
      const { engagementId } = await contoso.create(deal());
      const wrong = [unknownIds[0] ?? '', 'contoso', '7700001', organizations.tailspin];
      const answers = [];
      for (const id of wrong) answers.push(await contoso.post(invitation(engagementId, id)));
      for (const answer of answers) {
        expect(faultsOf(answer)).toEqual(['targetNotAvailable /target/0/id']);
        expect(comparable(answer)).toEqual(comparable(answers[0] as WireAnswer));
      }
    });

    it('two receivers at once, and a shared deal for another without an engagement', async () => {
      const { engagementId } = await contoso.create(deal());
      const target = [...targeting(targets.tailspin), ...targeting(targets.microsoft)];
      expect(faultsOf(await contoso.post(invitation(engagementId, '', { target })))).toEqual([
        'tooManyReceivers /target/1/id',
      ]);
      const { engagementId: _none, ...lone } = invitation(engagementId, targets.tailspin) as Record<string, unknown>;
      expect(faultsOf(await contoso.post(lone))).toEqual(['missingMember /engagementId']);
    });

    it('Microsoft as a target without a contact at the customer, or against its being shown the deal', async () => {
      const { engagementId } = await contoso.create(deal());
      const customerProfile = { name: 'Fabrikam', address: { country: 'US' } };
      const consent = { consentToShareReferralWithMicrosoftSellers: false };
      const answer = await contoso.post(invitation(engagementId, targets.microsoft, { customerProfile, consent }));
      expect(faultsOf(answer)).toEqual([
        'customerContactRequired /customerProfile/team',
        'sharingRequired /consent/consentToShareReferralWithMicrosoftSellers',
      ]);
    });

    it('nothing half: a refused invitation leaves the own record as it was', async () => {
      const own = await contoso.create(deal());
      await contoso.post(invitation(own.engagementId, 'nowhere'));
      await contoso.post(invitation(own.engagementId, targets.microsoft, { customerProfile: { name: 'x' } }));
      expect(await contoso.read(own.id)).toEqual(own);
      expect(await contoso.history(own.id)).toHaveLength(1);
    });
  });

  describe('takes back what a member was shown', () => {
    const accepted = async () => {
      const own = await contoso.create(deal());
      const theirs = await contoso.create(invitation(own.engagementId, targets.tailspin));
      await tailspin.move(theirs.id, 'Active/Accepted');
      expect(secretsIn(await tailspin.get(own.id))).toEqual(['Sue', 'John']);
      return { own, theirs };
    };

    it('when he declines: by id, in the list, in filters and in the past', async () => {
      const { own, theirs } = await accepted();
      await tailspin.move(theirs.id, 'Closed/Declined', 'No capacity');
      expect(secretsIn(await tailspin.get(own.id))).toEqual([]);
      const inEngagement = `$filter=engagementId eq ${own.engagementId} and organizationId ne '${organizations.tailspin}'`;
      expect(secretsIn(await tailspin.list(inEngagement))).toEqual([]);
      expect(await tailspin.ids(`${inEngagement} and team/any()`)).toEqual([]);
      expect(secretsIn(await tailspin.ask('GET', `${collection}/${own.id}/history`))).toEqual([]);
      // His own record is shown to him whole, and the owner keeps reading the first line of it.
      expect(secretsIn(await tailspin.get(theirs.id))).toEqual(secrets);
      expect(await contoso.read(theirs.id)).toMatchObject({ substatus: 'Declined', statusReason: 'No capacity' });
    });

    it('when his record expires', async () => {
      const own = await contoso.create(deal());
      const theirs = await contoso.create(invitation(own.engagementId, targets.tailspin));
      await operator.clock({ advance: 'P15D' });
      expect(await tailspin.read(theirs.id)).toMatchObject({ status: 'Closed', substatus: 'Expired' });
      expect(await contoso.read(theirs.id)).toMatchObject({ status: 'Closed', substatus: 'Expired' });
      expect(secretsIn(await tailspin.get(own.id))).toEqual([]);
    });

    it('when the owner no longer agrees that his contacts are shown, which only a capture can bring', async () => {
      const { own } = await accepted();
      const { '@odata.context': _context, links: _links, ...capture } = await contoso.read(own.id);
      const consent = { ...(capture.consent as object), consentToToShareInfoWithOthers: false };
      const texts = [JSON.stringify({ ...capture, consent })];
      await server.exchange.store.transact(importReferrals, { texts });
      expect(secretsIn(await tailspin.get(own.id))).toEqual(['John']);
      expect(secretsIn(await tailspin.ask('GET', `${collection}/${own.id}/history`))).toEqual(['John']);
      const refused = await contoso.patch(own.id, setting({ '/consent/consentToToShareInfoWithOthers': true }));
      expect(faultsOf(refused)).toEqual(['frozenMember /consent/consentToToShareInfoWithOthers']);
    });
  });

  describe('as Microsoft looks on', () => {
    it('shows the first line of a partner-led deal, from when the share flag is set', async () => {
      const own = await contoso.create(deal());
      const nothing = comparable(await seller.get(unknownIds[0] ?? ''));
      expect(comparable(await seller.get(own.id))).toEqual(nothing);
      await contoso.change(own.id, { '/consent/consentToShareReferralWithMicrosoftSellers': true });
      const answer = await seller.get(own.id);
      expect(answer.json()).toMatchObject({ id: own.id, name: 'Shop floor', customerProfile: { name: 'Fabrikam' } });
      expect(secretsIn(answer)).toEqual([]);
      expect(await engagement(seller, own.engagementId)).toEqual([own.id]);
      expect(await seller.ids("$filter=name eq 'Shop floor'")).not.toContain(own.id);
      expectEnvelope(await seller.patch(own.id, setting({ '/details/notes': 'x' })), 403, 'notTheOwner');
      expect((await contoso.read(own.id)).type).toBe('Independent');
    });

    it('shows it from the POST on where the flag is set there, and makes no record for Microsoft', async () => {
      const own = await contoso.create(sharedDeal());
      expect(await seller.read(own.id)).toMatchObject({ id: own.id, details: { notes: null } });
      expect(await engagement(contoso, own.engagementId)).toEqual([own.id]);
    });

    it('shows no private deal, and no record of a partner in whose deal the flag is not set', async () => {
      const own = await contoso.create(sharedDeal({ type: 'Shared' }));
      const theirs = await contoso.create(invitation(own.engagementId, targets.tailspin));
      const nothing = comparable(await seller.get(unknownIds[0] ?? ''));
      expect(comparable(await seller.get(theirs.id))).toEqual(nothing);
      expect(await engagement(seller, own.engagementId)).toEqual([own.id]);
      await tailspin.change(theirs.id, { '/consent/consentToShareReferralWithMicrosoftSellers': true });
      expect(await engagement(seller, own.engagementId)).toEqual([own.id, theirs.id]);
    });

    it('calls the deal by what it reads of it: partner-led', async () => {
      const own = await contoso.create(sharedDeal());
      const prefer = { prefer: 'include-annotations="cosell.*"' };
      for (const party of [contoso, seller]) {
        expect((await party.get(own.id, prefer)).json()).toMatchObject({ '@cosell.dealType': 'partnerLed' });
      }
      await contoso.create(invitation(own.engagementId, targets.microsoft));
      for (const party of [contoso, seller]) {
        expect((await party.get(own.id, prefer)).json()).toMatchObject({ '@cosell.dealType': 'coSell' });
      }
    });

    it('never takes the flag back, but for a capture that says so', async () => {
      const own = await contoso.create(sharedDeal());
      const flag = '/consent/consentToShareReferralWithMicrosoftSellers';
      const answer = await contoso.patch(own.id, setting({ [flag]: false }));
      expectEnvelope(answer, 400, 'changeRefused');
      expect(answer.text).toContain('neverTakenBack');
      const { '@odata.context': _context, links: _links, ...capture } = await contoso.read(own.id);
      const consent = { ...(capture.consent as object), consentToShareReferralWithMicrosoftSellers: false };
      await server.exchange.store.transact(importReferrals, { texts: [JSON.stringify({ ...capture, consent })] });
      expectEnvelope(await seller.get(own.id), 404, 'referralNotFound');
    });

    it('shows a deal for which help is asked at once, and one for which it is asked later with the flag', async () => {
      const consent = { consentToContact: true };
      const own = await contoso.create(deal({ consent }));
      expectEnvelope(await seller.get(own.id), 404, 'referralNotFound');
      const asking = { '/inviteContext/assistanceRequestCode': 'ProofOfConceptOrDemo' };
      expect(faultsOf(await contoso.patch(own.id, setting(asking)))).toEqual([
        'sharingRequired /consent/consentToShareReferralWithMicrosoftSellers',
      ]);
      await contoso.change(own.id, { ...asking, '/consent/consentToShareReferralWithMicrosoftSellers': true });
      const atOnce = await contoso.create(
        deal({ consent, inviteContext: { assistanceRequestCode: 'ProofOfConceptOrDemo' } }),
      );
      for (const { id } of [own, atOnce]) {
        expect(await contoso.read(id)).toMatchObject({ consent: { consentToShareReferralWithMicrosoftSellers: true } });
        expect((await seller.get(id)).status).toBe(200);
        // A help code alone makes no second record.
        expect(await engagement(contoso, (await contoso.read(id)).engagementId)).toEqual([id]);
      }
    });
  });

  it('is decided by no record whose time is over, also before anybody has closed it', async () => {
    const { store } = server.exchange;
    const own = await contoso.create(deal());
    const theirs = await contoso.create(invitation(own.engagementId, targets.tailspin));
    await store.transact(setClock, { advanceMs: 15 * 86_400_000, toMs: undefined, freeze: undefined });
    // The first request that comes after the instant is a write.
    const again = await contoso.create(invitation(own.engagementId, targets.tailspin));
    expect(await tailspin.read(theirs.id)).toMatchObject({ substatus: 'Expired' });
    expect(await tailspin.read(again.id)).toMatchObject({ status: 'New' });
  });

  it('with a marketplace lead in it is the same as without: the lead is in no answer', async () => {
    const own = await contoso.create(deal());
    const lead = {
      id: '6b5a4938-0000-4000-8000-000000000001',
      engagementId: own.engagementId,
      organizationId: organizations.tailspin,
      createdDateTime: '2025-01-01T00:00:00Z',
      updatedDateTime: '2025-01-01T00:00:00Z',
      status: 'New',
      substatus: 'Pending',
      type: 'Independent',
      qualification: 'Direct',
      referralSource: 'AzureMarketplace',
    };
    await server.exchange.store.transact(importReferrals, { texts: [JSON.stringify(lead)] });
    expect(await engagement(contoso, own.engagementId)).toEqual([own.id]);
    expectEnvelope(await contoso.get(lead.id), 404, 'referralNotFound');
    const theirs = await contoso.create(invitation(own.engagementId, targets.tailspin));
    expect(await engagement(contoso, own.engagementId)).toEqual([own.id, theirs.id]);
  });

  it('of the sample is read as it was written', async () => {
    expect(await contoso.read(ids.coSellOfMicrosoft)).toMatchObject({ organizationId: 'msft', status: 'New' });
    expect(await seller.read(ids.partnerLed)).toMatchObject({ organizationId: organizations.contoso });
  });
});
