import { createHash } from 'node:crypto';
import { failure } from '@cosell/model';
import type { Consent } from '../../store/consents.ts';
import { fixedText } from '../exchange-clock.ts';
import { endSignIns } from '../provider-records.ts';
import type { Changes } from './directory-change.ts';
import { organizationOf } from './named-entries.ts';

/** Changes of consents; whoever signs in gives them. */
export const consentChanges: Changes<'withdrawConsent'> = {
  async withdrawConsent({ transaction, change, directory, surroundings }) {
    const { id: organizationId } = organizationOf(directory, change.organization);
    const { userName, clientId } = change;
    const found = directory.consents.find(
      (one) => one.organizationId === organizationId && one.userName === userName && one.clientId === clientId,
    );
    if (found === undefined) throw failure('directoryRefused', { reason: `nobody has consented to ${clientId} so` });
    if (found.withdrawnAt === null) {
      await transaction.putConsent({ ...found, withdrawnAt: fixedText(surroundings.clock.now()) });
      const holders = directory.users.filter(
        (user) => user.organizationId === organizationId && (userName === '' || user.name === userName),
      );
      for (const user of holders) await endSignIns(transaction, { ...user, clientId }, surroundings);
    }
    const done = `The consent to ${clientId} was withdrawn.`;
    const audited = { clientId, isForAll: userName === '' };
    const about = userName === '' ? organizationId : userName;
    return { done, organizationId, key: consentKeyOf(found), audited, about, act: 'consentWithdrawn' };
  },
};

/** The id of a consent, of a form that fits into a path. */
export function consentKeyOf({ userName, clientId }: Pick<Consent, 'userName' | 'clientId'>): string {
  return createHash('sha256')
    .update(JSON.stringify([userName, clientId]))
    .digest('hex')
    .slice(0, 32);
}
