/** Reads a JSON pointer (RFC 6901, section 3) into the names that it goes along; undefined where the text is none. */
export function parsePointer(text: string): string[] | undefined {
  if (text === '') return [];
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return undefined;
  const steps = text.slice(1).split('/');
  // First "~1", then "~0": so "~01" is "~1" and not "/" (RFC 6901, section 4).
  return text.includes('~') ? steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')) : steps;
}

/** Reads the step of a pointer into a list: digits without a leading zero (RFC 6901, section 4). */
export function parseIndex(step: string): number | undefined {
  return /^(?:0|[1-9]\d*)$/.test(step) ? Number(step) : undefined;
}
