import type { SharingLevel } from '@cosell/model';

/** Everything needed to answer a request by id. */
export interface StoredReferral {
  /** The document without context and links. */
  readonly document: string;
  /** Where the links belong, in UTF-16 units. */
  readonly linksOffset: number;
  /** Bytes of the document in UTF-8. */
  readonly byteLength: number;
  readonly eTag: string;
  readonly engagementId: string;
  readonly mpnId: string | null;
  readonly isMarketplaceLead: boolean;
  /** When the exchange closes it, text of 28 characters; null when it waits for nothing. */
  readonly dueAt: string | null;
}

/** What a member of an engagement reads of another's referral. */
export interface StoredView
  extends Pick<StoredReferral, 'document' | 'linksOffset' | 'byteLength' | 'eTag' | 'engagementId' | 'dueAt'> {
  /** How much the reader is shown; an own record is shown whole and has none. */
  readonly sharing?: SharingLevel;
}

/** One's own record in an engagement. */
export interface OwnRecord {
  readonly id: string;
  readonly mpnId: string | null;
}

/** A stored document as text. */
export interface DocumentText {
  readonly document: string;
  readonly linksOffset: number;
  readonly eTag: string;
  readonly dueAt: string | null;
}

/** A stored view as text. */
export interface ViewText extends DocumentText {
  readonly sharing: SharingLevel;
}

/** A record that is to be closed. */
export interface DueRecord {
  readonly organizationId: string;
  readonly id: string;
  readonly engagementId: string;
}

/** One record of an engagement, or a sender of one. */
export interface EngagementMember {
  readonly organizationId: string;
  readonly id: string;
  /** Whether the organisation has sent this record instead of owning it. */
  readonly isSender: boolean;
}

/** A value of a column. */
export type ColumnValue = string | number | bigint | null;

/** A referral, ready to be stored. */
export interface ReferralRecord extends DocumentText {
  readonly organizationId: string;
  readonly id: string;
  readonly engagementId: string;
  readonly mpnId: string | null;
  readonly isMarketplaceLead: boolean;
  readonly modelVersion: number;
  /** Values of the columns that `storedColumns` names, in its order. */
  readonly columns: readonly ColumnValue[];
  /** Rows of each of the child tables, in the order of `storedChildren`. */
  readonly children: readonly (readonly (readonly ColumnValue[])[])[];
}

/** A view of a referral, ready to be stored for one reader. */
export interface ViewRecord extends ReferralRecord {
  readonly readerOrganizationId: string;
  readonly sharing: SharingLevel;
}

/** A record to be stored. One that is new has nothing to be taken away. */
export interface Put<StoredRecord> {
  readonly record: StoredRecord;
  readonly isNew: boolean;
}
