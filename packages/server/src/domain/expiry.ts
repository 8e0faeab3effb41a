import { entered, readStored } from '@cosell/model';
import type { Command, DocumentText, Store, Surroundings, Transaction } from '../store/store.ts';
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
    for (const { organizationId, id, engagementId } of due) {
      // Somebody may be answering it at this moment; whoever comes second finds it answered.
      await transaction.lock(`engagement ${engagementId}`);
      const stored = await transaction.readDocument(organizationId, id);
      if (stored !== undefined && isDue(stored, moment)) await expireOne(transaction, moment, stored);
    }
    return due.length;
  },
};

/** Whether a record waits to be closed at a moment. */
export function isDue({ dueAt }: Pick<DocumentText, 'dueAt'>, { text }: Pick<Moment, 'text'>): boolean {
  return dueAt !== null && dueAt <= text;
}

/**
 * Closes one record as of the instant at which it was due, also when that was long ago: no answer about a later time
 * may show it as New.
 *
 * @returns its new text
 */
export async function expireOne(transaction: Transaction, moment: Moment, stored: DocumentText): Promise<DocumentText> {
  const before = readStored(stored.document);
  const dueAt = stored.dueAt ?? moment.text;
  const then: Moment = { ...moment, ms: Date.parse(dueAt), text: dueAt };
  const after = entered({ ...before, status: 'Closed', substatus: 'Expired' }, 'Closed/Expired', dueAt);
  return storeRecord(transaction, then, {
    before: stored,
    after,
    kind: 'expired',
    dueAt: null,
    acting: byTheExchange,
  });
}

/** Closes everything that is due. Reads ask for it where they meet a record whose time has passed. */
export async function settleDue(store: Store): Promise<void> {
  while ((await store.transact(expireDue, {})) >= mostAtOnce);
}

/** Closes what is due, if anything is: what a list needs before it answers. */
export async function settleIfDue(store: Store, { clock }: Pick<Surroundings, 'clock'>): Promise<void> {
  if (await store.isAnythingDue(fixedText(await exchangeTime(store, clock)))) await settleDue(store);
}

/** Whether a record should have been closed by now. */
export async function isOverdue(
  store: Store,
  { clock }: Pick<Surroundings, 'clock'>,
  { dueAt }: { readonly dueAt: string | null },
): Promise<boolean> {
  return dueAt !== null && isDue({ dueAt }, { text: fixedText(await exchangeTime(store, clock)) });
}
