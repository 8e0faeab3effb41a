import type { BoundFilter } from './bind.ts';
import { foldWords } from './fold-words.ts';
import type { SearchSyntax } from './parse-search.ts';
import { allOf, andTerms, anyOf, type Predicate, propertyValue, type Value } from './predicate.ts';
import { termOf, wordsOfTerm } from './searchable-text.ts';

/** The list that holds the searchable text of an entity, as its one item. No property has such a name. */
export const searchCollection: readonly string[] = ['$search'];

/** The member of that item that is the text. */
export const searchMember = 'text';

const text = propertyValue({ scope: 1, segments: [searchMember], collection: searchCollection, type: 'text' });

/**
 * Makes a condition of a search: on `searchableText`, which stands as the one item of a list of its own. A word finds
 * words that begin with it, a phrase whole words in their order. What has no letter and no digit asks for nothing and is
 * left out; where nothing is left, nothing is found.
 */
export function bindSearch(search: SearchSyntax): BoundFilter {
  const empty: number[] = [];
  const condition = bindTerm(search, empty);
  const warnings = empty.map((position) => ({ code: 'noWord', position, value: '' }) as const);
  if (condition === undefined) return { predicate: { kind: 'constant', value: false }, warnings };
  return { predicate: { kind: 'some', collection: searchCollection, scope: 1, condition }, warnings };
}

function bindTerm(search: SearchSyntax, empty: number[]): Predicate | undefined {
  if (search.kind === 'not') {
    const term = bindTerm(search.term, empty);
    return term && { kind: 'not', term };
  }
  if ('terms' in search) {
    const terms = search.terms.flatMap((term) => bindTerm(term, empty) ?? []);
    if (terms.length === 0) return undefined;
    return search.kind === 'and' ? allOf(terms) : anyOf(terms);
  }
  const words = foldWords(search.text);
  if (words.length > 0) return bindWords(search.kind, words);
  empty.push(search.position);
  return undefined;
}

function bindWords(kind: 'word' | 'phrase' | 'typed', words: readonly string[]): Predicate {
  // A word of several, such as an id, stands in a row like a phrase.
  if (kind !== 'typed') return holds(termOf(words, kind === 'word'));
  return allOf(words.map((word) => holds(termOf([word], true))));
}

function holds(term: string): Predicate {
  const part: Value = { kind: 'constant', value: term, type: 'text', scale: 0 };
  const value: Value = {
    kind: 'call',
    operation: 'contains',
    operands: [text, part],
    height: 1,
    type: 'boolean',
    scale: 0,
  };
  return { kind: 'flag', value };
}

/** Words that a searchable text must have: what an index of words can be asked for. */
export type WordQuery =
  | { readonly kind: 'word'; readonly word: string; readonly isBeginning: boolean }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly WordQuery[] };

/**
 * The words without which a condition that `bindSearch` made cannot hold; undefined where it can hold without any, or
 * was not made by it. An index that finds them narrows the search, and the condition itself decides.
 */
export function wordsRequiredBy(predicate: Predicate): WordQuery | undefined {
  if (predicate.kind !== 'some' || predicate.collection !== searchCollection) return undefined;
  return requiredBy(predicate.condition);
}

function requiredBy(condition: Predicate): WordQuery | undefined {
  if (condition.kind === 'and')
    return joined(
      'and',
      andTerms(condition).flatMap((term) => requiredBy(term) ?? []),
    );
  if (condition.kind === 'or') {
    const terms = condition.terms.map(requiredBy);
    return terms.every((term) => term !== undefined) ? joined('or', terms) : undefined;
  }
  const term = condition.kind === 'flag' && condition.value.kind === 'call' ? condition.value.operands[1] : undefined;
  if (term?.kind !== 'constant' || typeof term.value !== 'string') return undefined;
  const { words, isBeginning } = wordsOfTerm(term.value);
  const last = words.length - 1;
  return joined(
    'and',
    words.map((word, index) => ({ kind: 'word', word, isBeginning: isBeginning && index === last }) as const),
  );
}

function joined(kind: 'and' | 'or', terms: readonly WordQuery[]): WordQuery | undefined {
  return terms.length > 1 ? { kind, terms } : terms[0];
}
