import {
  type BodyReading,
  failure,
  guidPattern,
  isOpen,
  type ReferralOperation,
  readNewReferral,
  readPatch,
  readStored,
  reviewDecisions,
  transitions,
} from '@cosell/model';
import { changeReferral, type WantedChange } from '../../domain/change-referral.ts';
import { createReferral } from '../../domain/create-referral.ts';
import { type Acting, microsoft } from '../../domain/engagements.ts';
import { settleIfDue } from '../../domain/expiry.ts';
import { invalidBody } from '../../domain/refusals.ts';
import type { Review } from '../../domain/registrations.ts';
import { inPlaceOf } from '../../domain/visibility.ts';
import type { WriteOutcome } from '../../domain/write-outcome.ts';
import type { Store } from '../../store/store.ts';
import { JsonOrder } from '../json-order.ts';
import { linked } from '../referrals.ts';
import type { Answer, Asked, Surface } from '../route.ts';

/** What another party does: the transitions of the life cycle by their names, and the rest. */
const transitionActs = ['acknowledge', 'accept', 'decline', 'win', 'lose', 'closeAsError'] as const;

/** Every act of another party. */
export const acts = ['send', 'edit', ...transitionActs, 'reviewRegistration', 'reviewException'] as const;

/** What may go with an act. */
export const actMembers = [
  'referral',
  'engagement',
  'reason',
  'patch',
  'body',
  'decision',
  'microsoftMsxId',
  'team',
] as const;

type Act = (typeof acts)[number];

/** An act, read. */
interface ActOrder {
  readonly organizationId: string;
  /** Whose records may be acted on: the organisation's own, or for Microsoft's reviews any partner's. */
  readonly owners: readonly string[];
  readonly act: Act;
  readonly order: JsonOrder;
  readonly referralId: string | undefined;
  readonly engagementId: string | undefined;
}

/**
 * POST of an act in another party's place, such as Microsoft accepting (decision 36). It goes by the same rules as that
 * party's own request would, and the history says that it was the sandbox.
 */
export async function answerAct(surface: Surface, asked: Asked): Promise<Answer> {
  const { store, surroundings } = surface;
  const order = new JsonOrder(asked.body, ['as', 'act', ...actMembers]);
  const organizationId = order.text('as')?.toLowerCase();
  const act = order.choice('act', acts);
  const referralId = order.text('referral')?.toLowerCase();
  const engagementId = order.text('engagement')?.toLowerCase();
  const { organizations } = await store.listDirectory();
  if (!organizations.some(({ id }) => id === organizationId)) {
    order.refuse('as', `Write the id of an organisation: ${organizations.map(({ id }) => id).join(', ')}.`);
  }
  if (act !== undefined && act !== 'send' && (referralId === undefined) === (engagementId === undefined)) {
    order.refuse('referral', 'Say which record: by its id in "referral", or by "engagement", one of them.');
  }
  if (isReview(act) && organizationId !== undefined && organizationId !== microsoft)
    order.refuse('as', 'Registrations and exceptions are reviewed by msft.');
  if (act === 'send' && order.json('body') === undefined)
    order.refuse('body', 'Write what is sent, as the body of a POST.');
  if (act === 'edit' && order.json('patch') === undefined)
    order.refuse('patch', 'Write what is changed, as a JSON Patch.');
  order.finish();
  if (organizationId === undefined || act === undefined) throw new Error('an act without its members was let through');
  await settleIfDue(store, surroundings);
  const owners = isReview(act) ? organizations.map(({ id }) => id) : [organizationId];
  const outcome = await run(surface, { organizationId, owners, act, order, referralId, engagementId });
  return { status: 200, body: `{"referral":${linked(outcome, outcome.id, asked.origin)}}` };
}

async function run(surface: Surface, acting: ActOrder): Promise<WriteOutcome> {
  const { store, config } = surface;
  const { organizationId, act, order } = acting;
  const by: Acting = { actedBy: 'sandbox', organizationId, userName: null, via: 'sandbox' };
  const common = { caller: inPlaceOf(organizationId), acting: by, validateOnly: false, repeat: undefined };
  if (act === 'send') {
    const reading = wholeOf(readNewReferral(order.json('body') ?? '', config));
    return store.transact(createReferral, { ...common, ...reading });
  }
  const { id, engagementId, owner } = await findRecord(store, acting);
  const wanted = wantedOf(surface, acting);
  return store.transact(changeReferral, {
    ...common,
    caller: inPlaceOf(owner),
    id,
    engagementId,
    wanted,
    faults: [],
    warnings: [],
    condition: { ifMatch: undefined, isLenient: false },
    allowsExtensions: true,
    registrationData: surface.exchangeData,
  });
}

function wantedOf({ config }: Surface, { act, order }: ActOrder): WantedChange {
  if (isReview(act)) return { kind: 'review', review: reviewOf(act, order) };
  const operations = act === 'edit' || act === 'send' ? [] : operationsOf(act, order.text('reason'));
  const patch = order.json('patch');
  const given = patch === undefined ? undefined : wholeOf(readPatch(patch, config));
  const team = order.json('team');
  const people = team === undefined ? undefined : wholeOf(readPatch(teamPatch(team), config));
  const microsoftMsxId = order.text('microsoftMsxId');
  order.finish();
  return {
    kind: 'patch',
    operations: [...operations, ...(people?.content ?? []), ...(given?.content ?? [])],
    ...(microsoftMsxId === undefined ? {} : { trackingInfo: { microsoftMsxId } }),
  };
}

function reviewOf(act: 'reviewRegistration' | 'reviewException', order: JsonOrder): Review {
  if (act === 'reviewException') {
    const decision = order.choice('decision', ['approved', 'rejected']);
    order.finish();
    return { of: 'exception', decision: decision ?? 'rejected' };
  }
  const kind = order.choice('decision', reviewDecisions);
  const reason = order.text('reason');
  order.finish();
  return { of: 'registration', decision: { kind: kind ?? 'review', ...(reason === undefined ? {} : { reason }) } };
}

function isReview(act: Act | undefined): act is 'reviewRegistration' | 'reviewException' {
  return act === 'reviewRegistration' || act === 'reviewException';
}

function teamPatch(team: string): string {
  return `[{"op":"add","path":"/team","value":${team}}]`;
}

/** @throws Failure `invalidBody` with every fault of a part of the act */
function wholeOf<Content>(reading: BodyReading<Content>) {
  if (reading.content === undefined || reading.faults.length > 0) throw invalidBody(reading.faults);
  return { ...reading, content: reading.content };
}

function operationsOf(act: (typeof transitionActs)[number], reason: string | undefined): ReferralOperation[] {
  const [status, substatus] = transitions[act].to.split('/');
  const members = {
    '/status': status,
    '/substatus': substatus,
    ...(reason === undefined ? {} : { '/statusReason': reason }),
  };
  return Object.entries(members).map(([path, value]) => ({ op: 'replace', path, value, access: 'documented' }));
}

/** The record that is acted on: by its id, or the open one of its owner in an engagement. */
async function findRecord(store: Store, { organizationId, owners, referralId, engagementId }: ActOrder) {
  let closed: { id: string; engagementId: string; owner: string } | undefined;
  for (const owner of owners) {
    const own = engagementId === undefined ? [] : await store.findOwnRecords(owner, engagementId);
    const ids = referralId === undefined ? own.map(({ id }) => id) : [referralId];
    for (const id of ids.filter((text) => guidPattern.test(text))) {
      const stored = await store.findReferral(owner, id);
      if (stored === undefined) continue;
      const found = { id, engagementId: stored.engagementId, owner };
      if (referralId !== undefined || isOpen(readStored(stored.document))) return found;
      closed ??= found;
    }
  }
  if (closed !== undefined) return closed;
  throw failure('sandboxRefused', { reason: `${organizationId} has no such referral` });
}
