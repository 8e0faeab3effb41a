import { failure } from '@cosell/model';
import { parseQueryOptions } from '@cosell/odata';
import { chooseMediaType } from './accept.ts';
import type { ExtensionName } from './extensions.ts';
import type { Route } from './route.ts';

/** What a query asks of an answer that is one resource, and which extensions it used. */
export interface ResourceQuery {
  /** The media type that `$format` asks for. */
  readonly mediaType: string | undefined;
  readonly used: readonly ExtensionName[];
  /** The options of a list, and `asof`, by their names in lower case. */
  readonly options: Readonly<Record<string, string>>;
}

/** A query without options: nothing is allocated for it. */
const nothingAsked: ResourceQuery = { mediaType: undefined, used: [], options: {} };

/** Options of a list. */
const listOptions = new Set(['$filter', '$orderby', '$top', '$skip', '$count', '$skiptoken']);

/** Options of the OData list that are extensions here, and still to come. */
const laterOptions = new Set(['$search', '$apply', '$deltatoken']);

/** Media types by the short names of `$format` (OData 4.01, section 11.2.12). */
const formats: ReadonlyMap<string, string> = new Map([
  ['json', 'application/json'],
  ['xml', 'application/xml'],
]);

/**
 * Reads the options of a request (decision 22): what they ask of the answer's form, and those of a list as they stand.
 * Names without `$` are the client's own and ignored.
 *
 * @throws Failure `malformedUrl`, `optionRepeated`, `optionNotAllowed`, `optionNotImplemented`, `notAcceptable`
 */
export function readResourceQuery(
  queryString: string,
  { offers, isCollection, extensions }: Pick<Route, 'offers' | 'isCollection' | 'extensions'>,
  areExtensionsOn: boolean,
): ResourceQuery {
  if (queryString === '') return nothingAsked;
  const options = parseQueryOptions(queryString);
  if (options === undefined) throw failure('malformedUrl');
  const takesAsOf = extensions.includes('asOf');
  const seen = new Set<string>();
  let query = nothingAsked;
  for (const { name, value } of options) {
    const option = name.toLowerCase();
    if (!option.startsWith('$') && !(option === 'asof' && areExtensionsOn && takesAsOf)) continue;
    if (seen.has(option)) throw failure('optionRepeated', { option });
    seen.add(option);
    if (option === 'asof') {
      query = { ...query, used: [...query.used, 'asOf'], options: { ...query.options, [option]: value } };
      continue;
    }
    if (isCollection === true && listOptions.has(option)) {
      query = { ...query, options: { ...query.options, [option]: value } };
      continue;
    }
    if (option !== '$format') throw refuse(option, areExtensionsOn, isCollection === true);
    if (!areExtensionsOn) throw unsupported(option);
    const mediaType = chooseMediaType(formats.get(value.toLowerCase()) ?? value, offers);
    query = { ...query, mediaType, used: [...query.used, 'format'] };
  }
  return query;
}

function refuse(option: string, areExtensionsOn: boolean, isCollection: boolean) {
  if (option === '$select') return failure('optionNotImplemented', { option });
  if (option === '$expand') {
    return failure('optionNotAllowed', { option, advice: 'A referral has no navigation properties; leave it out.' });
  }
  if (isCollection && laterOptions.has(option)) {
    return areExtensionsOn ? failure('optionNotImplemented', { option }) : unsupported(option);
  }
  const advice =
    listOptions.has(option) || laterOptions.has(option)
      ? 'It can be applied only on collections, and this is one resource; leave it out.'
      : 'There is no such option; leave it out.';
  return failure('optionNotAllowed', { option, advice });
}

/** As ASP.NET Core OData refuses an option that is switched off. */
function unsupported(option: string) {
  return failure('optionNotAllowed', { option, advice: `The query parameter '${option}' is not supported.` });
}
