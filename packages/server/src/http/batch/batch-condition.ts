/** Whether a request of a batch is to be done, by whether others have succeeded. */
export type Condition =
  | { readonly kind: 'succeeded'; readonly id: string }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition };

const tokenForm = /\s*(?:(\(|\)|\b(?:and|or|not|eq|ne|true|false)\b)|\$([\w.~-]+)\/\$succeeded\b)/y;

interface Token {
  readonly word: string;
  readonly id?: string;
}

/**
 * Reads the member `if` (OData JSON Format 4.01, section 19.1): `$1/$succeeded` with `not`, `and`, `or`, parentheses and
 * comparison with `true` or `false`. Undefined for anything else, which may be legal and is not supported.
 */
export function readCondition(text: string): Condition | undefined {
  const tokens = tokensOf(text);
  if (tokens === undefined || tokens.length > mostTokens) return undefined;
  const reader = new ConditionReader(tokens);
  const condition = reader.readOr();
  return reader.isAtEnd ? condition : undefined;
}

/** Enough for every request of the largest batch; a condition is read and judged by recursion. */
const mostTokens = 500;

/** The ids that a condition asks about. */
export function idsIn(condition: Condition): string[] {
  if (condition.kind === 'succeeded') return [condition.id];
  return condition.kind === 'not' ? idsIn(condition.of) : [...idsIn(condition.left), ...idsIn(condition.right)];
}

/** Whether a condition holds. */
export function holds(condition: Condition, hasSucceeded: (id: string) => boolean): boolean {
  if (condition.kind === 'succeeded') return hasSucceeded(condition.id);
  if (condition.kind === 'not') return !holds(condition.of, hasSucceeded);
  const left = holds(condition.left, hasSucceeded);
  return condition.kind === 'and'
    ? left && holds(condition.right, hasSucceeded)
    : left || holds(condition.right, hasSucceeded);
}

function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.trimEnd().length) {
    tokenForm.lastIndex = at;
    const match = tokenForm.exec(text);
    if (match === null) return undefined;
    const [whole, word, id] = match;
    tokens.push(id === undefined ? { word: word ?? '' } : { word: 'succeeded', id });
    at += whole.length;
  }
  return tokens;
}

/** Reads by precedence: `or`, `and`, comparison, `not`, as OData has it. */
class ConditionReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  readOr(): Condition | undefined {
    return this.#readJoined('or', () => this.#readJoined('and', () => this.#readCompared()));
  }

  #readJoined(kind: 'and' | 'or', read: () => Condition | undefined): Condition | undefined {
    let left = read();
    while (left !== undefined && this.#takes(kind)) {
      const right = read();
      left = right && { kind, left, right };
    }
    return left;
  }

  #readCompared(): Condition | undefined {
    const left = this.#readOne();
    const isEqual = this.#takes('eq');
    if (!isEqual && !this.#takes('ne')) return left;
    const isTrue = this.#takes('true');
    if (left === undefined || (!isTrue && !this.#takes('false'))) return undefined;
    return isEqual === isTrue ? left : { kind: 'not', of: left };
  }

  #readOne(): Condition | undefined {
    if (this.#takes('not')) {
      const of = this.#readOne();
      return of && { kind: 'not', of };
    }
    if (this.#takes('(')) {
      const inner = this.readOr();
      return this.#takes(')') ? inner : undefined;
    }
    const { word, id } = this.#tokens[this.#at] ?? { word: '' };
    if (word !== 'succeeded' || id === undefined) return undefined;
    this.#at += 1;
    return { kind: 'succeeded', id };
  }

  #takes(word: string): boolean {
    if (this.#tokens[this.#at]?.word !== word) return false;
    this.#at += 1;
    return true;
  }
}
