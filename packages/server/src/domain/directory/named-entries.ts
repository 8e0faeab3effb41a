import { failure } from '@cosell/model';
import type { Directory } from '../../store/directory-entry.ts';

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

/** @throws Failure `directoryRefused` for what is no name */
export function requireName(name: string): void {
  if (name.trim() !== '' && name === name.trim() && !/\p{Cc}/u.test(name)) return;
  const reason = 'a name is text on one line, without space at its ends, and not empty';
  throw failure('directoryRefused', { reason });
}

/** @throws Failure `directoryRefused` where the organisation has no such location */
export function requireLocation(directory: Directory, organizationId: string, mpnId: string): void {
  if (directory.locations.some((location) => location.organizationId === organizationId && location.mpnId === mpnId))
    return;
  throw failure('directoryRefused', { reason: `the organisation has no location ${mpnId}; add it first` });
}
