import { failure } from '@cosell/model';
import type { Directory, Location } from '../../store/directory-entry.ts';

/**
 * An organisation by id or name, in either case. An id goes before a name, which anybody may give to his own.
 *
 * @param refusal what is refused where there is none
 */
export function organizationOf(
  directory: Directory,
  idOrName: string,
  refusal: 'directoryRefused' | 'cleanUpRefused' = 'directoryRefused',
) {
  const wanted = idOrName.toLowerCase();
  const byId = directory.organizations.filter(({ id }) => id === wanted);
  const byName = directory.organizations.filter(({ name }) => name.toLowerCase() === wanted);
  const found = byId.length > 0 ? byId : byName;
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

/**
 * A user by name or e-mail address. A name as it is written goes before everything that is only like it; but not one that
 * reads like an address, which somebody may have taken to be found instead of its owner.
 *
 * @param organizationId only one of this organisation, by his name as it is written
 */
export function userOf(directory: Directory, nameOrEmail: string, organizationId?: string) {
  if (organizationId !== undefined) return userIn(directory, organizationId, nameOrEmail);
  const wanted = nameOrEmail.toLowerCase();
  const found = directory.users.filter(
    ({ name, email }) => name.toLowerCase() === wanted || email.toLowerCase() === wanted,
  );
  const named = found.find(({ name }) => name === nameOrEmail);
  const isSure = found.length === 1 || (named !== undefined && !nameOrEmail.includes('@'));
  const user = named ?? found[0];
  if (user === undefined) throw failure('directoryRefused', { reason: `there is no user ${nameOrEmail}` });
  if (!isSure) {
    const names = found.map(({ name }) => name).join(', ');
    throw failure('directoryRefused', { reason: `several users match ${nameOrEmail}: ${names}; give the name` });
  }
  return user;
}

function userIn({ users }: Directory, organizationId: string, name: string) {
  const user = users.find((one) => one.organizationId === organizationId && one.name === name);
  if (user === undefined) throw failure('directoryRefused', { reason: `there is no user ${name}` });
  return user;
}

/** @throws Failure `directoryRefused` where the organisation has no such location */
export function locationOf(directory: Directory, organizationId: string, mpnId: string): Location {
  const found = directory.locations.find((one) => one.organizationId === organizationId && one.mpnId === mpnId);
  if (found !== undefined) return found;
  throw failure('directoryRefused', { reason: `the organisation has no location ${mpnId}; add it first` });
}

/** Letters that a name or an address has at most. */
export const longestName = 256;

/** Whether a text is a name: one line, without space at its ends, and not empty. */
export function isName(text: string): boolean {
  return (
    text.trim() !== '' && text === text.trim() && text.length <= longestName && !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(text)
  );
}

/** Whether a text reads like an e-mail address. */
export function isEmail(text: string): boolean {
  return isName(text) && /^[^@\s]+@[^@\s]+$/.test(text);
}

/** @throws Failure `directoryRefused` for what is no name */
export function requireName(name: string): void {
  if (isName(name)) return;
  const reason = `a name is text on one line of at most ${longestName} letters, without space at its ends, and not empty`;
  throw failure('directoryRefused', { reason });
}

/** @throws Failure `directoryRefused` for what is no address */
export function requireEmail(email: string): void {
  if (!isEmail(email)) throw failure('directoryRefused', { reason: `"${email}" is not an e-mail address` });
}
