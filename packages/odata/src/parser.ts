import type { ExpressionLimits, SizeFault } from './limits.ts';
import type { StopWith } from './stop.ts';
import type { BinaryOperator, Expression, LiteralSyntax, PathSegment, PathSyntax } from './syntax.ts';
import { malformed, type SyntaxFault, type Token } from './tokens.ts';

/** Binding powers (OData URL Conventions 4.01, section 5.1.1.16); the higher one holds its operands more closely. */
const powers: Readonly<Record<BinaryOperator, number>> = {
  or: 1,
  and: 2,
  eq: 3,
  ne: 3,
  gt: 4,
  ge: 4,
  lt: 4,
  le: 4,
  add: 5,
  sub: 5,
  mul: 6,
  div: 6,
  divby: 6,
  mod: 6,
  has: 8,
  in: 8,
};
const unaryPower = 7;

/** A Pratt parser over the words of an expression. */
export class Parser {
  readonly #tokens: readonly Token[];
  readonly #limits: ExpressionLimits;
  readonly #stop: StopWith<SyntaxFault | SizeFault>;
  #at = 0;
  #depth = 0;
  #nodes = 0;

  constructor(tokens: readonly Token[], limits: ExpressionLimits, stop: StopWith<SyntaxFault | SizeFault>) {
    this.#tokens = tokens;
    this.#limits = limits;
    this.#stop = stop;
  }

  /** An expression whose operators bind at least as closely as `power`. */
  parseExpression(power: number): Expression {
    return this.within(() => {
      let left = this.#parseOperand();
      let height = 0;
      for (;;) {
        const operator = this.#operatorHere();
        if (operator === undefined || powers[operator] <= power) return left;
        // Terms stand side by side; every other operator holds the one before it.
        if (operator !== 'and' && operator !== 'or') height += 1;
        if (this.#depth + height > this.#limits.depth) this.#tooLarge('depth');
        const { position } = this.take();
        this.count();
        const right = operator === 'in' ? this.#parseList() : this.parseExpression(powers[operator]);
        left = { kind: 'binary', operator, left, right, position };
      }
    });
  }

  /** Whether the next word is this sign; takes it if so. */
  skipSign(sign: string): boolean {
    if (!this.isSign(sign)) return false;
    this.#at += 1;
    return true;
  }

  /** Whether the next word is this one, in any case; takes it if so. */
  skipWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.#at += 1;
    return true;
  }

  /** Whether the next word is this one, in any case. */
  isWord(word: string): boolean {
    const { kind, value } = this.next;
    return kind === 'name' && value.toLowerCase() === word;
  }

  /** The word so many behind the next one; behind the last, the last. */
  peek(ahead: number): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)] as Token;
  }

  /** Refuses whatever is left over. */
  expectEnd(expected = 'an operator or the end'): void {
    if (this.next.kind !== 'end') this.refuse(expected);
  }

  #parseOperand(): Expression {
    this.count();
    const token = this.next;
    const { kind, value, position } = token;
    if (token.fault !== undefined) this.#stop(token.fault);
    if (kind === 'sign' && value === '(') {
      this.take();
      const inside = this.parseExpression(0);
      this.requireSign(')', 'an operator or )');
      return inside;
    }
    if (kind === 'sign' && value === '-') return this.#parseMinus();
    if (kind === 'name' && value.toLowerCase() === 'not' && !this.isSignAfter('/')) {
      this.take();
      return { kind: 'unary', operator: 'not', operand: this.parseExpression(unaryPower - 1), position };
    }
    const literal = this.#literalHere();
    if (literal !== undefined) {
      this.take();
      return literal;
    }
    if (kind === 'name') return this.#parsePath();
    return this.refuse('a property, a value, a function, not, - or (');
  }

  #parseMinus(): Expression {
    const { position } = this.take();
    const { kind, value } = this.next;
    if (kind === 'number' || (kind === 'name' && value === 'INF')) {
      this.take();
      return { kind: 'literal', form: 'number', value: `-${value}`, position };
    }
    return { kind: 'unary', operator: '-', operand: this.parseExpression(unaryPower), position };
  }

  #literalHere(): LiteralSyntax | undefined {
    const { kind, value, type, position } = this.next;
    if (kind === 'name') {
      if (this.isSignAfter('/') || this.isSignAfter('(')) return undefined;
      const word = value.toLowerCase();
      if (word === 'true' || word === 'false') return { kind: 'literal', form: 'boolean', value: word, position };
      if (word === 'null') return { kind: 'literal', form: 'null', value: word, position };
      if (value === 'INF' || value === 'NaN') return { kind: 'literal', form: 'number', value, position };
      return undefined;
    }
    if (kind === 'sign' || kind === 'end' || kind === 'fault') return undefined;
    return { kind: 'literal', form: kind, value, position, ...(type === undefined ? {} : { type }) };
  }

  #parsePath(): Expression {
    const { position } = this.next;
    const segments: PathSegment[] = [];
    for (;;) {
      const token = this.next;
      if (token.kind !== 'name') this.refuse('the name of a property');
      const word = token.value.toLowerCase();
      if (word === 'any' || word === 'all') {
        const lambda = this.#parseLambda(word, { kind: 'path', segments, position: segments[0]?.position ?? position });
        if (lambda !== undefined) return lambda;
      }
      this.take();
      this.count();
      const called = this.isSign('(') ? this.#parseArguments() : {};
      segments.push({ name: token.value, position: token.position, ...called });
      if (!this.skipSign('/')) return { kind: 'path', segments, position };
    }
  }

  /** `any(x: …)`, `any()` and `all(x: …)`; `any` without parentheses is a name like any other. */
  #parseLambda(operator: 'any' | 'all', collection: PathSyntax): Expression | undefined {
    if (!this.isSignAfter('(')) return undefined;
    const { position } = this.take();
    this.take();
    if (this.skipSign(')')) {
      if (operator === 'any') return { kind: 'lambda', operator, collection, position };
      // Without a condition it reads as the call of a function, whose answer could only be asked for more.
      return this.refuse('/ and a property of what all() gives; the operator is all(x:…)');
    }
    const variable = this.next;
    if (variable.kind !== 'name') this.refuse('the name of a lambda variable');
    this.take();
    this.requireSign(':', ': after the lambda variable');
    const condition = this.parseExpression(0);
    this.requireSign(')', 'an operator or )');
    return { kind: 'lambda', operator, collection, variable: variable.value, condition, position };
  }

  /** Arguments of any function: `a, b`, `name=a`, for `case` `condition:value`, for `$count` options with `;`. */
  #parseArguments(): Pick<PathSegment, 'arguments' | 'argumentNames'> {
    this.take();
    const found: Expression[] = [];
    const names: (string | undefined)[] = [];
    if (this.skipSign(')')) return { arguments: found };
    do {
      const isNamed = this.next.kind === 'name' && this.isSignAfter('=');
      names.push(isNamed ? this.next.value : undefined);
      if (isNamed) this.#at += 2;
      found.push(this.parseExpression(0));
      if (!this.skipSign(':')) continue;
      names.push(undefined);
      found.push(this.parseExpression(0));
    } while (this.skipSign(',') || this.skipSign(';'));
    this.requireSign(')', 'an operator, a comma or )');
    return names.some((name) => name !== undefined) ? { arguments: found, argumentNames: names } : { arguments: found };
  }

  /** A value that stands alone. */
  parseLiteral(): LiteralSyntax {
    const { fault } = this.next;
    if (fault !== undefined) this.#stop(fault);
    if (this.isSign('-')) {
      const negative = this.#parseMinus();
      return negative.kind === 'literal' ? negative : this.refuse('a number');
    }
    const literal = this.#literalHere() ?? this.refuse('a value');
    this.take();
    return literal;
  }

  /** The right side of `in`: values in parentheses, or a collection. */
  #parseList(): Expression {
    const { position } = this.next;
    if (!this.isSign('(') || !this.#isValueAfter()) return this.#parseOperand();
    this.take();
    const items: LiteralSyntax[] = [];
    if (this.skipSign(')')) return { kind: 'list', items, position };
    do {
      this.count();
      const item = this.isSign('-') ? this.#parseMinus() : this.#literalHere();
      if (item?.kind !== 'literal') return this.refuse('a value');
      if (this.next.position === item.position) this.take();
      items.push(item);
    } while (this.skipSign(','));
    this.requireSign(')', 'a comma or )');
    return { kind: 'list', items, position };
  }

  /** The next word. */
  get next(): Token {
    return this.#tokens[this.#at] as Token;
  }

  /** Takes the next word. */
  take(): Token {
    const token = this.next;
    // The end stays where it is.
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }

  #operatorHere(): BinaryOperator | undefined {
    const { kind, value } = this.next;
    const word = value.toLowerCase();
    return kind === 'name' && Object.hasOwn(powers, word) ? (word as BinaryOperator) : undefined;
  }

  /** Whether the next word is this sign. */
  isSign(sign: string): boolean {
    return this.next.kind === 'sign' && this.next.value === sign;
  }

  /** Whether the word behind the next one is this sign. */
  isSignAfter(sign: string): boolean {
    const after = this.#tokens[this.#at + 1];
    return after?.kind === 'sign' && after.value === sign;
  }

  /** Whether a value, or nothing, stands behind the next sign; a name there is a collection in parentheses. */
  #isValueAfter(): boolean {
    const after = this.#tokens[this.#at + 1];
    return after?.kind !== 'name' || /^(null|true|false|INF|NaN)$/i.test(after.value);
  }

  /** Takes a sign, or refuses what stands in its place. */
  requireSign(sign: string, expected: string): void {
    if (!this.skipSign(sign)) this.refuse(expected);
  }

  /** Parses what stands within something else. */
  within<Result>(parse: () => Result): Result {
    this.#depth += 1;
    if (this.#depth > this.#limits.depth) this.#tooLarge('depth');
    const result = parse();
    this.#depth -= 1;
    return result;
  }

  /** Counts one more part, of which there may be so many. */
  count(): void {
    this.#nodes += 1;
    if (this.#nodes > this.#limits.nodes) this.#tooLarge('nodes');
  }

  #tooLarge(limit: keyof ExpressionLimits): never {
    return this.#stop({ kind: 'tooLarge', limit, allowed: this.#limits[limit] });
  }

  /** Stops: something else was expected here. */
  refuse(expected: string): never {
    const { kind, text, position } = this.next;
    return this.#stop(malformed(position, kind === 'end' ? 'the end' : text, expected));
  }
}
