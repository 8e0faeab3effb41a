import type { StoredChange } from './change.ts';
import type { EngagementMember, ViewText } from './stored-referral.ts';

/** A document as a sweep meets it. */
export interface SweptDocument {
  readonly id: string;
  readonly engagementId: EngagementMember['id'];
  readonly document: string;
}

/** A view as a sweep meets it. */
export interface SweptView extends SweptDocument, Pick<ViewText, 'dueAt' | 'sharing'> {
  readonly ownerOrganizationId: string;
}

/** What a change keeps of the past. */
export interface PastDocument extends Pick<StoredChange, 'sequence' | 'actorOrganizationId' | 'actorUserId' | 'via'> {
  /** The document as it was before, as this model writes it; null where there is none. */
  readonly document: string | null;
  /** Whether it is stored as an older model wrote it. */
  readonly isOlder: boolean;
}
