import { failure, guidPattern } from '@cosell/model';
import { annotate } from '../domain/annotations.ts';
import type { AdmittedCaller } from '../domain/caller.ts';
import { getReferralAsOf } from '../domain/history.ts';
import { getReferral } from '../domain/referrals.ts';
import type { StoredView } from '../store/stored-referral.ts';
import { isNotModified } from './conditional.ts';
import { readSelect } from './lists/list-query.ts';
import { readPreferences, wantsAnnotations } from './prefer.ts';
import type { Answer, Asked, Surface } from './route.ts';
import { selectionContext, selectionOf, selectMembers } from './selection.ts';

/** Where referrals live; links name it even when the request came by the alias (decision 1). */
export const collectionPath = '/v1.0/engagements/referrals';

/** GET by id: facts §13, decisions 2, 3, 5 and 10. */
export async function answerReferral(surface: Surface, asked: Asked): Promise<Answer> {
  const { store, surroundings, config } = surface;
  const given = asked.parameters.id ?? '';
  if (!guidPattern.test(given)) throw failure('malformedId');
  const id = given.toLowerCase();
  const select = readSelect(asked.options.$select);
  const asOf = asked.options.asof;
  const { stored, isOwn } =
    asOf === undefined
      ? await getReferral(store, surroundings, requireCaller(asked), id)
      : await getReferralAsOf(store, surroundings, requireCaller(asked), { id, asOf });
  const headers = ['ETag', stored.eTag];
  if (isNotModified(asked.header('if-none-match'), stored.eTag)) return { status: 304, headers };
  // What may be done now is no part of what was then.
  if (asOf === undefined && config.extensions && wantsAnnotations(readPreferences(asked.header('prefer')))) {
    const annotated = await annotate(store, stored, { isOwn, organizationId: requireCaller(asked).organizationId });
    const applied = [...headers, 'Preference-Applied', 'include-annotations="cosell.*"'];
    const text = addressed(annotated, id, asked.origin, select);
    const body = select === undefined ? text : selectMembers(text, selectionOf(select));
    return { status: 200, headers: applied, used: ['annotations'], body };
  }
  const body = addressed(stored, id, asked.origin, select);
  if (select !== undefined) return { status: 200, headers, body: selectMembers(body, selectionOf(select)) };
  // All that is added is ASCII, so a character of it is a byte.
  return { status: 200, headers, body, byteLength: stored.byteLength + body.length - stored.document.length };
}

/** Who asks; a route of referrals always has somebody. */
export function requireCaller({ caller }: Asked): AdmittedCaller {
  if (caller === undefined) throw new Error('a route without a caller reads referrals');
  return caller;
}

/** A document with the place where its links belong. */
type Linkable = Pick<StoredView, 'document' | 'linksOffset' | 'engagementId'>;

/** One referral as an answer of its own: with its context. */
export function addressed(stored: Linkable, id: string, origin: string, select?: readonly string[]): string {
  // The context takes the place of the opening brace.
  const context = `${origin}${collectionPath}/$metadata#Referrals${selectionContext(select)}/$entity`;
  return `{"@odata.context":"${context}",${linked(stored, id, origin).slice(1)}`;
}

/**
 * Puts links into a stored document, which is neither parsed nor written again. It stays text: copying it out of SQLite
 * as bytes and joining those was dearer.
 */
export function linked({ document, linksOffset, engagementId }: Linkable, id: string, origin: string): string {
  const collection = origin + collectionPath;
  const links =
    `"links":{"relatedReferrals":{"uri":"${collection}?$filter=engagementId eq '${engagementId}'","method":"GET"},` +
    `"self":{"uri":"${collection}/${id}","method":"GET"}},`;
  return document.slice(0, linksOffset) + links + document.slice(linksOffset);
}
