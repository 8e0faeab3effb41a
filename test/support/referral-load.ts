import { randomUUID } from 'node:crypto';
import type { Operations } from '@cosell/server';
import { captureText } from './captures.ts';

/** Imports some referrals of Contoso's with new ids, and gives those. */
export async function importSome(operations: Pick<Operations, 'importReferrals'>, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  const texts = ids.map((id) => captureText({ id, engagementId: randomUUID(), details: { notes: 'n'.repeat(2_000) } }));
  for (let at = 0; at < texts.length; at += 100) await operations.importReferrals({ texts: texts.slice(at, at + 100) });
  return ids;
}
