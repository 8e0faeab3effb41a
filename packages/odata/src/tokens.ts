/**
 * The words of an expression (OData ABNF 4.01, part 2), each with where it stands. Positions count characters of the
 * decoded text, from 0.
 */

import { reachOfValue } from './value-forms.ts';

/** The kinds of words. */
export type TokenKind =
  | 'name'
  | 'string'
  | 'number'
  | 'guid'
  | 'instant'
  | 'time'
  | 'typed'
  | 'json'
  | 'sign'
  | 'end'
  | 'fault';

/** One word. */
export interface Token {
  readonly kind: TokenKind;
  /** As it stands in the expression. */
  readonly text: string;
  /** What it says: a text without its quotes and doubled quotes; else as it stands. */
  readonly value: string;
  /** The type of a typed literal such as `Ns.Color'Red'`. */
  readonly type?: string;
  /** What is wrong from here on, which is said only where a value was expected. */
  readonly fault?: SyntaxFault;
  readonly position: number;
}

/** Where an expression stops being legal, what stands there and what could. */
export interface SyntaxFault {
  readonly kind: 'malformed';
  readonly position: number;
  readonly found: string;
  readonly expected: string;
}

const namePattern =
  /[@$]?[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Nd}\p{Mn}\p{Mc}\p{Pc}\p{Cf}]*(?:[.#][\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Nd}\p{Mn}\p{Mc}\p{Pc}\p{Cf}]*)*/uy;
const signs = '(),;/:=-*';

/** Splits an expression into its words; the last one is the end, or what cannot be read. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < text.length) {
    if (text[position] === ' ' || text[position] === '\t') {
      position += 1;
      continue;
    }
    const token = readToken(text, position);
    if (!('text' in token)) {
      const shown = matchAt(namePattern, text, position) ?? showCharacter(text, position);
      return [...tokens, { kind: 'fault', text: shown, value: '', position, fault: token }];
    }
    tokens.push(token);
    position += token.text.length;
  }
  return [...tokens, { kind: 'end', text: '', value: '', position }];
}

function readToken(text: string, position: number): Token | SyntaxFault {
  const first = text[position] ?? '';
  if (first === "'") return readString(text, position, position, undefined);
  if (first === '[' || first === '{') return readJson(text, position);
  const value = readValue(text, position);
  if (value !== undefined) return value;
  const name = matchAt(namePattern, text, position);
  if (name !== undefined) {
    const end = position + name.length;
    if (text[end] === "'" && /^\p{L}/u.test(name)) return readString(text, position, end, name);
    return { kind: 'name', text: name, value: name, position };
  }
  if (signs.includes(first)) return { kind: 'sign', text: first, value: first, position };
  return malformed(position, showCharacter(text, position), 'a property, a value or an operator');
}

/** A value without quotes. A letter or digit right behind it means that it was meant to be something else. */
function readValue(text: string, position: number): Token | SyntaxFault | undefined {
  const reach = reachOfValue(text, position);
  if (reach === undefined) return undefined;
  if ('wrongAt' in reach) {
    const { wrongAt } = reach;
    return malformed(wrongAt, showCharacter(text, wrongAt), `what belongs to the value that begins at ${position}`);
  }
  const whole = text.slice(position, reach.end);
  const kind = reach.form === 'date' ? 'instant' : (reach.form as TokenKind);
  return { kind, text: whole, value: kind === 'instant' ? whole.replace(' ', '+') : whole, position };
}

/** Single quotes, doubled inside (OData ABNF `string`). */
function readString(text: string, position: number, quote: number, type: string | undefined): Token | SyntaxFault {
  let end = quote + 1;
  for (;;) {
    end = text.indexOf("'", end);
    if (end < 0)
      return malformed(
        text.length,
        'the end',
        `the closing ' of the text that begins at ${quote}, with quotes inside it doubled,`,
      );
    if (text[end + 1] !== "'") break;
    end += 2;
  }
  const value = text.slice(quote + 1, end).replaceAll("''", "'");
  // No engine stores this character, and no text of a document may have it.
  const zero = text.indexOf('\0', quote);
  if (zero >= 0 && zero < end) return malformed(zero, 'U+0000', 'another character');
  const whole = text.slice(position, end + 1);
  return type === undefined
    ? { kind: 'string', text: whole, value, position }
    : { kind: 'typed', text: whole, value, type, position };
}

/** A list or object in JSON, up to the bracket that closes it. */
function readJson(text: string, position: number): Token | SyntaxFault {
  let depth = 0;
  for (let at = position; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === '"') {
      at += 1;
      while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    } else if (char === '[' || char === '{') depth += 1;
    else if (char === ']' || char === '}') depth -= 1;
    if (depth === 0) {
      const whole = text.slice(position, at + 1);
      return { kind: 'json', text: whole, value: whole, position };
    }
  }
  return malformed(text.length, 'the end', `the bracket that closes the one at ${position}`);
}

function matchAt(pattern: RegExp, text: string, position: number): string | undefined {
  pattern.lastIndex = position;
  return pattern.exec(text)?.[0];
}

/** The name that stands at a place, with its namespace if it has one. */
export function matchName(text: string, position: number): string | undefined {
  return matchAt(namePattern, text, position);
}

/** The character at a place, for a sentence. */
export function showCharacter(text: string, position: number): string {
  if (position >= text.length) return 'the end';
  const code = text.codePointAt(position) ?? 0;
  return code < 0x20 || code === 0x7f
    ? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
    : `"${String.fromCodePoint(code)}"`;
}

/** A fault of the text at a position. */
export function malformed(position: number, found: string, expected: string): SyntaxFault {
  return { kind: 'malformed', position, found, expected };
}
