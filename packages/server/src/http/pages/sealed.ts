import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Store } from '../../store/store.ts';
import { tokenKeyOf } from '../lists/signed-text.ts';

/** What a sealed text is for: one that was sealed for one thing is not good for another. */
export type SealPurpose = 'form' | 'proof';

/** Seals texts that leave the server and come back, for every process and beyond a restart. */
export interface Seal {
  /** What shows that a text is ours, and for what. */
  mark(purpose: SealPurpose, text: string): string;
  /** Whether a mark is the one of a text; it takes alike wherever they differ. */
  isMark(purpose: SealPurpose, text: string, mark: string): boolean;
}

/** The seal of an exchange. */
export async function sealOf(store: Store): Promise<Seal> {
  const key = await tokenKeyOf(store);
  const bytesOf = (purpose: SealPurpose, text: string) =>
    createHmac('sha256', key)
      .update(JSON.stringify(['page', purpose, text]))
      .digest();
  return {
    mark: (purpose, text) => bytesOf(purpose, text).toString('base64url'),
    isMark(purpose, text, mark) {
      const [wanted, given] = [bytesOf(purpose, text), Buffer.from(mark, 'base64url')];
      return given.length === wanted.length && timingSafeEqual(given, wanted);
    },
  };
}
