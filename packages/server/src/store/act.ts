/** Something that was done to the exchange as a whole. Kinds are added as there are more things to do. */
export type ActKind = 'erasureBegun' | 'erasureDone' | 'referralDeleted' | 'retentionBegun' | 'retentionDone';

/** One record of the audit: never changed, and without personal data. */
export interface Act {
  /** Text of 28 characters, by the machine's clock. */
  readonly occurredAt: string;
  readonly kind: ActKind;
  readonly actedBy: 'operator';
  /** Keyed hash of whom or what it was done to; null where it was all of the exchange. */
  readonly subjectHash: string | null;
  /** JSON text: how much was done. */
  readonly details: string;
}

/** A record as it is read again; the numbers have no gap. */
export interface StoredAct extends Act {
  readonly sequence: number;
}
