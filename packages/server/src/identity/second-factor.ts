import { HOTP, Secret, TOTP } from 'otpauth';

/** Codes as authenticator apps have them by default: SHA-1, six digits, thirty seconds (RFC 6238). */
const digits = 6;
const period = 30;
const algorithm = 'SHA1';
/** Steps before and after this one whose codes are taken, for clocks that differ (RFC 6238, section 5.2). */
const window = 1;

/** A new secret in Base32: 160 bits, the length of the hash (RFC 4226, section 4). */
export function newTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** The time step of a code; undefined where it is none of this secret now. */
export function stepOfCode(totpSecret: string, code: string, nowMs: number): number | undefined {
  const token = code.replaceAll(/[\s-]/g, '');
  if (!/^\d{6}$/.test(token)) return undefined;
  const counter = Math.floor(nowMs / 1000 / period);
  const delta = HOTP.validate({ token, secret: Secret.fromBase32(totpSecret), algorithm, digits, counter, window });
  return delta === null ? undefined : counter + delta;
}

/** The code of a secret at a time, as an authenticator app shows it. */
export function codeAt(totpSecret: string, nowMs: number): string {
  return new TOTP({ secret: Secret.fromBase32(totpSecret), algorithm, digits, period }).generate({ timestamp: nowMs });
}

/** The address by which an authenticator app learns of a secret. */
export function otpAddress(totpSecret: string, issuer: string, label: string): string {
  return new TOTP({ issuer, label, secret: Secret.fromBase32(totpSecret), algorithm, digits, period }).toString();
}
