/**
 * Resource paths (OData URL Conventions 4.01, section 4.3): the two ways to write a key, `set('key')` and `set/key`,
 * come out alike.
 */

/**
 * Splits the path of a URL into decoded segments. Empty segments are skipped; a key in parentheses becomes a segment of
 * its own, without its quotes: `/orders('a%27%27b')` gives `['orders', "a'b"]`. With the name of the key, which is
 * `keyName`, it is the same: `/orders(id='a')`.
 * Gives undefined where the percent-encoding is broken.
 */
export function parseResourcePath(path: string, keyName?: string): string[] | undefined {
  const segments: string[] = [];
  for (const raw of path.split('/')) {
    if (raw === '') continue;
    let segment: string;
    try {
      segment = raw.includes('%') ? decodeURIComponent(raw) : raw;
    } catch {
      return undefined;
    }
    const open = segment.indexOf('(');
    if (open > 0 && segment.endsWith(')')) {
      segments.push(segment.slice(0, open), parseKey(segment.slice(open + 1, -1), keyName));
    } else {
      segments.push(segment);
    }
  }
  return segments;
}

function parseKey(text: string, keyName: string | undefined): string {
  const equals = text.indexOf('=');
  const isNamed = equals > 0 && text.slice(0, equals).trim().toLowerCase() === keyName?.toLowerCase();
  const value = isNamed ? text.slice(equals + 1).trim() : text;
  const isQuoted = value.length >= 2 && value.startsWith("'") && value.endsWith("'");
  return isQuoted ? value.slice(1, -1).replaceAll("''", "'") : value;
}
