import { timingSafeEqual } from 'node:crypto';
import { secretHashOf } from '../../domain/directory/client-secret.ts';
import { fixedText } from '../../domain/exchange-clock.ts';
import type { StoredClient } from '../../store/directory-entry.ts';
import type { Clock } from '../../store/store.ts';

/** What the provider's library is told of a client beside what it knows itself. */
export interface OwnMetadata {
  readonly cosell_redirect_uris: readonly string[];
  readonly cosell_secrets: StoredClient['secrets'];
  readonly cosell_organization: string;
}

/** Names of that metadata. */
export const ownMetadata: readonly (keyof OwnMetadata)[] = [
  'cosell_redirect_uris',
  'cosell_secrets',
  'cosell_organization',
];

/** The grant of RFC 8628. */
export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** What never stands for a secret: secrets are compared by their hashes, in `isSecret`. */
const noSecret = 'compared by hash';

/** A program as the provider's library has it. */
export function clientMetadata(client: StoredClient, allowsPasswords: boolean): Record<string, unknown> & OwnMetadata {
  const { clientId, name, kind, isPublic, redirectUris, secrets, organizationId } = client;
  const signsIn = kind === 'application';
  const hasAddress = redirectUris.length > 0;
  const passwords = allowsPasswords ? ['password'] : [];
  return {
    client_id: clientId,
    client_name: name,
    application_type: 'native',
    token_endpoint_auth_method: isPublic ? 'none' : 'client_secret_post',
    ...(isPublic ? {} : { client_secret: noSecret }),
    // Which addresses are allowed is decided by `isRegistered`; the library only wants to see one.
    redirect_uris: signsIn && hasAddress ? ['http://localhost'] : [],
    grant_types: signsIn
      ? [...(hasAddress ? ['authorization_code', 'implicit'] : []), 'refresh_token', deviceGrant, ...passwords]
      : ['client_credentials'],
    response_types: signsIn && hasAddress ? ['code', 'code id_token'] : [],
    cosell_redirect_uris: redirectUris,
    cosell_secrets: secrets,
    cosell_organization: organizationId,
  };
}

/** Whether a text is one of a program's secrets that has not ended. Each is compared in constant time. */
export function isSecret(text: string, secrets: StoredClient['secrets'], clock: Clock): boolean {
  const now = fixedText(clock.now());
  const given = Buffer.from(secretHashOf(text), 'hex');
  let isOne = false;
  for (const { secretHash, expiresAt } of secrets) {
    const isEqual = timingSafeEqual(given, Buffer.from(secretHash, 'hex'));
    if (isEqual && (expiresAt === null || expiresAt > now)) isOne = true;
  }
  return isOne;
}
