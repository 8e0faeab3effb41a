import type { IncomingMessage } from 'node:http';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { findProviderKey } from '../../domain/provider-key.ts';
import { recordActs } from '../../domain/record-acts.ts';
import { actorOf } from './account-id.ts';
import type { UserAccount } from './accounts.ts';
import { adjustDeviceAnswer, adjustRefusal, adjustTokenAnswer } from './adjust-answer.ts';
import { isSecret, type OwnMetadata } from './client-metadata.ts';
import { configurationOf, type ProviderMaking } from './configuration.ts';
import { CookieKeys } from './cookie-keys.ts';
import { registerPasswordGrant } from './password-grant.ts';
import { loadProviderLibrary } from './provider-library.ts';
import type { IssuerPlace, ProviderParts } from './provider-parts.ts';
import { isRegistered } from './redirect-address.ts';

/** Issuers that are kept ready; each takes some 100 kB. */
const mostProviders = 32;

/** What is known of a request that the library answers, and what went wrong with it. */
export interface RequestNotes {
  readonly requestId: string;
  readonly address: string;
  readonly asksForClientInfo: boolean;
  error?: Error;
}

/** The providers of this process: one for each issuer, made when it is first asked for. */
export class Providers {
  readonly #parts: ProviderParts;
  readonly #known = new Map<string, { readonly provider: Provider; readonly keys: object }>();
  /** What is known of each request under way. */
  readonly notes = new WeakMap<IncomingMessage, RequestNotes>();

  constructor(parts: ProviderParts) {
    this.#parts = parts;
  }

  /** The provider of an issuer, with the keys of this moment. */
  async of(place: IssuerPlace): Promise<Provider> {
    const { issuer, store, surroundings } = this.#parts;
    const keys = await issuer.signingKeys.current();
    const name = `${place.version} ${place.origin} ${place.tenant}`;
    const known = this.#known.get(name);
    this.#known.delete(name);
    if (known?.keys === keys) {
      this.#known.set(name, known);
      return known.provider;
    }
    const [library, key] = await Promise.all([loadProviderLibrary(), findProviderKey(store, surroundings)]);
    const cookieKeys = new CookieKeys(key);
    const provider = this.#make({ library, parts: this.#parts, place, keys, cookieKeys, salt: key });
    this.#known.set(name, { provider, keys });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= mostProviders) break;
      this.#known.delete(oldest);
    }
    return provider;
  }

  /** Observes a fault of ours. */
  observe(requestId: string, error: Error): void {
    this.#parts.observe({ kind: 'requestBroken', requestId, error });
  }

  #make(making: ProviderMaking): Provider {
    const { library, place, parts } = making;
    const { origin, tenant, version } = place;
    const issuer = version === 1 ? `${origin}/${tenant}/` : `${origin}/${tenant}/v2.0`;
    const provider = new library.default(issuer, configurationOf(making));
    const pathFor = provider.pathFor.bind(provider);
    // Entra's endpoints are not below its issuers, and the page for devices is below no tenant.
    provider.pathFor = (name, { mountPath: _, ...options } = {}) => {
      const isDevice = name === 'code_verification' || name === 'device_resume';
      return pathFor(name, { ...options, mountPath: isDevice ? '' : `/${tenant}` });
    };
    const { prototype } = provider.Client as unknown as { prototype: Record<string, unknown> };
    Object.assign(prototype, clientRules(parts));
    this.#pairwise(provider);
    keepNothingNew(provider);
    if (parts.config.allowsPasswordGrant) {
      registerPasswordGrant(provider, making, ({ req }) => ({
        address: this.notes.get(req)?.address ?? '',
        requestId: this.notes.get(req)?.requestId ?? '',
      }));
    }
    provider.use(async (ctx, next) => {
      // Whatever page the library writes itself sends a form on, and has a script of known hash for it.
      ctx.set('Content-Security-Policy', "default-src 'none'; script-src; base-uri 'none'; frame-ancestors 'none'");
      await next();
      this.#adjust(ctx as KoaContextWithOIDC, making);
      await this.#noteSignOut(ctx as KoaContextWithOIDC);
    });
    this.#listen(provider);
    return provider;
  }

  /**
   * Each program has another name for a user. The library knows that (OpenID Connect Core 1.0, section 8.1), but not
   * together with device codes for programs without keys of their own: what it fears there are names that two programs
   * share, and ours never are.
   */
  #pairwise(provider: Provider): void {
    const find = provider.Client.find.bind(provider.Client);
    provider.Client.find = async (id) => {
      const client = await find(id);
      if (client !== undefined) Object.assign(client, { subjectType: 'pairwise' });
      return client;
    };
  }

  /** Gives what is answered in JSON the form that Entra has. */
  #adjust(ctx: KoaContextWithOIDC, { place, parts }: ProviderMaking): void {
    const route = ctx.oidc?.route;
    const body = ctx.body as Record<string, unknown> | undefined;
    if ((route !== 'token' && route !== 'device_authorization') || typeof body !== 'object') return;
    const notes = this.notes.get(ctx.req);
    const now = parts.surroundings.clock.now();
    if (body.error !== undefined) {
      const { error_detail: detail } = (notes?.error ?? {}) as { readonly error_detail?: string };
      const refusal = { error: String(body.error), error_description: String(body.error_description ?? '') };
      ctx.body = adjustRefusal(refusal, { detail, requestId: notes?.requestId ?? '', now });
    } else if (route === 'device_authorization') ctx.body = adjustDeviceAnswer(body, place.version);
    else ctx.body = adjustTokenAnswer(body, place.version, issuedOf(ctx, body, notes?.asksForClientInfo === true));
  }

  /** A session that was ended is on record, as its beginning is. */
  async #noteSignOut({ oidc, req, status }: KoaContextWithOIDC): Promise<void> {
    if (oidc?.route !== 'end_session_confirm' || status !== 303 || oidc.params?.logout === undefined) return;
    const { store } = this.#parts;
    const { accountId } = oidc.session ?? {};
    if (accountId === undefined) return;
    const requestId = this.notes.get(req)?.requestId ?? null;
    const by = { ...(await actorOf(store, accountId)), clientId: oidc.client?.clientId ?? null, requestId };
    await store.transact(recordActs, [{ kind: 'signedOut', subject: undefined, details: {}, by }]);
  }

  /** The library tells of what goes wrong by events; without a listener, Koa would print it. */
  #listen(provider: Provider): void {
    const note = (ctx: KoaContextWithOIDC, error: Error) => {
      const notes = this.notes.get(ctx.req);
      if (notes !== undefined) notes.error = error;
    };
    const events = [
      'authorization.error',
      'code_verification.error',
      'device_authorization.error',
      'device_resume.error',
      'end_session.error',
      'end_session_confirm.error',
      'end_session_success.error',
      'grant.error',
      'server_error',
    ] as const;
    for (const event of events) provider.on(event as 'server_error', note);
    (provider as NodeJS.EventEmitter).on('error', (error: Error, ctx?: KoaContextWithOIDC) => {
      if (ctx !== undefined) note(ctx, error);
    });
  }
}

/** After a refusal the library saves the session also where there was none, and stumbles over that it never was saved. */
function keepNothingNew(provider: Provider): void {
  const { prototype } = provider.Session as unknown as { prototype: { exp?: number; persist(): Promise<unknown> } };
  const { persist } = prototype;
  prototype.persist = async function (this: typeof prototype) {
    return this.exp === undefined ? undefined : persist.call(this);
  };
}

/** How programs prove themselves, and where their users may be sent. */
function clientRules({ surroundings }: ProviderParts) {
  return {
    compareClientSecret(this: OwnMetadata, actual: unknown) {
      return typeof actual === 'string' && isSecret(actual, this.cosell_secrets, surroundings.clock);
    },
    redirectUriAllowed(this: OwnMetadata, address: string) {
      return isRegistered(address, this.cosell_redirect_uris);
    },
    postLogoutRedirectUriAllowed(this: OwnMetadata, address: string) {
      return isRegistered(address, this.cosell_redirect_uris);
    },
  };
}

/** What is known of a token that was just issued. */
function issuedOf(ctx: KoaContextWithOIDC, body: Readonly<Record<string, unknown>>, asksForClientInfo: boolean) {
  const { account, entities } = ctx.oidc;
  const [, payload = ''] = String(body.access_token).split('.');
  const { aud, iat } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { aud: string; iat: number };
  const source = entities.RefreshToken ?? entities.AuthorizationCode ?? entities.DeviceCode;
  const scopes = source?.scope ?? String(ctx.oidc.params?.scope ?? '');
  const user = (account as UserAccount | undefined)?.user;
  return {
    audience: aud,
    issuedAt: iat,
    scopes: scopes.split(' ').filter((one) => one !== ''),
    user,
    asksForClientInfo,
  };
}
