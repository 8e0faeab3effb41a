/**
 * What this server has beyond the documented API (decision 27). Each is behind something that no documented request
 * contains; an answer that used one says so in `Cosell-Extension`, and EXTENSIONS=off refuses them all.
 */
export const extensions = {
  format: {
    contains: 'the query option `$format`',
    sentence: 'Chooses the media type of the answer by `$format=json` or `$format=xml` instead of `Accept`.',
  },
} as const satisfies Record<string, { readonly contains: string; readonly sentence: string }>;

/** The name of an extension, as `Cosell-Extension` carries it. */
export type ExtensionName = keyof typeof extensions;
