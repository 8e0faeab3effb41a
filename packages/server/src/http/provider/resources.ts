import { builtInAudiences, documentedAudience } from '../../identity/audiences.ts';

/** The one permission that there is, as Entra names it. */
export const userImpersonation = 'user_impersonation';

/** By what the provider knows `offline_access`: its library would strike that name where no consent is asked for. */
export const offlineScope = 'offline';

/** Scopes of OpenID Connect that are known here. */
const openIdScopes = ['openid', 'profile', 'email'];

/** The audience of a resource by the identifier that the provider has for it. */
export function audienceOf(identifier: string): string {
  return identifier.replace(/^urn:uuid:/, '');
}

/** The identifier of a resource: OAuth wants an absolute URI (RFC 8707, section 2), and Entra takes GUIDs, too. */
export function identifierOf(resource: string): string {
  return /^[0-9a-f-]{36}$/i.test(resource) ? `urn:uuid:${resource.toLowerCase()}` : resource;
}

/** Identifiers of every resource that tokens are for, the documented one first. */
export function knownResources(origin: string): string[] {
  const names = builtInAudiences('partnerCenter', [origin]).map(identifierOf);
  return [documentedAudience, ...names.filter((name) => name !== documentedAudience)];
}

/** What a text of scopes asks for. */
export interface AskedScopes {
  /** Scopes, as the provider knows them. */
  readonly scopes: readonly string[];
  /** The identifier of the resource that one of them names. */
  readonly resource: string | undefined;
}

/**
 * Reads scopes in any form that clients of Entra send: `{resource}/.default`, `{resource}/user_impersonation`, and those of
 * OpenID Connect. Whatever else is asked for is not granted, and the answer says so by its `scope` (RFC 6749, section 3.3).
 */
export function readScopes(text: string): AskedScopes {
  const asked = text.split(/\s+/).filter((scope) => scope !== '');
  const scopes = new Set<string>();
  let resource: string | undefined;
  for (const scope of asked) {
    const slash = scope.lastIndexOf('/');
    const permission = scope.slice(slash + 1);
    if (scope === 'offline_access') scopes.add(offlineScope);
    else if (openIdScopes.includes(scope)) scopes.add(scope);
    else if (permission === '.default' || permission === userImpersonation) {
      scopes.add(userImpersonation);
      if (slash > 0) resource ??= identifierOf(scope.slice(0, slash));
    } else if (URL.canParse(scope)) {
      // The permission of some other resource: it is named, so that the refusal names it.
      resource ??= scope.slice(0, slash);
    }
  }
  return { scopes: [...scopes], resource };
}

/** Scopes as users consent to them: for every resource alike. */
export function consentScopes(scope: unknown): string[] {
  const scopes = typeof scope === 'string' ? scope.split(' ') : [];
  return scopes.map((one) => (one === offlineScope ? 'offline_access' : one));
}

/** Scopes as a client knows them. */
export function shownScopes(scopes: Iterable<string>, audience: string): string[] {
  return [...scopes].flatMap((scope) => {
    if (scope === offlineScope) return ['offline_access'];
    if (scope !== userImpersonation) return [scope];
    return [`${audience}/${userImpersonation}`, `${audience}/.default`];
  });
}
