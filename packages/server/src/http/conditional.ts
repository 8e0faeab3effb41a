/**
 * Whether If-None-Match holds the current eTag, so that 304 is the answer: weak comparison, a list, or `*`
 * (RFC 9110, section 13.1.2).
 */
export function isNotModified(ifNoneMatch: string | undefined, eTag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  const tags = ifNoneMatch.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => tag === eTag || tag === `W/${eTag}`);
}
