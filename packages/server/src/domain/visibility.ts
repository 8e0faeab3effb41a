import { type Failure, failure, foldEmail, grantOf, type Permission, type Referral, rolesWith } from '@cosell/model';
import type { Store } from '../store/store.ts';
import type { OwnRecord } from '../store/stored-referral.ts';
import type { AdmittedCaller, Caller } from './caller.ts';

/**
 * Lets a caller in whose roles allow something (decision 9).
 *
 * @throws Failure `roleMissing`
 */
export function admit(caller: Caller, permission: Permission): AdmittedCaller {
  const { organizationId, userName, email, roles } = caller;
  const grant = grantOf(roles, permission);
  if (grant === undefined) throw refuseRole(userName, permission);
  return { organizationId, userName, email, roles, grant };
}

/** The refusal of a user without a role for something: which roles allow it, and the command that gives him the least. */
export function refuseRole(userName: string, permission: Permission): Failure {
  const titles = rolesWith(permission);
  const command = `npx --no cosell directory add role "${titles[0]}" --user ${shellWord(userName)}`;
  return failure('roleMissing', { user: userName, roles: titles.join(' or '), command });
}

/** A name as one word of a shell, to be copied as it is. */
function shellWord(name: string): string {
  return /^[A-Za-z0-9_@%+=:,./][A-Za-z0-9_@%+=:,./-]*$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}

/** Whether the caller reaches a record of his own organisation: by his role, its location, or as one of its team. */
export async function canReach(store: Store, caller: AdmittedCaller, record: OwnRecord): Promise<boolean> {
  const { grant } = caller;
  if (grant.isWholeOrganisation) return true;
  if (record.mpnId !== null && grant.locations.includes(record.mpnId)) return true;
  return grant.isTeamMember && (await store.isOnTeam(caller.organizationId, record.id, caller.email));
}

/** The refusal of an own record that the caller does not reach: what could mend it is the team, or his role's location. */
export function outOfReach({ grant }: AdmittedCaller): Failure {
  return grant.isTeamMember ? failure('notOnTeam') : failure('locationOutOfReach');
}

/**
 * Whether the caller reads the other members' records of an engagement: by a record of his own that he reaches; or, where
 * his organisation has none because it sent a lead or is Microsoft looking on, by a role for the whole organisation.
 */
export async function canSeeView(store: Store, caller: AdmittedCaller, engagementId: string): Promise<boolean> {
  const own = await store.findOwnRecords(caller.organizationId, engagementId);
  if (own.length === 0) return caller.grant.isWholeOrganisation;
  for (const record of own) {
    if (await canReach(store, caller, record)) return true;
  }
  return false;
}

/**
 * Whether the caller may write a record of his own organisation, by the record itself: within a transaction, where what
 * is asked must be what is changed.
 */
export function canWrite(caller: AdmittedCaller, referral: Referral): boolean {
  return canReachState(caller, referral);
}

/** The same as `canReach`, by a state of the record and not by what is stored now. */
export function canReachState({ organizationId, grant, email }: AdmittedCaller, referral: Referral): boolean {
  if (referral.organizationId !== organizationId) return false;
  if (grant.isWholeOrganisation) return true;
  if (referral.mpnId != null && grant.locations.includes(referral.mpnId)) return true;
  const mine = foldEmail(email);
  return grant.isTeamMember && (referral.team ?? []).some((member) => foldEmail(member.email ?? '') === mine);
}

/** Somebody who may do everything in an organisation's place: the sandbox, playing it. */
export function inPlaceOf(organizationId: string): AdmittedCaller {
  const grant = { isWholeOrganisation: true, locations: [], isTeamMember: false };
  return { organizationId, userName: '', email: '', roles: [{ role: 'GlobalAdmin', mpnId: null }], grant };
}
