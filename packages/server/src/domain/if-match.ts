import { type FailureDetail, failure } from '@cosell/model';
import type { Transaction } from '../store/store.ts';

/** The condition of a write. */
export interface Condition {
  /** If-Match as it was sent. */
  readonly ifMatch: string | undefined;
  /** Whether a tag without its quotes, or a weak one, is taken as well (`IF_MATCH=lenient`). */
  readonly isLenient: boolean;
}

/** Whether If-Match holds the current eTag: strong comparison, a list, or `*` (RFC 9110, section 13.1.1; decision 5). */
export function isMatched({ ifMatch, isLenient }: Condition, current: string): boolean {
  if (ifMatch === undefined || ifMatch.trim() === '*') return true;
  const tags: readonly string[] = ifMatch.match(/(?:W\/)?"[^"]*"/g) ?? [];
  if (tags.includes(current)) return true;
  return isLenient && (tags.includes(`W/${current}`) || bareTags(ifMatch).includes(bare(current)));
}

/**
 * Demands that the condition holds.
 *
 * @throws Failure `eTagMismatch`, whose details say how the tag differs and what the current one is
 */
export async function requireMatch(
  transaction: Transaction,
  condition: Condition,
  record: { readonly organizationId: string; readonly id: string; readonly eTag: string },
): Promise<void> {
  if (isMatched(condition, record.eTag)) return;
  throw failure('eTagMismatch', {}, { details: [await explain(transaction, condition.ifMatch ?? '', record)] });
}

async function explain(
  transaction: Transaction,
  ifMatch: string,
  { organizationId, id, eTag }: { readonly organizationId: string; readonly id: string; readonly eTag: string },
): Promise<FailureDetail> {
  const advice = `The current eTag is ${eTag}: send it in If-Match, with its quotes.`;
  const detail = (code: string, reason: string) => ({ code, target: 'If-Match', message: `${reason} ${advice}` });
  const tags: readonly string[] = ifMatch.match(/(?:W\/)?"[^"]*"/g) ?? [];
  if (tags.includes(`W/${eTag}`))
    return detail('eTagWeak', 'The tag is marked as weak by W/, and If-Match compares strongly.');
  if (bareTags(ifMatch).includes(bare(eTag)))
    return detail('eTagQuotesLost', 'The quotes belong to the eTag, and they are missing.');
  for (const tag of bareTags(ifMatch).slice(0, mostTags)) {
    if (!(await transaction.hadETag(organizationId, id, `"${tag}"`))) continue;
    return detail('eTagStale', 'The referral was changed after you read it. Read it again and decide anew.');
  }
  return detail('eTagOfAnother', 'This referral never had the tag; it may be the one of another referral.');
}

/** Tags that are looked up in the log; a client sends one. */
const mostTags = 5;

function bareTags(header: string): string[] {
  return header.split(',').map((tag) => bare(tag.trim().replace(/^W\//, '')));
}

/** Clients that build the header from JSON text sometimes keep its backslashes. */
function bare(tag: string): string {
  return tag.replace(/^(?:\\?")?/, '').replace(/(?:\\?")?$/, '');
}
