/**
 * Resource paths (OData URL Conventions 4.01, section 4.3): the two ways to write a key, `set('key')` and `set/key`,
 * come out alike.
 */

/**
 * Splits the path of a URL into decoded segments. Empty segments are skipped; a key in parentheses becomes a segment of
 * its own, without its quotes: `/orders('a%27%27b')` gives `['orders', "a'b"]`.
 * Gives undefined where the percent-encoding is broken.
 */
export function parseResourcePath(path: string): string[] | undefined {
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
      segments.push(segment.slice(0, open), parseKey(segment.slice(open + 1, -1)));
    } else {
      segments.push(segment);
    }
  }
  return segments;
}

function parseKey(text: string): string {
  const isQuoted = text.length >= 2 && text.startsWith("'") && text.endsWith("'");
  return isQuoted ? text.slice(1, -1).replaceAll("''", "'") : text;
}
