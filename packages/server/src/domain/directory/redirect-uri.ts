/** Addresses that one application may have, and letters of one. */
export const mostRedirectUris = 20;
const longest = 2_000;

/**
 * What is wrong with an address to which users come back with a code; undefined where nothing is. It is compared letter
 * by letter, so it is written out (RFC 9700, section 2.1); the port of a loopback address may differ (RFC 8252, section 7.3).
 */
export function redirectUriFault(text: string): string | undefined {
  if (text.length > longest) return `an address has at most ${longest} letters`;
  if (!/^[\x21-\x7e]+$/.test(text) || /[*#\\]/.test(text)) {
    return 'an address is written without spaces, stars and #, and letters beyond ASCII are percent-encoded';
  }
  if (!URL.canParse(text)) return 'an address is absolute, such as https://app.example/signed-in';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'an address names no user';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol === 'http:') {
    if (['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)) return undefined;
    return 'an address begins with https://, but for http://localhost on the own machine';
  }
  // RFC 8252, section 7.1: a reversed domain; MSAL's own have the client's id in them.
  if (/^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:$/.test(url.protocol) || /^msal[0-9a-f-]{36}:$/.test(url.protocol)) {
    return undefined;
  }
  return 'a scheme of your own is a domain turned round, such as com.example.app:/signed-in';
}
