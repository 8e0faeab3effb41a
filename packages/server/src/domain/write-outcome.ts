import type { Warning } from '@cosell/model';
import type { DocumentText } from '../store/stored-referral.ts';

/** What a write came to: the referral as its caller reads it afterwards. Plain data, so that it can be kept. */
export interface WriteOutcome {
  readonly id: string;
  readonly engagementId: string;
  readonly eTag: string;
  /** The document without context and links. */
  readonly document: string;
  readonly linksOffset: number;
  readonly warnings: readonly Warning[];
  /** Whether a path was changed that the documented API has not (decision 14). */
  readonly usesExtension: boolean;
  /** Whether If-Match held only because its quotes and `W/` are overlooked (`IF_MATCH=lenient`). */
  readonly matchesLeniently: boolean;
  /** Whether it is the answer of an earlier request that is given again. */
  readonly isReplay: boolean;
}

/** An outcome without warnings, of a record or view. */
export function outcomeOf(
  { id, engagementId }: { id: string; engagementId: string },
  { document, linksOffset, eTag }: DocumentText | Omit<DocumentText, 'dueAt'>,
): WriteOutcome {
  const told = { warnings: [], usesExtension: false, matchesLeniently: false, isReplay: false };
  return { id, engagementId, eTag, document, linksOffset, ...told };
}
