import { failure } from '@cosell/model';
import { microsoft } from '../engagements.ts';
import { findRule, ruleKeyOf, ruleText } from '../routing.ts';
import type { Changes } from './directory-change.ts';
import { locationOf, organizationOf } from './named-entries.ts';

/** Changes of the rules by which referrals from Microsoft reach a location. */
export const ruleChanges: Changes<'addRoutingRule' | 'removeRoutingRule'> = {
  async addRoutingRule({ transaction, change, directory }) {
    const { id, name } = organizationOf(directory, change.organization);
    if (id === microsoft) {
      throw failure('directoryRefused', { reason: `referrals are routed to partners, and ${name} is none` });
    }
    locationOf(directory, id, change.mpnId);
    const key = ruleKeyOf(change);
    // Two rules for one solution and market would contradict each other, so the new one takes the other's place.
    const before = findRule(directory, id, key);
    await transaction.putRoutingRule(id, { ...key, mpnId: change.mpnId });
    const instead = before === undefined || before.mpnId === change.mpnId ? '' : `, no longer to ${before.mpnId}`;
    const done = `Referrals of Microsoft to ${name} for ${ruleText(key)} go to location ${change.mpnId}${instead}.`;
    return { done, ...ruleDone(id, key) };
  },

  async removeRoutingRule({ transaction, change, directory }) {
    const { id, name } = organizationOf(directory, change.organization);
    const key = ruleKeyOf(change);
    if (findRule(directory, id, key) === undefined) {
      throw failure('directoryRefused', { reason: `${name} has no routing rule for ${ruleText(key)}` });
    }
    await transaction.removeRoutingRule(id, key);
    return { done: `The routing rule of ${name} for ${ruleText(key)} was removed.`, ...ruleDone(id, key) };
  },
};

function ruleDone(organizationId: string, { solutionId, country }: ReturnType<typeof ruleKeyOf>) {
  return {
    organizationId,
    key: `${solutionId ?? ''} ${country ?? ''}`,
    audited: { solutionId, country },
    about: organizationId,
  };
}
