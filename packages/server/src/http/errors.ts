import { type AccessCheckName, checkOf, Failure, type FailureKind, failure, failureRow } from '@cosell/model';

/** The HTTP status of every failure (decision 6). No other file knows one. */
export const statusOf = {
  tokenMissing: 401,
  tokenMalformed: 401,
  algorithmNotAllowed: 401,
  issuerUnknown: 401,
  signingKeyUnknown: 401,
  signatureInvalid: 401,
  claimInvalid: 401,
  audienceWrong: 401,
  tenantNotBound: 401,
  tokenExpired: 401,
  tokenNotYetValid: 401,
  mfaRequired: 401,
  userRequired: 403,
  userUnknown: 403,
  userInactive: 403,
  organizationInactive: 403,
  roleMissing: 403,
  locationOutOfReach: 403,
  notOnTeam: 403,
  metricsNotAllowed: 403,
  referralNotFound: 404,
  directoryEntryNotFound: 404,
  directoryEntryExists: 409,
  invitationNotAvailable: 404,
  marketplaceLeadNotSupported: 404,
  malformedId: 404,
  pastRemoved: 410,
  changesUnknown: 410,
  routeNotFound: 404,
  methodNotAllowed: 405,
  notAcceptable: 406,
  requestTimeout: 408,
  malformedUrl: 400,
  versionNotSupported: 400,
  malformedRequest: 400,
  optionNotAllowed: 400,
  optionRepeated: 400,
  invalidBody: 400,
  ifMatchMissing: 400,
  terminalReferral: 400,
  changeRefused: 400,
  repeatabilityInvalid: 400,
  repeatabilityConflict: 400,
  malformedInstant: 400,
  sandboxRefused: 400,
  notTheOwner: 403,
  operatorRequired: 403,
  eTagMismatch: 412,
  repeatabilityTooOld: 412,
  dependencyFailed: 424,
  batchNested: 400,
  referenceUnresolved: 400,
  foreignHost: 421,
  hostNotOurs: 421,
  formNotOurs: 403,
  signInUnknown: 404,
  consentMissing: 403,
  bodyTooLarge: 413,
  mediaTypeNotSupported: 415,
  throttled: 429,
  sandboxOutage: 503,
  expressionMalformed: 400,
  expressionTooLarge: 400,
  propertyUnknown: 400,
  functionUnknown: 400,
  operandsIncompatible: 400,
  notFilterable: 400,
  notSortable: 400,
  notAggregatable: 400,
  optionValueInvalid: 400,
  skipTokenInvalid: 400,
  skipTokenMismatch: 400,
  deltaTokenInvalid: 400,
  directoryRefused: 400,
  cleanUpRefused: 400,
  headersTooLarge: 431,
  unexpected: 500,
  notTracked: 501,
  expressionNotImplemented: 501,
  issuerUnreachable: 503,
  batchNotImplemented: 501,
  batchLimitReached: 503,
  queryTimeout: 503,
  searchNotReady: 503,
  storeDamaged: 503,
  storeUnavailable: 503,
} as const satisfies Record<FailureKind, number>;

/** Seconds after which a client may try again. */
const retryAfterSeconds = '5';

/** A failure, ready to be sent. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: readonly string[];
  /** The documented envelope, as JSON text. */
  readonly body: string;
  readonly innerCode: string;
  /** The check that has failed, where somebody is refused what he may not do. */
  readonly check: AccessCheckName | undefined;
}

/** Translates whatever was thrown. What is not a failure is a bug: 500, and nothing of it is told. */
export function errorAnswer(thrown: unknown): ErrorAnswer {
  const refusal = thrown instanceof Failure ? thrown : failure('unexpected');
  const { code, inner, innerCode = refusal.kind, target } = failureRow(refusal.kind);
  const status = statusOf[refusal.kind];
  const error = {
    code,
    message: refusal.message,
    target: target === '{option}' ? (refusal.slots.option ?? null) : target,
    innerError: { code: innerCode, message: inner, details: null },
    details: refusal.details,
  };
  return {
    status,
    headers: headersOf(refusal, status),
    body: JSON.stringify({ error }),
    innerCode,
    check: checkOf(refusal.kind),
  };
}

function headersOf(refusal: Failure, status: number): string[] {
  if (status === 401) return ['WWW-Authenticate', challengeOf(refusal)];
  // Where to begin again (OData Protocol 4.01, section 11.3).
  if (refusal.slots.location !== undefined) return ['Location', refusal.slots.location];
  if (status === 405) return ['Allow', refusal.slots.allowed ?? ''];
  if (status === 408 || status === 429 || status === 503) {
    return ['Retry-After', refusal.slots.seconds ?? retryAfterSeconds];
  }
  // OASIS Repeatable Requests 1.0, section 2.3.
  if (refusal.kind.startsWith('repeatability')) return ['Repeatability-Result', 'rejected'];
  // What a PATCH may be sent as (RFC 5789, section 3.1).
  if (status === 415) return ['Accept-Patch', 'application/json, application/json-patch+json'];
  return [];
}

/** RFC 6750, section 3: a request without any token is told no error code. */
function challengeOf(refusal: Failure): string {
  if (refusal.kind === 'tokenMissing') return 'Bearer realm="cosell"';
  const { inner } = failureRow(refusal.kind);
  return `Bearer realm="cosell", error="invalid_token", error_description="${inner}"`;
}
