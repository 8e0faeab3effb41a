import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { contoso, documentedPair } from '../support/captures.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { openStoreFor } from './opened-store.ts';

const pending = { status: 'New', substatus: 'Pending', type: 'Shared' };
const accepted = { status: 'Active', substatus: 'Accepted', type: 'Shared' };
const declined = { status: 'Closed', substatus: 'Declined', type: 'Shared' };
const team = [{ email: 'jane.doe@contoso.com' }];
const contacts = { name: 'Fabrikam', size: '1to50employees', team: [{ email: 'sue@fabrikam.com' }] };
const consent = { consentToToShareInfoWithOthers: true };

describeOnEachEngine('what others read of a record', (engine) => {
  const opened = openStoreFor(engine);

  /** Two records of a new engagement, ours and Microsoft's; `at` makes each import newer than the one before. */
  function newEngagement() {
    const [engagementId, ours, theirs] = [randomUUID(), randomUUID(), randomUUID()];
    let day = 0;
    const at = () => `20${22 + Math.floor(day / 28)}-01-${String((day++ % 28) + 1).padStart(2, '0')}`;
    return {
      ours,
      theirs,
      engagementId,
      importOurs: (members: object) =>
        opened.import({ ...pending, id: ours, engagementId, updatedDateTime: at(), ...members }),
      importTheirs: (members: object) =>
        opened.import({
          ...pending,
          id: theirs,
          engagementId,
          organizationId: 'msft',
          updatedDateTime: at(),
          ...members,
        }),
      view: () => opened.store.findView('msft', ours),
      read: () => opened.read('msft', ours),
      childrenOf: (table: string) =>
        opened.rows(`select email from ${table} where organization_id = 'msft' and referral_id = '${ours}'`),
    };
  }

  it('is there for both sides as soon as both records are, whichever comes first', async () => {
    for (const texts of [documentedPair, documentedPair.toReversed()]) {
      await opened.import(...texts);
      expect(await opened.read('msft', '4111fffc-f9ee-4d53-bba6-569135228642')).toMatchObject({
        organizationId: contoso,
        name: 'Test Cosell Invite_20',
        customerProfile: { name: 'Contoso Customer Inc', size: null, team: [] },
        details: { notes: null, dealValue: null },
        inviteContext: { notes: null },
        team: [],
        mpnId: null,
      });
      expect(await opened.read(contoso, '49d90c72-3326-4f61-aacc-2cb57970448c')).toMatchObject({
        organizationId: 'msft',
      });
    }
  });

  it("is nobody's but the members', and not the owner's own", async () => {
    const { importOurs, importTheirs, ours } = newEngagement();
    await importOurs({});
    expect(await opened.store.findView('msft', ours)).toBeUndefined();
    await importTheirs({});
    expect(await opened.store.findView('msft', ours)).toBeDefined();
    expect(await opened.store.findView(contoso, ours)).toBeUndefined();
    expect(await opened.store.findView(randomUUID(), ours)).toBeUndefined();
    expect(await opened.store.findReferral('msft', ours)).toBeUndefined();
  });

  it('has the team once both have accepted, and the contacts too with consent; a decline takes them back', async () => {
    const { importOurs, importTheirs, read, childrenOf } = newEngagement();
    await importOurs({ ...accepted, team, consent, customerProfile: contacts });
    await importTheirs(pending);
    expect(await read()).toMatchObject({ team: [], customerProfile: { team: [] } });
    expect(await childrenOf('referral_team_members')).toEqual([]);

    await importTheirs(accepted);
    expect(await read()).toMatchObject({ team, customerProfile: { team: contacts.team, size: null } });
    expect(await childrenOf('referral_team_members')).toEqual([{ email: 'jane.doe@contoso.com' }]);
    expect(await childrenOf('referral_customer_contacts')).toEqual([{ email: 'sue@fabrikam.com' }]);

    await importOurs({ ...accepted, team, customerProfile: contacts });
    expect(await read()).toMatchObject({ team, customerProfile: { team: [] } });
    expect(await childrenOf('referral_customer_contacts')).toEqual([]);

    await importTheirs(declined);
    expect(await read()).toMatchObject({ team: [], customerProfile: { name: 'Fabrikam', team: [] } });
    expect(await childrenOf('referral_team_members')).toEqual([]);
  });

  it('cannot be queried around: its columns hold what its document shows', async () => {
    const { importOurs, importTheirs, ours } = newEngagement();
    await importOurs({
      ...accepted,
      mpnId: '5512345',
      externalReferenceId: 'CRM-1',
      referralProgram: 'secret',
      customerProfile: { ...contacts, address: { city: 'Bern', country: 'CH' } },
      details: { dealValue: 5, currency: 'CHF', requirements: { solutions: [{ id: 'SOL-1' }] } },
      inviteContext: { assistanceRequestCode: 'ProofOfConceptOrDemo' },
      favorite: true,
      campaignId: 'c',
      trackingInfo: { microsoftMsxId: 'msx' },
    });
    await importTheirs(pending);
    const [row] = await opened.rows(`select * from referral_views where id = '${ours}'`);
    expect(row).toMatchObject({
      organization_id: 'msft',
      owner_organization_id: contoso,
      status: 'Active',
      customer_name: 'Fabrikam',
      customer_city: 'Bern',
      customer_country: 'CH',
      customer_size: null,
      mpn_id: null,
      external_reference_id: null,
      referral_program: null,
      deal_value: null,
      currency: null,
      assistance_request_code: 'Unknown',
      is_favorite: 0,
      campaign_id: null,
      microsoft_msx_id: null,
    });
    expect(
      await opened.rows(`select * from referral_solutions where organization_id = 'msft' and referral_id = '${ours}'`),
    ).toEqual([]);
  });

  it('has an eTag of its own, which changes when the view changes and not otherwise', async () => {
    const { importOurs, importTheirs, view, ours } = newEngagement();
    await importOurs({ ...accepted, name: 'first', eTag: '"owner 1"' });
    await importTheirs(pending);
    const first = await view();
    expect(first?.eTag).toMatch(/^"[0-9a-f]{8}-0000-0700-0000-[0-9a-f]{8}0000"$/);
    expect(first?.document).toContain(JSON.stringify(first?.eTag));
    expect(first?.document).not.toContain('owner 1');

    // What the reader does not see changes; `updatedDateTime` is shown, so it stays.
    const { updatedDateTime } = (await opened.read(contoso, ours)) ?? {};
    await importOurs({
      ...accepted,
      name: 'first',
      eTag: '"owner 2"',
      updatedDateTime,
      details: { notes: 'hidden' },
      team,
    });
    expect(await opened.read(contoso, ours)).toMatchObject({ details: { notes: 'hidden' } });
    expect(await view()).toEqual(first);
    await importTheirs({ ...pending, statusReason: 'theirs alone' });
    expect(await view()).toEqual(first);

    await importOurs({ ...accepted, name: 'second', updatedDateTime, team });
    const second = await view();
    expect(second?.eTag).not.toBe(first?.eTag);
    await importTheirs(accepted);
    expect((await view())?.eTag).not.toBe(second?.eTag);
  });

  it('goes by the accepted one where the reader has several records', async () => {
    const { importOurs, importTheirs, read, engagementId } = newEngagement();
    await importOurs({ ...accepted, team });
    await importTheirs(declined);
    expect(await read()).toMatchObject({ team: [] });
    await opened.import({ ...accepted, id: randomUUID(), engagementId, organizationId: 'msft' });
    expect(await read()).toMatchObject({ team });
  });

  it('is one row for each of three members, and each goes by his own record', async () => {
    const { importOurs, importTheirs, ours, engagementId } = newEngagement();
    const third = randomUUID();
    await importOurs({ ...accepted, team });
    await importTheirs(accepted);
    await opened.import({ ...pending, id: randomUUID(), engagementId, organizationId: third });
    expect(await opened.read('msft', ours)).toMatchObject({ team });
    expect(await opened.read(third, ours)).toMatchObject({ team: [] });
    expect(
      await opened.rows(`select 1 as one from referral_views where engagement_id = '${engagementId}'`),
    ).toHaveLength(6);
  });

  describe('a lead from the marketplace', () => {
    it('takes the views of it away when a record becomes one, with their children', async () => {
      const { importOurs, importTheirs, view, childrenOf } = newEngagement();
      await importOurs({ ...accepted, team });
      await importTheirs(accepted);
      expect(await view()).toBeDefined();
      expect(await childrenOf('referral_team_members')).toHaveLength(1);
      const lead = { type: 'Independent', qualification: 'Direct', referralSource: 'AppSource' };
      await importOurs({ ...accepted, ...lead, team });
      expect(await view()).toBeUndefined();
      expect(await childrenOf('referral_team_members')).toEqual([]);
    });

    const lead = {
      status: 'New',
      substatus: 'Pending',
      type: 'Independent',
      qualification: 'Direct',
      referralSource: 'AppSource',
    };

    it('is read by no other member', async () => {
      const { importOurs, importTheirs, view } = newEngagement();
      await importTheirs(pending);
      await importOurs(lead);
      expect(await view()).toBeUndefined();
    });

    it('opens no record of the others to its owner', async () => {
      const { importOurs, importTheirs, theirs } = newEngagement();
      await importTheirs(pending);
      await importOurs(lead);
      expect(await opened.store.findView(contoso, theirs)).toBeUndefined();
    });
  });

  it('is complete when both records arrive at the same moment', async () => {
    const engagements = Array.from({ length: 30 }, newEngagement);
    await Promise.all(engagements.flatMap(({ importOurs, importTheirs }) => [importOurs({}), importTheirs({})]));
    for (const { ours, theirs } of engagements) {
      expect(await opened.store.findView('msft', ours)).toBeDefined();
      expect(await opened.store.findView(contoso, theirs)).toBeDefined();
    }
  });
});
