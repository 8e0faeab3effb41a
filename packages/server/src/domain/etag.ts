import type { Surroundings } from '../store/store.ts';

/**
 * A new eTag in the documented shape, quotes included: `"xxxxxxxx-0000-0700-0000-TTTTTTTT0000"`, where the T are unix
 * seconds in hexadecimal (facts §4.4, decision 5).
 */
export function mintETag({ clock, ids }: Surroundings): string {
  const seconds = Math.floor(clock.now() / 1000);
  return `"${ids.guid().slice(0, 8)}-0000-0700-0000-${seconds.toString(16).padStart(8, '0')}0000"`;
}
