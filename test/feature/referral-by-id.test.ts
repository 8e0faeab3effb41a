import { createOperations } from '@cosell/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collection, documented } from '../support/answers.ts';
import { documentedExample, memberOrder, orderOf } from '../support/documented-example.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { startTestServer, type TestServer, type WireAnswer } from '../support/test-server.ts';

describeOnEachEngine('a referral by id', (engine) => {
  let server: TestServer;
  let answer: WireAnswer;
  beforeAll(async () => {
    server = await startTestServer(engine);
    answer = await server.askAs('contoso-admin', `${collection}/${documented}`);
  });
  afterAll(() => server.close());

  const read = async (id: string) => {
    const answered = await server.askAs('contoso-admin', `${collection}/${id}`);
    expect(answered.status).toBe(200);
    return answered.json<Record<string, never>>();
  };

  it('answers every documented member of the example with its documented value', () => {
    expect(answer.status).toBe(200);
    const { links, ...members } = documentedExample;
    expect(answer.json()).toMatchObject(members);
    // Links are those of the documentation, but for the host.
    const here = JSON.parse(JSON.stringify(links).replaceAll('https://api.partner.microsoft.com', server.origin));
    expect(answer.json().links).toEqual(here);
  });

  it('has mended the slip in the documented notes', () => {
    expect(answer.text).toContain('are looking for support in training');
    expect(answer.text).not.toContain('forsupport');
  });

  it('writes every member in the order of the real service, inside objects too', () => {
    expect(Object.keys(answer.json())[0]).toBe('@odata.context');
    const isInEmptyList = (path: string) => /^(target|customerProfile\.ids|team)\[\]/.test(path);
    expect(orderOf(answer.json())).toEqual(memberOrder.filter((path) => !isInEmptyList(path)));
  });

  it('has one order for all referrals', async () => {
    for (const id of [
      '4111fffc-f9ee-4d53-bba6-569135228642',
      '49d90c72-3326-4f61-aacc-2cb57970448c',
      '2f4e6d8c-1a3b-4c5d-9e7f-8a9b0c1d2e3f',
      'e1f20314-2536-4758-8697-a8b9c0d1e2f3',
    ]) {
      const found = orderOf(await read(id)).filter((path) => !path.startsWith('registrations[]'));
      // Members of lists are there when the list has an item; all others always.
      expect(found).toEqual(memberOrder.filter((path) => found.includes(path) || !path.includes('[]')));
    }
  });

  it('leaves nothing out: what is unknown is null, an empty list or its default', () => {
    const { customerProfile, details, inviteContext, trackingInfo, team, ...others } =
      answer.json<Record<string, never>>();
    expect(others).toMatchObject({
      name: null,
      lastModifiedVia: null,
      lastRunId: null,
      externalReferenceId: null,
      expirationDateTime: null,
      statusReason: null,
      referralSource: null,
      favorite: false,
      campaignId: null,
      salesStage: null,
      quality: 'Unknown',
      isSpam: false,
      mpnId: null,
      referralProgram: null,
      dealSensitivity: 'None',
      createdVia: null,
      tags: [],
      acceptedDateTime: null,
      closedDateTime: null,
      callToAction: null,
      registrationStatus: 'None',
      target: [],
      registrations: [],
    });
    expect(team).toEqual([]);
    expect(customerProfile).toMatchObject({ size: null, isMatchingComplete: false, ids: [] });
    expect(inviteContext).toEqual({
      notes: null,
      assistanceRequestCode: 'Unknown',
      invitedMpnId: null,
      invitedBy: { organizationId: null, organizationName: null },
    });
    expect(trackingInfo).toEqual({
      microsoftMsxId: null,
      microsoftUSFedOpportunityId: null,
      microsoftUSFedLeadId: null,
      migratedPSCDealId: null,
      migratedPSCPartnerDealId: null,
    });
    expect(details).toMatchObject({ customerRequestedContact: null, customerAction: null, incentiveLevel: null });
  });

  it('keeps an empty text empty', () => {
    expect(answer.json()).toMatchObject({ customerProfile: { address: { addressLine2: '', region: null } } });
  });

  it('writes only when set what the real service writes only when set', () => {
    for (const name of ['consentToMicrosoftToContactSpecificPartners', 'isMaccEligible', 'activities', 'exception']) {
      expect(answer.text).not.toContain(`"${name}"`);
    }
    for (const name of ['linkedInProfileUrl', 'emailValidationStatus', 'phoneValidationStatus']) {
      expect(answer.text).not.toContain(`"${name}"`);
    }
    expect(answer.text).not.toContain('"isAutoRegistrationEnabled"');
  });

  describe('dates', () => {
    it('have seven digits where the record was written, and none where a day is meant', async () => {
      const deal = await read('e1f20314-2536-4758-8697-a8b9c0d1e2f3');
      for (const name of ['createdDateTime', 'updatedDateTime', 'acceptedDateTime', 'closedDateTime']) {
        expect(deal[name]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/);
      }
      expect(deal.closedDateTime).toBe('2025-03-03T15:45:30.7500000Z');
      expect(deal).toMatchObject({
        details: { closingDateTime: '2025-03-01T00:00:00Z' },
        registrations: [{ contract: { startDateTime: '2025-03-01T00:00:00Z', endDateTime: '2026-03-01T00:00:00Z' } }],
      });
      const expired = await read('0d1e2f30-4152-4637-8485-96a7b8c9d0e1');
      expect(expired.expirationDateTime).toBe('2024-11-18T00:00:00Z');
    });
  });

  it('writes amounts as exact numbers without padding', async () => {
    const text = (await server.askAs('contoso-admin', `${collection}/2f4e6d8c-1a3b-4c5d-9e7f-8a9b0c1d2e3f`)).text;
    expect(text).toContain('"dealValue":84500.5,');
    expect(answer.text).toContain('"dealValue":10000,');
  });

  it('writes UTF-8 without escapes or white space between members', () => {
    expect(answer.text).toBe(JSON.stringify(answer.json()));
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.text)));
  });

  it('puts context and links in at the right place behind letters of every width', async () => {
    const id = 'abcdefab-1111-4111-8111-abcdefabcdef';
    const name = 'Zürich – 東京 😀 e\u0301 \u2028 "quoted" \\ end';
    const sample = JSON.parse(JSON.stringify(documentedExample)) as Record<string, unknown>;
    const text = JSON.stringify({ ...sample, id, name, inviteContext: { notes: name }, links: undefined });
    const { importReferrals } = createOperations(server.exchange.store, server.exchange.issuer, () => server.origin);
    expect((await importReferrals({ texts: [text] })).outcomes).toEqual(['added']);
    const imported = await server.askAs('contoso-admin', `${collection}/${id}`);
    expect(imported.json()).toMatchObject({
      '@odata.context': `${server.origin}${collection}/$metadata#Referrals/$entity`,
      name,
      inviteContext: { notes: name },
      links: { self: { uri: `${server.origin}${collection}/${id}` } },
    });
    expect(Object.keys(imported.json())).toEqual(Object.keys(answer.json()));
    expect(imported.headers['content-length']).toBe(String(Buffer.byteLength(imported.text)));
  });

  it('has the eTag of the document in the header, quotes and all', async () => {
    expect(answer.json().eTag).toBe('"2500ec5a-0000-0000-0000-5bf4967d0000"');
    expect(answer.headers.etag).toBe('"2500ec5a-0000-0000-0000-5bf4967d0000"');
    const other = await server.askAs('contoso-admin', `${collection}/4111fffc-f9ee-4d53-bba6-569135228642`);
    expect(other.headers.etag).toBe('"00006d10-0000-0700-0000-67ba82630000"');
    expect(other.json().eTag).toBe(other.headers.etag);
  });

  it("has context and links with this server's origin, correctly spelt", () => {
    const { '@odata.context': context, links } = answer.json();
    expect(context).toBe(`${server.origin}/v1.0/engagements/referrals/$metadata#Referrals/$entity`);
    expect(links).toEqual({
      relatedReferrals: {
        uri: `${server.origin}/v1.0/engagements/referrals?$filter=engagementId eq '65edc0b5-3485-41b7-a17e-dfa9ef4706e2'`,
        method: 'GET',
      },
      self: { uri: `${server.origin}/v1.0/engagements/referrals/${documented}`, method: 'GET' },
    });
  });

  it('answers a request that follows the self link', async () => {
    const { links } = answer.json<{ links: { self: { uri: string } } }>();
    const path = links.self.uri.slice(server.origin.length);
    expect((await server.askAs('contoso-admin', path)).text).toBe(answer.text);
  });
});
