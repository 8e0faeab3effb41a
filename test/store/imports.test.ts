import { randomUUID } from 'node:crypto';
import { importReferrals } from '@cosell/server/domain/import-referrals';
import { loadExchange, loadedExchange } from '@cosell/server/domain/load-exchange';
import { readSampleExchange } from '@cosell/server/sample-exchange';
import { describe, expect, it } from 'vitest';
import { captureText, contoso, documentedPair } from '../support/captures.ts';
import { describeOnEachEngine } from '../support/engines.ts';
import { openStoreFor } from './opened-store.ts';

describeOnEachEngine('importing referrals', (engine) => {
  const opened = openStoreFor(engine);

  /** Everything that an import writes, as text. */
  const everything = async () => {
    const tables = [
      'referrals',
      'referral_documents',
      'referral_views',
      'changes',
      'change_sequences',
      'engagement_members',
    ];
    const children = ['referral_team_members', 'referral_customer_contacts', 'referral_solutions', 'organizations'];
    const rows = [...tables, ...children].map((table) => opened.rows(`select * from ${table} order by 1, 2`));
    return JSON.stringify(await Promise.all(rows), (_name, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
  };

  const changesOf = (id: string) =>
    opened.rows(`select kind, etag_after, document_before from changes where referral_id = '${id}' order by sequence`);

  it('sets every column of one that is imported again, and takes away the items that it has no more', async () => {
    const [id, engagementId] = [randomUUID(), randomUUID()];
    const imported = (createdDateTime: string, updatedDateTime: string, ...emails: string[]) =>
      opened.import({ id, engagementId, createdDateTime, updatedDateTime, team: emails.map((email) => ({ email })) });
    const stored = async () => {
      const [referral] = await opened.rows(`select created_at from referrals where id = '${id}'`);
      const team = await opened.rows(
        `select email from referral_team_members where referral_id = '${id}' order by position`,
      );
      return [referral?.created_at, ...team.map(({ email }) => email)];
    };
    await imported('2021-01-01T00:00:00Z', '2022-01-01T00:00:00Z', 'a@x.example', 'b@x.example', 'c@x.example');
    expect(await stored()).toEqual(['2021-01-01T00:00:00.0000000Z', 'a@x.example', 'b@x.example', 'c@x.example']);
    expect(await imported('2021-02-01T00:00:00Z', '2022-01-02T00:00:00Z', 'a@x.example', 'd@x.example')).toEqual([
      'replaced',
    ]);
    expect(await stored()).toEqual(['2021-02-01T00:00:00.0000000Z', 'a@x.example', 'd@x.example']);
  });

  it('keeps the team of each where two organisations of one engagement have a referral with the same id', async () => {
    const [id, engagementId] = [randomUUID(), randomUUID()];
    const shared = { engagementId, status: 'Active', substatus: 'Accepted', type: 'Shared' };
    const ours = { ...shared, id, team: [{ email: 'ours@x.example' }] };
    const theirs = {
      ...shared,
      id,
      organizationId: 'msft',
      team: [{ email: 'a@y.example' }, { email: 'b@y.example' }],
    };
    // Another record of theirs has them read ours, until theirs with the same id comes.
    await opened.import({ ...shared, id: randomUUID(), organizationId: 'msft' }, ours);
    expect(await opened.store.findView('msft', id)).toBeDefined();
    expect(await opened.import(theirs, theirs)).toEqual(['added', 'unchanged']);
    expect(await opened.store.findView('msft', id)).toBeUndefined();
    const team = await opened.rows(`select organization_id, email from referral_team_members
      where referral_id = '${id}' order by organization_id, position`);
    expect(team).toEqual([
      { organization_id: contoso, email: 'ours@x.example' },
      { organization_id: 'msft', email: 'a@y.example' },
      { organization_id: 'msft', email: 'b@y.example' },
    ]);
    expect(await opened.store.isOnTeam(contoso, id, 'a@y.example')).toBe(false);
  });

  it('says what became of each, in their order', async () => {
    const [id, engagementId] = [randomUUID(), randomUUID()];
    const of = (updatedDateTime: string, name: string) => ({ id, engagementId, updatedDateTime, name });
    expect(await opened.import(of('2022-01-01', 'first'))).toEqual(['added']);
    expect(
      await opened.import(
        of('2022-01-01', 'first'),
        of('2021-12-31T23:59:59.9999999Z', 'older'),
        '{"id":',
        of('2022-01-01T00:00:00.0000001Z', 'second'),
        of('2022-01-01T00:00:00.0000001Z', 'second again'),
        { id, engagementId: randomUUID(), updatedDateTime: '2023-01-01', name: 'moved' },
        { id: randomUUID(), engagementId },
        { id: 'nothing' },
      ),
    ).toEqual(['unchanged', 'newerKept', 'invalid', 'replaced', 'replaced', 'otherEngagement', 'added', 'invalid']);
    expect(await opened.read(contoso, id)).toMatchObject({ name: 'second again' });
  });

  it('twice changes nothing: no eTag, no change, no view', async () => {
    const engagementId = randomUUID();
    const both = [
      captureText({ id: randomUUID(), engagementId, eTag: undefined, team: [{ email: 'a@x.com' }] }),
      captureText({ id: randomUUID(), engagementId, organizationId: 'msft', kept: 1.5 }),
      ...documentedPair,
    ];
    expect(await opened.import(...both)).not.toContain('unchanged');
    const before = await everything();
    expect(await opened.import(...both)).toEqual(both.map(() => 'unchanged'));
    for (const one of both.toReversed()) await opened.import(one);
    expect(await everything()).toBe(before);
  });

  it('keeps the eTag of a capture, and gives one of the documented shape where there is none', async () => {
    const [kept, minted] = [randomUUID(), randomUUID()];
    await opened.import({ id: kept, eTag: '"2500ec5a-0000-0000-0000-5bf4967d0000"' }, { id: minted });
    expect((await opened.store.findReferral(contoso, kept))?.eTag).toBe('"2500ec5a-0000-0000-0000-5bf4967d0000"');
    const found = await opened.store.findReferral(contoso, minted);
    expect(found?.eTag).toMatch(/^"[0-9a-f]{8}-0000-0700-0000-[0-9a-f]{8}0000"$/);
    expect((await opened.read(contoso, minted))?.eTag).toBe(found?.eTag);
    await opened.import({ id: minted, updatedDateTime: '2023-01-01', name: 'changed' });
    expect((await opened.store.findReferral(contoso, minted))?.eTag).toBe(found?.eTag);
  });

  it('writes one change for each that it stores, with the document as it was before', async () => {
    const [id, engagementId] = [randomUUID(), randomUUID()];
    await opened.import({ id, engagementId, eTag: '"1"' });
    const first = (await opened.store.findReferral(contoso, id))?.document;
    await opened.import({ id, engagementId, eTag: '"2"', updatedDateTime: '2023-01-01' });
    await opened.import({ id, engagementId, eTag: '"0"' });
    expect(await changesOf(id)).toEqual([
      { kind: 'imported', etag_after: '"1"', document_before: null },
      { kind: 'reimported', etag_after: '"2"', document_before: first },
    ]);
  });

  it('adds the organisations that own referrals and are not in the directory, once', async () => {
    const [unknown, nameless] = [randomUUID(), randomUUID()];
    const texts = [
      captureText({ id: randomUUID(), organizationId: unknown, organizationName: 'Wingtip' }),
      captureText({ id: randomUUID(), organizationId: unknown, organizationName: 'Wingtip Toys' }),
      captureText({ id: randomUUID(), organizationId: nameless }),
    ];
    const expected = [
      { id: unknown, name: 'Wingtip' },
      { id: nameless, name: nameless },
    ];
    expect((await opened.store.transact(importReferrals, { texts })).newOrganizations).toEqual(expected);
    expect((await opened.store.transact(importReferrals, { texts })).newOrganizations).toEqual([]);
    const { organizations } = await opened.store.listDirectory();
    expect(organizations).toEqual(
      expect.arrayContaining(expected.map((row) => ({ ...row, isActive: true, tenantIds: [] }))),
    );
  });

  it('of nothing does nothing', async () => {
    expect(await opened.import()).toEqual([]);
  });

  it('survives names that mean something to JavaScript', async () => {
    const id = randomUUID();
    const text = `${captureText({ id }).slice(0, -1)},"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}`;
    expect(await opened.import(text)).toEqual(['added']);
    expect(await opened.import(text)).toEqual(['unchanged']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    const found = await opened.store.findReferral(contoso, id);
    expect(found?.document).toContain('"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}');
  });
});

describeOnEachEngine('loading an exchange', (engine) => {
  const opened = openStoreFor(engine);
  const contents = readSampleExchange();

  it('that holds something unreadable leaves nothing behind', async () => {
    const broken = { ...contents, referrals: [...contents.referrals, '{}'] };
    await expect(opened.store.transact(loadExchange, { name: 'broken', contents: broken })).rejects.toThrow(
      /cannot be read/,
    );
    expect((await opened.store.listDirectory()).organizations).toEqual([]);
    expect(await opened.store.findFact(loadedExchange)).toBeUndefined();
    expect(await opened.rows('select 1 as one from referrals')).toEqual([]);
  });

  it('happens once, however many try', async () => {
    const tries = Array.from({ length: 8 }, (_try, index) =>
      opened.store.transact(loadExchange, { name: `${index}`, contents }),
    );
    const done = await Promise.all(tries);
    expect(done.filter((isDone) => isDone)).toHaveLength(1);
    expect(await opened.store.findFact(loadedExchange)).toBe(`${done.indexOf(true)}`);
    expect(await opened.store.transact(loadExchange, { name: 'again', contents })).toBe(false);
    expect(await opened.rows('select 1 as one from referrals')).toHaveLength(contents.referrals.length);
  });

  describe('and closing and opening the store again', () => {
    it('finds everything', async () => {
      const before = {
        directory: await opened.store.listDirectory(),
        keys: (await opened.store.listSigningKeys()).map((key) => ({ ...key })),
        fact: await opened.store.findFact(loadedExchange),
        schemaNumber: opened.store.schemaNumber,
        referral: await opened.store.findReferral(contoso, 'c5fbb3b6-be74-4795-9fb5-4324c73fed37'),
        view: await opened.store.findView(contoso, '49d90c72-3326-4f61-aacc-2cb57970448c'),
      };
      await opened.reopen();
      expect(before.referral).toBeDefined();
      expect(before.view).toBeDefined();
      expect(before.keys).toHaveLength(1);
      expect({
        directory: await opened.store.listDirectory(),
        keys: (await opened.store.listSigningKeys()).map((key) => ({ ...key })),
        fact: await opened.store.findFact(loadedExchange),
        schemaNumber: opened.store.schemaNumber,
        referral: await opened.store.findReferral(contoso, 'c5fbb3b6-be74-4795-9fb5-4324c73fed37'),
        view: await opened.store.findView(contoso, '49d90c72-3326-4f61-aacc-2cb57970448c'),
      }).toEqual(before);
    });
  });
});
