import { changeDirectory } from '../../domain/directory/change-directory.ts';
import { userOf } from '../../domain/directory/named-entries.ts';
import { accountIdOf, endRefreshTokens } from '../../domain/provider-records.ts';
import { rotateKeys } from '../../identity/rotate-keys.ts';
import { JsonOrder } from '../json-order.ts';

import type { Answer, Asked, Surface } from '../route.ts';

/** What can become of sign-in. */
export const identityActs = ['revokeUser', 'restoreUser', 'expireRefreshTokens', 'rotateKeys'] as const;

/**
 * POST of what an integration has to live through: its user leaves or comes back, his refresh tokens end, and the
 * provider signs with other keys.
 */
export async function answerIdentityAct({ store, issuer }: Surface, asked: Asked): Promise<Answer> {
  const order = new JsonOrder(asked.body, ['act', 'user', 'retireOthers']);
  const act = order.choice('act', identityActs);
  const user = order.text('user');
  const retiresOthers = order.flag('retireOthers');
  if (act === 'rotateKeys' && user !== undefined) order.refuse('user', 'Keys belong to no user; leave it out.');
  if (act !== undefined && act !== 'rotateKeys') {
    if (user === undefined) order.refuse('user', 'Write the name or e-mail address of a user.');
    if (retiresOthers !== undefined) order.refuse('retireOthers', 'This goes with rotateKeys only; leave it out.');
  }
  order.finish();
  if (act === 'rotateKeys') {
    const { kids, retired } = await rotateKeys(store, issuer, retiresOthers === true);
    return { status: 200, body: JSON.stringify({ keys: kids, retired }) };
  }
  const found = userOf(await store.listDirectory(), user ?? '');
  if (act === 'expireRefreshTokens') {
    const expired = await store.transact(endRefreshTokens, { accountId: accountIdOf(found) });
    return { status: 200, body: JSON.stringify({ user: found.name, refreshTokensExpired: expired }) };
  }
  const isActive = act === 'restoreUser';
  const { name, organizationId } = found;
  await store.transact(changeDirectory, { kind: 'changeUser', user: name, organizationId, isActive });
  return { status: 200, body: JSON.stringify({ user: name, isActive }) };
}
