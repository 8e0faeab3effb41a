import { canGive, failure, grantOf } from '@cosell/model';
import type { Directory, DirectoryUser } from '../../store/directory-entry.ts';
import type { Command, Surroundings, Transaction } from '../../store/store.ts';
import { recordAct } from '../acts.ts';
import { type Condition, isMatched } from '../if-match.ts';
import { refuseRole } from '../visibility.ts';
import { clientChanges } from './clients.ts';
import { consentChanges } from './consents.ts';
import type { ChangeInput, Changes, DirectoryChange, DirectoryDone } from './directory-change.ts';
import { type EntryPlace, findEntry } from './entries.ts';
import { invitationChanges } from './invitations.ts';
import { locationChanges } from './locations.ts';
import { organizationChanges } from './organizations.ts';
import { assignmentOf, roleChanges } from './role-assignments.ts';
import { ruleChanges } from './routing-rules.ts';
import { userChanges } from './users.ts';

/** A user of an organisation who changes its directory. */
export interface DirectoryActor {
  readonly organizationId: string;
  readonly userName: string;
}

/** The request by which a change is made. */
export interface ChangingRequest {
  /** The client of its token. */
  readonly clientId: string | null;
  readonly requestId: string;
}

/** A change, by whom, and on which condition. */
export type DirectoryOrder = DirectoryChange & {
  /** Who makes it; without it, the operator. */
  readonly by?: DirectoryActor;
  /** By which request; without it, by command line. */
  readonly request?: ChangingRequest;
  /** The entry that it is about. */
  readonly at?: EntryPlace;
  /** Whether that entry may not be there yet; else it has to be. */
  readonly isNew?: boolean;
  readonly condition?: Condition;
};

/** Changes the directory, on record. The next request of any user sees it. */
export const changeDirectory: Command<DirectoryOrder, DirectoryDone> = {
  name: 'changeDirectory',
  async run(transaction, { by, request, at, isNew = false, condition, ...change }, surroundings) {
    await transaction.lock('directory');
    const directory = await transaction.listDirectory(undefined, partsFor(change.kind));
    const actor = by === undefined ? undefined : actorOf(directory, by);
    if (actor !== undefined) requireOwnRoles(directory, actor, change as DirectoryChange);
    if (at !== undefined) requireEntry(directory, at, { isNew, condition });
    // A change without what is beside it is one of its kind still.
    const how = { actor: by?.userName ?? '', directory };
    const done = await applyChange(transaction, change as DirectoryChange, surroundings, how);
    if (by !== undefined) await requireGlobalAdmin(transaction, by.organizationId, directory);
    await recordAct(transaction, surroundings, {
      kind: done.act ?? 'directoryChanged',
      subject: done.about,
      details: { change: change.kind, organizationId: done.organizationId, ...done.audited },
      by: {
        organizationId: done.organizationId,
        subject: actor?.subject ?? null,
        isOperator: actor === undefined,
        ...request,
      },
    });
    return done;
  },
};

/** How a change is made. */
interface ApplyingHow {
  /** The name of the user who makes it; without it, the operator. */
  readonly actor?: string;
  /** Whether an exchange is loaded. */
  readonly isLoading?: boolean;
  /** The directory as it is now, where it was read already. */
  readonly directory?: Directory;
}

/** Makes one change, without a record of it. */
export async function applyChange(
  transaction: Transaction,
  change: DirectoryChange,
  surroundings: Surroundings,
  { actor = '', isLoading = false, directory: known }: ApplyingHow = {},
): Promise<DirectoryDone> {
  if (!Object.hasOwn(changes, change.kind)) {
    throw failure('directoryRefused', { reason: `there is no change named ${change.kind}` });
  }
  // The compiler holds each row to the change of its name.
  const apply = changes[change.kind] as (input: ChangeInput<DirectoryChange>) => Promise<DirectoryDone>;
  const directory = known ?? (await transaction.listDirectory(undefined, partsFor(change.kind)));
  return apply({ transaction, change, surroundings, directory, actor, isLoading });
}

/** Changes that are judged by more than organisations, locations, users and rules. */
const judgedByAll: ReadonlySet<string> = new Set(
  Object.keys({ ...clientChanges, ...invitationChanges, ...consentChanges }),
);

function partsFor(kind: string): 'all' | 'people' {
  return judgedByAll.has(kind) ? 'all' : 'people';
}

const changes: Changes = {
  ...organizationChanges,
  ...locationChanges,
  ...userChanges,
  ...roleChanges,
  ...ruleChanges,
  ...clientChanges,
  ...invitationChanges,
  ...consentChanges,
};

/** Whoever was let in when he asked may have lost his role before his turn came. */
function actorOf(directory: Directory, { organizationId, userName }: DirectoryActor) {
  const user = directory.users.find((one) => one.organizationId === organizationId && one.name === userName);
  if (user === undefined || !user.isActive) throw failure('userUnknown');
  if (grantOf(user.roles, 'directory.manage') === undefined) throw refuseRole(user.name, 'directory.manage');
  return user;
}

/** Nobody gives a role that reaches further than his own. */
function requireOwnRoles(directory: Directory, actor: DirectoryUser, change: DirectoryChange): void {
  const given = change.kind === 'addRole' ? [change] : change.kind === 'addInvitation' ? change.roles : [];
  for (const role of given) {
    if (canGive(actor.roles, assignmentOf(directory, actor.organizationId, role))) continue;
    throw failure('directoryRefused', { reason: `the role ${role.role} reaches further than your own` });
  }
}

function requireEntry(
  directory: Directory,
  at: EntryPlace,
  { isNew, condition }: { readonly isNew: boolean; readonly condition: Condition | undefined },
): void {
  const found = findEntry(directory, at);
  if (isNew) {
    if (found !== undefined) throw failure('directoryEntryExists');
    return;
  }
  if (found === undefined) throw failure('directoryEntryNotFound');
  if (condition === undefined || isMatched(condition, found.eTag)) return;
  const message = `The current eTag is ${found.eTag}: read the entry again and decide anew.`;
  throw failure('eTagMismatch', {}, { details: [{ code: 'eTagStale', target: 'If-Match', message }] });
}

/** An organisation that had a Global Admin is not left without one by its own people; only the operator could help. */
async function requireGlobalAdmin(transaction: Transaction, organizationId: string, before: Directory): Promise<void> {
  if (!hasGlobalAdmin(before, organizationId)) return;
  if (hasGlobalAdmin(await transaction.listDirectory(organizationId, 'people'), organizationId)) return;
  const reason = 'it would have no Global Admin then; give the role to another user first';
  throw failure('directoryRefused', { reason });
}

function hasGlobalAdmin({ users }: Directory, organizationId: string): boolean {
  return users.some(
    (user) =>
      user.organizationId === organizationId && user.isActive && user.roles.some(({ role }) => role === 'GlobalAdmin'),
  );
}
