import { createHash, randomBytes } from 'node:crypto';

/** A secret that nobody can guess, and what is stored of it. It is shown once. */
export interface NewSecret {
  readonly text: string;
  /** SHA-256 in hexadecimal: it is random and as long as the hash, so nothing slower is needed. */
  readonly hash: string;
  /** Its first letters, by which its owner tells it from another. */
  readonly hint: string;
}

/** Makes a secret of 256 random bits. */
export function newSecret(): NewSecret {
  const text = randomBytes(32).toString('base64url');
  return { text, hash: secretHashOf(text), hint: text.slice(0, 3) };
}

/** What is stored of a secret. */
export function secretHashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
