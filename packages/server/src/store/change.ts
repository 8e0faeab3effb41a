/** What happened: to a record of the organisation, or to what it reads of another's (`related…`). */
export type ChangeKind =
  | 'imported'
  | 'reimported'
  | 'created'
  | 'changed'
  | 'expired'
  /** A person was blanked in it. */
  | 'erased'
  /** The operator removed it; nothing is kept of it. */
  | 'deleted'
  | 'relatedCreated'
  | 'relatedChanged'
  | 'relatedRemoved';

/** Changes before which there was nothing. */
export const beginnings: ReadonlySet<ChangeKind> = new Set(['created', 'imported', 'relatedCreated']);

/** Changes after which there is nothing any more. */
export const ends: ReadonlySet<ChangeKind> = new Set(['deleted', 'relatedRemoved']);

/** Who acted: a user, the exchange itself, the operator, or the sandbox in another party's place. */
export type Actor = 'user' | 'exchange' | 'operator' | 'sandbox';

/** One change as it is read again. */
export interface StoredChange extends Omit<Change, 'organizationId' | 'referralId'> {
  readonly sequence: number;
}

/** One change of one referral. */
export interface Change {
  readonly organizationId: string;
  readonly referralId: string;
  /** Text of 28 characters. */
  readonly occurredAt: string;
  readonly kind: ChangeKind;
  readonly actedBy: Actor;
  readonly actorOrganizationId: string | null;
  readonly actorUserId: string | null;
  /** The client, as it named itself. */
  readonly via: string | null;
  readonly eTagAfter: string;
  /** The document as it was before; null when it was created. */
  readonly documentBefore: string | null;
}
