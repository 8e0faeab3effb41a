import { failure, guidPattern } from '@cosell/model';
import { isAnyTenant, operatorTenant } from '../tenant-names.ts';
import type { Changes, DirectoryDone } from './directory-change.ts';
import { organizationOf, requireName } from './named-entries.ts';

/** Changes of organisations. */
export const organizationChanges: Changes<'addOrganization' | 'changeOrganization' | 'removeOrganization'> = {
  async addOrganization({ transaction, change, directory, surroundings }) {
    const id = change.id.toLowerCase();
    if (id !== 'msft' && !guidPattern.test(id)) {
      throw failure('directoryRefused', { reason: 'the id of an organisation is a GUID, or msft' });
    }
    requireName(change.name);
    const tenantId = (change.tenantId ?? surroundings.ids.guid()).toLowerCase();
    if (isAnyTenant(tenantId) || tenantId === operatorTenant) {
      throw failure('directoryRefused', { reason: `the tenant ${tenantId} has a meaning of its own` });
    }
    const bound = await transaction.findTenant(tenantId);
    if (bound !== undefined && bound.organizationId !== id) {
      throw failure('directoryRefused', { reason: `the tenant ${tenantId} belongs to another organisation` });
    }
    const known = directory.organizations.find((organization) => organization.id === id);
    await transaction.putOrganization({ id, name: change.name, isActive: known?.isActive ?? true });
    const hasTenant = known !== undefined && known.tenantIds.length > 0;
    if (bound === undefined && (change.tenantId !== undefined || !hasTenant)) {
      await transaction.putTenant({ id: tenantId, organizationId: id });
    }
    return doneTo(id, `Organisation ${change.name} (${id}) is in the directory.`);
  },

  async changeOrganization({ transaction, change, directory }) {
    const { id, ...before } = organizationOf(directory, change.organization);
    const { name = before.name, isActive = before.isActive } = change;
    requireName(name);
    const folded = name.toLowerCase();
    // Whoever is asked for his consent is told this name.
    const isTaken = directory.organizations.some((one) => one.id !== id && one.name.toLowerCase() === folded);
    if (isTaken && name !== before.name) {
      throw failure('directoryRefused', { reason: `another organisation is named ${name}` });
    }
    await transaction.putOrganization({ id, name, isActive });
    const state = isActive ? 'is active' : 'is not active: none of its users and programs is let in';
    return doneTo(id, `Organisation ${name} (${id}) ${state}.`, { isActive });
  },

  async removeOrganization({ transaction, change, directory }) {
    const { id, name } = organizationOf(directory, change.id);
    if (await transaction.hasReferrals(id)) {
      throw failure('directoryRefused', { reason: `${name} owns referrals, so it stays` });
    }
    const inUse = [...directory.users, ...directory.locations].some(({ organizationId }) => organizationId === id);
    if (inUse) throw failure('directoryRefused', { reason: `${name} has users or locations; remove them first` });
    await transaction.removeOrganization(id);
    return doneTo(id, `Organisation ${name} (${id}) was removed.`);
  },
};

function doneTo(id: string, done: string, audited: DirectoryDone['audited'] = {}): DirectoryDone {
  return { done, organizationId: id, key: id, audited, about: id };
}
