import type { Consent } from './consents.ts';
import type { Credentials } from './credentials.ts';
import type {
  ListedClient,
  ListedInvitation,
  ListedSecret,
  StoredClient,
  StoredInvitation,
} from './directory-entry.ts';

/** What a transaction can do to programs, invitations and that by which users prove themselves. */
export interface IdentityWrites {
  /** Takes from a name what somebody proved himself by, and what he has allowed. */
  forgetSignIn(organizationId: string, userName: string): Promise<void>;
  findInvitation(organizationId: string, id: string): Promise<StoredInvitation | undefined>;
  addInvitation(invitation: Omit<StoredInvitation, 'acceptedAt' | 'withdrawnAt'>): Promise<void>;
  endInvitation(
    organizationId: string,
    id: string,
    end: Pick<ListedInvitation, 'acceptedAt' | 'withdrawnAt'>,
  ): Promise<void>;
  /** Replaces whom an invitation names. */
  renameInvitation(
    names: Pick<ListedInvitation, 'organizationId' | 'id' | 'email' | 'userName' | 'invitedBy'>,
  ): Promise<void>;
  findClient(clientId: string): Promise<StoredClient | undefined>;
  listClients(organizationId: string): Promise<ListedClient[]>;
  /** Stores a program; the organisation and kind of one that is there stay. */
  putClient(client: Omit<ListedClient, 'secrets'>): Promise<void>;
  putClientSecret(clientId: string, secret: ListedSecret & { readonly secretHash: string }): Promise<void>;
  removeClientSecret(clientId: string, id: string): Promise<void>;
  findCredentials(organizationId: string, userName: string): Promise<Credentials | undefined>;
  putCredentials(credentials: Credentials): Promise<void>;
  /** Consents to a program that concern a user: that of his organisation, and his own after it. */
  listConsents(key: Pick<Consent, 'organizationId' | 'userName' | 'clientId'>): Promise<Consent[]>;
  putConsent(consent: Consent): Promise<void>;
}
