/**
 * The tenant of the tokens of whoever runs the exchange. Only the built-in issuer speaks for it, and no organisation is
 * given it.
 */
export const operatorTenant = 'c05e1100-0000-4000-8000-0000000000e0';

/** Whether a name stands for the tenant of whoever signs in. */
export function isAnyTenant(name: string): boolean {
  return name === 'common' || name === 'organizations';
}
