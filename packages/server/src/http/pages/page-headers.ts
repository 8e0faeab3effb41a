/**
 * Headers of every page, names and values in turn. A page has no script, loads nothing, stands in no frame, sends its
 * forms here only, and tells nobody where somebody came from.
 *
 * Browsers hold `form-action` also to where a form's answer redirects, and the redirect after a sign-in leads to a program's
 * own address. So no answer to a form redirects away: a page that is there for a moment leads on instead. Only the form of
 * a sign-out leads away, to an address that its program has registered.
 *
 * @param leadsAway whether the answer to the form of the page may redirect to another site
 */
export function pageHeaders(nonce: string, leadsAway = false): string[] {
  const forms = leadsAway ? '' : " form-action 'self';";
  return [
    'Content-Security-Policy',
    `default-src 'none'; style-src 'nonce-${nonce}';${forms} frame-ancestors 'none'; base-uri 'none'`,
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
