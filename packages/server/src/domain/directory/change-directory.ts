import { failure } from '@cosell/model';
import type { Command } from '../../store/store.ts';
import { clientChanges } from './clients.ts';
import type { ChangeInput, Changes, DirectoryChange } from './directory-change.ts';
import { locationChanges } from './locations.ts';
import { organizationChanges } from './organizations.ts';
import { roleChanges } from './role-assignments.ts';
import { ruleChanges } from './routing-rules.ts';
import { userChanges } from './users.ts';

/** Changes the directory. The next request of any user sees it. Gives one sentence that says what was done. */
export const changeDirectory: Command<DirectoryChange, string> = {
  name: 'changeDirectory',
  async run(transaction, change, surroundings) {
    await transaction.lock('directory');
    if (!Object.hasOwn(changes, change.kind)) {
      throw failure('directoryRefused', { reason: `there is no change named ${change.kind}` });
    }
    // The compiler holds each row to the change of its name.
    const apply = changes[change.kind] as (input: ChangeInput<DirectoryChange>) => Promise<string>;
    return apply({ transaction, change, surroundings, directory: await transaction.listDirectory() });
  },
};

const changes: Changes = {
  ...organizationChanges,
  ...locationChanges,
  ...userChanges,
  ...roleChanges,
  ...ruleChanges,
  ...clientChanges,
};
