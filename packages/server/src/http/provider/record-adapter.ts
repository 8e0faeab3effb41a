import { createHash } from 'node:crypto';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import {
  consumeProviderRecord,
  forgetProviderRecord,
  keepProviderRecord,
  revokeProviderGrant,
} from '../../domain/provider-records.ts';
import { recordActs } from '../../domain/record-acts.ts';
import type { ProviderRecord } from '../../store/provider-record.ts';
import type { ProviderKey } from '../../store/provider-records.ts';
import type { Store } from '../../store/store.ts';
import { actorOf } from './account-id.ts';

/**
 * What stands before the stored id of a record that was found by another name, in the place of its id, which nobody knows.
 * No id begins so, and none that does is taken from a request.
 */
export const sealed = '#';

/** The name under which a record is stored. */
export function storedIdOf(id: string): string {
  return id.startsWith(sealed) ? id.slice(sealed.length) : createHash('sha256').update(id).digest('base64url');
}

/** Keeps one kind of the provider's records in the store, in the form that its library asks for. */
export class RecordAdapter implements Adapter {
  readonly #model: string;
  readonly #store: Store;
  readonly #refuse: (reason: string) => Error;

  /** @param refuse makes the error for something that was used up before */
  constructor(model: string, store: Store, refuse: (reason: string) => Error) {
    this.#model = model;
    this.#store = store;
    this.#refuse = refuse;
  }

  async upsert(id: string, { jti: _id, exp, ...payload }: AdapterPayload): Promise<void> {
    const { grantId = null, userCode = null, uid = null } = payload;
    // A session is named in what is asked of its user, and its id opens it.
    const { session } = payload as { session?: Record<string, unknown> };
    if (session !== undefined) delete session.cookie;
    await this.#store.transact(keepProviderRecord, {
      model: this.#model,
      id: storedIdOf(id),
      payload: JSON.stringify(payload),
      grantId,
      userCode,
      uid,
      expiresAt: exp ?? null,
      extends: this.#model === 'RefreshToken' && grantId !== null ? storedIdOf(grantId) : null,
    });
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const found = payloadOf(await this.#find('id', storedIdOf(id)), id);
    if (found?.consumed !== undefined) await this.#noteReuse(found);
    return found;
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return payloadOf(await this.#find('uid', uid));
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return payloadOf(await this.#find('userCode', userCode));
  }

  async consume(id: string): Promise<void> {
    const record = await this.#find('id', storedIdOf(id));
    const grantId = record?.grantId ?? null;
    const grant = grantId === null ? null : storedIdOf(grantId);
    const used = { model: this.#model, id: storedIdOf(id), grantId, grant };
    if (await this.#store.transact(consumeProviderRecord, used)) return;
    const held = payloadOf(record);
    if (held !== undefined) await this.#noteReuse(held);
    throw this.#refuse('it was used before, and what came of it is revoked');
  }

  async destroy(id: string): Promise<void> {
    await this.#store.transact(forgetProviderRecord, { model: this.#model, id: storedIdOf(id) });
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.#store.transact(revokeProviderGrant, { grantId });
  }

  /** A refresh token that comes a second time may be in two hands, so that it did is on record. */
  async #noteReuse({ accountId, clientId }: AdapterPayload): Promise<void> {
    if (this.#model !== 'RefreshToken') return;
    const by = { ...(await actorOf(this.#store, accountId)), clientId: clientId ?? null };
    await this.#store.transact(recordActs, [{ kind: 'refreshTokenReused', subject: undefined, details: {}, by }]);
  }

  #find(by: ProviderKey, value: string): Promise<ProviderRecord | undefined> {
    return this.#store.provider.findRecord(this.#model, by, value);
  }
}

function payloadOf(record: ProviderRecord | undefined, id?: string): AdapterPayload | undefined {
  if (record === undefined) return undefined;
  const { payload, expiresAt, consumedAt } = record;
  return {
    ...(JSON.parse(payload) as AdapterPayload),
    jti: id ?? sealed + record.id,
    ...(expiresAt === null ? {} : { exp: expiresAt }),
    ...(consumedAt === null ? {} : { consumed: consumedAt }),
  };
}
