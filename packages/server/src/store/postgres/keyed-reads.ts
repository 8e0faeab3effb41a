import type pg from 'pg';
import { type FoundRow, foundUser } from '../directory.ts';
import type { FoundUser } from '../directory-entry.ts';
import { upToDateRow, type Versioned } from '../older-documents.ts';
import type { StoredReferral, StoredView } from '../stored-referral.ts';
import { Lookups } from './lookups.ts';
import { twice } from './server-trouble.ts';

interface DocumentRow extends Omit<StoredReferral, 'isMarketplaceLead'>, Versioned {
  readonly isMarketplaceLead: number;
}

const findReferrals = `select place, document, links_offset as "linksOffset", byte_length as "byteLength", etag as "eTag",
  engagement_id as "engagementId", mpn_id as "mpnId", is_marketplace_lead as "isMarketplaceLead", due_at as "dueAt",
  model_version as "modelVersion" from cosell_find_referrals($1, $2)`;

const findViews = `select place, document, links_offset as "linksOffset", byte_length as "byteLength", etag as "eTag",
  engagement_id as "engagementId", due_at as "dueAt", sharing, model_version as "modelVersion"
  from cosell_find_views($1, $2)`;

const findUsers = `select place, organization_id as "organizationId", name, tenant_id as "tenantId", subject, email,
  is_active as "isActive", organization_is_active as "isOrganizationActive", role, mpn_id as "mpnId"
  from cosell_find_users($1, $2)`;

const findAllowed = `select place from cosell_find_allowed($1, $2, $3)`;

/** Reads of one row by its key, each in one round trip that takes on its organisation, too. */
export class KeyedReads {
  readonly #referrals: Lookups<DocumentRow>;
  readonly #views: Lookups<StoredView & Versioned>;
  readonly #users: Lookups<FoundRow>;
  readonly #allowed: Lookups<object>;

  /** @param timeoutMs after how long without an answer a connection is taken for lost */
  constructor(pool: pg.Pool, timeoutMs: number) {
    this.#referrals = new Lookups(pool, findReferrals, { name: 'cosell_find_referrals', timeoutMs });
    this.#views = new Lookups(pool, findViews, { name: 'cosell_find_views', timeoutMs });
    this.#users = new Lookups(pool, findUsers, { name: 'cosell_find_users', timeoutMs });
    this.#allowed = new Lookups(pool, findAllowed, { name: 'cosell_find_allowed', timeoutMs });
  }

  async findReferral(organizationId: string, id: string): Promise<StoredReferral | undefined> {
    const [row] = await twice(() => this.#referrals.find(organizationId, id));
    return row && upToDateRow({ ...row, isMarketplaceLead: row.isMarketplaceLead === 1 });
  }

  async findView(readerOrganizationId: string, id: string): Promise<StoredView | undefined> {
    const [row] = await twice(() => this.#views.find(readerOrganizationId, id));
    return row && upToDateRow(row);
  }

  async findUser(tenantId: string, subject: string): Promise<FoundUser | undefined> {
    return foundUser(await twice(() => this.#users.find(tenantId, subject)));
  }

  async mayAct(clientId: string, { tenantId, subject }: { tenantId: string; subject: string }): Promise<boolean> {
    return (await twice(() => this.#allowed.find(clientId, tenantId, subject))).length > 0;
  }
}
