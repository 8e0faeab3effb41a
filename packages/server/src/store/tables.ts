/** Which part of an exchange a table holds. */
export type Part = 'referrals' | 'directory' | 'exchange';

/** A table of the schema, alike on both engines. */
export interface Table {
  readonly name: string;
  /** Columns of the primary key, in its order. */
  readonly key: readonly string[];
  readonly part: Part;
}

/**
 * Every table of the schema, each after those that it refers to. Whatever has to reach all data reads this: clean-up,
 * moving house, row-level security (`test/store/schema.test.ts` compares it with both engines).
 */
export const tables: readonly Table[] = [
  { name: 'organizations', key: ['id'], part: 'directory' },
  { name: 'tenants', key: ['id'], part: 'directory' },
  { name: 'locations', key: ['organization_id', 'mpn_id'], part: 'directory' },
  { name: 'users', key: ['organization_id', 'name'], part: 'directory' },
  { name: 'role_assignments', key: ['organization_id', 'user_name', 'role', 'mpn_id'], part: 'directory' },
  { name: 'clients', key: ['client_id'], part: 'directory' },
  { name: 'client_secrets', key: ['client_id', 'id'], part: 'directory' },
  { name: 'consents', key: ['organization_id', 'user_name', 'client_id'], part: 'directory' },
  { name: 'invitations', key: ['organization_id', 'id'], part: 'directory' },
  { name: 'routing_rules', key: ['organization_id', 'solution_id', 'country'], part: 'directory' },
  { name: 'referrals', key: ['organization_id', 'id'], part: 'referrals' },
  { name: 'referral_documents', key: ['organization_id', 'id'], part: 'referrals' },
  { name: 'referral_views', key: ['organization_id', 'id'], part: 'referrals' },
  { name: 'referral_team_members', key: ['organization_id', 'referral_id', 'position'], part: 'referrals' },
  { name: 'referral_customer_contacts', key: ['organization_id', 'referral_id', 'position'], part: 'referrals' },
  { name: 'referral_solutions', key: ['organization_id', 'referral_id', 'position'], part: 'referrals' },
  { name: 'referral_search', key: ['organization_id', 'referral_id', 'position'], part: 'referrals' },
  { name: 'engagement_members', key: ['engagement_id', 'organization_id', 'referral_id'], part: 'referrals' },
  { name: 'changes', key: ['organization_id', 'sequence'], part: 'referrals' },
  { name: 'change_sequences', key: ['organization_id'], part: 'referrals' },
  { name: 'kept_answers', key: ['organization_id', 'user_name', 'target', 'request_id'], part: 'referrals' },
  { name: 'acts', key: ['sequence'], part: 'exchange' },
  { name: 'credentials', key: ['organization_id', 'user_name'], part: 'exchange' },
  { name: 'provider_records', key: ['model', 'id'], part: 'exchange' },
  { name: 'signing_keys', key: ['kid'], part: 'exchange' },
  { name: 'exchange_facts', key: ['name'], part: 'exchange' },
];

/** Tables of one part, those that others refer to last: the order in which they can be emptied. */
export function tablesOf(part: Part): Table[] {
  return tables.filter((table) => table.part === part).reverse();
}

/** Whether rows of a table belong to organisations, so that none may read another's. */
export function hasRowsOfTenants({ key }: Table): boolean {
  return key.includes('organization_id');
}
