/** What a client would like, by names in lower case (RFC 7240). */
export type Preferences = ReadonlyMap<string, string>;

const none: Preferences = new Map();

/**
 * Reads `Prefer`. Of several values for one name the first counts; parameters after `;` are left out, and what cannot be
 * read is ignored, as the RFC wants it.
 */
export function readPreferences(prefer: string | undefined): Preferences {
  if (prefer === undefined) return none;
  const found = new Map<string, string>();
  // A quoted value may hold commas: include-annotations="a.*,b.*".
  for (const [, name = '', quoted, bare] of prefer.matchAll(
    /([\w.!#$&'*+^`|~-]+)\s*(?:=\s*(?:"([^"]*)"|([^\s,;"]*)))?[^,]*(?:,|$)/g,
  )) {
    const key = name.toLowerCase();
    if (!found.has(key)) found.set(key, quoted ?? bare ?? '');
  }
  return found;
}

/** A page size that a client would like, and how it said so. */
export interface PreferredPageSize {
  readonly size: number;
  /** For `Preference-Applied`. */
  readonly applied: string;
}

/** Reads `maxpagesize` (OData 4.01, section 8.2.8.6). */
export function readPageSize(preferences: Preferences): PreferredPageSize | undefined {
  for (const [name, value] of preferences) {
    const isSize = name === 'odata.maxpagesize' || name === 'maxpagesize';
    if (isSize && /^[1-9]\d{0,8}$/.test(value)) return { size: Number(value), applied: `${name}=${value}` };
  }
  return undefined;
}

/** Whether `include-annotations` names ours (OData 4.01, section 8.2.8.4). */
export function wantsAnnotations(preferences: Preferences): boolean {
  const value = preferences.get('include-annotations') ?? preferences.get('odata.include-annotations');
  return (value ?? '').split(',').some((pattern) => ['*', 'cosell.*'].includes(pattern.trim()));
}
