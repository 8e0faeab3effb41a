/** A page size that a client would like, and how it said so. */
export interface PreferredPageSize {
  readonly size: number;
  /** For `Preference-Applied`. */
  readonly applied: string;
}

/**
 * Reads `maxpagesize` from `Prefer` (OData 4.01, section 8.2.8.6; RFC 7240). Preferences that are not known or make no
 * sense are ignored, and the first of several counts.
 */
export function readPageSize(prefer: string | undefined): PreferredPageSize | undefined {
  for (const preference of prefer?.split(',') ?? []) {
    const match = /^\s*((?:odata\.)?maxpagesize)\s*=\s*"?([1-9]\d{0,8})"?\s*(?:;.*)?$/i.exec(preference);
    const [, name, digits] = match ?? [];
    if (name !== undefined && digits !== undefined) return { size: Number(digits), applied: `${name}=${digits}` };
  }
  return undefined;
}
