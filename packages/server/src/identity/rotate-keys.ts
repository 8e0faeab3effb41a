import { type RotatedKeys, rotateSigningKeys } from '../domain/signing-keys.ts';
import type { Store } from '../store/store.ts';
import { type BuiltInIssuer, generateSigningKey } from './built-in-issuer.ts';

/**
 * Signs with a new key from now on. This process knows at once, others within seconds.
 *
 * @param retiresOthers whether what the other keys have signed is refused from now on
 */
export async function rotateKeys(store: Store, issuer: BuiltInIssuer, retiresOthers: boolean): Promise<RotatedKeys> {
  const rotated = await store.transact(rotateSigningKeys, { key: await generateSigningKey(), retiresOthers });
  await issuer.signingKeys.refresh();
  return rotated;
}
