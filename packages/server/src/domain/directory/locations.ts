import { failure } from '@cosell/model';
import type { Changes } from './directory-change.ts';
import { organizationOf, requireLocation, requireName } from './named-entries.ts';

/** Changes of locations. */
export const locationChanges: Changes<'addLocation' | 'removeLocation'> = {
  async addLocation({ transaction, change, directory, surroundings }) {
    const organization = organizationOf(directory, change.organization);
    if (!/^\d{1,20}$/.test(change.mpnId)) {
      throw failure('directoryRefused', { reason: 'the id of a location is a number, such as 5512345' });
    }
    requireName(change.name);
    const known = directory.locations.find(
      ({ organizationId, mpnId }) => organizationId === organization.id && mpnId === change.mpnId,
    );
    const profileId = (change.profileId ?? known?.profileId ?? surroundings.ids.guid()).toLowerCase();
    const { mpnId, name } = change;
    await transaction.putLocation({ organizationId: organization.id, mpnId, profileId, name });
    return `Location ${name} (${mpnId}) of ${organization.name} is in the directory.`;
  },

  async removeLocation({ transaction, change, directory }) {
    const organization = organizationOf(directory, change.organization);
    requireLocation(directory, organization.id, change.mpnId);
    // A role whose location is gone would come back to life with a new location of the same number.
    const holders = directory.users.filter(
      ({ organizationId, roles: held }) =>
        organizationId === organization.id && held.some(({ mpnId }) => mpnId === change.mpnId),
    );
    if (holders.length > 0) {
      const names = holders.map(({ name }) => name).join(', ');
      const reason = `location ${change.mpnId} is named by roles of ${names}; remove these roles first`;
      throw failure('directoryRefused', { reason });
    }
    const isRouted = directory.routingRules.some(
      (rule) => rule.organizationId === organization.id && rule.mpnId === change.mpnId,
    );
    if (isRouted) {
      const reason = `routing rules send referrals to location ${change.mpnId}; remove or change them first`;
      throw failure('directoryRefused', { reason });
    }
    await transaction.removeLocation(organization.id, change.mpnId);
    return `Location ${change.mpnId} of ${organization.name} was removed.`;
  },
};
