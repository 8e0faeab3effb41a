import { failure } from '@cosell/model';
import type { AdmittedCaller } from '../domain/caller.ts';
import { admit } from '../domain/visibility.ts';
import type { ProvedClaims } from '../identity/claims.ts';
import { findCaller } from '../identity/find-caller.ts';
import type { Route, Surface } from './route.ts';

/**
 * Who may come in by a route: a user with the permission that it asks for, or the operator, for whom there is no caller.
 *
 * @throws Failure `roleMissing`, `operatorRequired`, and those of `findCaller`
 */
export async function admitCaller(
  { store }: Pick<Surface, 'store'>,
  { access, isOpenToOperator }: Pick<Route, 'access' | 'isOpenToOperator'>,
  claims: ProvedClaims,
): Promise<AdmittedCaller | undefined> {
  if (access === 'public' || (isOpenToOperator === true && claims.isOperator)) return undefined;
  if (access !== 'operator') return admit(await findCaller(store, claims), access);
  if (!claims.isOperator) throw failure('operatorRequired');
  return undefined;
}
