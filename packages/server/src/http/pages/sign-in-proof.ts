import type { Methods } from '../../identity/prove-user.ts';
import type { Seal } from './sealed.ts';

/** The cookie that says how far a sign-in has come in this browser. */
export const proofCookie = 'proof';

/** For so long what was proved holds while the next step is done. */
const holdsMs = 3_600_000;

/** How far a sign-in has come: the password is proved, and what follows is still to be done. */
export interface SignInProof {
  /** The sign-in that it belongs to. */
  readonly uid: string;
  readonly organizationId: string;
  readonly userName: string;
  readonly amr: Methods;
  /** When his credentials were last changed: a proof does not outlive them. */
  readonly changedAt: string;
  /** The secret of the second factor that is being set up. */
  readonly totpSecret?: string;
  readonly provedAtMs: number;
}

/** Writes a proof as the value of a cookie. */
export function sealProof(seal: Seal, proof: SignInProof): string {
  const text = Buffer.from(JSON.stringify(proof)).toString('base64url');
  return `${text}.${seal.mark('proof', text)}`;
}

/** Reads it back; undefined for another sign-in's, for a forged one and for one of yesterday. */
export function openProof(
  seal: Seal,
  cookie: string | undefined,
  { uid, nowMs }: { readonly uid: string; readonly nowMs: number },
): SignInProof | undefined {
  const [text = '', mark = ''] = (cookie ?? '').split('.');
  if (!seal.isMark('proof', text, mark)) return undefined;
  // Only this server seals, so the text is one that it wrote.
  const proof = JSON.parse(Buffer.from(text, 'base64url').toString()) as SignInProof;
  const isHeld = proof.uid === uid && nowMs >= proof.provedAtMs && nowMs - proof.provedAtMs <= holdsMs;
  return isHeld ? proof : undefined;
}
