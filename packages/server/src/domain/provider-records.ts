import type { DirectoryUser } from '../store/directory-entry.ts';
import type { ProviderRecord } from '../store/provider-record.ts';
import type { Command, Store, Surroundings, Transaction } from '../store/store.ts';

/** What the provider keeps, and the grant that is to last as long as it does. */
export type KeptRecord = Omit<ProviderRecord, 'consumedAt'> & {
  /** The stored id of the grant; null where its end is its own matter. */
  readonly extends: string | null;
};

/** Keeps something of the built-in provider, or what has become of it. */
export const keepProviderRecord: Command<KeptRecord, null> = {
  name: 'keepProviderRecord',
  async run(transaction, { extends: grant, ...record }) {
    await transaction.putProviderRecord(record);
    if (grant !== null && record.expiresAt !== null) {
      await transaction.extendProviderRecord('Grant', grant, record.expiresAt);
    }
    return null;
  },
};

/**
 * Uses up a code or a refresh token. Whoever does it first is told `true`; for anybody else it was used twice, so all that
 * came of its grant goes (RFC 6749, sections 4.1.2 and 10.4).
 */
export const consumeProviderRecord: Command<
  { readonly model: string; readonly id: string; readonly grantId: string | null; readonly grant: string | null },
  boolean
> = {
  name: 'consumeProviderRecord',
  async run(transaction, { model, id, grantId, grant }, { clock }) {
    if (await transaction.consumeProviderRecord(model, id, Math.floor(clock.now() / 1000))) return true;
    if (grantId !== null) await transaction.removeProviderGrant(grantId);
    if (grant !== null) await transaction.removeProviderRecord('Grant', grant);
    return false;
  },
};

/** Forgets one thing of the built-in provider. */
export const forgetProviderRecord: Command<{ readonly model: string; readonly id: string }, null> = {
  name: 'forgetProviderRecord',
  async run(transaction, { model, id }) {
    await transaction.removeProviderRecord(model, id);
    return null;
  },
};

/** Forgets every code and token of a grant. */
export const revokeProviderGrant: Command<{ readonly grantId: string }, null> = {
  name: 'revokeProviderGrant',
  async run(transaction, { grantId }) {
    await transaction.removeProviderGrant(grantId);
    return null;
  },
};

/**
 * Ends all refresh tokens of a user, as if their time were over. Gives how many there were.
 *
 * @param accountId his tenant and his subject, with a blank between them
 */
export const endRefreshTokens: Command<{ readonly accountId: string }, number> = {
  name: 'endRefreshTokens',
  run: (transaction, { accountId }, { clock }) =>
    transaction.endProviderRecords('RefreshToken', { accountId }, Math.floor(clock.now() / 1000) - 1),
};

/** The name of a user within the built-in provider: his tenant and his subject, as his tokens have them. */
export function accountIdOf({ tenantId, subject }: Pick<DirectoryUser, 'tenantId' | 'subject'>): string {
  return `${tenantId} ${subject}`;
}

/** What comes of a sign-in, and can be used again. */
const signIns = ['Session', 'Grant', 'RefreshToken', 'AuthorizationCode', 'DeviceCode'];

/** Ends what came of the sign-ins of a user, or of those by one program: it does not come back to life when he does. */
export async function endSignIns(
  transaction: Transaction,
  user: Pick<DirectoryUser, 'tenantId' | 'subject'> & { readonly clientId?: string },
  { clock }: Pick<Surroundings, 'clock'>,
): Promise<void> {
  const { clientId } = user;
  const whose = { accountId: accountIdOf(user), ...(clientId !== undefined && { clientId }) };
  for (const model of signIns) await transaction.endProviderRecords(model, whose, Math.floor(clock.now() / 1000) - 1);
}

/** For how long what has ended is kept, so that its answer says that it has ended, in seconds. */
const graceSeconds = 3_600;
/** How much is removed in one transaction. */
const mostAtOnce = 500;

/** Removes what has ended. Gives how many records it was. */
export const forgetEndedProviderRecords: Command<{ readonly before: number }, number> = {
  name: 'forgetEndedProviderRecords',
  run: (transaction, { before }) => transaction.removeEndedProviderRecords(before, mostAtOnce),
};

/** Removes what the built-in provider need not remember any more; most of the time that is nothing, and only read. */
export async function cleanProviderRecords(
  store: Store,
  { clock }: Pick<Surroundings, 'clock'>,
  isStopped: () => boolean,
): Promise<void> {
  const before = Math.floor(clock.now() / 1000) - graceSeconds;
  let first = await store.provider.firstEnd();
  while (first !== undefined && first < before && !isStopped()) {
    await store.transact(forgetEndedProviderRecords, { before });
    first = await store.provider.firstEnd();
  }
}
