import type { OrderKey, Predicate } from '@cosell/odata';
import type { StoredView } from './stored-referral.ts';

/** Which referrals a list has: what a caller may see and asks for. Leads from the marketplace are in none. */
export interface ListScope {
  readonly organizationId: string;
  /** What the caller reaches of his organisation's; undefined for all of it. */
  readonly reach: { readonly locations: readonly string[]; readonly teamEmail: string | undefined } | undefined;
  readonly filter: Predicate | undefined;
  /** The engagement whose other members' records are in the list too, as this organisation may read them. */
  readonly engagementId: string | undefined;
}

/** A part of a list. */
export interface ListPage {
  /** Keys to sort by; the last is the id, so that no two referrals stand at one place. */
  readonly order: readonly OrderKey[];
  /** The keys of the referral that the page comes after. */
  readonly after: readonly (string | null)[] | undefined;
  readonly skip: number;
  readonly limit: number;
}

/** One referral of a list. */
export interface ListedReferral extends Omit<StoredView, 'dueAt'> {
  readonly id: string;
  /** Its values of the keys that the list is sorted by, as text. */
  readonly keys: readonly (string | null)[];
}
