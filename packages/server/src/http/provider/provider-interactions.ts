import { failure } from '@cosell/model';
import { findProviderKey } from '../../domain/provider-key.ts';
import { accountIdOf, keepProviderRecord } from '../../domain/provider-records.ts';
import type { ProviderRecord } from '../../store/provider-record.ts';
import type { Store, Surroundings } from '../../store/store.ts';
import { findAccountUser } from './account-id.ts';
import { ownParameters } from './adjust-request.ts';
import { cookieNames } from './configuration.ts';
import { CookieKeys, readSignedCookie } from './cookie-keys.ts';
import type { Interaction, Interactions } from './interactions.ts';
import { storedIdOf } from './record-adapter.ts';
import { consentScopes } from './resources.ts';

/** What the library keeps of something that it asks of a user. */
interface StoredInteraction {
  readonly returnTo: string;
  readonly prompt: { readonly name: string };
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly session?: { readonly accountId?: string };
  readonly lastSubmission?: object;
  readonly result?: object;
}

/** What the pages know of the built-in provider, read from what its library keeps. The library itself is not needed. */
export function createInteractions(store: Store, surroundings: Surroundings): Interactions {
  const load = async (uid: string) => {
    const record = await store.provider.findRecord('Interaction', 'id', storedIdOf(`${uid}`.replace(/^#+/, '')));
    if (record === undefined || (record.expiresAt ?? 0) * 1000 <= surroundings.clock.now()) return undefined;
    return { record, kept: JSON.parse(record.payload) as StoredInteraction };
  };
  const answer = async (uid: string, result: object) => {
    const found = await load(uid);
    if (found === undefined) throw failure('routeNotFound', { hint: 'This sign-in has ended.' });
    const { record, kept } = found;
    await store.transact(keepProviderRecord, { ...withPayload(record, { ...kept, result }), extends: null });
    return kept.returnTo;
  };
  return {
    async find(uid, cookieHeader) {
      const keys = new CookieKeys(await findProviderKey(store, surroundings));
      if (readSignedCookie(cookieHeader, cookieNames.interaction, keys) !== uid) return undefined;
      const found = await load(uid);
      return found && viewOf(store, uid, found.kept);
    },
    async signIn(uid, { organizationId, userName, amr }) {
      const users = await store.identity.findUsersNamed(userName, undefined);
      const user = users.find((one) => one.organizationId === organizationId && one.name === userName);
      if (user === undefined) throw failure('userUnknown');
      return answer(uid, { login: { accountId: accountIdOf(user), amr: [...amr], remember: false } });
    },
    async consent(uid, isAllowed) {
      const refusal = { error: 'access_denied', error_description: 'the user does not allow it' };
      const last = (await load(uid))?.kept.lastSubmission ?? {};
      return answer(uid, isAllowed ? { ...last, consent: {} } : refusal);
    },
  };
}

function withPayload({ consumedAt: _, ...record }: ProviderRecord, payload: StoredInteraction) {
  return { ...record, payload: JSON.stringify(payload) };
}

async function viewOf(store: Store, uid: string, kept: StoredInteraction): Promise<Interaction | undefined> {
  const { params, prompt, session } = kept;
  const client = await store.findClient(params.client_id ?? '');
  if (client === undefined) return undefined;
  const accountId = session?.accountId;
  const user = accountId === undefined ? undefined : await findAccountUser(store, accountId);
  const { login_hint: loginHint, ui_locales: locales } = params;
  return {
    uid,
    tenant: params[ownParameters.tenant] ?? 'common',
    prompt: prompt.name === 'consent' ? 'consent' : 'signIn',
    client: { clientId: client.clientId, name: client.name, organizationId: client.organizationId },
    scopes: consentScopes(params.scope),
    ...(loginHint === undefined ? {} : { loginHint }),
    ...(locales === undefined ? {} : { locales }),
    ...(user === undefined ? {} : { user: { organizationId: user.organizationId, userName: user.name } }),
    needsSecondFactor: params[ownParameters.secondFactor] === 'true',
  };
}
