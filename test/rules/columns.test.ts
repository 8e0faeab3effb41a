import { existsSync, readFileSync } from 'node:fs';
import { childTables, enumerations, referralColumns } from '@cosell/model';
import { loadMigrations } from '@cosell/server/store/migrate';
import { describe, expect, it } from 'vitest';

const engines = ['sqlite', 'postgres'] as const;

/** The columns of every table, as a text of `create table` statements declares them. */
function tablesOf(text: string): Map<string, string[]> {
  const tables = [...text.matchAll(/^create table (\w+) \(\n([\s\S]*?)^\)/gm)];
  return new Map(
    tables.map(([, name = '', body = '']) => [
      name,
      body
        .split('\n')
        .map((line) => /^ {2}(\w+) /.exec(line)?.[1] ?? '')
        .filter((word) => !['', 'primary', 'constraint', 'foreign', 'unique', 'check'].includes(word)),
    ]),
  );
}

const migrationText = (engine: (typeof engines)[number]) =>
  loadMigrations(engine)
    .map(({ text }) => text)
    .join('\n');

const columnNames = referralColumns.map(({ name }) => name);

describe.each(engines)('the migrations for %s', (engine) => {
  const tables = tablesOf(migrationText(engine));

  it('have a column for every property that names one', () => {
    expect(tables.get('referrals')?.toSorted()).toEqual(columnNames.toSorted());
  });

  it('give the views of a referral the same columns', () => {
    const others = ['owner_organization_id', 'document', 'links_offset', 'etag', 'model_version'];
    expect(tables.get('referral_views')?.toSorted()).toEqual([...columnNames, ...others].toSorted());
  });

  it.each(childTables.map((table) => [table.name, table] as const))('have the columns of %s', (name, { columns }) => {
    const own = columns.map((column) => column.name);
    const folded = own.includes('email') ? ['email_folded'] : [];
    expect(tables.get(name)?.toSorted()).toEqual(
      ['organization_id', 'referral_id', 'position', ...own, ...folded].toSorted(),
    );
  });

  it('allow the statuses of the enumeration', () => {
    const [, allowed = ''] = /referrals_status_check check \(status in \(([^)]*)\)\)/.exec(migrationText(engine)) ?? [];
    expect(allowed.split(', ')).toEqual(enumerations.ReferralStatus.map((status) => `'${status}'`));
  });

  it('are numbered without a gap', () => {
    expect(loadMigrations(engine).map(({ number }) => number)).toEqual(
      loadMigrations(engine).map((_step, index) => index + 1),
    );
  });

  it('are what the committed schema shows', () => {
    const file = new URL(`../../packages/server/schema.${engine}.txt`, import.meta.url);
    expect(existsSync(file)).toBe(true);
    const dumped = readFileSync(file, 'utf8');
    for (const [table, columns] of tables) {
      for (const column of columns) expect(dumped).toMatch(new RegExp(`\\b${table}\\b[\\s\\S]*\\b${column}\\b`));
    }
  });
});

/** Steps that are about what only one engine has, or each in its own way. */
const ofOneEngine = ['row-security', 'search'];

describe('the migrations', () => {
  it('say the same for both engines, but for the names of types', () => {
    const plain = (text: string) =>
      text
        .replaceAll(' collate "C"', '')
        .replaceAll(/\b(smallint|bigint)\b/g, 'integer')
        .replaceAll(/\) strict(, without rowid)?;/g, ');')
        .replaceAll(/^select cosell_protect\(.*\n/gm, '');
    const sharedPart = (text: string) => text.split('-- For this engine alone.')[0] ?? '';
    const shared = (engine: (typeof engines)[number]) =>
      loadMigrations(engine)
        .filter(({ name }) => !ofOneEngine.includes(name))
        .map(({ text }) => sharedPart(text))
        .join('');
    expect(plain(shared('postgres'))).toBe(plain(shared('sqlite')));
  });

  it('have the same steps for both engines', () => {
    const steps = (engine: (typeof engines)[number]) =>
      loadMigrations(engine).map(({ number, name }) => `${number} ${name}`);
    expect(steps('postgres')).toEqual(steps('sqlite'));
  });
});

describe('the columns of the table', () => {
  it('have names of their own', () => {
    expect(new Set(columnNames).size).toBe(columnNames.length);
  });

  it('are there for every property that can be filtered or sorted', () => {
    expect(referralColumns.find(({ name }) => name === 'customer_country')?.path).toEqual([
      'customerProfile',
      'address',
      'country',
    ]);
    expect(childTables.map(({ name, path }) => [name, path.join('.')])).toEqual([
      ['referral_customer_contacts', 'customerProfile.team'],
      ['referral_solutions', 'details.requirements.solutions'],
      ['referral_team_members', 'team'],
    ]);
  });
});
