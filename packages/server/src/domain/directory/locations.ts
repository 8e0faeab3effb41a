import { failure, guidPattern } from '@cosell/model';
import type { Changes, DirectoryDone } from './directory-change.ts';
import { locationOf, organizationOf, requireName } from './named-entries.ts';

/** Changes of locations. */
export const locationChanges: Changes<'addLocation' | 'changeLocation' | 'removeLocation'> = {
  async addLocation({ transaction, change, directory, surroundings }) {
    const organization = organizationOf(directory, change.organization);
    if (!isLocationId(change.mpnId)) {
      throw failure('directoryRefused', { reason: 'the id of a location is a number, such as 5512345' });
    }
    requireName(change.name);
    const { mpnId, name } = change;
    const own = { organizationId: organization.id, mpnId };
    const known = directory.locations.find(({ organizationId, ...one }) => isOne({ organizationId, ...one }, own));
    const profileId = (change.profileId ?? known?.profileId ?? surroundings.ids.guid()).toLowerCase();
    if (!guidPattern.test(profileId)) {
      throw failure('directoryRefused', { reason: 'the id of a business profile is a GUID' });
    }
    // Whoever had another's profile would get what is sent to it.
    if (directory.locations.some((one) => one.profileId === profileId && !isOne(one, own))) {
      throw failure('directoryRefused', { reason: `the business profile ${profileId} is another location's` });
    }
    await transaction.putLocation({ ...own, profileId, name, isActive: known?.isActive ?? true });
    return doneTo(own, `Location ${name} (${mpnId}) of ${organization.name} is in the directory.`);
  },

  async changeLocation({ transaction, change, directory }) {
    const organization = organizationOf(directory, change.organization);
    const location = locationOf(directory, organization.id, change.mpnId);
    const { name = location.name, isActive = location.isActive } = change;
    requireName(name);
    await transaction.putLocation({ ...location, name, isActive });
    const state = isActive ? 'takes referrals' : 'takes no new referrals; those that it has stay';
    return doneTo(location, `Location ${name} (${location.mpnId}) of ${organization.name} ${state}.`, { isActive });
  },

  async removeLocation({ transaction, change, directory }) {
    const organization = organizationOf(directory, change.organization);
    const location = locationOf(directory, organization.id, change.mpnId);
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
    return doneTo(location, `Location ${change.mpnId} of ${organization.name} was removed.`);
  },
};

/** Whether a text is the number of a location. */
export function isLocationId(text: string): boolean {
  return /^\d{1,20}$/.test(text);
}

interface LocationKey {
  readonly organizationId: string;
  readonly mpnId: string;
}

function isOne(one: LocationKey, other: LocationKey): boolean {
  return one.organizationId === other.organizationId && one.mpnId === other.mpnId;
}

function doneTo(
  { organizationId, mpnId }: LocationKey,
  done: string,
  audited: DirectoryDone['audited'] = {},
): DirectoryDone {
  return { done, organizationId, key: mpnId, audited: { mpnId, ...audited }, about: mpnId };
}
