import { createOperations } from '@cosell/server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { collection, comparable, expectEnvelope } from '../support/answers.ts';
import { contoso as contosoId } from '../support/captures.ts';
import { coSellDeal, type Json, partnerLedDeal } from '../support/documented-requests.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { ids, organizations, users } from '../support/sample.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import {
  type Answered,
  answeredIn,
  detailsOf,
  faultNames,
  type Writer,
  warningsIn,
  writingAs,
} from '../support/writing.ts';

describeOnEachEngine('PUT of a referral', (engine) => {
  let server: TestServer;
  let contoso: Writer;
  let deal: Answered;
  beforeAll(async () => {
    server = await startTestServer(engine);
    contoso = writingAs(server, users.admin);
  });
  beforeEach(async () => {
    deal = await contoso.create(partnerLedDeal);
  });
  afterAll(() => server.close());
  const put = (body: Json | string, { id, eTag }: Answered = deal) => contoso.put(id, body, { 'if-match': eTag });

  it('needs If-Match, whatever the body is', async () => {
    for (const body of ['{}', '{', JSON.stringify(deal)]) {
      const error = expectEnvelope(await contoso.put(deal.id, body), 400, 'ifMatchMissing');
      expect(error).toMatchObject({ target: 'If-Match' });
      expect(error.message).toContain('eTag');
    }
    expect(await contoso.read(deal.id)).toEqual(deal);
  });

  it('of what was read changes nothing, and is marked as deprecated', async () => {
    const read = await contoso.send('GET', `${collection}/${deal.id}`);
    const answer = await put(read.text);
    expect(answer.status).toBe(200);
    expect(answer.text).toBe(read.text);
    expect(answer.headers).toMatchObject({ etag: deal.eTag, deprecation: '@1651363200' });
    expect(warningsIn(answer)).toEqual([]);
    expect(answer.headers['cosell-extension']).toBeUndefined();
  });

  it('writes back the id of a CRM, as a connector does after each event', async () => {
    const { campaignId, salesStage, statusReason, links, ...body } = deal as Json;
    const changed = answeredIn(await put({ ...body, externalReferenceId: 'CRM-99' }));
    expect(changed).toEqual({
      ...deal,
      externalReferenceId: 'CRM-99',
      eTag: changed.eTag,
      updatedDateTime: changed.updatedDateTime,
    });
    expect(changed.eTag).not.toBe(deal.eTag);
    // The next event brings the same again, and then nothing is written.
    const again = answeredIn(await put({ ...body, externalReferenceId: 'CRM-99' }, changed));
    expect(again).toEqual(changed);
  });

  it('keeps what is absent, and empties what is null', async () => {
    const kept = answeredIn(await put({ details: { notes: 'New notes' } }));
    expect(kept.details).toMatchObject({ notes: 'New notes', dealValue: 30000, currency: 'GBP' });
    expect(kept).toMatchObject({ name: deal.name, team: deal.team, externalReferenceId: 'CRM-0042' });
    const emptied = answeredIn(
      await put({ externalReferenceId: null, team: null, details: { notes: null, dealValue: null } }, kept),
    );
    expect(emptied).toMatchObject({ externalReferenceId: null, team: [], details: { notes: null, dealValue: null } });
    expect(emptied.details).toMatchObject({ currency: 'GBP', requirements: deal.details && {} });
  });

  it('lets an object that is null alone', async () => {
    const nulls = { details: null, consent: null, customerProfile: null, inviteContext: null, trackingInfo: null };
    expect(answeredIn(await put(nulls))).toEqual(deal);
  });

  it('passes over what it cannot change, and warns of each', async () => {
    const answer = await put({
      ...deal,
      '@odata.context': 'x',
      links: { self: { uri: 'https://example.com' } },
      id: ids.lead,
      organizationId: organizations.tailspin,
      createdDateTime: '2001-01-01T00:00:00Z',
      type: 'Shared',
      qualification: 'Direct',
      mpnId: '5598765',
      quality: 'High',
      tags: [{ tag: 'x' }],
      customerProfile: { ...(deal.customerProfile as Json), name: 'Another', isMatchingComplete: true },
      trackingInfo: { microsoftMsxId: '7-X' },
      details: { notes: 'written' },
    });
    const changed = answeredIn(answer);
    expect(changed).toEqual({
      ...deal,
      details: { ...(deal.details as Json), notes: 'written' },
      eTag: changed.eTag,
      updatedDateTime: changed.updatedDateTime,
    });
    expect(warningsIn(answer).sort()).toEqual(
      ['/id', '/organizationId', '/createdDateTime', '/type', '/qualification', '/mpnId', '/quality', '/tags']
        .concat(['/customerProfile/name', '/customerProfile/isMatchingComplete', '/trackingInfo/microsoftMsxId'])
        .map((pointer) => `${pointer} readOnlyMember`)
        .sort(),
    );
  });

  it('passes over read-only members that are not even of their type', async () => {
    const answer = await put({ createdDateTime: [], tags: 5, trackingInfo: 'x', isSpam: 'perhaps', campaignId: 'x' });
    expect(answeredIn(answer)).toMatchObject({ campaignId: 'x', createdDateTime: deal.createdDateTime });
  });

  it('changes /favorite, the help and the attributes as an extension', async () => {
    const attributes = [{ type: 'SolutionArea', id: 'Security' }];
    const { inviteContext: _help, ...plain } = JSON.parse(coSellDeal);
    const own = await contoso.create(plain);
    const answer = await put(
      {
        favorite: true,
        inviteContext: { notes: 'Please', assistanceRequestCode: 'QuotesOrLicensing' },
        details: { requirements: { additionalRequirements: { attributes } } },
      },
      own,
    );
    expect(answeredIn(answer)).toMatchObject({
      favorite: true,
      inviteContext: { notes: 'Please', assistanceRequestCode: 'QuotesOrLicensing' },
      details: { requirements: { additionalRequirements: { attributes } } },
    });
    expect(answer.headers['cosell-extension']).toBe('patch-path');
    expect(warningsIn(answer)).toEqual([]);
  });

  it('changes the name, which the documented PUT does', async () => {
    const answer = await put({ name: 'Another name' });
    expect(answeredIn(answer).name).toBe('Another name');
    expect(answer.headers['cosell-extension']).toBeUndefined();
  });

  it('goes by the life cycle as a PATCH does', async () => {
    expectEnvelope(await put({ status: 'Closed' }), 400, 'changeRefused');
    const won = answeredIn(await put({ status: 'Closed', substatus: 'Won', statusReason: 'Signed' }));
    expect(won).toMatchObject({ substatus: 'Won', salesStage: '100', statusReason: 'Signed' });
    expect(answeredIn(await put(won as Json, won))).toEqual(won);
    const refused = expectEnvelope(await put({ ...won, campaignId: 'x' }, won), 400, 'terminalReferral');
    expect(detailsOf(refused)).toMatchObject([{ code: 'terminalReferral', target: '/campaignId' }]);
  });

  it('names all faults at once, and stores nothing', async () => {
    const body = { nots: 1, details: { dealValue: 'much' }, team: [{ emial: 'x' }], salesStage: '55' };
    expect(faultNames(await put(body)).sort()).toEqual([
      'invalidNumber /details/dealValue',
      'unknownMember /nots',
      'unknownMember /team/0/emial',
      'valueNotAllowed /salesStage',
    ]);
    expect(faultNames(await put('[]'))).toEqual(['wrongType ']);
    expect(await contoso.read(deal.id)).toEqual(deal);
  });

  it('can prefer no answer, and to be tried only', async () => {
    const tried = await contoso.put(deal.id, { campaignId: 'x' }, { 'if-match': '*', prefer: 'validate-only' });
    expect(answeredIn(tried).campaignId).toBe('x');
    expect(await contoso.read(deal.id)).toEqual(deal);
    const silent = await contoso.put(deal.id, { campaignId: 'x' }, { 'if-match': '*', prefer: 'return=minimal' });
    expect([silent.status, silent.text, silent.headers['preference-applied']]).toEqual([204, '', 'return=minimal']);
  });

  it('is 405 for the collection', async () => {
    const answer = await contoso.send('PUT', collection, '{}', { 'if-match': '*' });
    expectEnvelope(answer, 405, 'methodNotAllowed');
  });

  it("of another's record is refused alike for what is hidden, and told for what is not", async () => {
    const ask = (id: string) => contoso.put(id, '{', { 'if-match': '"x"' });
    const hidden = await ask(ids.tailspin);
    expectEnvelope(hidden, 404, 'referralNotFound');
    expect(comparable(await ask('00000000-0000-4000-8000-000000000000'))).toEqual(comparable(hidden));
    expectEnvelope(await ask(ids.coSellOfMicrosoft), 403, 'notTheOwner');
  });

  describe('of an imported referral that has more than the table', () => {
    const id = '5f0e6a0c-0f8d-4d39-9f8e-000000000001';
    const captured = {
      id,
      engagementId: '5f0e6a0c-0f8d-4d39-9f8e-000000000002',
      organizationId: contosoId,
      createdDateTime: '2022-03-07T06:29:18.1234567Z',
      updatedDateTime: '2022-03-07T06:29:18.1234567Z',
      status: 'Active',
      substatus: 'Accepted',
      type: 'Independent',
      direction: 'Outgoing',
      eTag: '"00000000-0000-0700-0000-6225a63e0000"',
      somethingNew: { a: 1.0 },
      customerProfile: {
        name: 'Fabrikam',
        address: { country: 'GB' },
        team: [{ email: 'sue@fabrikam.com', emailValidationStatus: 'Valid' }],
      },
      consent: { consentToShareReferralWithMicrosoftSellers: true },
      team: [
        { email: 'john.doe@contoso.com', emailValidationStatus: 'Valid', shoeSize: 43 },
        { email: 'jane.doe@contoso.com', phoneValidationStatus: 'Invalid' },
      ],
    };
    let read: Answered;
    beforeAll(async () => {
      const { importReferrals } = createOperations(server.exchange.store, server.exchange.issuer, () => server.origin);
      expect((await importReferrals({ texts: [JSON.stringify(captured)] })).outcomes).toEqual(['added']);
      read = await contoso.read(id);
    });

    it('changes nothing when it is sent back', async () => {
      const answer = await put(read as Json, read);
      expect(answeredIn(answer)).toEqual(read);
      expect(warningsIn(answer)).toEqual([]);
      const patched = await contoso.patch(id, [
        {
          op: 'replace',
          path: '/customerProfile/team',
          value: read.customerProfile && (read.customerProfile as Json).team,
        },
        { op: 'replace', path: '/team/1', value: (read.team as unknown[])[1] },
      ]);
      expect([patched.status, patched.headers.etag]).toEqual([204, read.eTag]);
    });

    it('keeps what only the exchange knows of the people that stay', async () => {
      const [john, jane] = read.team as Json[];
      const body = { ...read, team: [{ email: 'new@contoso.com', emailValidationStatus: 'Valid' }, jane, john] };
      const changed = answeredIn(await put(body as Json, read));
      expect(changed.team).toEqual(
        [{ ...john, email: 'new@contoso.com', emailValidationStatus: undefined, shoeSize: undefined }, jane, john].map(
          (item) => JSON.parse(JSON.stringify(item)),
        ),
      );
      expect(changed.somethingNew).toEqual({ a: 1 });
      const [first] = changed.team as Json[];
      const replaced = await contoso.patch(id, [{ op: 'replace', path: '/team/1/title', value: 'CTO' }]);
      expect(replaced.status).toBe(204);
      expect((await contoso.read(id)).team).toEqual([first, { ...jane, title: 'CTO' }, john]);
    });
  });
});
