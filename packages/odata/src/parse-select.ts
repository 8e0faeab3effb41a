import { type ExpressionLimits, expressionLimits, type SizeFault } from './limits.ts';
import { type StopWith, untilStopped } from './stop.ts';
import { malformed, matchName, type SyntaxFault, showCharacter } from './tokens.ts';

/** One step of a path of `$select`. */
export interface SelectSegment {
  readonly name: string;
  readonly position: number;
}

/** A path to a member, through objects and lists. */
export interface SelectPath {
  readonly kind: 'path';
  readonly segments: readonly SelectSegment[];
  /** Where options or the types of parameters stand in parentheses behind it. */
  readonly parenthesis?: number;
  readonly position: number;
}

/** One item of `$select`: everything, all operations of a schema (`Schema.*`), or a path. */
export type SelectSyntax =
  | { readonly kind: 'all' }
  | { readonly kind: 'operations'; readonly schema: string; readonly position: number }
  | SelectPath;

/**
 * Parses `$select`: names and paths, or `*`, comma between them (OData URL Conventions 4.01, section 5.1.4). What stands
 * in parentheses is passed over up to the one that closes them, and is not looked into.
 */
export function parseSelect(
  text: string,
  limits: ExpressionLimits = expressionLimits,
): readonly SelectSyntax[] | SyntaxFault | SizeFault {
  if (text.length > limits.length) return { kind: 'tooLarge', limit: 'length', allowed: limits.length };
  return untilStopped((stop: StopWith<SyntaxFault | SizeFault>) => new SelectReader(text, limits, stop).read());
}

class SelectReader {
  readonly #text: string;
  readonly #limits: ExpressionLimits;
  readonly #stop: StopWith<SyntaxFault | SizeFault>;
  #at = 0;
  #nodes = 0;

  constructor(text: string, limits: ExpressionLimits, stop: StopWith<SyntaxFault | SizeFault>) {
    this.#text = text;
    this.#limits = limits;
    this.#stop = stop;
  }

  read(): SelectSyntax[] {
    const items: SelectSyntax[] = [];
    do {
      items.push(this.#readItem());
    } while (this.#skip(','));
    if (this.#at < this.#text.length) this.#refuse('a comma or the end');
    return items;
  }

  #readItem(): SelectSyntax {
    if (this.#skip('*')) return { kind: 'all' };
    const first = this.#readName('the name of a property or *');
    const { name: schema, position } = first;
    if (this.#text.startsWith('.*', position + schema.length)) {
      this.#at += 2;
      return { kind: 'operations', schema, position };
    }
    const segments = [first];
    while (this.#skip('/')) segments.push(this.#readName('the name of a property'));
    const parenthesis = this.#skipParentheses();
    return { kind: 'path', segments, position, ...(parenthesis === undefined ? {} : { parenthesis }) };
  }

  #readName(expected: string): SelectSegment {
    this.#skipSpace();
    const position = this.#at;
    const name = matchName(this.#text, position) ?? this.#refuse(expected);
    this.#at += name.length;
    this.#nodes += 1;
    if (this.#nodes > this.#limits.nodes) this.#stop({ kind: 'tooLarge', limit: 'nodes', allowed: this.#limits.nodes });
    return { name, position };
  }

  /** Steps behind the parentheses that open here, if they do, and says where they opened. Texts may hold some, too. */
  #skipParentheses(): number | undefined {
    const open = this.#at;
    if (!this.#skip('(')) return undefined;
    for (let depth = 1; depth > 0; this.#at += 1) {
      const char = this.#text[this.#at];
      if (char === undefined) this.#refuse(`the parenthesis that closes the one at ${open}`);
      if (char === "'") this.#at = this.#endOfText(this.#at);
      else if (char === '(') depth += 1;
      else if (char === ')') depth -= 1;
    }
    return open;
  }

  /** Where a text ends; a doubled quote in it reads as two texts side by side. */
  #endOfText(open: number): number {
    const close = this.#text.indexOf("'", open + 1);
    return close < 0
      ? this.#stop(malformed(this.#text.length, 'the end', `the closing ' of the text that begins at ${open}`))
      : close;
  }

  #skip(sign: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    while (this.#text[this.#at] === ' ' || this.#text[this.#at] === '\t') this.#at += 1;
  }

  #refuse(expected: string): never {
    const found = matchName(this.#text, this.#at) ?? showCharacter(this.#text, this.#at);
    return this.#stop(malformed(this.#at, found, expected));
  }
}
