import { randomUUID } from 'node:crypto';
import { recordOf } from '@cosell/server/store/rows';
import { describe, expect, it } from 'vitest';
import { captureText, contoso, documentedPair, readWell } from '../support/captures.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { openStoreFor } from './opened-store.ts';

describeOnEachEngine('stored referrals', (engine) => {
  const opened = openStoreFor(engine);
  const own = '4111fffc-f9ee-4d53-bba6-569135228642';

  it('are found by organisation and id, with all that an answer needs', async () => {
    await opened.import(documentedPair[0]);
    const found = await opened.store.findReferral(contoso, own);
    const expected = recordOf({ ...readWell(documentedPair[0]), eTag: '"00006d10-0000-0700-0000-67ba82630000"' });
    expect(found).toEqual({
      document: expected.document,
      linksOffset: expected.linksOffset,
      byteLength: Buffer.byteLength(expected.document),
      eTag: '"00006d10-0000-0700-0000-67ba82630000"',
      engagementId: '37ef26aa-1d15-4533-9f93-a69bd33ab1e5',
      mpnId: '5512345',
      isMarketplaceLead: false,
      dueAt: null,
    });
  });

  it.each([
    ['another organisation', 'msft', own],
    ['an organisation that is not there', randomUUID(), own],
    ['another id', contoso, randomUUID()],
    ['the id in upper case', contoso, own.toUpperCase()],
    ['nothing', '', ''],
    ['SQL for an id', contoso, "x' or '1'='1"],
  ])('are not found by %s', async (_title, organizationId, id) => {
    expect(await opened.store.findReferral(organizationId, id)).toBeUndefined();
    expect(await opened.store.findView(organizationId, id)).toBeUndefined();
  });

  it('of two organisations may have the same id', async () => {
    const id = randomUUID();
    const others = randomUUID();
    await opened.import({ id, name: 'ours', engagementId: randomUUID() });
    await opened.import({ id, name: 'theirs', organizationId: others, engagementId: randomUUID() });
    expect(await opened.read(contoso, id)).toMatchObject({ name: 'ours' });
    expect(await opened.read(others, id)).toMatchObject({ name: 'theirs' });
  });

  it.each([
    ['letters of two, three and four bytes', 'Müller – 東京 – 🤝🏽 – 𝒳'],
    ['line separators', 'a\u2028b\u2029c'],
    ['control characters', 'a\u0001\u001f\u007f\u0085b'],
    ['a byte order mark and a non-character', '\ufeff\uffff'],
    ['quotation marks and backslashes', `"\\'\`$1 ? :a`],
    ['letters that normalisation would join', 'e\u0301 \u00e9'],
    ['nothing', ''],
    ['much', 'ä'.repeat(300_000)],
  ])('come back letter for letter with %s', async (_title, name) => {
    const id = randomUUID();
    const text = captureText({ id, name, kept: { [`${name}x`]: [name] }, eTag: '"x"' });
    await opened.import(text);
    const found = await opened.store.findReferral(contoso, id);
    const record = recordOf({ ...readWell(text), eTag: '"x"' });
    expect(found?.document).toBe(record.document);
    expect(found?.byteLength).toBe(Buffer.byteLength(record.document));
    const before = found?.document.slice(0, found.linksOffset);
    const after = found?.document.slice(found.linksOffset);
    expect(JSON.parse(`${before}"links":{},${after}`)).toMatchObject({ name, links: {} });
    expect(after).toMatch(/^"trackingInfo":/);
  });

  it('keep decimals and instants so that their order is that of the values', async () => {
    const engagementId = randomUUID();
    const value = (dealValue: string, closingDateTime: string) =>
      captureText({ id: randomUUID(), engagementId, details: { dealValue, closingDateTime } });
    await opened.import(
      value('99999999999999.9999', '2020-12-01'),
      value('-0.0001', '2020-12-01T00:00:00.5Z'),
      value('10', '2020-11-30T23:59:59.9999999Z'),
    );
    const rows = await opened.rows(
      `select cast(deal_value as text) as deal_value, closing_at from referrals
        where engagement_id = '${engagementId}' order by closing_at`,
    );
    expect(rows).toEqual([
      { deal_value: '100000', closing_at: '2020-11-30T23:59:59.9999999Z' },
      { deal_value: '999999999999999999', closing_at: '2020-12-01T00:00:00.0000000Z' },
      { deal_value: '-1', closing_at: '2020-12-01T00:00:00.5000000Z' },
    ]);
  });

  it('say whether they are leads from the marketplace', async () => {
    const id = randomUUID();
    await opened.import({ id, engagementId: randomUUID(), qualification: 'Direct', referralSource: 'AppSource' });
    expect(await opened.store.findReferral(contoso, id)).toMatchObject({ isMarketplaceLead: true, mpnId: null });
  });

  it('of an engagement are found by their organisation, in the order of ids', async () => {
    const [engagementId, others] = [randomUUID(), randomUUID()];
    const [first = '', second = ''] = [randomUUID(), randomUUID()].sort();
    await opened.import(
      { id: second, engagementId, mpnId: '5512345' },
      { id: first, engagementId },
      { id: randomUUID(), engagementId, organizationId: others },
      { id: randomUUID(), engagementId: randomUUID() },
    );
    expect((await opened.store.findOwnRecords(contoso, engagementId)).map((record) => ({ ...record }))).toEqual([
      { id: first, mpnId: null },
      { id: second, mpnId: '5512345' },
    ]);
    expect(await opened.store.findOwnRecords(others, engagementId)).toHaveLength(1);
    expect(await opened.store.findOwnRecords(randomUUID(), engagementId)).toEqual([]);
    expect(await opened.store.findOwnRecords(contoso, randomUUID())).toEqual([]);
  });

  describe('have a team', () => {
    const id = randomUUID();
    const emails = [
      'Jane.Doe@Contoso.com',
      'İpek@örnek.com',
      'straße@contoso.com',
      'ΔΗΜΟΣ@contoso.com',
      '',
      ' x@contoso.com',
    ];

    it.each([
      ['jane.doe@contoso.com', true],
      ['JANE.DOE@CONTOSO.COM', true],
      ['Jane.Doe@Contoso.com', true],
      ['İpek@örnek.com', true],
      ['İPEK@ÖRNEK.COM', true],
      ['i\u0307pek@örnek.com', true],
      ['ipek@örnek.com', false],
      ['ıpek@örnek.com', false],
      ['STRASSE@contoso.com', false],
      ['STRAẞE@contoso.com', true],
      ['δημος@contoso.com', true],
      ['jane.doe@contoso.co', false],
      ['jane_doe@contoso.com', false],
      ['%', false],
      ['x@contoso.com', false],
      ['', true],
      ["' or 1=1 --", false],
    ])('%s is on it: %s', async (email, expected) => {
      await opened.import({
        id,
        engagementId: randomUUID(),
        team: [...emails.map((address) => ({ email: address })), {}],
      });
      expect(await opened.store.isOnTeam(contoso, id, email)).toBe(expected);
    });

    it('of their own organisation and referral only', async () => {
      expect(await opened.store.isOnTeam(contoso, id, 'jane.doe@contoso.com')).toBe(true);
      expect(await opened.store.isOnTeam('msft', id, 'jane.doe@contoso.com')).toBe(false);
      expect(await opened.store.isOnTeam(contoso, randomUUID(), 'jane.doe@contoso.com')).toBe(false);
    });

    it('that a contact of the customer does not belong to', async () => {
      const other = randomUUID();
      await opened.import({
        id: other,
        engagementId: randomUUID(),
        customerProfile: { team: [{ email: 'sue@x.com' }] },
      });
      expect(await opened.store.isOnTeam(contoso, other, 'sue@x.com')).toBe(false);
    });

    it('that a member leaves with the next import', async () => {
      const other = randomUUID();
      const engagementId = randomUUID();
      await opened.import({ id: other, engagementId, team: [{ email: 'a@x.com' }, { email: 'b@x.com' }] });
      await opened.import({ id: other, engagementId, updatedDateTime: '2021-01-01', team: [{ email: 'b@x.com' }] });
      expect(await opened.store.isOnTeam(contoso, other, 'a@x.com')).toBe(false);
      expect(await opened.store.isOnTeam(contoso, other, 'b@x.com')).toBe(true);
    });
  });
});
