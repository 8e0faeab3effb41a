import {
  bindSearch,
  type EntityReader,
  evaluate,
  foldWords,
  longestSearchableText,
  longestWord,
  parseSearch,
  type SearchSyntax,
  searchableText,
  searchLimits,
  wordsRequiredBy,
} from '@cosell/odata';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

function parse(text: string): SearchSyntax {
  const parsed = parseSearch(text);
  if (parsed.kind === 'malformed' || parsed.kind === 'tooLarge') throw new Error(JSON.stringify(parsed));
  return parsed;
}

/** A tree as a text with its own parentheses. */
function draw(search: SearchSyntax): string {
  if (search.kind === 'not') return `!${draw(search.term)}`;
  if ('terms' in search) return `(${search.terms.map(draw).join(search.kind === 'and' ? ' & ' : ' | ')})`;
  if (search.kind === 'word') return search.text;
  return search.kind === 'phrase' ? `"${search.text}"` : `'${search.text}'`;
}

const reader: EntityReader = {
  value: (owner) => owner as string,
  items: (entity) => [searchableText(entity as readonly string[])],
};
const finds = (search: string, ...fields: readonly string[]) =>
  evaluate(bindSearch(parse(search)).predicate, fields, reader);

describe('a search is parsed as OData binds it', () => {
  it.each([
    ['a', 'a'],
    ['  a\tb  ', '(a & b)'],
    ['a AND b', '(a & b)'],
    ['a OR b c', '(a | (b & c))'],
    ['a b OR c', '((a & b) | c)'],
    ['a OR b OR c', '(a | b | c)'],
    ['NOT a b', '(!a & b)'],
    ['NOT NOT a', '!!a'],
    ['a NOT b', '(a & !b)'],
    ['a OR NOT b', '(a | !b)'],
    ['NOT (a OR b)', '!(a | b)'],
    ['( a )', 'a'],
    ['"a b" "c"', '("a b" & "c")'],
    ['(a) (b)', '(a & b)'],
    // Operators are in upper case, and a word where there is nothing for them to work on.
    ['a and b', '(a & and & b)'],
    ['Or', 'Or'],
    ['OR', 'OR'],
    ['NOT', 'NOT'],
    ['AND OR', '(AND & OR)'],
    ['a OR', '(a & OR)'],
    ['(a AND)', '(a & AND)'],
    ['a OR OR b', '(a | (OR & b))'],
    ['ANDROID ORB NOTE', '(ANDROID & ORB & NOTE)'],
    // What else may stand in words.
    ["O'Neil 3.14 $x #1 a;b 08/15 x=y Δ", "(O'Neil & 3.14 & $x & #1 & a;b & 08/15 & x=y & Δ)"],
    ["'\"not finished ( OR'", "'\"not finished ( OR'"],
    ["'it''s'", "'it's'"],
    ["''", "''"],
  ])('%s', (text, wanted) => expect(draw(parse(text))).toBe(wanted));

  it.each([
    ['', 0, 'the end', 'a word, a phrase in double quotes, NOT or ('],
    ['   ', 3, 'the end', 'a word, a phrase in double quotes, NOT or ('],
    ['(', 1, 'the end', 'a word, a phrase in double quotes, NOT or ('],
    ['()', 1, '")"', 'a word, a phrase in double quotes, NOT or ('],
    ['(a', 2, 'the end', 'a space, an operator or )'],
    ['a)', 1, '")"', 'a space, an operator or the end'],
    ['a(b)', 1, '"("', 'a space, an operator or the end'],
    ['"a"b', 3, '"b"', 'a space, an operator or the end'],
    ['a"b"', 1, '"""', 'a space, an operator or the end'],
    ['a "b', 4, 'the end', 'the closing " of the phrase that begins at 2'],
    ['""', 1, '"""', 'a word'],
    ["a 'b'", 2, `"'"`, 'a word, a phrase in double quotes, NOT or ('],
    ["'a", 2, 'the end', "the closing ' of the text that begins in front, with quotes inside it doubled,"],
    ["'a' b", 5, 'the end', "the closing ' of the text that begins in front, with quotes inside it doubled,"],
  ])('%s is refused at %i', (text, position, found, expected) => {
    expect(parseSearch(text)).toEqual({ kind: 'malformed', position, found, expected });
  });

  it('no larger than is allowed', () => {
    const { depth, length, nodes } = searchLimits;
    expect(parseSearch('a'.repeat(length)).kind).toBe('word');
    expect(parseSearch('a'.repeat(length + 1))).toEqual({ kind: 'tooLarge', limit: 'length', allowed: length });
    expect(parseSearch(`${'('.repeat(depth)}a${')'.repeat(depth)}`).kind).toBe('word');
    for (const deep of [`${'('.repeat(depth + 1)}a`, `${'NOT '.repeat(depth + 1)}a`]) {
      expect(parseSearch(deep)).toEqual({ kind: 'tooLarge', limit: 'depth', allowed: depth });
    }
    expect(parseSearch('a '.repeat(nodes - 1)).kind).toBe('and');
    expect(parseSearch('a '.repeat(nodes + 1))).toEqual({ kind: 'tooLarge', limit: 'nodes', allowed: nodes });
  });

  it('or refused at a place in the text, whatever it is', () => {
    const pieces = fc.constantFrom('a', 'NOT', 'AND', 'OR', '(', ')', '"', "'", ' ', '  ', '\u{1f600}', 'İ', '\0', '.');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const text = parts.join('');
        const parsed = parseSearch(text);
        if (parsed.kind === 'malformed') expect(parsed.position).toBeLessThanOrEqual(text.length);
        else if (parsed.kind !== 'tooLarge') expect(typeof bindSearch(parsed).predicate.kind).toBe('string');
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('words are folded', () => {
  it.each([
    ['İstanbul ISPARTA ısparta istanbul', 'istanbul isparta isparta istanbul'],
    ['Ürümqi U\u0308ru\u0308mqi', 'urumqi urumqi'],
    ['Straße STRASSE STRAẞE', 'strasse strasse strasse'],
    ['ΟΔΟΣ οδος οδοσ', 'οδοσ οδοσ οδοσ'],
    ['ＡＢＣ１２ ﬁx ™ Ⅷ x² ½', 'abc12 fix tm viii x2 1 2'],
    ['Ǆ ǆ ǅ K Å', 'dz dz dz k a'],
    ['𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𐐀𐐨', 'unicode 𐐨𐐨'],
    ["O'Neil jane.doe@contoso.com SOL-34104-EBB", 'o neil jane doe contoso com sol 34104 ebb'],
    ['a\u{1f600}b \u{1f468}\u200d\u{1f469}\u200d\u{1f467} c\ufe0f', 'a b c'],
    ['日本語 Привет ПРИВЕТ', '日本語 привет привет'],
    ['a\u0000b\tc\u00a0d\u200be', 'a b c d e'],
    ['', ''],
    ['…!?', ''],
  ])('%s', (text, wanted) => expect(foldWords(text).join(' ')).toBe(wanted));

  it('once and for all: what is folded stays as it is', () => {
    for (let code = 1; code < 0x110000; code += 1) {
      if (code >= 0xd800 && code < 0xe000) continue;
      const words = foldWords(String.fromCodePoint(code)).join(' ');
      if (foldWords(words).join(' ') !== words) expect.fail(`U+${code.toString(16)} folds to ${words} and on`);
      if (/[.\s]{2}|^\s|\./.test(words)) expect.fail(`U+${code.toString(16)} folds to a sign`);
    }
  });

  it('alike from any writing of the same letters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const words = foldWords(text);
        for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD'] as const)
          expect(foldWords(text.normalize(form))).toEqual(words);
      }),
    );
  });

  it('and cut off where no word goes on', () => {
    expect(foldWords('ß'.repeat(100))).toEqual(['s'.repeat(longestWord)]);
    expect(foldWords('𐐀'.repeat(100))).toEqual(['𐐨'.repeat(longestWord)]);
    expect(finds('a'.repeat(200), `b ${'a'.repeat(100)}`)).toBe(true);
  });
});

describe('a search', () => {
  const fields = ['Data platform for Litware', 'SOL-34104-EBB', 'jane.doe@contoso.com', 'İzmir'];
  it.each([
    ['plat', true],
    ['form', false],
    ['litware data', true],
    ['"data platform"', true],
    ['"data plat"', false],
    ['"platform data"', false],
    ['"Litware SOL"', false],
    ['sol-34104', true],
    ['sol-341', true],
    ['ol-34104', false],
    ['jane.doe', true],
    ['jane.doe@contoso.co', true],
    ['IZMIR', true],
    ['ızmır', true],
    ['NOT data', false],
    ['NOT date', true],
    ['date OR izmir', true],
    ['data NOT (x OR y)', true],
    ["'data pla'", true],
    ["'pla data'", true],
    ["'pla \"dat'", true],
    // Nothing is asked for: left out, and nothing is found where nothing is left.
    ['data \u{1f600}', true],
    ['data NOT \u{1f600}', true],
    ['\u{1f600}', false],
    ['NOT \u{1f600}', false],
    ["''", false],
    ['. OR data', true],
  ])('for %s finds: %s', (search, wanted) => expect(finds(search, ...fields)).toBe(wanted));

  it('says which of its words are none', () => {
    expect(bindSearch(parse('a & "…" b')).warnings).toEqual([
      { code: 'noWord', position: 2, value: '' },
      { code: 'noWord', position: 4, value: '' },
    ]);
  });

  it('finds what it names, whatever letters it has', () => {
    const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 4 });
    fc.assert(
      fc.property(texts, fc.nat(), fc.nat({ max: 12 }), (fields, which, length) => {
        const words = fields.flatMap(foldWords);
        const word = words[which % Math.max(words.length, 1)];
        if (word === undefined) return;
        expect(finds(`"${word}"`, ...fields)).toBe(true);
        expect(
          finds(
            Array.from(word)
              .slice(0, length + 1)
              .join(''),
            ...fields,
          ),
        ).toBe(true);
        expect(finds(`NOT ${word}`, ...fields)).toBe(false);
      }),
    );
  });
});

describe('a searchable text', () => {
  it('has a space around each word and a sign between fields', () => {
    expect(searchableText(['A b', '…', 'C'])).toBe(' a b . c ');
    expect(searchableText([])).toBe('  ');
  });

  it('is cut off behind a word, in its longest field', () => {
    const text = searchableText([`${'note '.repeat(10_000)}end`, 'Litware', 'Jane']);
    expect(text.length).toBeLessThanOrEqual(longestSearchableText);
    expect(text.startsWith(' jane . litware . note note ')).toBe(true);
    expect(text.endsWith(' note ')).toBe(true);
    const wide = searchableText(Array.from({ length: 900 }, () => '𐐀'.repeat(60)));
    expect(wide.length).toBeLessThanOrEqual(longestSearchableText);
    expect(wide.isWellFormed()).toBe(true);
  });
});

describe('the words that a search requires', () => {
  const required = (text: string) => wordsRequiredBy(bindSearch(parse(text)).predicate);
  const word = (text: string, isBeginning = true) => ({ kind: 'word', word: text, isBeginning });
  it.each([
    ['foo', word('foo')],
    ['"foo"', word('foo', false)],
    ['foo-b', { kind: 'and', terms: [word('foo', false), word('b')] }],
    ['foo NOT bar', word('foo')],
    ['foo OR bar', { kind: 'or', terms: [word('foo'), word('bar')] }],
    ['foo (a OR NOT b)', word('foo')],
    ['NOT foo', undefined],
    ['foo OR NOT bar', undefined],
    ['…', undefined],
  ])('%s', (text, wanted) => expect(required(text)).toEqual(wanted));

  it('are in every text that it finds', () => {
    const piece = fc.constantFrom('a', 'ab', '"a b"', 'b-a', 'c', '"c"', '.');
    const search = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        piece,
        tie('tree').map((one) => `NOT (${one})`),
        fc.tuple(tie('tree'), fc.constantFrom(' ', ' AND ', ' OR '), tie('tree')).map((parts) => `(${parts.join('')})`),
      ),
    })).tree;
    const words = fc.array(fc.constantFrom('a', 'ab', 'abc', 'b', 'c', 'cd'), { maxLength: 4 });
    fc.assert(
      fc.property(search, words, (text, given) => {
        const query = required(text);
        if (query === undefined || !finds(text, given.join(' '))) return;
        const has = (one: NonNullable<typeof query>): boolean => {
          if ('terms' in one) return one.kind === 'and' ? one.terms.every(has) : one.terms.some(has);
          return given.some((other) => (one.isBeginning ? other.startsWith(one.word) : other === one.word));
        };
        expect(has(query), `${text} on ${given.join(' ')}`).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
