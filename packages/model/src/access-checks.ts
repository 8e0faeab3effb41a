import type { FailureKind } from './failures.ts';

/** One check between a request and its answer. */
interface AccessCheck {
  /** What holds when it is passed. */
  readonly sentence: string;
  /** The refusals by which it ends. */
  readonly refuses: readonly FailureKind[];
  /** What the operator can do for whoever fails it. */
  readonly mend: string;
}

/**
 * Everything that a caller has to pass, in the order in which it is asked. The log, metrics, the audit and
 * `cosell explain` call a refusal by the check that has failed.
 */
export const accessChecks = {
  form: {
    sentence: 'The header is "Bearer" and a JSON Web Token.',
    refuses: ['tokenMissing', 'tokenMalformed'],
    mend: 'Send the access_token of the token answer, whole and without quotes.',
  },
  algorithm: {
    sentence: 'It is signed with RS256 or ES256.',
    refuses: ['algorithmNotAllowed'],
    mend: 'Let its issuer sign with RS256 or ES256.',
  },
  issuer: {
    sentence: 'Its issuer is the built-in one, or one of ISSUERS.',
    refuses: ['issuerUnknown'],
    mend: 'Add the issuer to ISSUERS if you trust it, and set PUBLIC_URL if it is this exchange by another address.',
  },
  key: {
    sentence: 'Its key is one that the issuer publishes.',
    refuses: ['signingKeyUnknown', 'issuerUnreachable'],
    mend: 'Get a new token; look whether this machine reaches the issuer, and whether the issuer publishes its newest key.',
  },
  signature: {
    sentence: 'Its signature is right.',
    refuses: ['signatureInvalid'],
    mend: 'Get a new token and send it unchanged: a proxy or a cut line may have changed this one.',
  },
  claims: {
    sentence: 'Its claims are there and have the right form.',
    refuses: ['claimInvalid'],
    mend: 'Let the issuer send the claim that is named.',
  },
  times: {
    sentence: 'It is valid now, give or take 60 seconds.',
    refuses: ['tokenExpired', 'tokenNotYetValid'],
    mend: 'Get a new token; if that does not help, set the clocks of both machines.',
  },
  tenant: {
    sentence: 'Its issuer may speak for its tenant.',
    refuses: ['tenantNotBound'],
    mend: 'Add the tenant to "tenants" of this issuer in ISSUERS, if it is one of its own.',
  },
  audience: {
    sentence: 'It is meant for this API.',
    refuses: ['audienceWrong'],
    mend: 'Let the program ask for a token of this API, or add its audience to "audiences" of the issuer in ISSUERS.',
  },
  mfa: {
    sentence: 'It shows a second factor, where REQUIRE_MFA=true.',
    refuses: ['mfaRequired'],
    mend: 'Let him sign in again with a second factor, by an issuer that says so in "amr".',
  },
  scope: {
    sentence: 'It has a scope, so a user stands behind it.',
    refuses: ['userRequired'],
    mend: 'Let the program use a flow in which a user signs in.',
  },
  user: {
    sentence: 'The user is in the directory, and active.',
    refuses: ['userUnknown', 'userInactive'],
    mend: 'npx --no cosell directory add user <name> --organization <id> --email <address> --subject <subject>',
  },
  organisation: {
    sentence: 'His organisation is active.',
    refuses: ['organizationInactive'],
    mend: 'Make the organisation active again in the directory.',
  },
  consent: {
    sentence: 'Its program may act for him: of his own organisation, or with a consent that holds.',
    refuses: ['consentMissing'],
    mend: 'Let him sign in again with the program and allow it; look whether the program and its organisation are active.',
  },
  role: {
    sentence: 'One of his roles allows the request.',
    refuses: ['roleMissing', 'operatorRequired'],
    mend: 'npx --no cosell directory add role "Referral Admin" --user <name>',
  },
  visibility: {
    sentence: 'There is such a referral for his organisation.',
    refuses: ['referralNotFound', 'marketplaceLeadNotSupported'],
    mend: 'Nothing: nobody of his organisation reads it.',
  },
  location: {
    sentence: 'It is of a location that his role is for.',
    refuses: ['locationOutOfReach'],
    mend: 'npx --no cosell directory add role "Referral Admin" --user <name> --location <id>',
  },
  team: {
    sentence: 'His address in the directory is on its team.',
    refuses: ['notOnTeam'],
    mend: 'Let somebody of his organisation add him to the team of the referral, or give him the role Referral Admin.',
  },
  owner: {
    sentence: 'His organisation owns it, so it may be written.',
    refuses: ['notTheOwner'],
    mend: 'Nothing: only its owner writes it. Change the own record of the engagement.',
  },
} as const satisfies Record<string, AccessCheck>;

/** The name of a check. */
export type AccessCheckName = keyof typeof accessChecks;

const checksByFailure = new Map<FailureKind, AccessCheckName>(
  Object.entries(accessChecks).flatMap(([name, { refuses }]) =>
    refuses.map((kind): [FailureKind, AccessCheckName] => [kind, name as AccessCheckName]),
  ),
);

/** The check that ends by a refusal; undefined where it is about something else than who may do what. */
export function checkOf(kind: FailureKind): AccessCheckName | undefined {
  return checksByFailure.get(kind);
}
