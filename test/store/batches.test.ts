import { randomUUID } from 'node:crypto';
import { importReferrals } from '@cosell/server/domain/import-referrals';
import { expect, it } from 'vitest';
import { captureText } from '../support/captures.ts';
import { describeOnEachEngine, openAt } from '../support/engines.ts';
import { type Row, rowsOf } from './rows-of.ts';

const accepted = { status: 'Active', substatus: 'Accepted', type: 'Shared' };
const pending = { status: 'New', substatus: 'Pending', type: 'Shared' };
const fabrikam = '11111111-2222-4333-8444-555555555555';

/** What does not depend on when it was stored, of every table that an import writes. */
const stored = [
  `select organization_id, id, engagement_id, name, created_at, updated_at, status, customer_name from referrals
    order by organization_id, id`,
  `select organization_id, id, document, due_at, engagement_id from referral_documents
    order by organization_id, id`,
  `select organization_id, id, owner_organization_id, sharing, name, status, due_at from referral_views
    order by organization_id, id`,
  `select engagement_id, organization_id, referral_id, is_sender from engagement_members order by 1, 2, 3`,
  `select organization_id, referral_id, position, email, email_folded from referral_team_members order by 1, 2, 3`,
  `select organization_id, referral_id, position, email from referral_customer_contacts order by 1, 2, 3`,
  `select organization_id, referral_id, position, solution_id from referral_solutions order by 1, 2, 3`,
  `select organization_id, sequence, referral_id, kind, acted_by, document_before is null as is_first from changes
    order by 1, 2`,
  `select organization_id, last from change_sequences order by 1`,
  `select id, name from organizations order by 1`,
];

const team = (...names: string[]) => names.map((name) => ({ email: `${name}@Contoso.example` }));
const named = (places: number) => Array.from({ length: places }, () => randomUUID());

/** Captures that meet each other in every way that a batch can bring together. */
function meeting(): string[] {
  const [again, older, twice, due, ours, theirs, third, same, moved] = named(9);
  const [one, two, three, four, five, six, seven, eight] = named(8);
  const at = (day: number) => `2022-01-${String(day).padStart(2, '0')}T00:00:00Z`;
  const solutions = {
    customerProfile: { name: 'Fabrikam', team: team('o') },
    details: { requirements: { solutions: [{ id: 'one', type: 'Name', name: 'one' }] } },
  };
  return [
    // A newer one after an older one, with fewer items; then an older one, which changes nothing; then itself.
    { id: again, engagementId: one, updatedDateTime: at(1), team: team('a', 'b', 'c'), createdDateTime: at(1) },
    { id: again, engagementId: one, updatedDateTime: at(3), team: team('a', 'd'), createdDateTime: at(2) },
    { id: again, engagementId: one, updatedDateTime: at(2), team: team('e') },
    { id: again, engagementId: one, updatedDateTime: at(3), team: team('a', 'd'), createdDateTime: at(2) },
    { id: older, engagementId: two, updatedDateTime: at(5), name: 'newer' },
    { id: older, engagementId: two, updatedDateTime: at(4), name: 'older' },
    { id: twice, engagementId: three, updatedDateTime: at(1), ...solutions },
    { id: twice, engagementId: three, updatedDateTime: at(1), ...solutions },
    // Taken to another engagement, which a referral never is.
    { id: moved, engagementId: four, updatedDateTime: at(1) },
    { id: moved, engagementId: five, updatedDateTime: at(2) },
    // Three organisations in one engagement, one of which withdraws.
    { ...accepted, id: ours, engagementId: six, updatedDateTime: at(1), team: team('f') },
    { ...accepted, id: theirs, engagementId: six, updatedDateTime: at(1), organizationId: 'msft', team: team('g') },
    { ...accepted, id: third, engagementId: six, updatedDateTime: at(1), organizationId: fabrikam },
    {
      ...accepted,
      id: third,
      engagementId: six,
      updatedDateTime: at(2),
      organizationId: fabrikam,
      status: 'Closed',
      substatus: 'Declined',
    },
    { ...accepted, id: ours, engagementId: six, updatedDateTime: at(2), team: team('f', 'h') },
    // One id in two organisations: what was read of another's makes room for an own one.
    { ...accepted, id: randomUUID(), engagementId: seven, organizationId: 'msft' },
    { ...accepted, id: same, engagementId: seven, team: team('i') },
    { ...accepted, id: same, engagementId: seven, organizationId: 'msft', team: team('j', 'k') },
    // Over before it is stored: it is closed when the next record of its engagement comes.
    { ...pending, id: due, engagementId: eight, expirationDateTime: '2022-02-01T00:00:00Z' },
    { ...pending, id: randomUUID(), engagementId: eight, organizationId: 'msft' },
  ].map((capture) => captureText(capture));
}

/** A row as text. An eTag that the exchange has given is another one each time. */
function textOf(row: Row): string {
  const values = Object.values(row).map((value) => (value === null ? 'null' : String(value)));
  return values.map((value) => value.replace(/"eTag":"\\"[^"\\]*\\""/, '"eTag":null')).join('|');
}

/** More captures than a statement of PostgreSQL takes. */
function plain(): string[] {
  return Array.from({ length: 75 }, (_item, index) =>
    captureText({
      id: randomUUID(),
      engagementId: randomUUID(),
      name: `plain ${index}`,
      team: team(...['l', 'm', 'n'].slice(0, index % 4)),
    }),
  );
}

describeOnEachEngine('a batch of an import', (engine) => {
  /** What a new store holds after an import, and what became of each capture. */
  async function importInto(batches: readonly (readonly string[])[]) {
    const place = await engine.makePlace();
    const { store, close } = await openAt(place);
    try {
      const outcomes: string[] = [];
      for (const texts of batches) {
        outcomes.push(...(await store.transact(importReferrals, { texts, isLive: true })).outcomes);
      }
      const tables = [];
      for (const query of stored) tables.push((await rowsOf(place, query)).map(textOf));
      return { outcomes, tables };
    } finally {
      await close();
      await place.remove();
    }
  }

  it('stores what its captures store one by one', async () => {
    const [meet, others] = [meeting(), plain()];
    const apart = Array.from({ length: 15 }, (_batch, index) => others.slice(index * 5, index * 5 + 5));
    const oneByOne = await importInto([...meet.map((text) => [text]), ...apart]);
    expect(new Set(oneByOne.outcomes)).toEqual(
      new Set(['added', 'replaced', 'unchanged', 'newerKept', 'otherEngagement']),
    );
    expect(oneByOne.tables.every((rows) => rows.length > 0)).toBe(true);
    expect(await importInto([[...meet, ...others]])).toEqual(oneByOne);
  });

  it('stores nothing a second time', async () => {
    const texts = plain();
    const once = await importInto([texts]);
    const twice = await importInto([texts, texts]);
    expect(twice.tables).toEqual(once.tables);
    expect(twice.outcomes.slice(texts.length)).toEqual(texts.map(() => 'unchanged'));
  });
});
