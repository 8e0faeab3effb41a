import type { Ledger } from './load.ts';
import type { Tables } from './tables.ts';

/** What was acknowledged and is not there, and what is there twice. */
export function lossesOf(tables: Tables, ledger: Ledger): string[] {
  const values = (table: string, column: string) => (tables[table] ?? []).map((row) => String(row[column]));
  const versions = new Set((tables.changes ?? []).map((row) => `${row.referral_id} ${row.etag_after}`));
  const ids = new Set(values('referral_documents', 'id'));
  const organizations = new Set(values('organizations', 'id'));
  const names = new Map<string, number>();
  for (const name of values('referrals', 'name')) names.set(name, (names.get(name) ?? 0) + 1);
  return [
    ...[...ledger.versions].filter((version) => !versions.has(version)).map((version) => `lost: ${version}`),
    ...[...ledger.imported].filter((id) => !ids.has(id)).map((id) => `lost: the import of ${id}`),
    ...[...ledger.organizations].filter((id) => !organizations.has(id)).map((id) => `lost: the organisation ${id}`),
    ...[...ledger.created]
      .filter((name) => names.get(name) !== 1)
      .map((name) => `${name} is there ${names.get(name) ?? 0} times`),
  ];
}
