import { failure } from '@cosell/model';
import { parseQueryOptions } from '@cosell/odata';
import { chooseMediaType } from './accept.ts';
import type { ExtensionName } from './extensions.ts';
import { type JsonForm, readJsonForm } from './json-form.ts';
import type { Route } from './route.ts';

/** What a query asks of an answer that is one resource, and which extensions it used. */
export interface ResourceQuery {
  /** The media type that `$format` asks for. */
  readonly mediaType: string | undefined;
  /** The form of JSON that it asks for. */
  readonly form?: JsonForm | undefined;
  readonly used: readonly ExtensionName[];
  /** The options that the route has, by their names in lower case. */
  readonly options: Readonly<Record<string, string>>;
}

/** A query without options: nothing is allocated for it. */
const nothingAsked: ResourceQuery = { mediaType: undefined, used: [], options: {} };

/** Every query option that some route has, with a sentence for the reader of OpenAPI. */
export const queryOptions = {
  $apply: 'Transformations such as `filter`, `groupby` and `aggregate`; the other options then act on what they give.',
  $filter: "A condition, such as `status eq 'New' and team/any(t:t/email eq 'jane@contoso.com')`.",
  $orderby: 'Properties with `asc` or `desc`; the newest first when left out.',
  $top: 'How many at most.',
  $skip: 'How many to leave out at the beginning.',
  $count: 'Whether to count all matches; they are when it is left out.',
  $select: 'The members to answer with, such as `id,status`; all of them when left out.',
  $search: 'Words and phrases, such as `contoso "data platform" NOT backup`.',
  $skiptoken: 'Continues a list; part of `@odata.nextLink`.',
  $deltatoken: 'Asks what has changed; part of `@odata.deltaLink`. `latest` gives such a link without the list.',
  asof: 'An instant: the referral is answered as it was then.',
  mpnid: 'A location: only who can be on the team of its referrals.',
  kind: 'The kind of a record, such as `refused`.',
  actor: 'The subject of the tokens of who did it.',
  from: 'An instant: only what was from then on.',
  to: 'An instant: only what was before.',
} as const satisfies Record<string, string>;

/** The name of a query option. */
export type QueryOptionName = keyof typeof queryOptions;

/** Options without `$`, as they are written. */
export const wireNames: Readonly<Partial<Record<string, string>>> = {
  asof: 'asOf',
  mpnid: 'mpnId',
  kind: 'kind',
  actor: 'actor',
  from: 'from',
  to: 'to',
};

/** Options that are extensions. */
const extensionOf: Readonly<Partial<Record<string, ExtensionName>>> = {
  $apply: 'apply',
  $deltatoken: 'delta',
  $search: 'search',
  asof: 'asOf',
} satisfies Partial<Record<QueryOptionName, ExtensionName>>;

/** Media types by the short names of `$format` (OData 4.01, section 11.2.12). */
const formats: ReadonlyMap<string, string> = new Map([
  ['json', 'application/json'],
  ['xml', 'application/xml'],
]);

/**
 * Reads the options of a request (decision 22): what they ask of the answer's form, and those of a list as they stand.
 * Names without `$` are the client's own and ignored, but for the parameter aliases of expressions (`@name`).
 *
 * @throws Failure `malformedUrl`, `optionRepeated`, `optionNotAllowed`, `notAcceptable`
 */
export function readResourceQuery(
  queryString: string,
  route: Pick<Route, 'offers' | 'options'>,
  areExtensionsOn: boolean,
): ResourceQuery {
  if (queryString === '') return nothingAsked;
  const options = parseQueryOptions(queryString);
  if (options === undefined) throw failure('malformedUrl');
  const takes = (option: string) =>
    areExtensionsOn && Object.hasOwn(wireNames, option) && route.options?.some((known) => known === option) === true;
  const takesFilter = route.options?.includes('$filter') === true;
  const seen = new Set<string>();
  let query = nothingAsked;
  for (const { name, value } of options) {
    const option = name.toLowerCase();
    const isAlias = option.startsWith('@') && takesFilter;
    if (!option.startsWith('$') && !takes(option) && !isAlias) continue;
    if (seen.has(option)) throw failure('optionRepeated', { option });
    seen.add(option);
    if (isAlias || route.options?.some((known) => known === option) === true) {
      const extension = extensionOf[option];
      if (extension !== undefined && !areExtensionsOn) throw unsupported(option);
      const used = extension === undefined ? query.used : [...query.used, extension];
      query = { ...query, used, options: { ...query.options, [option]: value } };
      continue;
    }
    if (option !== '$format') throw refuse(option, takesFilter);
    if (!areExtensionsOn) throw unsupported(option);
    const mediaType = chooseMediaType(formats.get(value.toLowerCase()) ?? value, route.offers);
    query = { ...query, mediaType, form: readJsonForm(value), used: [...query.used, 'format'] };
  }
  return query;
}

function refuse(option: string, isCollection: boolean) {
  if (option === '$expand') {
    return failure('optionNotAllowed', { option, advice: 'A referral has no navigation properties; leave it out.' });
  }
  // Of what a count is made, order and pages are no part (OData 4.01, section 11.2.10).
  if (isCollection && Object.hasOwn(queryOptions, option)) {
    return failure('optionNotAllowed', { option, advice: 'A count takes $filter and $search only; leave it out.' });
  }
  const advice =
    option !== '$select' && Object.hasOwn(queryOptions, option)
      ? 'It can be applied only on collections, and this is one resource; leave it out.'
      : 'There is no such option; leave it out.';
  return failure('optionNotAllowed', { option, advice });
}

/**
 * The extensions that some options are.
 *
 * @throws Failure `optionNotAllowed` where they are off: a skip token may bring them from a time when they were on
 */
export function extensionsOf(options: Readonly<Record<string, string>>, areExtensionsOn = true): ExtensionName[] {
  return Object.keys(options).flatMap((option) => {
    const extension = extensionOf[option];
    if (extension !== undefined && !areExtensionsOn) throw unsupported(option);
    return extension ?? [];
  });
}

/** As ASP.NET Core OData refuses an option that is switched off. */
function unsupported(option: string) {
  return failure('optionNotAllowed', { option, advice: `The query parameter '${option}' is not supported.` });
}
