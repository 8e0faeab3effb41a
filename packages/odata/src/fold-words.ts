/**
 * The words of a text as a search compares them. Letters that people take for one are one, whatever the language: marks
 * are taken off (NFKD), case is (in full, so that ß is ss), and İ, I, ı and i are one letter. Letters and digits make
 * words, everything else stands between them. No engine folds alike, so none of them does it.
 */
export function foldWords(text: string): string[] {
  // Nearly all texts are ASCII, where there is nothing to fold but case.
  const words = isAscii.test(text) ? text.toLowerCase().match(asciiWords) : foldLetters(text).match(anyWords);
  return words === null ? [] : words.map(cutWord);
}

/** Characters of a word that count; no word of a language is longer. */
export const longestWord = 64;

const isAscii = /^[\0-\x7f]*$/;
const asciiWords = /[a-z0-9]+/g;
const anyWords = /[\p{L}\p{N}]+/gu;

function foldLetters(text: string): string {
  const letters = text.normalize('NFKD').replaceAll(/\p{M}+/gu, '');
  // Up and down: upper case makes one of ı and i and ss of ß, and lower case of ẞ is ß. At ends of words lower case has ς.
  return letters.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ');
}

/** Whole characters: half of one could not be stored. */
function cutWord(word: string): string {
  return word.length <= longestWord ? word : Array.from(word).slice(0, longestWord).join('');
}
