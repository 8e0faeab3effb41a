import { entered, readStored } from '@cosell/model';
import type { Command, Store, Surroundings, Transaction } from '../store/store.ts';
import type { DocumentText, DueRecord } from '../store/stored-referral.ts';
import type { Acting } from './engagements.ts';
import { exchangeTime, fixedText } from './exchange-clock.ts';
import { type Moment, readMoment } from './moment.ts';
import { storeRecord } from './store-record.ts';

/** Records that one transaction closes, so that others are not kept waiting. */
const mostAtOnce = 50;

const byTheExchange: Acting = { actedBy: 'exchange', organizationId: null, userName: null, via: null };

/**
 * Closes what nobody has answered in time (decision 31), each record once: a record that is closed is due no more. Gives
 * how many were closed; the caller asks again while there are as many as one transaction takes.
 */
export const expireDue: Command<Record<string, never>, number> = {
  name: 'expireDue',
  async run(transaction, _input, surroundings) {
    const moment = await readMoment(transaction, surroundings);
    // Several processes look at once; one works, the others find nothing left.
    await transaction.lock('expiry');
    const due = await transaction.listDue(moment.text, mostAtOnce);
    for (const record of due) {
      // Somebody may be answering it right now; whoever holds the engagement goes first.
      await transaction.lock(`engagement ${record.engagementId}`);
      await expireIfDue(transaction, moment, record);
    }
    return due.length;
  },
};

/**
 * Closes what is due in one engagement, before anything else is written there: so nothing is decided by a record that
 * is over, and every log is in the order of time. The caller has locked the engagement.
 */
export async function settleEngagement(transaction: Transaction, moment: Moment, engagementId: string): Promise<void> {
  const due = await transaction.listDueIn([engagementId], moment.text);
  for (const record of due) await expireIfDue(transaction, moment, record);
}

async function expireIfDue(
  transaction: Transaction,
  moment: Moment,
  { organizationId, id }: Pick<DueRecord, 'organizationId' | 'id'>,
): Promise<void> {
  const stored = await transaction.readDocument(organizationId, id);
  if (stored === undefined || stored.dueAt === null || stored.dueAt > moment.text) return;
  await expireOne(transaction, moment, { ...stored, dueAt: stored.dueAt });
}

/**
 * Closes one record as of the instant at which it was due, also when that was long ago: no answer about a later time
 * may show it as New.
 */
async function expireOne(
  transaction: Transaction,
  moment: Moment,
  stored: DocumentText & { readonly dueAt: string },
): Promise<void> {
  const before = readStored(stored.document);
  const { dueAt } = stored;
  const then: Moment = { ...moment, ms: Date.parse(dueAt), text: dueAt };
  const after = entered({ ...before, status: 'Closed', substatus: 'Expired' }, 'Closed/Expired', dueAt);
  await storeRecord(transaction, then, {
    before: stored,
    after,
    kind: 'expired',
    dueAt: null,
    acting: byTheExchange,
  });
}

/**
 * Closes everything that is due. Reads ask for it where they meet a record whose time has passed.
 *
 * @param isCancelled asked between two transactions whether the rest may wait
 */
export async function settleDue(store: Store, isCancelled = () => false): Promise<void> {
  while ((await store.transact(expireDue, {})) >= mostAtOnce && !isCancelled());
}

/** For how many milliseconds what is due first has waited to be closed; 0 when nothing is due. */
export async function expiryLag(store: Store, { clock }: Pick<Surroundings, 'clock'>): Promise<number> {
  const [dueAt, now] = await Promise.all([store.firstDue(), exchangeTime(store, clock)]);
  return dueAt === null ? 0 : Math.max(0, now - Date.parse(dueAt));
}

/** Closes what is due, if anything is: what a list needs before it answers. Gives the exchange's time, in 28 characters. */
export async function settleIfDue(
  store: Store,
  { clock }: Pick<Surroundings, 'clock'>,
  isCancelled?: () => boolean,
): Promise<string> {
  const now = fixedText(await exchangeTime(store, clock));
  const dueAt = await store.firstDue();
  if (dueAt !== null && dueAt <= now) await settleDue(store, isCancelled);
  return now;
}

/** Whether a record should have been closed by now. */
export async function isOverdue(
  store: Store,
  { clock }: Pick<Surroundings, 'clock'>,
  { dueAt }: { readonly dueAt: string | null },
): Promise<boolean> {
  return dueAt !== null && dueAt <= fixedText(await exchangeTime(store, clock));
}
