import { failure, guidPattern } from '@cosell/model';
import type { Transaction } from '../../store/store.ts';
import type { Changes } from './directory-change.ts';
import { organizationOf, requireName } from './named-entries.ts';

/** Changes of organisations. */
export const organizationChanges: Changes<'addOrganization' | 'removeOrganization'> = {
  async addOrganization({ transaction, change, surroundings }) {
    const id = change.id.toLowerCase();
    if (id !== 'msft' && !guidPattern.test(id)) {
      throw failure('directoryRefused', { reason: 'the id of an organisation is a GUID, or msft' });
    }
    requireName(change.name);
    const tenantId = (change.tenantId ?? surroundings.ids.guid()).toLowerCase();
    const bound = await transaction.findTenant(tenantId);
    if (bound !== undefined && bound.organizationId !== id) {
      throw failure('directoryRefused', { reason: `the tenant ${tenantId} belongs to another organisation` });
    }
    const known = await transaction.findOrganization(id);
    await transaction.putOrganization({ id, name: change.name });
    if (
      bound === undefined &&
      (known === undefined || change.tenantId !== undefined || !(await hasTenant(transaction, id)))
    ) {
      await transaction.putTenant({ id: tenantId, organizationId: id });
    }
    return `Organisation ${change.name} (${id}) is in the directory.`;
  },

  async removeOrganization({ transaction, change, directory }) {
    const { id, name } = organizationOf(directory, change.id);
    if (await transaction.hasReferrals(id)) {
      throw failure('directoryRefused', { reason: `${name} owns referrals, so it stays` });
    }
    const inUse = [...directory.users, ...directory.locations].some(({ organizationId }) => organizationId === id);
    if (inUse) throw failure('directoryRefused', { reason: `${name} has users or locations; remove them first` });
    await transaction.removeOrganization(id);
    return `Organisation ${name} (${id}) was removed.`;
  },
};

async function hasTenant(transaction: Transaction, organizationId: string): Promise<boolean> {
  const { organizations } = await transaction.listDirectory();
  return organizations.some(({ id, tenantIds }) => id === organizationId && tenantIds.length > 0);
}
