import { failure, guidPattern } from '@cosell/model';
import { type HistoryEntry, listHistory, type PastState, withErased } from '../domain/history.ts';
import { collectionPath, linked, requireCaller } from './referrals.ts';
import type { Answer, Asked, Surface } from './route.ts';

/** GET of a referral's history: who changed it, when, through what, and what it was before and after. */
export async function answerHistory({ store, surroundings }: Surface, asked: Asked): Promise<Answer> {
  const given = asked.parameters.id ?? '';
  if (!guidPattern.test(given)) throw failure('malformedId');
  const id = given.toLowerCase();
  const { entries, read } = await listHistory(store, surroundings, requireCaller(asked), id);
  const state = (past: PastState | null) =>
    past === null ? 'null' : stateText(past, read.stored.engagementId, { id, origin: asked.origin });
  const items = entries.map(
    (entry) => `{${memberTexts(entry).join(',')},"before":${state(entry.before)},"after":${state(entry.after)}}`,
  );
  const context = `${asked.origin}${collectionPath}/$metadata#Collection(Cosell.Change)`;
  const body = `{"@odata.context":${JSON.stringify(context)},"@odata.count":${items.length},"value":[${items.join(',')}]}`;
  return { status: 200, body };
}

function memberTexts({ change }: HistoryEntry): string[] {
  const { sequence, occurredAt, kind, actedBy, actorOrganizationId, actorUserId, via, eTagAfter } = change;
  const by = { kind: actedBy, organizationId: actorOrganizationId, user: actorUserId };
  const members = { sequence, occurredDateTime: occurredAt, kind, by, via, eTag: eTagAfter };
  return Object.entries(members).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
}

function stateText(
  { document, linksOffset, erased }: PastState,
  engagementId: string,
  { id, origin }: { id: string; origin: string },
): string {
  const text = erased.length === 0 ? document : withErased(document, erased);
  return linked({ document: text, linksOffset, engagementId }, id, origin);
}
