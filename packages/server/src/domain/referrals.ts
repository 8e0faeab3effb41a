import { failure } from '@cosell/model';
import type { Store, Surroundings } from '../store/store.ts';
import type { StoredReferral, StoredView } from '../store/stored-referral.ts';
import type { AdmittedCaller } from './caller.ts';
import { isOverdue, settleDue } from './expiry.ts';
import { canReach, canSeeView, outOfReach } from './visibility.ts';

/** A referral that was read, and whether it is the caller's organisation's own. */
export interface ReadReferral {
  readonly stored: StoredView;
  readonly isOwn: boolean;
}

/** What a read needs: the store, and the time, because a referral may have expired since it was stored. */
type Clocked = Pick<Surroundings, 'clock'>;

/**
 * One referral as this caller may read it: his organisation's own, or the view of another member's.
 *
 * @throws Failure `locationOutOfReach` or `notOnTeam` for an own record beyond the caller's role; `referralNotFound`, the same
 * for a foreign record as for one that does not exist (decision 10); `marketplaceLeadNotSupported` (decision 11)
 */
export async function getReferral(
  store: Store,
  clocked: Clocked,
  caller: AdmittedCaller,
  id: string,
): Promise<ReadReferral> {
  const owned = await findOwn(store, clocked, caller, id);
  if (owned !== undefined) return { stored: owned, isOwn: true };
  const view = await store.findView(caller.organizationId, id);
  if (view === undefined || !(await canSeeView(store, caller, view.engagementId))) throw failure('referralNotFound');
  if (!(await isOverdue(store, clocked, view))) return { stored: view, isOwn: false };
  await settleDue(store);
  const settled = await store.findView(caller.organizationId, id);
  if (settled === undefined) throw failure('referralNotFound');
  return { stored: settled, isOwn: false };
}

/**
 * A referral that this caller may write.
 *
 * @throws Failure as `getReferral`, and `notTheOwner` for what he reads and does not own (decision 10)
 */
export async function findWritable(
  store: Store,
  clocked: Clocked,
  caller: AdmittedCaller,
  id: string,
): Promise<StoredReferral> {
  const owned = await findOwn(store, clocked, caller, id);
  if (owned !== undefined) return owned;
  await getReferral(store, clocked, caller, id);
  throw failure('notTheOwner');
}

async function findOwn(
  store: Store,
  clocked: Clocked,
  caller: AdmittedCaller,
  id: string,
): Promise<StoredReferral | undefined> {
  const owned = await store.findReferral(caller.organizationId, id);
  if (owned === undefined) return undefined;
  if (!(await canReach(store, caller, { id, mpnId: owned.mpnId }))) throw outOfReach(caller);
  if (owned.isMarketplaceLead) throw failure('marketplaceLeadNotSupported');
  if (!(await isOverdue(store, clocked, owned))) return owned;
  // Whatever is there now is the answer: another process whose clock is behind may not think it due.
  await settleDue(store);
  return store.findReferral(caller.organizationId, id);
}
