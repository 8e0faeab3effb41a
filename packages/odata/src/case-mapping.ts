/**
 * Lower and upper case by Unicode's simple rules: one code point for one, whatever the language and the neighbours.
 * Engines differ in theirs (SQLite folds ASCII only, PostgreSQL by its locale), so all of them get this one.
 */

/** Code points, and in the same places what each becomes. All of printable ASCII is there, and what changes beyond. */
export interface CaseMapping {
  readonly from: string;
  readonly to: string;
}

const firstPrintable = 0x20;
const lastAscii = 0x7e;
// No letter above has two cases (Unicode 16).
const lastCased = 0x1ffff;

/** What letters become in lower case. */
export const lowerMapping: () => CaseMapping = once(() =>
  // The one letter whose lower case is two code points; its simple mapping is the first of them.
  mappingOf((letter) => (letter === 'İ' ? 'i' : letter.toLowerCase())),
);

/** What letters become in upper case. */
export const upperMapping: () => CaseMapping = once(() => {
  const capitals = new Map<string, string>();
  for (const letter of letters()) capitals.set(letter.toLowerCase(), letter);
  return mappingOf((letter) => {
    const whole = letter.toUpperCase();
    if ([...whole].length === 1) return whole;
    // Where the full mapping is longer, the simple one is the capital that has this as its lower case, if any; but
    // ß has a capital of its own and is not mapped to it.
    return letter === 'ß' ? letter : (capitals.get(letter) ?? letter);
  });
});

/** A text with each of its code points mapped. */
export function mapCase(text: string, mapping: CaseMapping): string {
  let table = tables.get(mapping);
  if (table === undefined) {
    const to = [...mapping.to];
    table = new Map(Array.from(mapping.from, (letter, index) => [letter, to[index] ?? letter]));
    tables.set(mapping, table);
  }
  let mapped = '';
  for (const letter of text) mapped += table.get(letter) ?? letter;
  return mapped;
}

const tables = new WeakMap<CaseMapping, ReadonlyMap<string, string>>();

function mappingOf(map: (letter: string) => string): CaseMapping {
  let from = '';
  let to = '';
  for (const letter of letters()) {
    const mapped = map(letter);
    // ASCII comes first and whole: it is found soonest where a list is searched from its beginning.
    if (mapped === letter && letter > String.fromCharCode(lastAscii)) continue;
    from += letter;
    to += mapped;
  }
  return { from, to };
}

function* letters(): Iterable<string> {
  for (let code = firstPrintable; code <= lastCased; code += 1) {
    // Halves of pairs are no letters.
    if (code < 0xd800 || code > 0xdfff) yield String.fromCodePoint(code);
  }
}

function once<Result>(make: () => Result): () => Result {
  let made: Result | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
