import { createHmac } from 'node:crypto';
import type { ActKind, StoredAct } from '../store/act.ts';
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
    actedBy: by === undefined ? 'operator' : by.subject === null ? 'exchange' : 'user',
    organizationId: by?.organizationId ?? null,
    actor: by?.subject ?? null,
    via: by?.clientId ?? null,
    requestId: by?.requestId ?? null,
    subjectHash: subject === undefined ? null : hashOf(subject, key),
    details: JSON.stringify(details),
  });
}

/**
 * The audit, the oldest record first.
 *
 * @param about only what was done to this person or referral, which proves that it was
 */
export async function listActsAbout(store: Store, about: string | undefined): Promise<StoredAct[]> {
  const acts = await store.listActs();
  if (about === undefined) return acts;
  const key = await store.findFact(auditKey);
  // Without a key nothing was ever recorded.
  return key === undefined ? [] : acts.filter(({ subjectHash }) => subjectHash === hashOf(about, key));
}

/** Letters of either case are one, in addresses and in ids. */
function hashOf(subject: string, key: string): string {
  return createHmac('sha256', key).update(subject.trim().toLowerCase()).digest('hex');
}
