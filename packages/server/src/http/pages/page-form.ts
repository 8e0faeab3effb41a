import type { IncomingHttpHeaders } from 'node:http';
import { failure } from '@cosell/model';
import type { BodyForm } from '../body.ts';
import type { Cookies } from './page.ts';
import type { Seal } from './sealed.ts';

/** The body of a form: a few fields, none of which is long. */
export const formBody: BodyForm = { mediaTypes: ['application/x-www-form-urlencoded'], limit: 16_384 };

/** The field that carries the token of a form, and the cookie that it belongs to. */
export const xsrfField = 'xsrf';
/** The cookie's name. */
export const xsrfCookie = 'form';

/**
 * Refuses a form that did not come from a page of ours in this browser: by the header that no page can forge (Fetch
 * Metadata, or Origin for a browser that sends none), and by a token that belongs to the browser's cookie.
 *
 * @param ours whether an origin is one of this server's
 * @throws Failure `formNotOurs`
 */
export function requireOwnForm(
  headers: IncomingHttpHeaders,
  form: { readonly fields: URLSearchParams; readonly cookies: Cookies; readonly seal: Seal },
  ours: (origin: string) => boolean,
): void {
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  // By our own Referrer-Policy a browser writes "null" as the origin of our own forms (Fetch, section 3.2).
  const isForeign =
    site === undefined ? origin !== undefined && origin !== 'null' && !ours(origin) : site !== 'same-origin';
  const cookie = form.cookies.get(xsrfCookie);
  const token = form.fields.get(xsrfField) ?? '';
  if (isForeign || cookie === undefined || !form.seal.isMark('form', cookie, token)) throw failure('formNotOurs');
}
