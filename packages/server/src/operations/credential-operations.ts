import { addSamplePassword, setPassword, setSecondFactor } from '../domain/credentials.ts';
import { userOf } from '../domain/directory/named-entries.ts';
import { createPasswordHasher } from '../identity/password-hasher.ts';
import { randomPassword } from '../identity/random-text.ts';
import type { Store } from '../store/store.ts';
import type { Operations } from './operations.ts';

/** What the operator can do for users who cannot sign in. */
export function credentialOperations(store: Store): Pick<Operations, 'setPassword' | 'resetSecondFactor'> {
  const holderOf = async (nameOrEmail: string) => {
    const { organizationId, name } = userOf(await store.listDirectory(), nameOrEmail);
    return { organizationId, userName: name, by: undefined };
  };
  return {
    async setPassword({ user }) {
      const holder = await holderOf(user);
      const password = randomPassword();
      const passwordHash = await createPasswordHasher().hash(password);
      await store.transact(setPassword, { ...holder, passwordHash, isTemporary: true });
      return { user: holder.userName, password };
    },
    async resetSecondFactor({ user }) {
      const holder = await holderOf(user);
      await store.transact(setSecondFactor, { ...holder, totpSecret: null, takenStep: null });
      return { user: holder.userName };
    },
  };
}

/** Gives the users of a sample exchange one random password, and tells it: nobody can learn it later. */
export async function giveSamplePassword(store: Store): Promise<string> {
  const password = randomPassword();
  await store.transact(addSamplePassword, { passwordHash: await createPasswordHasher().hash(password) });
  return password;
}
