import { createHmac, timingSafeEqual } from 'node:crypto';
import { failure } from '@cosell/model';
import { skipTokenKey } from '../../domain/skip-token-key.ts';
import type { Store } from '../../store/store.ts';

/** Whose token it is. */
export interface TokenHolder {
  readonly organizationId: string;
  readonly userName: string;
}

/** The options that carry such a token. One that was given out as the one is not the other. */
export type TokenKind = '$skiptoken' | '$deltatoken';

/** Writes a value as text that can be read and not changed, and not used by anybody else (decision 20). */
export function signText(kind: TokenKind, value: unknown, holder: TokenHolder, key: string): string {
  const text = Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${text}.${signatureOf(kind, text, holder, key).toString('base64url')}`;
}

/** Reads it back; undefined, the same for a forged text as for another user's. */
export function readSigned(kind: TokenKind, token: string, holder: TokenHolder, key: string): unknown {
  const [text = '', signature = '', ...others] = token.split('.');
  const wanted = signatureOf(kind, text, holder, key);
  const given = Buffer.from(signature, 'base64url');
  // Several texts decode to the same bytes; only the one that was given out counts.
  const isWritten = others.length === 0 && given.toString('base64url') === signature;
  if (!isWritten || given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
  // Only this server signs, so the text is one that it wrote.
  return JSON.parse(Buffer.from(text, 'base64url').toString());
}

/** The key that tokens are signed by, in every process and after a restart. */
export async function tokenKeyOf(store: Store): Promise<string> {
  const key = await store.findFact(skipTokenKey);
  if (key === undefined) throw new Error('an exchange was opened without a key for skip tokens');
  return key;
}

/**
 * Refuses options beside a token, which carries the whole query: the same ones may be sent again, others not.
 *
 * @throws Failure `skipTokenMismatch`
 */
export function refuseOthers(
  others: Readonly<Record<string, string>>,
  carried: Readonly<Record<string, string>>,
  token: TokenKind,
): void {
  for (const [option, value] of Object.entries(others)) {
    if (carried[option] !== value) throw failure('skipTokenMismatch', { option, token });
  }
}

function signatureOf(kind: TokenKind, text: string, { organizationId, userName }: TokenHolder, key: string): Buffer {
  return createHmac('sha256', key)
    .update(JSON.stringify([kind, organizationId, userName, text]))
    .digest();
}
