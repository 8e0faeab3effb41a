import type { Cookies } from './page.ts';

/** Cookies of the pages, and what each is called where the connection is secure or not. */
export interface CookieJar extends Cookies {
  /** A `Set-Cookie` value; an empty one takes the cookie away. */
  set(name: string, value: string): string;
}

/**
 * Reads the cookies of a request. Where the connection is secure their names begin with `__Host-`, so that no other
 * server of the same domain can plant one (RFC 6265bis, section 4.1.3.2).
 *
 * @param isPlain whether it is http to this very machine: then nobody is in between, and `Secure` would lose them
 */
export function readCookies(header: string | undefined, isPlain: boolean): CookieJar {
  const fullName = (name: string) => (isPlain ? `cosell-${name}` : `__Host-cosell-${name}`);
  const cookies = parseCookies(header);
  return {
    get: (name) => cookies.get(fullName(name)),
    set(name, value) {
      const end = value === '' ? '; Max-Age=0' : '';
      return `${fullName(name)}=${value}; Path=/; HttpOnly; SameSite=Lax${isPlain ? '' : '; Secure'}${end}`;
    },
  };
}

/** The cookies of a header by their names; of two with one name the first counts (RFC 6265, section 5.4). */
export function parseCookies(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    if (!cookies.has(name)) cookies.set(name, pair.slice(at + 1).trim());
  }
  return cookies;
}
