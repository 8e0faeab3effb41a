import { createHmac } from 'node:crypto';
import type { ActKind, ActsAsked, StoredAct } from '../store/act.ts';
import type { Store, Surroundings, Transaction } from '../store/store.ts';
import { fixedText } from './exchange-clock.ts';

/** The fact that holds the key by which the audit names whom and what it was about. */
export const auditKey = 'audit-key';

/** Something to be recorded. */
export interface Done {
  readonly kind: ActKind;
  /** Whom or what it was done to; undefined for all of the exchange. Only a keyed hash of it is stored. */
  readonly subject: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  /** Who did it; without it, the operator did it to all of the exchange. */
  readonly by?: Actor | undefined;
}

/** Who did something: a user, where there is a subject; else the exchange itself. */
export interface Actor {
  /** The organisation that it concerns. */
  readonly organizationId: string | null;
  /** The subject of the user's tokens. */
  readonly subject: string | null;
  /** The client of his token. */
  readonly clientId?: string | null;
  readonly requestId?: string | null;
  /** Whether it is whoever runs the exchange, by his token. */
  readonly isOperator?: boolean;
}

/** Adds a record to the audit, in the transaction that does the thing. */
export async function recordAct(
  transaction: Transaction,
  { clock, ids }: Surroundings,
  { kind, subject, details, by }: Done,
): Promise<void> {
  await transaction.lock('acts');
  let key = await transaction.findFact(auditKey);
  if (key === undefined) {
    // Two random ids hold more chance than anybody can guess.
    key = ids.guid() + ids.guid();
    await transaction.putFact(auditKey, key);
  }
  await transaction.appendAct({
    occurredAt: fixedText(clock.now()),
    kind,
    actedBy: by === undefined || by.isOperator === true ? 'operator' : by.subject === null ? 'exchange' : 'user',
    organizationId: by?.organizationId ?? null,
    actor: by?.subject ?? null,
    via: by?.clientId ?? null,
    requestId: by?.requestId ?? null,
    subjectHash: subject === undefined ? null : hashOf(subject, key),
    details: JSON.stringify(details),
  });
}

/** What records are asked for, by whoever does not know the hash of a subject. */
export interface ActsWanted extends Omit<ActsAsked, 'subjectHash' | 'isNewestFirst' | 'most'> {
  readonly isNewestFirst?: boolean;
  readonly most?: number;
  /** Only what was done to this person or referral, which proves that it was. */
  readonly about?: string | undefined;
}

/** Records that one answer has when nothing is said. */
const usualMost = 1_000;

/** Records of the audit, the oldest first when nothing else is said. */
export async function listActs(store: Store, { about, ...wanted }: ActsWanted): Promise<StoredAct[]> {
  const asked = { isNewestFirst: false, most: usualMost, ...wanted };
  if (about === undefined) return store.listActs(asked);
  const key = await store.findFact(auditKey);
  // Without a key nothing was ever recorded.
  return key === undefined ? [] : store.listActs({ ...asked, subjectHash: hashOf(about, key) });
}

/** Letters of either case are one, in addresses and in ids. */
function hashOf(subject: string, key: string): string {
  return createHmac('sha256', key).update(subject.trim().toLowerCase()).digest('hex');
}
