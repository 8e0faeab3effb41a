import type { Consent } from '../store/consents.ts';
import type { Command, Store } from '../store/store.ts';
import { type Actor, recordAct } from './acts.ts';
import { fixedText } from './exchange-clock.ts';

/** Whose consent to which program it is; an empty user name stands for all of the organisation. */
export type ConsentKey = Pick<Consent, 'organizationId' | 'userName' | 'clientId'>;

/** The consent that holds for a user: his own, else that of his organisation. */
export async function findConsent(store: Store, key: ConsentKey): Promise<Consent | undefined> {
  const found = await store.identity.listConsents(key);
  return found.filter(({ withdrawnAt }) => withdrawnAt === null).at(-1);
}

/**
 * Whether a user has to be asked before a program acts for him. A program of his own organisation is not asked about: who
 * registers it there may do anything in its name already.
 *
 * @param asked the program, its organisation, and the scopes that it asks for
 */
export async function needsConsent(
  store: Store,
  user: { readonly organizationId: string; readonly userName: string },
  asked: { readonly clientId: string; readonly organizationId: string; readonly scopes: readonly string[] },
): Promise<boolean> {
  if (asked.organizationId === user.organizationId) return false;
  const consent = await findConsent(store, { ...user, clientId: asked.clientId });
  const allowed = consent?.scope.split(' ') ?? [];
  return consent === undefined || !asked.scopes.every((scope) => allowed.includes(scope));
}

/** A consent that is given. */
export interface ConsentOrder extends ConsentKey {
  readonly scopes: readonly string[];
  readonly nowMs: number;
  readonly by: Actor | undefined;
}

/** Gives a consent. What was allowed before and not withdrawn stays allowed. */
export const grantConsent: Command<ConsentOrder, null> = {
  name: 'grantConsent',
  async run(transaction, { scopes, nowMs, by, ...key }, surroundings) {
    await transaction.lock(`consents ${key.organizationId}`);
    const before = (await transaction.listConsents(key)).find(({ userName }) => userName === key.userName);
    const kept = before !== undefined && before.withdrawnAt === null ? before.scope.split(' ') : [];
    const scope = [...new Set([...kept, ...scopes])].join(' ');
    await transaction.putConsent({ ...key, scope, grantedAt: fixedText(nowMs), withdrawnAt: null });
    const details = { clientId: key.clientId, scope, isForAll: key.userName === '' };
    await recordAct(transaction, surroundings, { kind: 'consentGranted', subject: subjectOf(key), details, by });
    return null;
  },
};

function subjectOf({ organizationId, userName }: ConsentKey): string {
  return userName === '' ? organizationId : userName;
}
