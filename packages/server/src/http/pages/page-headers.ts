/**
 * Headers of every page, names and values in turn. A page has no script, loads nothing, stands in no frame, sends its
 * forms here only, and tells nobody where somebody came from.
 *
 * Browsers hold `form-action` also to where a form's answer redirects, and the redirect after a sign-in leads to a program's
 * own address. So no answer to a form redirects away: a page that is there for a moment leads on instead.
 */
export function pageHeaders(nonce: string): string[] {
  return [
    'Content-Security-Policy',
    `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    'X-Content-Type-Options',
    'nosniff',
    'X-Frame-Options',
    'DENY',
    'Referrer-Policy',
    'no-referrer',
    'Cross-Origin-Opener-Policy',
    'same-origin',
    'Cross-Origin-Resource-Policy',
    'same-origin',
    'Cache-Control',
    'no-store',
  ];
}
