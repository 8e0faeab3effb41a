import { type SizeFault, searchLimits } from './limits.ts';
import { parseSearch, type SearchSyntax } from './parse-search.ts';
import { malformed, type SyntaxFault } from './tokens.ts';

/** An `$apply` without the words of its searches, which are read apart, by where each `search` begins. */
export interface BlankedText {
  readonly kind: 'blanked';
  readonly text: string;
  readonly searches: ReadonlyMap<number, SearchSyntax>;
}

/**
 * The words of a search have a grammar of their own, with texts in double quotes, which the words of expressions do not
 * have. So what stands within `search(…)` is blanked out, and every position stays what it was.
 */
export function blankSearches(text: string): BlankedText | SyntaxFault | SizeFault {
  const searches = new Map<number, SearchSyntax>();
  let found = text;
  const pattern = /'(?:[^']|'')*'?|(?<=^|[/(,\s])search[ \t]*\(/gi;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (match[0].startsWith("'")) continue;
    const begin = match.index + match[0].length;
    const end = endOfSearch(text, begin);
    if (end === undefined) return malformed(text.length, 'the end', `the ) that closes the ( at ${begin - 1}`);
    if (text.slice(begin, end).trim() === '') return malformed(end, ')', 'a word or a phrase to search for');
    const search = readSearch(text, begin, end);
    if (search.kind === 'malformed' || search.kind === 'tooLarge') return search;
    searches.set(match.index, search);
    found = found.slice(0, begin) + ' '.repeat(end - begin) + found.slice(end);
    pattern.lastIndex = end;
  }
  return { kind: 'blanked', text: found, searches };
}

/** Every position is one of the whole text. */
function readSearch(text: string, begin: number, end: number): SearchSyntax | SyntaxFault | SizeFault {
  const search = parseSearch(text.slice(0, end), searchLimits, begin);
  return search.kind === 'malformed' && search.position === end ? { ...search, found: ')' } : search;
}

/** Where the parenthesis closes that was opened before `begin`; those within phrases do not count. */
function endOfSearch(text: string, begin: number): number | undefined {
  let depth = 1;
  let isPhrase = false;
  for (let at = begin; at < text.length; at += 1) {
    const char = text[at];
    if (isPhrase && char === '\\') at += 1;
    else if (char === '"') isPhrase = !isPhrase;
    else if (!isPhrase && char === '(') depth += 1;
    else if (!isPhrase && char === ')') depth -= 1;
    if (depth === 0) return at;
  }
  return undefined;
}
