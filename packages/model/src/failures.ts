/**
 * Every way in which the exchange refuses, in one table (facts §3.4, decision 6). A row has the documented code, the
 * message for the client (what happened and what to do next) and the short inner message. `{slots}` are filled when it
 * is thrown. The HTTP status of each row is known only to the HTTP layer.
 */

/** The documented error codes; no other is ever sent. */
export type ErrorCode =
  | 'accessDenied'
  | 'generalException'
  | 'invalidRequest'
  | 'itemNotFound'
  | 'preconditionFailed'
  | 'resourceModified'
  | 'serviceNotAvailable'
  | 'unauthenticated';

interface FailureRow {
  readonly code: ErrorCode;
  readonly message: string;
  readonly inner: string;
  /** What the failure is about: a member, an option, a header or `referral`. */
  readonly target: string | null;
  /** The inner code, where clients expect another one than the row's name. */
  readonly innerCode?: string;
}

export const failures = {
  tokenMissing: {
    code: 'unauthenticated',
    message:
      'No access token was sent. Send the header "Authorization: Bearer <token>" with a token of a signed-in user.',
    inner: 'Access token is missing',
    target: 'Authorization',
  },
  tokenMalformed: {
    code: 'unauthenticated',
    message:
      'The access token is not a JSON Web Token: {reason}. Send the access_token of the token answer, whole and without quotes.',
    inner: 'Access token is malformed',
    target: 'Authorization',
  },
  algorithmNotAllowed: {
    code: 'unauthenticated',
    message:
      'The access token is signed in a way that is not accepted here. Use an issuer that signs with RS256 or ES256.',
    inner: 'Signature algorithm is not allowed',
    target: 'Authorization',
  },
  issuerUnknown: {
    code: 'unauthenticated',
    message:
      'The access token comes from an issuer that this exchange does not trust. Get a token from a trusted issuer, or ask the operator to add yours to ISSUERS.',
    inner: 'Token issuer is not trusted',
    target: 'Authorization',
  },
  signingKeyUnknown: {
    code: 'unauthenticated',
    message: 'The access token is signed with a key that its issuer does not publish. Get a new token.',
    inner: 'Signing key is unknown',
    target: 'Authorization',
  },
  signatureInvalid: {
    code: 'unauthenticated',
    message: 'The signature of the access token is wrong. Get a new token and send it unchanged.',
    inner: 'Token signature is invalid',
    target: 'Authorization',
  },
  claimInvalid: {
    code: 'unauthenticated',
    message: 'The claim "{claim}" of the access token is missing or has the wrong form. Ask the issuer to send it.',
    inner: 'Token claim is invalid',
    target: 'Authorization',
  },
  audienceWrong: {
    code: 'unauthenticated',
    message: 'The access token is meant for another API. Ask for a token whose audience is {audiences}.',
    inner: 'Token audience is wrong',
    target: 'Authorization',
  },
  tenantNotBound: {
    code: 'unauthenticated',
    message:
      'The tenant of the access token is not one that its issuer may speak for here. Sign in with your own tenant, or ask the operator to bind it.',
    inner: 'Tenant is not bound to this issuer',
    target: 'Authorization',
  },
  tokenExpired: {
    code: 'unauthenticated',
    message: 'The access token expired at {expiredAt}. Get a new one.',
    inner: 'Token has expired',
    target: 'Authorization',
  },
  tokenNotYetValid: {
    code: 'unauthenticated',
    message: 'The access token is not valid before {validFrom}. Check the clocks of both machines.',
    inner: 'Token is not yet valid',
    target: 'Authorization',
  },
  mfaRequired: {
    code: 'unauthenticated',
    message:
      'This exchange requires multi-factor authentication, and the access token does not show it: {reason}. Sign in again with a second factor.',
    inner: 'MFA required',
    target: 'Authorization',
    innerCode: '900421',
  },
  userRequired: {
    code: 'accessDenied',
    message:
      'A signed-in user is required: this token was issued to an application alone (it has no "scp" claim). Get an App+User token by a flow in which a user signs in.',
    inner: 'App-only tokens are not accepted',
    target: 'Authorization',
  },
  userUnknown: {
    code: 'accessDenied',
    message:
      'A signed-in user of the directory is required, and the user of this token is not an active one. Ask the operator to add him: npx --no cosell directory add user.',
    inner: 'User is not in the directory',
    target: 'Authorization',
  },
  roleMissing: {
    code: 'accessDenied',
    message:
      'The user has no role that allows this. Ask the operator for the role Referral Admin or Referral User: npx --no cosell directory add role.',
    inner: 'Role is missing',
    target: 'referral',
  },
  outOfReach: {
    code: 'accessDenied',
    message: 'Caller is not authorized to access the resource.',
    inner: 'Unauthorized referral access',
    target: 'referral',
  },
  referralNotFound: {
    code: 'itemNotFound',
    message:
      'There is no such referral for this caller. Check the id, and that the token belongs to the organisation that owns the referral.',
    inner: 'Referral not found',
    target: 'referral',
  },
  marketplaceLeadNotSupported: {
    code: 'itemNotFound',
    message:
      'Leads from the Microsoft commercial marketplace are kept but not served by this API. Read them where they were captured.',
    inner: 'Marketplace leads are not supported',
    target: 'referral',
  },
  malformedId: {
    code: 'itemNotFound',
    message:
      'A referral id has 32 hexadecimal digits in the form 8-4-4-4-12, such as c5fbb3b6-be74-4795-9fb5-4324c73fed37.',
    inner: 'Malformed referral id',
    target: 'id',
  },
  routeNotFound: {
    code: 'itemNotFound',
    message: 'There is nothing at this path. {hint}',
    inner: 'Resource not found',
    target: null,
  },
  methodNotAllowed: {
    code: 'invalidRequest',
    message: 'The method {method} is not allowed here. Allowed: {allowed}.',
    inner: 'Method not allowed',
    target: null,
  },
  listNotImplemented: {
    code: 'invalidRequest',
    message:
      'This version of the exchange answers single referrals only. Ask for one by id: GET /v1.0/engagements/referrals/<id>.',
    inner: 'The list is not implemented yet',
    target: null,
  },
  notAcceptable: {
    code: 'invalidRequest',
    message: 'The answer cannot be sent as {accept}. Send "Accept: {offered}" or leave the header out.',
    inner: 'No acceptable representation',
    target: 'Accept',
  },
  malformedUrl: {
    code: 'invalidRequest',
    message: 'The URL holds a broken percent-encoding. Write % as %25, or encode the whole value.',
    inner: 'Malformed percent-encoding',
    target: null,
  },
  optionNotAllowed: {
    code: 'invalidRequest',
    message: 'The query option {option} is not allowed here. {advice}',
    inner: 'Query option is not allowed',
    target: null,
  },
  optionNotImplemented: {
    code: 'invalidRequest',
    message: 'The query option {option} is legal OData that this version does not support. Leave it out.',
    inner: 'Query option is not implemented',
    target: null,
  },
  optionRepeated: {
    code: 'invalidRequest',
    message: 'The query option {option} stands in the URL more than once. Send it once.',
    inner: 'Query option is repeated',
    target: null,
  },
  malformedRequest: {
    code: 'invalidRequest',
    message: 'The request is not well-formed HTTP: {reason}.',
    inner: 'Malformed HTTP request',
    target: null,
  },
  headersTooLarge: {
    code: 'invalidRequest',
    message: 'The URL and the headers are larger than {limit} bytes together. Send a shorter URL, token or header.',
    inner: 'Request header fields are too large',
    target: null,
  },
  requestTimeout: {
    code: 'serviceNotAvailable',
    message: 'The request did not arrive completely in time. Send it again.',
    inner: 'Request timed out',
    target: null,
  },
  metricsNotAllowed: {
    code: 'accessDenied',
    message:
      'Metrics are for this machine, or for whoever sends "Authorization: Bearer <METRICS_TOKEN>". Ask the operator for the token.',
    inner: 'Metrics are not public',
    target: 'Authorization',
  },
  issuerUnreachable: {
    code: 'serviceNotAvailable',
    message:
      'The issuer of the access token cannot be reached, so its signature cannot be checked. Send the request again in a moment.',
    inner: 'Issuer is unreachable',
    target: null,
  },
  directoryRefused: {
    code: 'invalidRequest',
    message: 'The directory was not changed: {reason}.',
    inner: 'Directory change refused',
    target: null,
  },
  storeUnavailable: {
    code: 'serviceNotAvailable',
    message: 'The database cannot answer at the moment. Send the request again in a moment.',
    inner: 'Store is unavailable',
    target: null,
  },
  unexpected: {
    code: 'generalException',
    message: 'Something went wrong here, not with your request. Report it with the request-id of this answer.',
    inner: 'Unexpected error',
    target: null,
  },
} as const satisfies Record<string, FailureRow>;

/** The name of a row. */
export type FailureKind = keyof typeof failures;

type SlotNames<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | SlotNames<Rest>
  : never;

/** What the message of a failure needs. */
export type FailureSlots<Kind extends FailureKind> = Record<SlotNames<(typeof failures)[Kind]['message']>, string>;

/** A refusal. Use-cases throw it, the edges translate it. */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly slots: Readonly<Record<string, string>>;

  constructor(kind: FailureKind, slots: Readonly<Record<string, string>>, options?: ErrorOptions) {
    super(fill(failures[kind].message, slots), options);
    this.name = 'Failure';
    this.kind = kind;
    this.slots = slots;
  }
}

/** Makes a refusal; the slots that its message needs are checked by the compiler. */
export function failure<Kind extends FailureKind>(
  kind: Kind,
  ...[slots, options]: keyof FailureSlots<Kind> extends never
    ? [slots?: Record<string, never>, options?: ErrorOptions]
    : [slots: FailureSlots<Kind>, options?: ErrorOptions]
): Failure {
  return new Failure(kind, slots ?? {}, options);
}

/** The row of a failure. */
export function failureRow(kind: FailureKind): FailureRow {
  return failures[kind];
}

/** A message is at most 1,024 characters long (facts §3.4); what a client sent may not stretch it. */
function fill(template: string, slots: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_match, name: string) => (slots[name] ?? '').slice(0, 200)).slice(0, 1024);
}
