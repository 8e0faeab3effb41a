import type { Moment } from './moment.ts';

/**
 * A new eTag in the documented shape, quotes included: `"xxxxxxxx-0000-0700-0000-TTTTTTTT0000"`, where the T are unix
 * seconds in hexadecimal (facts §4.4, decision 5).
 */
export function mintETag({ ms, newId }: Pick<Moment, 'ms' | 'newId'>): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `"${newId().slice(0, 8)}-0000-0700-0000-${seconds.toString(16).padStart(8, '0')}0000"`;
}
