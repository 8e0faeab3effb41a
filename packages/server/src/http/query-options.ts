import { failure } from '@cosell/model';
import { parseQueryOptions } from '@cosell/odata';
import { chooseMediaType } from './accept.ts';
import type { ExtensionName } from './extensions.ts';

/** What a query asks of an answer that is one resource, and which extensions it used. */
export interface ResourceQuery {
  /** The media type that `$format` asks for. */
  readonly mediaType: string | undefined;
  readonly used: readonly ExtensionName[];
}

/** A query without options: nothing is allocated for it. */
const nothingAsked: ResourceQuery = { mediaType: undefined, used: [] };

/** Options of the OData list, which one resource does not have. */
const listOptions = new Set([
  '$filter', '$orderby', '$top', '$skip', '$count', '$skiptoken', '$search', '$apply', '$deltatoken',
]); // biome-ignore format: one line reads better than nine

/** Media types by the short names of `$format` (OData 4.01, section 11.2.12). */
const formats: ReadonlyMap<string, string> = new Map([
  ['json', 'application/json'],
  ['xml', 'application/xml'],
]);

/**
 * Reads the options of a request for one resource (decision 22). Names without `$` are the client's own and ignored.
 *
 * @throws Failure `malformedUrl`, `optionRepeated`, `optionNotAllowed`, `optionNotImplemented`, `notAcceptable`
 */
export function readResourceQuery(
  queryString: string,
  offered: readonly string[],
  areExtensionsOn: boolean,
): ResourceQuery {
  if (queryString === '') return nothingAsked;
  const options = parseQueryOptions(queryString);
  if (options === undefined) throw failure('malformedUrl');
  const seen = new Set<string>();
  let query = nothingAsked;
  for (const { name, value } of options) {
    const option = name.toLowerCase();
    if (!option.startsWith('$')) continue;
    if (seen.has(option)) throw failure('optionRepeated', { option });
    seen.add(option);
    if (option !== '$format') throw refuse(option);
    if (!areExtensionsOn)
      throw failure('optionNotAllowed', { option, advice: "The query parameter '$format' is not supported." });
    query = { mediaType: chooseMediaType(formats.get(value.toLowerCase()) ?? value, offered), used: ['format'] };
  }
  return query;
}

function refuse(option: string) {
  if (option === '$select') return failure('optionNotImplemented', { option });
  if (option === '$expand') {
    return failure('optionNotAllowed', { option, advice: 'A referral has no navigation properties; leave it out.' });
  }
  const advice = listOptions.has(option)
    ? 'It can be applied only on collections, and this is one resource; leave it out.'
    : 'There is no such option; leave it out.';
  return failure('optionNotAllowed', { option, advice });
}
