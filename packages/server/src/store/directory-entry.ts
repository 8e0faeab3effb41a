import type { RoleAssignment } from '@cosell/model';
import type { Consent } from './consents.ts';

/** A user of the directory, with what he may do. */
export interface DirectoryUser {
  readonly organizationId: string;
  readonly name: string;
  readonly tenantId: string;
  /** The `oid` of his tokens, or `sub` where the issuer has no tenants. */
  readonly subject: string;
  readonly email: string;
  readonly isActive: boolean;
  readonly roles: readonly RoleAssignment[];
}

/** A user as he is found by his token. */
export interface FoundUser extends DirectoryUser {
  readonly isOrganizationActive: boolean;
}

/** Everything in the directory. */
export interface Directory {
  readonly organizations: readonly (Organization & { readonly tenantIds: readonly string[] })[];
  readonly locations: readonly Location[];
  readonly users: readonly DirectoryUser[];
  readonly clients: readonly ListedClient[];
  readonly invitations: readonly ListedInvitation[];
  readonly consents: readonly Consent[];
  readonly routingRules: readonly (RoutingRule & { readonly organizationId: string })[];
}

/** An organisation. When it is not active, none of its users is. */
export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly isActive: boolean;
}

/** An invitation as the directory lists it: nothing in it opens its link. */
export interface ListedInvitation {
  readonly organizationId: string;
  readonly id: string;
  readonly email: string;
  /** The name that the user is to have; empty where he chooses it. */
  readonly userName: string;
  readonly roles: readonly RoleAssignment[];
  /** The name of the user who has invited; empty for the operator. */
  readonly invitedBy: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly acceptedAt: string | null;
  readonly withdrawnAt: string | null;
}

/** An invitation with what the secret part of its link is compared with. */
export interface StoredInvitation extends ListedInvitation {
  /** SHA-256, in hexadecimal. */
  readonly codeHash: string;
}

/** A partner location. */
export interface Location {
  readonly organizationId: string;
  /** Numeric text, the partner id. */
  readonly mpnId: string;
  /** GUID of its business profile, by which it is targeted. */
  readonly profileId: string;
  readonly name: string;
  /** Whether it takes new referrals. */
  readonly isActive: boolean;
}

/** Where a referral from Microsoft goes: customer's market by solution (facts §16.4). Null stands for all. */
export interface RoutingRule {
  readonly solutionId: string | null;
  readonly country: string | null;
  readonly mpnId: string;
}

/** A program: an application, in which users sign in, or an API client, which speaks for its organisation by itself. */
interface Client {
  readonly clientId: string;
  readonly organizationId: string;
  readonly kind: 'application' | 'apiClient';
  readonly name: string;
  /** Whether it cannot keep a secret, such as one that runs on its user's machine. */
  readonly isPublic: boolean;
  readonly redirectUris: readonly string[];
  readonly isActive: boolean;
}

/** A program as the built-in provider asks for it. */
export interface StoredClient extends Client {
  readonly organizationIsActive: boolean;
  readonly secrets: readonly {
    readonly id: string;
    /** SHA-256 of the secret, in hexadecimal. */
    readonly secretHash: string;
    /** From when on it proves nothing, as stored text; null for never. */
    readonly expiresAt: string | null;
  }[];
}

/** A program as the directory lists it: nothing in it proves a secret. */
export interface ListedClient extends Client {
  readonly createdAt: string;
  readonly secrets: readonly ListedSecret[];
}

/** What may be told of a secret. */
export interface ListedSecret {
  readonly id: string;
  /** Its first letters, by which its owner tells it from another. */
  readonly hint: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
}

/** A private key of the built-in issuer. */
export interface SigningKey {
  readonly kid: string;
  readonly algorithm: string;
  /** The private JWK as JSON text. */
  readonly privateJwk: string;
}

/** A key as it is stored. */
export interface StoredSigningKey extends SigningKey {
  /** When it was made, by the machine's clock, as stored text. */
  readonly createdAt: string;
}
