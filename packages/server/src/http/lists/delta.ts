import { Failure } from '@cosell/model';
import { type DeltaItem, listDelta } from '../../domain/delta.ts';
import { settleIfDue } from '../../domain/expiry.ts';
import { latestState } from '../../domain/list-referrals.ts';
import { readPageSize, readPreferences } from '../prefer.ts';
import { collectionPath, linked, requireCaller } from '../referrals.ts';
import type { Answer, Asked, Surface } from '../route.ts';
import { selectionContext, selectionOf, selectMembers } from '../selection.ts';
import { type DeltaPosition, formatDeltaToken, parseDeltaToken } from './delta-token.ts';
import { readListQuery } from './list-query.ts';
import { pageLimit } from './page-limit.ts';
import { refuseOthers, tokenKeyOf } from './signed-text.ts';
import { beginning, deltaLink, readTracking, trackedOptions } from './tracking.ts';

/** GET of the collection with `$deltatoken`: what has changed (OData Protocol 4.01, section 11.3). */
export async function answerDelta(surface: Surface, asked: Asked, token: string): Promise<Answer> {
  if (token === 'latest') return answerLatest(surface, asked);
  const { store, surroundings } = surface;
  const caller = requireCaller(asked);
  const key = await tokenKeyOf(store);
  const position = parseDeltaToken(token, caller, key);
  const { $deltatoken: _token, ...others } = asked.options;
  refuseOthers(others, position.options, '$deltatoken');
  // What falls due is a change as others are.
  const now = await settleIfDue(store, surroundings);
  const { filter, select } = readListQuery(position.options, now);
  const preferences = readPreferences(asked.header('prefer'));
  const preferred = readPageSize(preferences);
  const pageSize = preferred?.size ?? position.pageSize;
  const limit = pageLimit({ top: undefined, remaining: null, pageSize });
  const { since, place, options } = position;
  const question = { filter, since, place: place ?? undefined, limit, now };
  const { items, next, until } = await listDelta(store, caller, question).catch((error: unknown) => {
    throw withBeginning(error, position, asked.origin);
  });
  const link =
    next === undefined
      ? `"@odata.deltaLink":"${deltaLink({ options, since: until, pageSize }, asked.origin, caller, key)}"`
      : `"@odata.nextLink":"${nextLink({ options, since, place: next, pageSize })}"`;
  return {
    status: 200,
    headers: appliedHeader(preferred?.applied, readTracking(preferences)),
    body: bodyOf(items, { origin: asked.origin, select, link }),
  };

  function nextLink(there: DeltaPosition): string {
    return `${asked.origin}${collectionPath}?$deltatoken=${formatDeltaToken(there, caller, key)}`;
  }
}

/** `$deltatoken=latest`: a delta link from now on, without the list. */
async function answerLatest({ store, surroundings }: Surface, asked: Asked): Promise<Answer> {
  const caller = requireCaller(asked);
  const options = trackedOptions(asked.options);
  const now = await settleIfDue(store, surroundings);
  const { filter, select } = readListQuery(asked.options, now);
  const since = await latestState(store, caller, { filter, now });
  const preferences = readPreferences(asked.header('prefer'));
  const preferred = readPageSize(preferences);
  const headers = appliedHeader(preferred?.applied, readTracking(preferences));
  const position = { options, since, pageSize: preferred?.size ?? null };
  const link = `"@odata.deltaLink":"${deltaLink(position, asked.origin, caller, await tokenKeyOf(store))}"`;
  return { status: 200, headers, body: bodyOf([], { origin: asked.origin, select, link }) };
}

function appliedHeader(...preferences: readonly (string | undefined)[]): string[] {
  const applied = preferences.filter((one) => one !== undefined);
  return applied.length === 0 ? [] : ['Preference-Applied', applied.join(', ')];
}

/** Says where to begin again. */
function withBeginning(error: unknown, position: DeltaPosition, origin: string): unknown {
  if (!(error instanceof Failure) || error.kind !== 'changesUnknown') return error;
  return new Failure(error.kind, { ...error.slots, location: beginning(position, origin) });
}

interface Around {
  readonly origin: string;
  readonly select: readonly string[] | undefined;
  /** The member that leads on. */
  readonly link: string;
}

function bodyOf(items: readonly DeltaItem[], { origin, select, link }: Around): string {
  const metadata = `${origin}${collectionPath}/$metadata`;
  const selection = select === undefined ? undefined : selectionOf(select);
  const texts = items.map((item) => {
    if (item.kind === 'removed') return removedText(item, metadata);
    const text = linked(item.referral, item.referral.id, origin);
    return selection === undefined ? text : selectMembers(text, selection);
  });
  return `{"@odata.context":"${metadata}#Referrals${selectionContext(select)}/$delta","value":[${texts.join(',')}],${link}}`;
}

/**
 * A referral that left the list. Answers have `OData-Version: 4.0`, in which it is known by its context and has its
 * entity-id and the reason beside it (OData JSON Format 4.01, section 15.2). Relative to that context, the id alone is the
 * entity-id; so it is also what a client keeps referrals by. `@odata.removed` is for those that know 4.01 only.
 */
function removedText({ id, reason }: Extract<DeltaItem, { kind: 'removed' }>, metadata: string): string {
  const context = `${metadata}#Referrals/$deletedEntity`;
  return JSON.stringify({ '@odata.context': context, '@odata.removed': { reason }, id, reason });
}
