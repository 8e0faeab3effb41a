import { parseResourcePath } from '@cosell/odata';

/** `/referrals('id')`, `/referrals(id='id')` and `/referrals/id` are one (decision 1); the router knows the last only. */
export function canonicalUrl(url: string): string {
  if (!url.includes('(') && !url.includes('%')) return url;
  const question = url.indexOf('?');
  // A proxy sends the absolute form, host and all (RFC 9112, section 3.2.2).
  const path = (question < 0 ? url : url.slice(0, question)).replace(/^https?:\/\/[^/]*/i, '');
  // The directory is no resource of OData, and a name there may end with parentheses.
  if (/^\/+directory\//i.test(path)) return url;
  const segments = parseResourcePath(path, 'id');
  if (segments === undefined) return url;
  // The router knows `$metadata` by its `$`, which is legal in a path as it is.
  const written = segments.map((segment) => encodeURIComponent(segment).replaceAll('%24', '$')).join('/');
  return `/${written}${question < 0 ? '' : url.slice(question)}`;
}

/** What stands behind the question mark of a URL. */
export function queryStringOf(url: string): string {
  const question = url.indexOf('?');
  return question < 0 ? '' : url.slice(question + 1);
}
