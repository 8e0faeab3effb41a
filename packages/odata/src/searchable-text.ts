import { foldWords } from './fold-words.ts';

/** Stands between two fields, where no phrase goes over it: it is no letter. */
const betweenFields = '.';

/** Characters of a searchable text; what comes behind them is not found. */
export const longestSearchableText = 16_000;

/**
 * What a search looks at in one entity: the folded words of its fields, a space before and behind each. Where it would
 * be too long, the longest fields are cut off, so that a long note hides no name.
 */
export function searchableText(fields: readonly string[]): string {
  const folded = fields.map((field) => foldWords(field).join(' ')).filter((words) => words !== '');
  const length = folded.reduce((sum, words) => sum + words.length + fieldMargin, 0);
  if (length > longestSearchableText) folded.sort((one, other) => one.length - other.length);
  const text = ` ${folded.join(` ${betweenFields} `)} `;
  if (text.length <= longestSearchableText) return text;
  return text.slice(0, text.lastIndexOf(' ', longestSearchableText - 1) + 1);
}

const fieldMargin = ` ${betweenFields} `.length;

/** How words that follow each other stand in a searchable text; of the last one, this may be the beginning. */
export function termOf(words: readonly string[], isBeginning: boolean): string {
  return ` ${words.join(' ')}${isBeginning ? '' : ' '}`;
}

/** A term taken apart again. */
export function wordsOfTerm(term: string): { readonly words: readonly string[]; readonly isBeginning: boolean } {
  return { words: term.trim().split(' '), isBeginning: !term.endsWith(' ') };
}
