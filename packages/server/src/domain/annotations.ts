import { capabilitiesOf, dealTypeOf, readStored } from '@cosell/model';
import type { Store } from '../store/store.ts';
import type { StoredView } from '../store/stored-referral.ts';

/**
 * Adds to a document what its reader may do now and, for each thing that he may not, the rule and the reason; and the
 * kind of deal that it is. The rules are those that decide the write.
 */
export async function annotate(
  store: Store,
  stored: StoredView,
  { isOwn, organizationId }: { readonly isOwn: boolean; readonly organizationId: string },
): Promise<Pick<StoredView, 'document' | 'linksOffset' | 'engagementId'>> {
  const referral = readStored(stored.document);
  const actions = capabilitiesOf(referral, isOwn);
  const { engagementId } = stored;
  // Whoever only looks on, or has sent a lead, has no record of his own: what he reads decides, not what he may not see.
  const hasOthers = isOwn
    ? await store.hasViews(organizationId, engagementId)
    : (await store.findOwnRecords(organizationId, engagementId)).length > 0;
  const dealType = dealTypeOf(referral, hasOthers);
  const annotations = `"@cosell.dealType":${JSON.stringify(dealType)},"@cosell.actions":${JSON.stringify(actions)}`;
  const { document, linksOffset } = stored;
  return { document: `${document.slice(0, -1)},${annotations}}`, linksOffset, engagementId };
}
