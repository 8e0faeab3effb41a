import { failure } from '@cosell/model';
import type { Store, StoredView } from '../store/store.ts';
import type { AdmittedCaller } from './caller.ts';
import { canReach, canReachEngagement } from './visibility.ts';

/**
 * One referral as this caller may read it: his organisation's own, or the view of another member's.
 *
 * @throws Failure `outOfReach` for an own record beyond the caller's role; `referralNotFound`, the same
 * for a foreign record as for one that does not exist (decision 10); `marketplaceLeadNotSupported` (decision 11)
 */
export async function getReferral(store: Store, caller: AdmittedCaller, id: string): Promise<StoredView> {
  const owned = await store.findReferral(caller.organizationId, id);
  if (owned !== undefined) {
    if (!(await canReach(store, caller, { id, mpnId: owned.mpnId }))) throw failure('outOfReach');
    if (owned.isMarketplaceLead) throw failure('marketplaceLeadNotSupported');
    return owned;
  }
  const view = await store.findView(caller.organizationId, id);
  if (view !== undefined && (await canReachEngagement(store, caller, view.engagementId))) return view;
  throw failure('referralNotFound');
}
