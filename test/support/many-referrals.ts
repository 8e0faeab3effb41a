import { join } from 'node:path';
import { SqliteDatabase } from '@cosell/server/store/sqlite/driver';
import pg from 'pg';
import type { Place } from './engines.ts';
import { organizations } from './sample.ts';

/** What the two engines spell differently, of a number `n`. */
interface Spelling {
  /** A table `numbers` of `n` from 1 to so many. */
  readonly numbers: (most: number) => string;
  readonly id: (digits: string) => string;
  readonly instant: (seconds: string) => string;
}

const sqlite: Spelling = {
  numbers: (most) => `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${most})`,
  id: (digits) => `printf('%08x-0000-4000-8000-%012x', ${digits}, ${digits})`,
  instant: (seconds) => `strftime('%Y-%m-%dT%H:%M:%S', ${seconds}, 'unixepoch') || '.0000000Z'`,
};

const postgres: Spelling = {
  numbers: (most) => `with numbers (n) as (select generate_series(1, ${most}::bigint))`,
  id: (digits) => `lpad(to_hex(${digits}), 8, '0') || '-0000-4000-8000-' || lpad(to_hex(${digits}), 12, '0')`,
  instant: (seconds) =>
    `to_char(to_timestamp(${seconds}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') || '.0000000Z'`,
};

/** One of several words, each as often as it stands there. */
const oneOf = (number: string, words: readonly string[]) =>
  `case ${number} % ${words.length} ${words.map((word, at) => `when ${at} then '${word}'`).join(' ')} end`;

/**
 * Puts so many referrals beside one that is there, each with a document and a team of two, some with a view. They differ in
 * all that is filtered and sorted by, and nine of ten are Contoso's. Written as rows, because commands would take minutes.
 */
export async function addManyReferrals(place: Place, model: string, most: number): Promise<void> {
  const { dataDir, databaseUrl } = place.at;
  if (databaseUrl === undefined) {
    const database = new SqliteDatabase(join(dataDir, 'cosell.db'));
    const named = database.prepare("select name from pragma_table_info('referrals')").all() as { name: string }[];
    database.exec(`begin; ${statements(sqlite, named, { model, most })}; commit`);
    database.close();
    return;
  }
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const question = "select column_name as name from information_schema.columns where table_name = 'referrals'";
  const { rows: named } = await client.query<{ name: string }>(question);
  await client.query(`begin; ${statements(postgres, named, { model, most })}; commit`);
  await client.end();
}

function statements(
  { numbers, id, instant }: Spelling,
  named: readonly { readonly name: string }[],
  { model, most }: { model: string; most: number },
): string {
  // One organisation has most of the rows, as in an exchange that a partner hosts for himself: the hardest for a planner.
  const organization = `case n % 10 when 0 then '${organizations.tailspin}' else '${organizations.contoso}' end`;
  const values: Readonly<Record<string, string>> = {
    organization_id: organization,
    id: id('n'),
    engagement_id: id('(n / 2)'),
    created_at: instant('1735689600 + n * 600'),
    updated_at: instant('1767225600 + (n * 7919) % 1000003'),
    status: oneOf('n', ['New', 'Active', 'Active', 'Closed', 'Closed', 'Closed']),
    substatus: oneOf('n', ['Pending', 'Accepted', 'Accepted', 'Won', 'Lost', 'Declined']),
    qualification: oneOf('(n / 6)', ['SalesQualified', 'SalesQualified', 'Direct', 'MarketingQualified']),
    type: oneOf('(n / 5)', ['Shared', 'Independent']),
    direction: oneOf('(n / 3)', ['Incoming', 'Outgoing', 'Outgoing']),
    customer_country: oneOf('(n / 2)', ['US', 'GB', 'DE', 'TR', 'US', 'JP', 'FR', 'US']),
    mpn_id: oneOf('(n / 7)', ['5512345', '5598765', '5511111', '5522222', '5533333', '5544444']),
    name: `'Deal ' || n`,
    deal_value: '((n * 104729) % 5000000) * 100',
  };
  const columns = named.map(({ name }) => name);
  const copied = columns.map((name) => values[name] ?? `model.${name}`).join(', ');
  const referrals = `insert into referrals (${columns.join(', ')}) ${numbers(most)}
    select ${copied} from numbers cross join referrals as model where model.id = '${model}'`;
  const documents = `insert into referral_documents (organization_id, id, document, links_offset, etag, engagement_id,
    mpn_id, is_marketplace_lead, model_version)
    select organization_id, id, '{}', 0, '"x"', engagement_id, mpn_id, 0, 1 from referrals where id <> '${model}'`;
  const reader = `case shown.organization_id when '${organizations.contoso}' then '${organizations.tailspin}'
    else '${organizations.contoso}' end`;
  const email = `'person.' || ((n * (member.at + 3)) % 997) || '@contoso.com'`;
  const members = `insert into referral_team_members (organization_id, referral_id, position, email, email_folded)
    ${numbers(most)}
    select ${organization}, ${id('n')}, member.at, ${email}, ${email}
    from numbers cross join (select 0 as at union all select 1) as member`;
  // One of sixteen is read by another organisation, most of them by Tailspin.
  const views = `insert into referral_views (${columns.join(', ')}, owner_organization_id, document, links_offset, etag,
    model_version)
    select ${columns.map((name) => (name === 'organization_id' ? reader : `shown.${name}`)).join(', ')},
    shown.organization_id, '{}', 0, '"x"', 1 from referrals as shown where shown.id like '%5'`;
  return [referrals, documents, members, views].join('; ');
}
