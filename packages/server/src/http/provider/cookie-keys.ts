import { createHmac, timingSafeEqual } from 'node:crypto';
import { parseCookies } from '../pages/cookies.ts';

/** Signs the cookies of the built-in provider, and proves their signatures, in the form that its library asks for. */
export class CookieKeys {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  /** The signature of a cookie, `name=value`. */
  sign(data: string): string {
    return createHmac('sha256', this.#key).update(`cookie ${data}`).digest('base64url');
  }

  /** Whether a signature is ours. */
  verify(data: string, signature: string): boolean {
    const [ours, theirs] = [Buffer.from(this.sign(data)), Buffer.from(signature)];
    return ours.length === theirs.length && timingSafeEqual(ours, theirs);
  }

  /** By which key it was signed: the only one, or none. */
  index(data: string, signature: string): number {
    return this.verify(data, signature) ? 0 : -1;
  }
}

/** A cookie of a request whose signature is ours; undefined where there is none. */
export function readSignedCookie(header: string | undefined, name: string, keys: CookieKeys): string | undefined {
  const cookies = parseCookies(header);
  const [value, signature] = [cookies.get(name), cookies.get(`${name}.sig`)];
  if (value === undefined || signature === undefined) return undefined;
  return keys.verify(`${name}=${value}`, signature) ? value : undefined;
}
