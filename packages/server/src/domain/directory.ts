import { failure, guidPattern, type RoleName, roles } from '@cosell/model';
import type { Directory } from '../store/directory-entry.ts';
import type { Command, Surroundings, Transaction } from '../store/store.ts';
import { microsoft } from './engagements.ts';
import { findRule, type RuleKey, ruleKeyOf, ruleText } from './routing.ts';

/** One change of the directory, as the operator gives it. Organisations and users are found by id or name. */
export type DirectoryChange =
  | { readonly kind: 'addOrganization'; readonly id: string; readonly name: string; readonly tenantId?: string }
  | { readonly kind: 'removeOrganization'; readonly id: string }
  | {
      readonly kind: 'addLocation';
      readonly organization: string;
      readonly mpnId: string;
      readonly name: string;
      readonly profileId?: string;
    }
  | { readonly kind: 'removeLocation'; readonly organization: string; readonly mpnId: string }
  | {
      readonly kind: 'addUser';
      readonly organization: string;
      readonly name: string;
      readonly email: string;
      readonly tenantId?: string;
      readonly subject?: string;
    }
  | { readonly kind: 'removeUser'; readonly user: string }
  | { readonly kind: 'addRole'; readonly user: string; readonly role: string; readonly mpnId?: string }
  | { readonly kind: 'removeRole'; readonly user: string; readonly role: string; readonly mpnId?: string }
  | (RuleKey & { readonly kind: 'addRoutingRule'; readonly organization: string; readonly mpnId: string })
  | (RuleKey & { readonly kind: 'removeRoutingRule'; readonly organization: string });

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

interface ChangeInput<Change> {
  readonly transaction: Transaction;
  readonly change: Change;
  readonly surroundings: Surroundings;
  readonly directory: Directory;
}

type Changes = {
  [Kind in DirectoryChange['kind']]: (input: ChangeInput<Extract<DirectoryChange, { kind: Kind }>>) => Promise<string>;
};

const changes: Changes = {
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

  async addUser({ transaction, change, directory, surroundings }) {
    const organization = organizationOf(directory, change.organization);
    requireName(change.name);
    if (!/^[^@\s]+@[^@\s]+$/.test(change.email)) {
      throw failure('directoryRefused', { reason: `"${change.email}" is not an e-mail address` });
    }
    const known = directory.users.find(
      ({ organizationId, name }) => organizationId === organization.id && name === change.name,
    );
    if (known === undefined && directory.users.some(({ name }) => name === change.name)) {
      throw failure('directoryRefused', { reason: `another organisation has a user named ${change.name}` });
    }
    const tenantId = change.tenantId?.toLowerCase() ?? known?.tenantId ?? organization.tenantIds[0];
    if (tenantId === undefined || !organization.tenantIds.includes(tenantId)) {
      throw failure('directoryRefused', { reason: `that tenant does not belong to ${organization.name}` });
    }
    const subject = subjectOf(tenantId, change.subject ?? known?.subject ?? surroundings.ids.guid());
    const holder = directory.users.find((user) => user.tenantId === tenantId && user.subject === subject);
    if (holder !== undefined && holder !== known) {
      throw failure('directoryRefused', { reason: `the subject ${subject} is the user ${holder.name} already` });
    }
    const { name, email } = change;
    await transaction.putUser({ organizationId: organization.id, name, tenantId, subject, email, isActive: true });
    return `User ${name} of ${organization.name} is in the directory (tenant ${tenantId}, subject ${subject}).`;
  },

  async removeUser({ transaction, change, directory }) {
    const user = userOf(directory, change.user);
    await transaction.removeUser(user.organizationId, user.name);
    return `User ${user.name} was removed.`;
  },

  async addRole({ transaction, change, directory }) {
    const user = userOf(directory, change.user);
    const role = roleOf(change.role);
    if (change.mpnId !== undefined) {
      if (!roles[role].isScoped) {
        throw failure('directoryRefused', { reason: `${roles[role].title} is a role for the whole company` });
      }
      requireLocation(directory, user.organizationId, change.mpnId);
    }
    await transaction.putRole(user.organizationId, user.name, { role, mpnId: change.mpnId ?? null });
    return `User ${user.name} is ${roles[role].title} of ${scopeText(change.mpnId)}.`;
  },

  async removeRole({ transaction, change, directory }) {
    const user = userOf(directory, change.user);
    const role = roleOf(change.role);
    const mpnId = change.mpnId ?? null;
    if (!user.roles.some((held) => held.role === role && held.mpnId === mpnId)) {
      const text = `${user.name} is not ${roles[role].title} of ${scopeText(change.mpnId)}`;
      throw failure('directoryRefused', { reason: text });
    }
    await transaction.removeRole(user.organizationId, user.name, { role, mpnId });
    return `User ${user.name} is no longer ${roles[role].title} of ${scopeText(change.mpnId)}.`;
  },

  async addRoutingRule({ transaction, change, directory }) {
    const { id, name } = organizationOf(directory, change.organization);
    if (id === microsoft) {
      throw failure('directoryRefused', { reason: `referrals are routed to partners, and ${name} is none` });
    }
    requireLocation(directory, id, change.mpnId);
    const key = ruleKeyOf(change);
    // Two rules for one solution and market would contradict each other, so the new one takes the other's place.
    const before = findRule(directory, id, key);
    await transaction.putRoutingRule(id, { ...key, mpnId: change.mpnId });
    const instead = before === undefined || before.mpnId === change.mpnId ? '' : `, no longer to ${before.mpnId}`;
    return `Referrals of Microsoft to ${name} for ${ruleText(key)} go to location ${change.mpnId}${instead}.`;
  },

  async removeRoutingRule({ transaction, change, directory }) {
    const { id, name } = organizationOf(directory, change.organization);
    const key = ruleKeyOf(change);
    if (findRule(directory, id, key) === undefined) {
      throw failure('directoryRefused', { reason: `${name} has no routing rule for ${ruleText(key)}` });
    }
    await transaction.removeRoutingRule(id, key);
    return `The routing rule of ${name} for ${ruleText(key)} was removed.`;
  },
};

async function hasTenant(transaction: Transaction, organizationId: string): Promise<boolean> {
  const { organizations } = await transaction.listDirectory();
  return organizations.some(({ id, tenantIds }) => id === organizationId && tenantIds.length > 0);
}

/**
 * An organisation by id or name, in either case.
 *
 * @param refusal what is refused where there is none
 */
export function organizationOf(
  directory: Directory,
  idOrName: string,
  refusal: 'directoryRefused' | 'cleanUpRefused' = 'directoryRefused',
) {
  const wanted = idOrName.toLowerCase();
  const found = directory.organizations.filter(({ id, name }) => id === wanted || name.toLowerCase() === wanted);
  const [organization] = found;
  if (organization === undefined) {
    const known = 'npx --no cosell directory list names those that there are';
    throw failure(refusal, { reason: `there is no organisation ${idOrName}; ${known}` });
  }
  if (found.length > 1) {
    throw failure(refusal, { reason: `several organisations are named ${idOrName}; give the id` });
  }
  return organization;
}

/** A user by name or e-mail address. A name as it is written goes before everything that is only like it. */
export function userOf(directory: Directory, nameOrEmail: string) {
  const wanted = nameOrEmail.toLowerCase();
  const found = directory.users.filter(
    ({ name, email }) => name.toLowerCase() === wanted || email.toLowerCase() === wanted,
  );
  const user = found.find(({ name }) => name === nameOrEmail) ?? found[0];
  if (user === undefined) throw failure('directoryRefused', { reason: `there is no user ${nameOrEmail}` });
  if (found.length > 1 && user.name !== nameOrEmail) {
    const names = found.map(({ name }) => name).join(', ');
    throw failure('directoryRefused', { reason: `several users match ${nameOrEmail}: ${names}; give the name` });
  }
  return user;
}

function roleOf(text: string): RoleName {
  const wanted = text.replaceAll(/[\s-]/g, '').toLowerCase();
  const role = (Object.keys(roles) as RoleName[]).find((name) => name.toLowerCase() === wanted);
  if (role !== undefined) return role;
  const titles = Object.values(roles).map(({ title }) => title);
  throw failure('directoryRefused', { reason: `there is no role ${text}; the roles are ${titles.join(', ')}` });
}

function requireName(name: string): void {
  if (name.trim() !== '' && name === name.trim() && !/\p{Cc}/u.test(name)) return;
  const reason = 'a name is text on one line, without space at its ends, and not empty';
  throw failure('directoryRefused', { reason });
}

/** Entra writes `oid` in either case, so the reader of tokens folds it; an issuer without tenants has a `sub` of its own. */
function subjectOf(tenantId: string, given: string): string {
  return tenantId.includes('://') ? given : given.toLowerCase();
}

function requireLocation(directory: Directory, organizationId: string, mpnId: string): void {
  if (directory.locations.some((location) => location.organizationId === organizationId && location.mpnId === mpnId))
    return;
  throw failure('directoryRefused', { reason: `the organisation has no location ${mpnId}; add it first` });
}

function scopeText(mpnId: string | undefined): string {
  return mpnId === undefined ? 'the whole company' : `location ${mpnId}`;
}
