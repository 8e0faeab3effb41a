import { settleIfDue } from '../../domain/expiry.ts';
import { listReferrals, totalOrder } from '../../domain/list-referrals.ts';
import { requireSearchTexts } from '../../domain/search-texts.ts';
import { requireCaller } from '../referrals.ts';
import type { Answer, Asked, Surface } from '../route.ts';
import { warningHeaders } from '../warnings.ts';
import { readListQuery } from './list-query.ts';

/** A list of which nothing is read: what is left of it is its count. */
const nothingOfIt = {
  order: totalOrder([]),
  after: undefined,
  skip: 0,
  limit: 0,
  isCounted: true,
  tracking: undefined,
} as const;

/** GET of `/$count`: how many the list has, as text (OData 4.01, section 11.2.10). */
export async function answerCount({ store, surroundings }: Surface, asked: Asked): Promise<Answer> {
  const caller = requireCaller(asked);
  const now = await settleIfDue(store, surroundings);
  if (asked.options.$search !== undefined) await requireSearchTexts(store);
  const { filter, warnings } = readListQuery(asked.options, now);
  const { count } = await listReferrals(store, caller, { ...nothingOfIt, filter });
  return { status: 200, headers: warningHeaders(warnings), mediaType: 'text/plain', body: String(count) };
}
