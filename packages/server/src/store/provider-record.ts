/** Something that the built-in provider remembers: a session, a grant, a code, a refresh token, an interaction. */
export interface ProviderRecord {
  /** What it is, by the provider's own name. */
  readonly model: string;
  /** SHA-256 of its id, in base64url: who reads the store can open nothing by it. */
  readonly id: string;
  /** JSON, without its id and end. */
  readonly payload: string;
  /** The grant that it belongs to; when that is revoked, it goes. */
  readonly grantId: string | null;
  /** What a person types for a device. */
  readonly userCode: string | null;
  /** The other name of a session, which opens nothing. */
  readonly uid: string | null;
  /** Seconds since 1970; null for what does not end by itself. */
  readonly expiresAt: number | null;
  /** When it was used up, likewise; null until then. */
  readonly consumedAt: number | null;
}
