import type { RoleAssignment } from '@cosell/model';

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

/** Everything in the directory. */
export interface Directory {
  readonly organizations: readonly {
    readonly id: string;
    readonly name: string;
    readonly tenantIds: readonly string[];
  }[];
  readonly locations: readonly Location[];
  readonly users: readonly DirectoryUser[];
  readonly routingRules: readonly (RoutingRule & { readonly organizationId: string })[];
}

/** A partner location. */
export interface Location {
  readonly organizationId: string;
  /** Numeric text, the partner id. */
  readonly mpnId: string;
  /** GUID of its business profile, by which it is targeted. */
  readonly profileId: string;
  readonly name: string;
}

/** Where a referral from Microsoft goes: customer's market by solution (facts §16.4). Null stands for all. */
export interface RoutingRule {
  readonly solutionId: string | null;
  readonly country: string | null;
  readonly mpnId: string;
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
