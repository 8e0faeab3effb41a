/**
 * What this server has beyond the documented API (decision 27). Each is behind something that no documented request
 * contains; an answer that used one says so in `Cosell-Extension`, and EXTENSIONS=off refuses them all.
 */
export const extensions = {
  format: {
    contains: 'the query option `$format`',
    sentence: 'Chooses the media type of the answer by `$format=json` or `$format=xml` instead of `Accept`.',
  },
  'service-document': {
    contains: 'the path `/v1.0/engagements` or `/v1.0`',
    sentence: 'Says where the referrals are, for clients of OData that begin at the root.',
  },
  'json-form': {
    contains: '`odata.metadata` or `IEEE754Compatible` behind `application/json` in `Accept`',
    sentence: 'Answers with less or more control information, or with exact numbers as text.',
  },
  'count-path': {
    contains: 'the path `/$count` below the collection',
    sentence: 'Answers how many referrals a list has, as a number in plain text.',
  },
  'patch-path': {
    contains: 'a path of a PATCH that Microsoft does not list, such as `/name` or `/favorite`',
    sentence: 'Changes members that the documented PATCH leaves alone.',
  },
  'validate-only': {
    contains: '`Prefer: validate-only`',
    sentence: 'Answers what a write would store, or everything that is wrong with it, and stores nothing.',
  },
  repeatability: {
    contains: '`Repeatability-Request-ID` and `Repeatability-First-Sent`',
    sentence: 'Does a write once, however often it is sent (OASIS Repeatable Requests 1.0).',
  },
  annotations: {
    contains: '`Prefer: include-annotations="cosell.*"`',
    sentence: 'Says with a referral what its reader may do with it now, and what not and why.',
  },
  history: {
    contains: 'the path `/history` below a referral',
    sentence: 'Answers every change of a referral: who, when, through what, before and after.',
  },
  asOf: {
    contains: 'the query option `asOf`',
    sentence: 'Answers a referral as it was at an instant.',
  },
  apply: {
    contains: 'the query option `$apply`',
    sentence: 'Groups and aggregates the referrals of a list (OData Extension for Data Aggregation 4.0).',
  },
  search: {
    contains: 'the query option `$search`',
    sentence: 'Finds referrals by words and phrases, wherever they stand in them.',
  },
  delta: {
    contains: '`Prefer: odata.track-changes` on the list, and the query option `$deltatoken`',
    sentence: 'Gives a link by which a client hears later what has changed in a list.',
  },
  batch: {
    contains: 'the path `$batch` below the service root',
    sentence: 'Does up to 100 requests that are sent as one (OData JSON Format 4.01, section 19).',
  },
  directory: {
    contains: 'the path `/directory/v1`',
    sentence: 'Lists and changes organisations, locations, users, roles, programs, invitations and consents.',
  },
  'lenient-if-match': {
    contains: '`IF_MATCH=lenient`, which the operator sets',
    sentence: 'Takes an eTag in `If-Match` also without its quotes or with `W/`.',
  },
} as const satisfies Record<string, { readonly contains: string; readonly sentence: string }>;

/** The name of an extension, as `Cosell-Extension` carries it. */
export type ExtensionName = keyof typeof extensions;
