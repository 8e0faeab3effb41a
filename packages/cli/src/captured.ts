/** One referral as text, and where it begins in the file, both counted from 1. */
export interface CapturedRecord {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** A fault between the referrals, such as a comma too many. */
export interface FrameFault {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** What a piece of text completes. */
export type Captured = CapturedRecord | FrameFault;
