import { hash } from 'node:crypto';

/** A token as it was sent, and the hash under which its proof is remembered. */
export interface AccessToken {
  readonly text: string;
  readonly fingerprint: string;
}

/** Takes the fingerprint of a token: SHA-256, so that the memory of proofs holds no tokens. */
export function fingerprinted(text: string): AccessToken {
  return { text, fingerprint: hash('sha256', text, 'base64') };
}
