import { guidPattern } from '@cosell/model';
import { isAnyTenant } from '../../domain/tenant-names.ts';
import type { Store } from '../../store/store.ts';

/** A tenant that a path names: one of the directory, or a word by which the user's own decides. */
export type NamedTenant = { readonly name: string; readonly organizationId: string | undefined };

/** The tenant that a path names; undefined where there is none. */
export async function findNamedTenant(store: Store, text: string): Promise<NamedTenant | undefined> {
  const name = text.toLowerCase();
  if (isAnyTenant(name)) return { name, organizationId: undefined };
  if (!guidPattern.test(name)) return undefined;
  const found = await store.provider.findTenant(name);
  return found && { name, organizationId: found.organizationId };
}
