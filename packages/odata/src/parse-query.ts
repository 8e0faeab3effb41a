/** One option of a query string, decoded. */
export interface QueryOption {
  readonly name: string;
  readonly value: string;
}

/**
 * Splits a query string (without its `?`) into options, in order, decoding `%20` and `+` alike.
 * Gives undefined where the percent-encoding is broken.
 */
export function parseQueryOptions(queryString: string): QueryOption[] | undefined {
  const options: QueryOption[] = [];
  for (const pair of queryString.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = decode(equals < 0 ? '' : pair.slice(equals + 1));
    if (name === undefined || value === undefined) return undefined;
    options.push({ name, value });
  }
  return options;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
