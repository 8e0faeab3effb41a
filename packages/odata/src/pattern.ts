/** What a pattern asks of a text, where one operation on texts answers it. */
export interface PlainPattern {
  readonly operation: 'contains' | 'startswith' | 'endswith' | 'same';
  readonly text: string;
}

/**
 * Reads a regular expression of ECMAScript that is plain text, with `^` and `$` around it or not: so it takes no more
 * time than the text is long, and both engines answer it alike. Gives undefined for every other one, and `malformed` for
 * what is none.
 */
export function readPattern(pattern: string): PlainPattern | 'malformed' | undefined {
  try {
    new RegExp(pattern, 'u');
  } catch {
    return 'malformed';
  }
  const [, start, body = '', end] =
    /^(\^?)((?:\\[\^$.*+?()[\]{}|/\\]|[^^$.*+?()[\]{}|\\])*)(\$?)$/u.exec(pattern) ?? [];
  if (start === undefined) return undefined;
  const text = body.replace(/\\(.)/gu, '$1');
  if (start !== '') return { operation: end === '' ? 'startswith' : 'same', text };
  return { operation: end === '' ? 'contains' : 'endswith', text };
}
