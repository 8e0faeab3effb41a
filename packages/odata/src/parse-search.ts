import { type ExpressionLimits, type SizeFault, searchLimits } from './limits.ts';
import { type StopWith, untilStopped } from './stop.ts';
import { malformed, type SyntaxFault, showCharacter } from './tokens.ts';

/** A search as it is written. Every node says where it begins. */
export type SearchSyntax =
  /** A word, words in double quotes, or what somebody has typed so far, in single quotes. */
  | { readonly kind: 'word' | 'phrase' | 'typed'; readonly text: string; readonly position: number }
  | { readonly kind: 'not'; readonly term: SearchSyntax; readonly position: number }
  | { readonly kind: 'and' | 'or'; readonly terms: readonly SearchSyntax[]; readonly position: number };

/**
 * Parses `$search`: words, phrases in double quotes, `NOT`, `AND` and `OR` in upper case, parentheses; what stands side
 * by side is meant together (OData URL Conventions 4.01, section 5.1.7, ABNF `searchExpr`). An operator that has
 * nothing to work on is a word. A text in single quotes need not be finished (ABNF `searchIncomplete`).
 *
 * @param text decoded
 * @param from where the search begins in it
 */
export function parseSearch(
  text: string,
  limits: ExpressionLimits = searchLimits,
  from = 0,
): SearchSyntax | SyntaxFault | SizeFault {
  if (text.length > limits.length) return { kind: 'tooLarge', limit: 'length', allowed: limits.length };
  return untilStopped((stop: StopWith<SyntaxFault | SizeFault>) =>
    new SearchParser({ text, from }, limits, stop).parse(),
  );
}

const wordPattern = /[^\s"'()][^\s"()]*/y;
const operand = 'a word, a phrase in double quotes, NOT or (';

class SearchParser {
  readonly #text: string;
  readonly #limits: ExpressionLimits;
  readonly #stop: StopWith<SyntaxFault | SizeFault>;
  #at = 0;
  #depth = 0;
  #nodes = 0;

  constructor(
    { text, from }: { readonly text: string; readonly from: number },
    limits: ExpressionLimits,
    stop: StopWith<SyntaxFault | SizeFault>,
  ) {
    this.#text = text;
    this.#at = from;
    this.#limits = limits;
    this.#stop = stop;
  }

  parse(): SearchSyntax {
    this.#skipSpace();
    const whole = this.#parseTyped() ?? this.#parseOr();
    if (this.#at < this.#text.length) this.#refuse('a space, an operator or the end');
    return whole;
  }

  #parseTyped(): SearchSyntax | undefined {
    const position = this.#at;
    if (this.#text[position] !== "'") return undefined;
    const found = /'((?:[^']|'')*)'\s*$/y;
    found.lastIndex = position;
    const [whole, inner = ''] = found.exec(this.#text) ?? [];
    if (whole === undefined) {
      this.#at = this.#text.length;
      return this.#refuse("the closing ' of the text that begins in front, with quotes inside it doubled,");
    }
    this.#at += whole.length;
    this.#count();
    return { kind: 'typed', text: inner.replaceAll("''", "'"), position };
  }

  #parseOr(): SearchSyntax {
    return this.#parseTerms(
      'or',
      () => this.#parseAnd(),
      () => this.#skipOperator('OR'),
    );
  }

  #parseAnd(): SearchSyntax {
    const goesOn = () => this.#skipOperator('AND') || (this.#isOperandAhead() && !this.#isOperator('OR'));
    return this.#parseTerms('and', () => this.#parseNot(), goesOn);
  }

  #parseTerms(kind: 'and' | 'or', parse: () => SearchSyntax, goesOn: () => boolean): SearchSyntax {
    const position = this.#at;
    const first = parse();
    const terms = [first];
    while (goesOn()) terms.push(parse());
    if (terms.length === 1) return first;
    this.#count();
    return { kind, terms, position };
  }

  #parseNot(): SearchSyntax {
    const position = this.#at;
    if (!this.#skipOperator('NOT')) return this.#parseOperand();
    this.#count();
    return this.#deeper(() => ({ kind: 'not', term: this.#parseNot(), position }));
  }

  #parseOperand(): SearchSyntax {
    const position = this.#at;
    this.#count();
    const sign = this.#text[position];
    if (sign === '(') {
      return this.#deeper(() => {
        this.#at += 1;
        this.#skipSpace();
        const inside = this.#parseOr();
        if (this.#text[this.#at] !== ')') this.#refuse('a space, an operator or )');
        this.#at += 1;
        return this.#behindOperand(inside);
      });
    }
    if (sign === '"') {
      const end = this.#text.indexOf('"', position + 1);
      this.#at = end === position + 1 ? end : this.#text.length;
      if (end < 0) return this.#refuse(`the closing " of the phrase that begins at ${position}`);
      if (end === position + 1) return this.#refuse('a word');
      this.#at = end + 1;
      return this.#behindOperand({ kind: 'phrase', text: this.#text.slice(position + 1, end), position });
    }
    const text = this.#wordHere();
    if (text === undefined) return this.#refuse(operand);
    this.#at += text.length;
    return this.#behindOperand({ kind: 'word', text, position });
  }

  /** What stands side by side has a space between: only the end and a closing parenthesis come without. */
  #behindOperand(found: SearchSyntax): SearchSyntax {
    const end = this.#at;
    this.#skipSpace();
    const next = this.#text[this.#at];
    if (this.#at === end && next !== undefined && next !== ')') this.#refuse('a space, an operator or the end');
    return found;
  }

  /** Takes an operator that has something to work on. */
  #skipOperator(word: 'AND' | 'OR' | 'NOT'): boolean {
    if (!this.#isOperator(word)) return false;
    this.#at += word.length;
    this.#skipSpace();
    return true;
  }

  /** Whether an operator stands here and something for it behind: else it is a word like any other. */
  #isOperator(word: 'AND' | 'OR' | 'NOT'): boolean {
    return this.#wordHere() === word && /^\s+[^\s)]/.test(this.#text.slice(this.#at + word.length));
  }

  #isOperandAhead(): boolean {
    const next = this.#text[this.#at];
    return next !== undefined && next !== ')';
  }

  #wordHere(): string | undefined {
    wordPattern.lastIndex = this.#at;
    return wordPattern.exec(this.#text)?.[0];
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #deeper(parse: () => SearchSyntax): SearchSyntax {
    this.#depth += 1;
    if (this.#depth > this.#limits.depth) this.#tooLarge('depth');
    const result = parse();
    this.#depth -= 1;
    return result;
  }

  #count(): void {
    this.#nodes += 1;
    if (this.#nodes > this.#limits.nodes) this.#tooLarge('nodes');
  }

  #tooLarge(limit: keyof ExpressionLimits): never {
    return this.#stop({ kind: 'tooLarge', limit, allowed: this.#limits[limit] });
  }

  #refuse(expected: string): never {
    return this.#stop(malformed(this.#at, showCharacter(this.#text, this.#at), expected));
  }
}
