import { timingSafeEqual } from 'node:crypto';
import { canGive, failure, grantOf } from '@cosell/model';
import type { Directory, StoredInvitation } from '../../store/directory-entry.ts';
import type { Command, Store } from '../../store/store.ts';
import { recordAct } from '../acts.ts';
import { fixedText } from '../exchange-clock.ts';
import { applyChange } from './change-directory.ts';
import { secretHashOf } from './client-secret.ts';

/** What the link of an invitation holds. */
export interface InvitationLink {
  readonly organizationId: string;
  readonly id: string;
  readonly secret: string;
}

/** An invitation that is being accepted. */
export interface Acceptance extends InvitationLink {
  /** The name that he has chosen, or the one that the invitation has. */
  readonly userName: string;
  /** In PHC form. */
  readonly passwordHash: string;
}

/** The user who came of it. */
export interface AcceptedInvitation {
  readonly organizationId: string;
  readonly userName: string;
  readonly email: string;
}

/** Reads `{organizationId}.{id}.{secret}`, the last segment of a link; undefined where it is none. */
export function parseInvitation(text: string): InvitationLink | undefined {
  const [organizationId = '', id = '', secret = '', ...rest] = text.split('.');
  return rest.length > 0 || secret === '' ? undefined : { organizationId: organizationId.toLowerCase(), id, secret };
}

/** The link of an invitation: the page that the invited opens. */
export function formatInvitation(origin: string, { organizationId, id, secret }: InvitationLink): string {
  return `${origin}/invitation/${organizationId}.${id}.${secret}`;
}

/** The invitation of a link, if it can still be accepted: one answer for all others, so that nothing can be guessed. */
export async function findInvitation(
  store: Store,
  link: InvitationLink,
  nowMs: number,
): Promise<StoredInvitation | undefined> {
  if (!isOrganizationId(link.organizationId)) return undefined;
  const found = await store.identity.findInvitation(link.organizationId, link.id);
  return isGood(found, link, nowMs) ? found : undefined;
}

/**
 * Makes a user of somebody who was invited, with the roles of the invitation and his password. Once: of several who try,
 * one succeeds.
 *
 * @throws Failure `invitationNotAvailable`, `directoryRefused`
 */
export const acceptInvitation: Command<Acceptance, AcceptedInvitation> = {
  name: 'acceptInvitation',
  async run(transaction, { userName, passwordHash, ...link }, surroundings) {
    await transaction.lock('directory');
    const { organizationId, id } = link;
    const nowMs = surroundings.clock.now();
    const found = isOrganizationId(organizationId) ? await transaction.findInvitation(organizationId, id) : undefined;
    if (!isGood(found, link, nowMs)) throw failure('invitationNotAvailable');
    const organization = await transaction.findOrganization(organizationId);
    if (organization?.isActive !== true) throw failure('invitationNotAvailable');
    const directory = await transaction.listDirectory(undefined, 'people');
    // Who is shut out would let himself in again by an invitation that he has kept.
    if (!isStillGiven(directory, found)) throw failure('invitationNotAvailable');
    const name = found.userName === '' ? userName : found.userName;
    // An invitation makes a user; it changes none.
    if (directory.users.some((user) => user.name === name)) {
      throw failure('directoryRefused', { reason: `the name ${name} is taken; choose another` });
    }
    const user = { kind: 'addUser', organization: organizationId, name, email: found.email } as const;
    const { audited } = await applyChange(transaction, user, surroundings, { directory });
    // A location may have gone since; the other roles stand.
    const isThere = (mpnId: string | null) =>
      mpnId === null || directory.locations.some((one) => one.organizationId === organizationId && one.mpnId === mpnId);
    const given = found.roles.filter(({ mpnId }) => isThere(mpnId));
    for (const role of given) await transaction.putRole(organizationId, name, role);
    const changedAt = fixedText(nowMs);
    const fresh = { isTemporary: false, totpSecret: null, totpStep: null, failedAttempts: 0, slowedUntil: null };
    await transaction.putCredentials({ organizationId, userName: name, passwordHash, changedAt, ...fresh });
    await transaction.endInvitation(organizationId, id, { acceptedAt: changedAt, withdrawnAt: null });
    const subject = String(audited.subject);
    await recordAct(transaction, surroundings, {
      kind: 'directoryChanged',
      subject: name,
      details: { change: 'acceptInvitation', organizationId, invitationId: id, subject, roles: given.length },
      by: { organizationId, subject },
    });
    return { organizationId, userName: name, email: found.email };
  },
};

function isGood(
  found: StoredInvitation | undefined,
  { secret }: InvitationLink,
  nowMs: number,
): found is StoredInvitation {
  if (found === undefined || found.acceptedAt !== null || found.withdrawnAt !== null) return false;
  const isSame = timingSafeEqual(Buffer.from(found.codeHash), Buffer.from(secretHashOf(secret)));
  return isSame && found.expiresAt > fixedText(nowMs);
}

/** Whether whoever has invited may still do so. The operator always may. */
function isStillGiven({ users }: Directory, { organizationId, invitedBy, roles }: StoredInvitation): boolean {
  if (invitedBy === '') return true;
  const inviter = users.find((user) => user.organizationId === organizationId && user.name === invitedBy);
  if (inviter === undefined || !inviter.isActive) return false;
  if (grantOf(inviter.roles, 'directory.manage') === undefined) return false;
  return roles.every((role) => canGive(inviter.roles, role));
}

/** Strangers ask, with anything; PostgreSQL would refuse a zero byte. */
function isOrganizationId(text: string): boolean {
  return /^[0-9a-z-]{1,40}$/.test(text);
}
