import { batchFailures } from './batch-failures.ts';
import { pageFailures } from './page-failures.ts';
import { queryFailures } from './query-failures.ts';
import { tokenFailures } from './token-failures.ts';

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
  /** What the failure is about: a member, an option, a header or `referral`; `{option}` is the slot of that name. */
  readonly target: string | null;
  /** The inner code, where clients expect another one than the row's name. */
  readonly innerCode?: string;
}

export const failures = {
  ...tokenFailures,
  roleMissing: {
    code: 'accessDenied',
    message:
      'The user {user} has no role that allows this; it takes {roles}. Whoever runs the exchange gives him one by: {command}',
    inner: 'Role is missing',
    target: 'referral',
  },
  locationOutOfReach: {
    code: 'accessDenied',
    message: 'Caller is not authorized to access the resource.',
    inner: 'Unauthorized referral access',
    target: 'referral',
  },
  notOnTeam: {
    code: 'accessDenied',
    message: 'Caller is not authorized to access the resource.',
    inner: 'Unauthorized referral access',
    target: 'referral',
  },
  directoryEntryNotFound: {
    code: 'itemNotFound',
    message:
      'There is no such entry of a directory for this caller. Ask for the list of the organisation to see what there is.',
    inner: 'Directory entry not found',
    target: null,
  },
  directoryEntryExists: {
    code: 'resourceModified',
    message: 'The entry is in the directory already. Change it with PATCH, or choose another name or id.',
    inner: 'Directory entry exists',
    target: null,
  },
  invitationNotAvailable: {
    code: 'itemNotFound',
    message:
      'This invitation cannot be accepted: it was accepted or withdrawn, its time is over, or the link is not whole. Ask whoever has sent it for a new one.',
    inner: 'Invitation is not available',
    target: null,
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
  versionNotSupported: {
    code: 'invalidRequest',
    message:
      "The value '{value}' of {option} names no version of OData that is spoken here. Requests may be written in {offered}, and answers are in 4.0.",
    inner: 'Version is not supported',
    target: '{option}',
  },
  optionNotAllowed: {
    code: 'invalidRequest',
    message: 'The query option {option} is not allowed here. {advice}',
    inner: 'Query option is not allowed',
    target: null,
  },
  optionRepeated: {
    code: 'invalidRequest',
    message: 'The query option {option} stands in the URL more than once. Send it once.',
    inner: 'Query option is repeated',
    target: null,
  },
  ...queryFailures,
  ...batchFailures,
  ...pageFailures,
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
  invalidBody: {
    code: 'invalidRequest',
    message: 'The request body has {count}. Mend what "details" names and send it again; nothing was stored.',
    inner: 'Request body is not valid',
    target: null,
  },
  bodyTooLarge: {
    code: 'invalidRequest',
    message: 'The request body is larger than {limit} bytes. Send less in one request.',
    inner: 'Request body is too large',
    target: null,
  },
  mediaTypeNotSupported: {
    code: 'invalidRequest',
    message: 'The body is sent as {given}. Send it as {accepted}, in UTF-8 and without Content-Encoding.',
    inner: 'Media type is not supported',
    target: 'Content-Type',
  },
  ifMatchMissing: {
    code: 'invalidRequest',
    message:
      'PUT needs the header If-Match. Send the eTag that you read, with its quotes, so that nobody else is overwritten.',
    inner: 'If-Match is required',
    target: 'If-Match',
  },
  eTagMismatch: {
    code: 'preconditionFailed',
    message:
      "A precondition provided in the request (such as an if-match header) does not match the resource's current state.",
    inner: 'One of the specified pre-condition is not met. Etag value did not Match',
    target: 'ETag',
    innerCode: '99918',
  },
  notTheOwner: {
    code: 'accessDenied',
    message:
      'This referral belongs to another organisation of the engagement, and only its owner changes it. Change your own record of the engagement.',
    inner: 'Only the owner writes a referral',
    target: 'referral',
  },
  terminalReferral: {
    code: 'invalidRequest',
    message: 'The referral is {substatus}, and that is final: it was not changed. Create a new referral instead.',
    inner: 'The referral is closed',
    target: 'status',
  },
  changeRefused: {
    code: 'invalidRequest',
    message: 'The referral was not changed: {reason}',
    inner: 'The change breaks a rule of the life cycle',
    target: 'referral',
  },
  repeatabilityInvalid: {
    code: 'invalidRequest',
    message: 'The headers for a safe retry are not right: {reason}.',
    inner: 'Repeatability headers are not valid',
    target: 'Repeatability-Request-ID',
  },
  repeatabilityConflict: {
    code: 'invalidRequest',
    message:
      'Another request was sent with this Repeatability-Request-ID. Use a new id for a new request, and the same body for a retry.',
    inner: 'Repeatability-Request-ID was used for another request',
    target: 'Repeatability-Request-ID',
  },
  repeatabilityTooOld: {
    code: 'preconditionFailed',
    message:
      'Repeatability-First-Sent is more than {window} ago, and answers are not kept for so long. Read the referral to see whether the first request was done.',
    inner: 'The request was first sent too long ago',
    target: 'Repeatability-First-Sent',
  },
  malformedInstant: {
    code: 'invalidRequest',
    message: 'The value of {option} is no date. Write it as 2026-11-30T00:00:00Z.',
    inner: 'Malformed date in a query option',
    target: null,
  },
  pastRemoved: {
    code: 'itemNotFound',
    message:
      'What the referral was then is not kept any more: the operator has removed its older history. It is known again from {since} on.',
    inner: 'The history before was removed',
    target: 'referral',
  },
  operatorRequired: {
    code: 'accessDenied',
    message: "This is for the exchange's operator alone. Get his token with: npx --no cosell token --operator.",
    inner: 'Operator token is required',
    target: 'Authorization',
  },
  sandboxRefused: {
    code: 'invalidRequest',
    message: 'The sandbox did not do it: {reason}.',
    inner: 'Sandbox request refused',
    target: null,
  },
  throttled: {
    code: 'serviceNotAvailable',
    message: 'Rate limit is exceeded. Try again in {seconds} seconds.',
    inner: 'Too many requests',
    target: null,
  },
  sandboxOutage: {
    code: 'serviceNotAvailable',
    message: 'The sandbox was told to be unavailable for this request. Try again in {seconds} seconds.',
    inner: 'Rehearsed outage',
    target: null,
  },
  directoryRefused: {
    code: 'invalidRequest',
    message: 'The directory was not changed: {reason}.',
    inner: 'Directory change refused',
    target: null,
  },
  queryTimeout: {
    code: 'serviceNotAvailable',
    message:
      'The query did not end within {limit} and was stopped. Narrow $filter, leave the count out with $count=false, or ask for fewer rows with $top; as it stands it may take as long again.',
    inner: 'Query took too long',
    target: null,
  },
  searchNotReady: {
    code: 'serviceNotAvailable',
    message:
      'This exchange is from before $search, and not all of its referrals can be searched yet. The operator makes them so with npx --no cosell reindex; until then ask with $filter.',
    inner: 'Search is not ready',
    target: '$search',
  },
  storeDamaged: {
    code: 'serviceNotAvailable',
    message:
      'The database file is damaged: the check after an unclean stop has found faults, which the log names. Stop the exchange and restore DATA_DIR from a backup.',
    inner: 'Store is damaged',
    target: null,
  },
  cleanUpRefused: {
    code: 'invalidRequest',
    message: 'Nothing was done: {reason}.',
    inner: 'Clean-up refused',
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

/** One of several faults, or advice: a stable code, what it is about, and a sentence. */
export interface FailureDetail {
  readonly code: string;
  /** JSON pointer, option or header. */
  readonly target: string;
  readonly message: string;
}

/** A refusal as plain data, for where an object cannot go: another thread, a socket. */
export interface PlainFailure {
  readonly kind: FailureKind;
  readonly slots: Readonly<Record<string, string>>;
  readonly details: readonly FailureDetail[];
}

/** What else may be said of a refusal. */
export interface FailureOptions extends ErrorOptions {
  readonly details?: readonly FailureDetail[];
}

/** A refusal. Use-cases throw it, the edges translate it. */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly slots: Readonly<Record<string, string>>;
  readonly details: readonly FailureDetail[];

  constructor(kind: FailureKind, slots: Readonly<Record<string, string>>, options: FailureOptions = {}) {
    super(fill(failures[kind].message, slots), options);
    this.name = 'Failure';
    this.kind = kind;
    this.slots = slots;
    this.details = options.details ?? [];
  }

  /** Makes a refusal of its plain form. */
  static fromPlain({ kind, slots, details }: PlainFailure): Failure {
    return new Failure(kind, slots, { details });
  }

  /** The plain form; the cause stays behind. */
  toPlain(): PlainFailure {
    const { kind, slots, details } = this;
    return { kind, slots, details };
  }
}

/** Makes a refusal; the slots that its message needs are checked by the compiler. */
export function failure<Kind extends FailureKind>(
  kind: Kind,
  ...[slots, options]: keyof FailureSlots<Kind> extends never
    ? [slots?: Record<string, never>, options?: FailureOptions]
    : [slots: FailureSlots<Kind>, options?: FailureOptions]
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
