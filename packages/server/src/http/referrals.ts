import { failure, guidPattern } from '@cosell/model';
import type { AdmittedCaller } from '../domain/caller.ts';
import { getReferral } from '../domain/referrals.ts';
import type { StoredView } from '../store/store.ts';
import { isNotModified } from './conditional.ts';
import type { Answer, Asked, Surface } from './route.ts';

/** Where referrals live; links name it even when the request came by the alias (decision 1). */
const collectionPath = '/v1.0/engagements/referrals';

/** GET by id: facts §13, decisions 2, 3, 5 and 10. */
export async function answerReferral({ store }: Surface, asked: Asked): Promise<Answer> {
  const given = asked.parameters.id ?? '';
  if (!guidPattern.test(given)) throw failure('malformedId');
  const id = given.toLowerCase();
  const stored = await getReferral(store, requireCaller(asked), id);
  const headers = ['ETag', stored.eTag];
  if (isNotModified(asked.header('if-none-match'), stored.eTag)) return { status: 304, headers };
  const body = addressed(stored, id, asked.origin);
  // All that is added is ASCII, so a character of it is a byte.
  return { status: 200, headers, body, byteLength: stored.byteLength + body.length - stored.document.length };
}

/** This version has no list, and says so. */
export function refuseList(): never {
  throw failure('listNotImplemented');
}

function requireCaller({ caller }: Asked): AdmittedCaller {
  if (caller === undefined) throw new Error('a route without a caller reads referrals');
  return caller;
}

/**
 * Puts context and links into a stored document, which is neither parsed nor written again. It stays text: copying
 * it out of SQLite as bytes and joining those was dearer.
 */
function addressed({ document, linksOffset, engagementId }: StoredView, id: string, origin: string): string {
  const collection = origin + collectionPath;
  const context = `{"@odata.context":"${collection}/$metadata#Referrals/$entity",`;
  const links =
    `"links":{"relatedReferrals":{"uri":"${collection}?$filter=engagementId eq '${engagementId}'","method":"GET"},` +
    `"self":{"uri":"${collection}/${id}","method":"GET"}},`;
  // The context takes the place of the opening brace.
  return context + document.slice(1, linksOffset) + links + document.slice(linksOffset);
}
