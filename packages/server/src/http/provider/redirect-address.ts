/**
 * Whether a user may be sent to an address: it is one of those that are registered, letter by letter; only the port of a
 * loopback address may be any (RFC 8252, section 7.3).
 */
export function isRegistered(address: string, registered: readonly string[]): boolean {
  if (registered.includes(address)) return true;
  // A port may have five digits and be none.
  if (!URL.canParse(address)) return false;
  const bare = withoutPort(address);
  return bare !== undefined && registered.some((one) => withoutPort(one) === bare);
}

const loopback = /^(http:\/\/(?:localhost|127\.0\.0\.1|\[::1\]))(?::\d{1,5})?(?=[/?]|$)/;

function withoutPort(address: string): string | undefined {
  return loopback.test(address) ? address.replace(loopback, '$1') : undefined;
}
