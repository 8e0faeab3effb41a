/** Something that was done, or refused, and is on record. Kinds are added as there are more things to do. */
export type ActKind =
  | 'consentGranted'
  | 'consentWithdrawn'
  | 'directoryChanged'
  | 'erasureBegun'
  | 'erasureDone'
  | 'exported'
  | 'passwordChanged'
  | 'referralDeleted'
  | 'refreshTokenReused'
  | 'refused'
  | 'retentionBegun'
  | 'retentionDone'
  | 'sandboxActed'
  | 'secondFactorChanged'
  | 'signedIn'
  | 'signedOut'
  | 'signInFailed'
  | 'signingKeyAdded';

/** One record of the audit: never changed, and without personal data but for the subject of its actor's tokens. */
export interface Act {
  /** Text of 28 characters, by the machine's clock. */
  readonly occurredAt: string;
  readonly kind: ActKind;
  /** Who did it: a user, whoever runs the exchange, or the exchange itself. */
  readonly actedBy: 'operator' | 'user' | 'exchange';
  /** The organisation that it concerns; null for all of the exchange. */
  readonly organizationId: string | null;
  /** The subject of the tokens of the user who acted; null where none did. */
  readonly actor: string | null;
  /** The client of his token. */
  readonly via: string | null;
  /** The `request-id` of the answer. */
  readonly requestId: string | null;
  /** Keyed hash of whom or what it was done to; null where it was all of the exchange. */
  readonly subjectHash: string | null;
  /** JSON text: how much was done. */
  readonly details: string;
}

/** A record as it is read again; the numbers have no gap. */
export interface StoredAct extends Act {
  readonly sequence: number;
  /** Of this record and the hash of the one before it; empty for one from before there were hashes. */
  readonly hash: string;
}

/** Which records are asked for. What is undefined does not matter. */
export interface ActsAsked {
  readonly isNewestFirst: boolean;
  /** Only those behind the record with this number, in that order. */
  readonly behind?: number | undefined;
  /** How many at most. */
  readonly most: number;
  readonly organizationId?: string | undefined;
  readonly kind?: string | undefined;
  readonly actor?: string | undefined;
  /** From this instant on, as stored text. */
  readonly from?: string | undefined;
  /** Before this instant. */
  readonly to?: string | undefined;
  readonly subjectHash?: string | undefined;
}
