import { createHmac, timingSafeEqual } from 'node:crypto';
import { failure } from '@cosell/model';

/** Where a walk through a list stands. It travels in `$skiptoken`, which only its own user can read back. */
export interface ListPosition {
  /** The options of the query, as they were sent. */
  readonly options: Readonly<Record<string, string>>;
  /** The keys of the last referral that was sent. */
  readonly after: readonly (string | null)[];
  /** The count of the first page; null where none is asked for. */
  readonly count: number | null;
  /** How many more `$top` asks for; null for all. */
  readonly remaining: number | null;
  /** What `maxpagesize` asked for; null where it did not. */
  readonly pageSize: number | null;
}

/** Whose token it is. */
export interface TokenHolder {
  readonly organizationId: string;
  readonly userName: string;
}

/** Writes a position as text that can be read and not changed, and not by anybody else (decision 20). */
export function formatSkipToken(position: ListPosition, holder: TokenHolder, key: string): string {
  const text = Buffer.from(JSON.stringify(position)).toString('base64url');
  return `${text}.${signatureOf(text, holder, key).toString('base64url')}`;
}

/**
 * Reads a position back.
 *
 * @throws Failure `skipTokenInvalid`, the same for a forged token as for another user's
 */
export function parseSkipToken(token: string, holder: TokenHolder, key: string): ListPosition {
  const [text = '', signature = '', ...others] = token.split('.');
  const wanted = signatureOf(text, holder, key);
  const given = Buffer.from(signature, 'base64url');
  // Several texts decode to the same bytes; only the one that was given out counts.
  const isWritten = others.length === 0 && given.toString('base64url') === signature;
  if (!isWritten || given.length !== wanted.length || !timingSafeEqual(given, wanted))
    throw failure('skipTokenInvalid');
  // Only this server signs, so the text is one that it wrote.
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as ListPosition;
}

function signatureOf(text: string, { organizationId, userName }: TokenHolder, key: string): Buffer {
  return createHmac('sha256', key)
    .update(JSON.stringify([organizationId, userName, text]))
    .digest();
}
